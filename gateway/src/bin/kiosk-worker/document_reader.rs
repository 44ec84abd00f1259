//! The worker as the gateway sees it: a child of kind `document_reader` that answers `ocr.read` and `ocr.card_access`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::blob::BlobId;
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::ocr::{
    DocumentReader, FoundCardAccess, Language, ReadProgress, ReadRequest, ReadStage, ReaderCapabilities, ReaderEvent,
    ReaderReply, ReaderRequest, ReaderStatus,
};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use kiosk_gateway::pipeline::models::{DEBIAN_TESSDATA, MODEL_FOLDER, ModelPaths};
use kiosk_gateway::pipeline::page::{CapturedPage, Limits, PageError};
use kiosk_gateway::pipeline::reader::{ReadError, Reader};
use kiosk_gateway::pipeline::{WORKER_MEMORY_MIB, worker_limits};
use serde::Deserialize;

use crate::with_causes;

/// `[devices.NAME.config]` of the worker.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder of the text detection model.
    #[serde(default = "model_folder")]
    models: PathBuf,
    /// The folder of tesseract's language data.
    #[serde(default = "tessdata_folder")]
    tessdata: PathBuf,
    /// Address space that the worker may use, MiB.
    #[serde(default = "memory_mib")]
    memory_mib: u64,
}

fn model_folder() -> PathBuf {
    MODEL_FOLDER.into()
}

fn tessdata_folder() -> PathBuf {
    DEBIAN_TESSDATA.into()
}

fn memory_mib() -> u64 {
    WORKER_MEMORY_MIB
}

/// Holds the loaded models.
pub(crate) struct DocumentWorker {
    reader: Reader,
    sandbox: Vec<String>,
}

impl Driver for DocumentWorker {
    type Kind = DocumentReader;
    type Config = Config;
    const NAME: &'static str = "kiosk-worker";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// Loads the models, then locks the process in. Takes an address like `worker:documents`.
    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["worker"])?;
        let paths = ModelPaths { tessdata: config.tessdata, ..ModelPaths::in_folder(&config.models) };
        // A missing or wrong model does not come right by trying again.
        let reader = Reader::load(&paths).map_err(|error| OpenError::BadConfig(with_causes(&error)))?;
        let sandbox = kiosk_sandbox::lock_in(kiosk_sandbox::Layers::All, worker_limits(config.memory_mib))
            .map_err(|error| OpenError::BadConfig(with_causes(&error)))?;
        tracing::info!(sandbox = sandbox.join(", "), engine = reader.engine(), "locked in and ready to read");
        let identity = Identity { model: Some("document reader".into()), ..Identity::default() };
        let languages = vec![Language::Vi, Language::En];
        let capabilities = ReaderCapabilities { languages, engine: reader.engine() };
        let status = ReaderStatus { sandbox: sandbox.clone() };
        Ok(Opened { driver: Self { reader, sandbox }, identity, capabilities, status })
    }

    fn handle(&mut self, request: ReaderRequest, cx: &mut Cx<DocumentReader>) -> Result<ReaderReply, Failure> {
        match request {
            ReaderRequest::Read(ReadRequest { languages, .. }) if languages.is_empty() => {
                Err(Failure::invalid("payload.languages", "name at least one language: `vi`, `en`"))
            }
            ReaderRequest::Read(ReadRequest { blob, languages }) => {
                self.look_at(&blob, cx, |reader, page, progress, give_up| {
                    reader.read(page, &languages, progress, give_up).map(ReaderReply::Text)
                })
            }
            ReaderRequest::CardAccess(request) => {
                self.look_at(&request.blob, cx, |reader, picture, progress, give_up| {
                    let access = reader.card_access(picture, progress, give_up)?;
                    Ok(ReaderReply::CardAccess(FoundCardAccess { access }))
                })
            }
        }
    }

    fn idle(&mut self) -> Result<ReaderStatus, Failure> {
        Ok(ReaderStatus { sandbox: self.sandbox.clone() })
    }

    fn idle_every(&self) -> Duration {
        Duration::from_secs(60)
    }
}

impl DocumentWorker {
    /// Does `work` with a picture; it tells how far it is, and asks whether to give up.
    fn look_at(
        &mut self,
        blob: &BlobId,
        cx: &mut Cx<DocumentReader>,
        work: impl FnOnce(
            &mut Reader,
            &CapturedPage,
            &mut dyn FnMut(ReadProgress),
            &dyn Fn() -> bool,
        ) -> Result<ReaderReply, ReadError>,
    ) -> Result<ReaderReply, Failure> {
        cx.emit(ReaderEvent::Progress(ReadProgress { stage: ReadStage::Decoding, done: 0, total: 0 }));
        let page = CapturedPage::decode(cx.attachment(blob)?, Limits::default()).map_err(|e| unreadable(&e))?;
        let (signal, deadline) = (cx.cancel_signal(), cx.deadline());
        let give_up = || signal.is_set() || Instant::now() >= deadline;
        let mut progress = |progress| cx.emit(ReaderEvent::Progress(progress));
        match work(&mut self.reader, &page, &mut progress, &give_up) {
            Ok(reply) => Ok(reply),
            Err(ReadError::Cancelled) => {
                cx.check()?;
                Err(Failure::new(ErrorCode::Cancelled, "the request was cancelled"))
            }
            Err(error) => Err(Failure::new(ErrorCode::DeviceFault, with_causes(&error))),
        }
    }
}

fn unreadable(error: &PageError) -> Failure {
    let code = match error {
        PageError::TooLarge { .. } => ErrorCode::TooLarge,
        PageError::Empty | PageError::UnknownFormat | PageError::Truncated | PageError::Malformed { .. } => {
            ErrorCode::Unreadable
        }
    };
    Failure::new(code, error.to_string())
}
