//! The signer as the gateway sees it: a child of kind `signer`, spoken to on stdin and stdout like a driver. Requests are short;
//! what takes time (the token, authorities) is the clerk's.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kiosk_driver_sdk::protocol::approval::{ApprovalCase, Challenge, SecondScan};
use kiosk_driver_sdk::protocol::blob::BlobId;
use kiosk_driver_sdk::protocol::case::{FileBlob, IdentityEvidence, PrintJob, SignedCopy};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::ocr::DocumentText;
use kiosk_driver_sdk::protocol::register::{ExportFormat, RegisterFile};
use kiosk_driver_sdk::protocol::signer::{Signer, SignerCapabilities, SignerRequest, SignerStatus};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use kiosk_mail::Mailer;
use serde::Serialize;
use serde_json::Value;

use crate::clerk;
use crate::deliver::File;
use crate::fault::{Fault, with_causes};
use crate::letters;
use crate::office::{self, Office};
use crate::settings::Settings;
use crate::signing::Keys;
use crate::view::case_id;

/// The blob by which the gateway sends the readings of a session along with `case.recognise` and `case.second_scan`: a JSON list of `ocr.read` replies.
pub const READINGS: &str = "readings";
/// The blob by which it sends a person's proofs along with `case.identify`: an `IdentityEvidence`, JSON.
pub const EVIDENCE: &str = "evidence";

/// How often the status is told anew while nothing is asked.
const STATUS_EVERY: Duration = Duration::from_millis(200);

/// The child.
pub struct SignerChild {
    office: Arc<Office>,
    clerk: Option<std::thread::JoinHandle<()>>,
    told: Option<(u64, SignerStatus)>,
}

impl Driver for SignerChild {
    type Kind = Signer;
    type Config = Settings;
    const NAME: &'static str = "kiosk-signer";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// Opens the register, the log and the documents, and begins to work. Takes an address like `signer:copies`.
    fn open(address: &Address, settings: Settings) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["signer"])?;
        let office = Office::open(settings).map_err(|error| match error {
            office::OpenError::Setup(detail) => OpenError::BadConfig(detail),
            office::OpenError::Fault(detail) => OpenError::Fault(detail),
        })?;
        let keys = Keys::new(&office.settings).map_err(|error| OpenError::BadConfig(with_causes(&error)))?;
        let office = Arc::new(office);
        let clerk = {
            let office = Arc::clone(&office);
            let builder = std::thread::Builder::new().name("clerk".into());
            builder.spawn(move || clerk::work(&office, keys)).map_err(|error| OpenError::Fault(error.to_string()))?
        };
        if let Some(mail) = &office.settings.mail {
            let mailer = Mailer::new(mail.clone()).map_err(|error| OpenError::BadConfig(with_causes(&error)))?;
            let office = Arc::clone(&office);
            // It ends with the process: a letter under way is unknown then, and may be sent again.
            let builder = std::thread::Builder::new().name("letters".into());
            builder
                .spawn(move || letters::send(&office, &mailer))
                .map_err(|error| OpenError::Fault(error.to_string()))?;
        }
        let capabilities = SignerCapabilities {
            agency: office.settings.agency.name.clone(),
            procedures: office.settings.procedures.clone(),
            mail: office.settings.mail.is_some(),
            level: office.settings.policy.level,
            log_key: office.ledger().log.verifier().to_string(),
            claims_key: URL_SAFE_NO_PAD.encode(office.secrets.claims_point()),
        };
        let mut driver = Self { office, clerk: Some(clerk), told: None };
        let status = driver.idle().map_err(|failure| OpenError::Fault(failure.detail))?;
        let identity = Identity { model: Some("signer".into()), ..Identity::default() };
        Ok(Opened { driver, identity, capabilities, status })
    }

    fn handle(&mut self, request: SignerRequest, cx: &mut Cx<Signer>) -> Result<Value, Failure> {
        self.answer(request, cx).map_err(Fault::failure)
    }

    fn idle(&mut self) -> Result<SignerStatus, Failure> {
        if self.clerk.as_ref().is_none_or(std::thread::JoinHandle::is_finished) {
            return Err(Failure::new(ErrorCode::DeviceAbsent, "the clerk has ended"));
        }
        let turn = self.office.turn();
        match &self.told {
            Some((told, status)) if *told == turn => Ok(status.clone()),
            _ => {
                let status = self.office.status().map_err(Fault::failure)?;
                self.told = Some((turn, status.clone()));
                Ok(status)
            }
        }
    }

    fn idle_every(&self) -> Duration {
        STATUS_EVERY
    }
}

impl Drop for SignerChild {
    fn drop(&mut self) {
        self.office.stop();
        if let Some(clerk) = self.clerk.take() {
            // A clerk that waits for an authority is not waited for: all that it does can be done again.
            if clerk.is_finished() {
                drop(clerk.join());
            }
        }
    }
}

fn value(of: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_value(of).map_err(|error| Fault::Refused(Failure::new(ErrorCode::Internal, error.to_string())))
}

fn blob(cx: &mut Cx<Signer>, bytes: &[u8], media_type: &str) -> FileBlob {
    let mut writer = cx.blob(media_type);
    let id = writer.id();
    writer.write(bytes);
    writer.finish();
    FileBlob { blob: id, media_type: media_type.to_owned(), bytes: bytes.len() as u64 }
}

