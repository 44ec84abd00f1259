//! How a copy reaches the citizen. Each way is a delivery in the outbox: an intent before, what came of it after.

use kiosk_compose::ComposedCopy;
use kiosk_protocol::case::{CaseView, DeliveryEnded, PrintCopy};
use kiosk_protocol::copy::FetchCopy;
use kiosk_protocol::error::PrintOutcome;
use kiosk_protocol::personal::PersonalText;
use kiosk_register::{CaseId, Channel, Code, Copy, Delivery, DeliveryId, Outcome, Progress, StoreError};
use subtle::ConstantTimeEq;

use crate::copy::{self, Issued};
use crate::facts::Facts;
use crate::fault::Fault;
use crate::intake;
use crate::issue::file_name;
use crate::office::Office;
use crate::view::case_id;

/// So many citizen numbers that are not the holder's, and nobody gets the file by its code any more: a number has some 20 bits
/// that who holds the paper does not know.
const WRONG_NUMBERS_MOST: u32 = 5;

/// A signed file with its proofs.
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) sha256: String,
    pub(crate) proofs: Vec<String>,
    /// The delivery that it is, if it was not done before.
    pub(crate) delivery: Option<i64>,
}

impl Office {
    /// Hands a copy out again to who has its code and proves to be its holder. Who guesses is stopped like who guesses codes.
    pub(crate) fn fetch_by_code(&self, request: &FetchCopy) -> Result<File, Fault> {
        let (entry, store) = self.find(&request.code)?;
        let holder = match store.case(entry.case) {
            Ok(_) => intake::evidence(&store, entry.case)?,
            Err(StoreError::Purged(_)) => {
                return Err(Fault::not_now("the copy is no longer kept here: ask the agency that issued it"));
            }
            Err(error) => return Err(error.into()),
        };
        drop(store);
        let tries = Facts::load(&self.store(), entry.case)?.wrong_numbers;
        if tries >= WRONG_NUMBERS_MOST {
            return Err(Fault::not_now("too many wrong citizen numbers: ask for the copy at the counter"));
        }
        let number = holder.and_then(|evidence| evidence.identity.holder.citizen_number);
        let number = number.as_ref().map_or("", PersonalText::expose);
        let typed: String = request.citizen_number.expose().chars().filter(|sign| !sign.is_whitespace()).collect();
        if number.is_empty() || !bool::from(number.as_bytes().ct_eq(typed.as_bytes())) {
            Facts::change(&mut self.store(), entry.case, |facts| facts.wrong_numbers += 1)?;
            return Err(Fault::not_now("this is not the citizen number of the copy's holder"));
        }
        self.fetch(entry.case)
    }

    /// Hands the newest signed file out: a download, which is done when the gateway says that its last byte was taken.
    pub(crate) fn fetch(&self, case: CaseId) -> Result<File, Fault> {
        let mut file = self.newest_file(case)?;
        let mut store = self.store();
        let delivery = store.queue(case, Channel::Download, &format!("download {case}"))?;
        if store.delivery(delivery)?.progress != Progress::Finished(Outcome::Done) {
            store.start(delivery)?;
            file.delivery = Some(delivery.0);
        }
        drop(store);
        self.news_of(case);
        Ok(file)
    }

    /// The newest signed file of a case, and the proofs that its issue and its files are in the log.
    pub(crate) fn newest_file(&self, case: CaseId) -> Result<File, Fault> {
        let (known, facts, key) = {
            let store = self.store();
            (store.case(case)?, Facts::load(&store, case)?, store.document_key(case)?)
        };
        if known.revoked {
            return Err(Fault::not_now("the copy is withdrawn and is not handed out any more"));
        }
        let newest = facts.file().filter(|_| known.file.is_some());
        let newest = newest.ok_or_else(|| Fault::not_now(format!("the case is {} and not signed yet", known.state)))?;
        let bytes = self.vault.get(case, &key, &file_name(&newest.sha256))?;
        let ledger = self.ledger();
        let mut proofs = Vec::new();
        for logged in facts.issue.iter().chain(facts.files.iter().map(|file| &file.logged)) {
            proofs.extend(ledger.proof(logged)?);
        }
        Ok(File { bytes, sha256: newest.sha256.clone(), proofs, delivery: None })
    }