fn signed_copy(cx: &mut Cx<Signer>, file: File) -> Result<Value, Fault> {
    let blob = blob(cx, &file.bytes, "application/pdf");
    value(&SignedCopy { file: blob, sha256: file.sha256, proofs: file.proofs, delivery: file.delivery })
}

/// What the gateway has sent along: JSON.
fn attached<T: serde::de::DeserializeOwned>(cx: &Cx<Signer>, name: &str) -> Result<T, Fault> {
    let bytes = cx.attachment(&BlobId(name.to_owned())).map_err(Fault::Refused)?;
    serde_json::from_slice(bytes).map_err(|error| {
        // What is wrong with it says a place, never a value.
        let detail = format!("`{name}` is not what it should be, at column {}", error.column());
        Fault::Refused(Failure::new(ErrorCode::Internal, detail))
    })
}

impl SignerChild {
    fn answer(&self, request: SignerRequest, cx: &mut Cx<Signer>) -> Result<Value, Fault> {
        let office = &self.office;
        match request {
            SignerRequest::Open(request) => value(&office.open_case(&request)?),
            SignerRequest::Pages(request) => {
                let images: Result<Vec<&[u8]>, Failure> =
                    request.pages.iter().map(|page| cx.attachment(&page.image)).collect();
                value(&office.add_pages(&request, &images.map_err(Fault::Refused)?)?)
            }
            SignerRequest::Recognise(request) => {
                let readings: Vec<DocumentText> = attached(cx, READINGS)?;
                value(&office.recognise(&request, &readings)?)
            }
            SignerRequest::SecondScan(request) => {
                let readings: Vec<DocumentText> = attached(cx, READINGS)?;
                let images: Result<Vec<&[u8]>, Failure> =
                    request.pages.iter().map(|page| cx.attachment(&page.image)).collect();
                value(&office.second_scan(&request, &images.map_err(Fault::Refused)?, &readings)?)
            }
            SignerRequest::Identify(request) => {
                let evidence: IdentityEvidence = attached(cx, EVIDENCE)?;
                value(&office.identify(&request, &evidence)?)
            }
            SignerRequest::Prepare(request) => value(&office.prepare(&request, cx.remaining())?),
            SignerRequest::Status(request) => value(&office.view(case_id(&request.case)?)?),
            SignerRequest::Withdraw(request) => {
                office.withdraw(&request)?;
                Ok(serde_json::json!({}))
            }
            SignerRequest::Copy(request) => {
                let file = office.fetch(case_id(&request.case)?)?;
                signed_copy(cx, file)
            }
            SignerRequest::Fetch(request) => {
                let file = office.fetch_by_code(&request)?;
                signed_copy(cx, file)
            }
            SignerRequest::Mail(request) => value(&office.mail(&request)?),
            SignerRequest::PrintStarted(request) => {
                let (delivery, file) = office.print_started(&request)?;
                let file = blob(cx, &file, "application/pdf");
                value(&PrintJob { delivery: delivery.0, blob: file.blob })
            }
            SignerRequest::DeliveryEnded(request) => value(&office.delivery_ended(&request)?),
            SignerRequest::Challenge(_) => {
                let nonce = office.officers().challenge()?;
                value(&Challenge { nonce })
            }
            SignerRequest::Enrol(request) => {
                office.enrol(&request)?;
                Ok(serde_json::json!({}))
            }
            SignerRequest::SignIn(request) => value(&office.sign_in(&request)?),
            SignerRequest::List(request) => value(&office.list(&request.pass)?),
            SignerRequest::Case(request) => {
                let dossier = office.dossier(&request.pass, case_id(&request.case)?)?;
                let pages = dossier.pages.iter().map(|(bytes, media_type)| blob(cx, bytes, media_type)).collect();
                let readings = dossier.readings.iter().map(|text| blob(cx, text, "application/json")).collect();
                let second = dossier.second.map(|second| SecondScan {
                    pages: second.pages.iter().map(|(bytes, media_type)| blob(cx, bytes, media_type)).collect(),
                    readings: second.readings.iter().map(|text| blob(cx, text, "application/json")).collect(),
                    differences: second.differences.told,
                    count: second.differences.count,
                });
                let preview = dossier.preview.as_ref().map(|preview| blob(cx, preview, "application/pdf"));
                value(&ApprovalCase {
                    row: dossier.row,
                    content: dossier.content,
                    pages,
                    readings,
                    doubts: dossier.doubts,
                    second,
                    preview,
                    identity: dossier.identity,
                    copy: dossier.copy,
                    deliveries: dossier.deliveries,
                })
            }
            SignerRequest::Decide(request) => value(&office.decide(&request)?),
            SignerRequest::Settle(request) => value(&office.settle(&request)?),
            SignerRequest::Search(request) => value(&office.search(&request)?),
            SignerRequest::Statistics(request) => value(&office.statistics(&request)?),
            SignerRequest::Export(request) => {
                let file = office.export(&request)?;
                let media_type = match request.format {
                    ExportFormat::Csv => "text/csv",
                    ExportFormat::JsonLines => "application/x-ndjson",
                };
                value(&RegisterFile { file: blob(cx, &file, media_type) })
            }
            SignerRequest::Revoke(request) => value(&office.revoke(&request)?),
            SignerRequest::Verify(request) => value(&office.verify(&request)?),
            SignerRequest::VerifyFile(request) => value(&office.verify_file(&request)?),
        }
    }
}