    /// Notes that a print is about to begin, and gives what to print. If paper may lie somewhere already, only an officer can
    /// have it printed again, and then it says so on itself.
    pub(crate) fn print_started(&self, request: &PrintCopy) -> Result<(DeliveryId, Vec<u8>), Fault> {
        let case = case_id(&request.case)?;
        let reprint = match &request.reprint {
            Some(permission) => {
                let officer = self.officer(&permission.pass)?;
                self.officers().use_challenge(&permission.nonce)?;
                let statement = permission.statement(&request.case);
                let signed = self.officers().signed(&officer, statement, &permission.signature)?;
                self.must_serve(&officer, &self.store().case(case)?.procedure)?;
                Some((officer, signed))
            }
            None => None,
        };
        let file = match &reprint {
            None => self.newest_file(case)?.bytes,
            Some(_) => self.reprint(case)?.pdf,
        };
        let mut store = self.store();
        let known = store.case(case)?;
        let prints: Vec<Delivery> =
            known.deliveries.into_values().filter(|delivery| delivery.channel == Channel::Print).collect();
        let of = |copy: Copy| prints.iter().filter(move |delivery| delivery.copy == copy);
        let is_open =
            |delivery: &Delivery| matches!(delivery.progress, Progress::Started | Progress::Finished(Outcome::Unknown));
        let is_done = |delivery: &Delivery| delivery.progress == Progress::Finished(Outcome::Done);
        let delivery = match &reprint {
            None => {
                // Also where a reprint lies, there is paper.
                if prints.iter().any(|delivery| is_open(delivery) || is_done(delivery)) {
                    return Err(StoreError::WouldPrintTwice { case }.into());
                }
                // One that is known not to have happened is tried again.
                match of(Copy::First).next() {
                    Some(delivery) => delivery.id,
                    None => store.queue(case, Channel::Print, &format!("print {case} 0"))?,
                }
            }
            Some((officer, signed)) => {
                if prints.iter().any(is_open) {
                    let detail = "of a print nobody knows what became of it: say that first (approval.settle)";
                    return Err(Fault::not_now(detail));
                }
                self.note(signed)?;
                // One that was queued and never begun (a power cut came between) is this one.
                let queued = of(Copy::Reprint).find(|delivery| delivery.progress == Progress::Queued);
                let officer = Code::new(officer).map_err(|error| Fault::Setup(error.to_string()))?;
                match queued {
                    Some(delivery) => delivery.id,
                    None => {
                        let key = format!("reprint {case} {}", of(Copy::Reprint).count());
                        store.queue_reprint(case, &officer, &key)?
                    }
                }
            }
        };
        store.start(delivery)?;
        drop(store);
        self.news_of(case);
        Ok((delivery, file))
    }

    /// Notes what became of a print, or that a file was taken.
    pub(crate) fn delivery_ended(&self, request: &DeliveryEnded) -> Result<CaseView, Fault> {
        let outcome = match request.outcome {
            PrintOutcome::Printed => Outcome::Done,
            PrintOutcome::NotPrinted => Outcome::NotDone,
            PrintOutcome::Unknown => Outcome::Unknown,
        };
        let ended = self.store().finish(DeliveryId(request.delivery), outcome)?;
        self.news_of(ended.case);
        self.view(ended.case)
    }

    /// The copy once more for paper, with the word that it is a reprint in its first block. The file that was signed stays as
    /// it is; this one is for paper only and not signed.
    fn reprint(&self, case: CaseId) -> Result<ComposedCopy, Fault> {
        let material = self.material(case)?;
        if material.known.revoked {
            return Err(Fault::not_now("the copy is withdrawn and is not printed any more"));
        }
        let (entry, qr, code) = {
            let store = self.store();
            let entry = store.entry(case)?.ok_or(StoreError::NotNumbered { case })?;
            let damaged = || Fault::Damaged { case, what: "facts" };
            let qr = material.facts.qr.clone().ok_or_else(damaged)?;
            (entry, qr, material.facts.code.clone().ok_or_else(damaged)?)
        };
        if copy::content(&self.settings, &material) != entry.content.0 {
            let detail = "the agency's name or code was changed in the configuration since this copy was issued";
            return Err(Fault::Setup(detail.to_owned()));
        }
        let issued = Issued { entry: &entry, code: &code, qr: &qr };
        let mut request = copy::request(&self.settings, &material, Some(&issued))?;
        request.facts.form_of_copy.push_str(" – BẢN IN LẠI");
        request.signature.png = picture(material.known.officer.as_ref().and_then(|officer| {
            self.settings.officer(officer.as_str()).and_then(|officer| officer.picture.as_deref())
        }))?;
        request.seal.png = picture(self.settings.signing.seal_picture.as_deref())?;
        self.compose(request, copy::COMPOSED_WITHIN)
    }
}

fn picture(path: Option<&std::path::Path>) -> Result<Option<Vec<u8>>, Fault> {
    let read = |path| {
        std::fs::read(path).map_err(|source| Fault::Disk { what: "read a picture of seal or signature", source })
    };
    path.map(read).transpose()
}
