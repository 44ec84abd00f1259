//! What follows an approval: number, log, compose, sign, log again. Each step is begun only when the one before is durable, and
//! can be done again after a power cut at any place.
//!
//! ```text
//! approved ─ code drawn, kept ─► numbered ─ opening kept, intent ─► log ─► logged ─ intent ─► composed, signed, file kept
//!                                                                                   ─► log (hash of the file) ─► signed
//! ```
//!
//! A copy whose entry is revoked on its way goes as far as `logged`, and no further: [`Office::wind_up`].

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kiosk_proof::{Claims, CopyType, Event, VerificationCode, qr_text};
use kiosk_protocol::case::SignatureLevel;
use kiosk_register::{Case, CaseId, Code, Entry, Hash, Request, State, Step, StoreError};
use sha2::{Digest, Sha256};

use crate::copy::{self, Issued};
use crate::facts::{Facts, Logged, SignedFile, hex};
use crate::fault::Fault;
use crate::ledger::{self, kept};
use crate::office::Office;
use crate::signing::Keys;

/// A file that was just signed.
struct Signed {
    file: Vec<u8>,
    level: SignatureLevel,
    now_ms: i64,
    /// The text of its QR code, if it is new.
    qr: Option<String>,
}

/// The name of a signed file among a case's documents.
pub(crate) fn file_name(sha256: &str) -> String {
    format!("copy-{}", &sha256[..16.min(sha256.len())])
}

impl Office {
    /// Goes one step on with a case. `false` if there is nothing to do for it.
    pub(crate) fn step(&self, keys: &mut Keys, case: CaseId) -> Result<bool, Fault> {
        let known = self.store().case(case)?;
        match known.state {
            State::Numbered | State::Logged if known.revoked => return self.wind_up(keys, &known),
            State::Approved => self.number(&known)?,
            State::Numbered => {
                self.log_issue(keys, &known)?;
                // The list has a place for this copy before anybody has the copy. If it cannot be written now, the clerk does later.
                self.standing().list_due = true;
                self.publish_if_due();
            }
            State::Logged => self.sign(keys, &known)?,
            _ => return Ok(false),
        }
        self.news_of(case);
        Ok(true)
    }

    /// What was withdrawn on its way is not signed any more, but has its number: the log has it and its withdrawal. After that it is
    /// kept like any other, until retention ends.
    fn wind_up(&self, keys: &mut Keys, known: &Case) -> Result<bool, Fault> {
        match known.state {
            State::Numbered => {
                self.log_issue(keys, known)?;
                // Now it has a place on the list.
                self.standing().list_due = true;
            }
            State::Logged if !Facts::load(&self.store(), known.id)?.files.is_empty() => {
                // It was signed already: the log has the file, too.
                self.sign(keys, known)?;
            }
            State::Logged if known.intent == Some(State::Signed) => {
                let withdrawn = Code::new("withdrawn").expect("this is a code");
                self.store().abandon(known.id, State::Signed, &withdrawn)?;
            }
            _ => {
                self.log_revocation(known.id)?;
                self.waits_no_more(known.id);
                return Ok(false);
            }
        }
        self.news_of(known.id);
        Ok(true)
    }

    fn number(&self, known: &Case) -> Result<(), Fault> {
        let mut store = self.store();
        let mut facts = Facts::load(&store, known.id)?;
        let code = match &facts.code {
            Some(code) => VerificationCode::read(code, &self.prefix)?,
            None => {
                let code = VerificationCode::draw(&self.prefix)?;
                facts.code = Some(code.expose());
                facts.save(&mut store, known.id)?;
                code
            }
        };
        let agency = Code::new(&self.settings.agency.code).map_err(|error| Fault::Setup(error.to_string()))?;
        let request = Request {
            agency,
            volume: self.settings.agency.volume,
            pages: u32::try_from(facts.pages.len()).unwrap_or(u32::MAX),
            code_hmac: Hash(*code.index(&self.secrets.codes).as_bytes()),
        };
        match store.number(known.id, &request) {
            Err(StoreError::CodeTaken) => {
                // Another one is drawn at the next try.
                facts.code = None;
                facts.save(&mut store, known.id)?;
                Err(StoreError::CodeTaken.into())
            }
            numbered => Ok(numbered.map(drop)?),
        }
    }

    /// The entry of a numbered case, and its code.
    fn entry(&self, case: CaseId) -> Result<(Entry, Facts, String), Fault> {
        let store = self.store();
        let facts = Facts::load(&store, case)?;
        let entry = store.entry(case)?.ok_or(StoreError::NotNumbered { case })?;
        let code = facts.code.clone().ok_or(Fault::Damaged { case, what: "facts" })?;
        Ok((entry, facts, code))
    }

    fn log_issue(&self, keys: &mut Keys, known: &Case) -> Result<(), Fault> {
        let case = known.id;
        let (entry, facts, code) = self.entry(case)?;
        let opening = match &facts.issue {
            // Begun before: what was to be logged is logged now, if it is not in the log already.
            Some(issue) => ledger::open(&issue.opening)?,
            None => {
                let officer = self.certifier(known)?;
                let certificate = Sha256::digest(keys.certificate(&officer.key)?).into();
                self.opening(Event::Issue, &entry, &code, entry.content.0, certificate, entry.at_ms)?
            }
        };
        {
            let mut store = self.store();
            if facts.issue.is_none() {
                Facts::change(&mut store, case, |facts| facts.issue = Some(kept(&opening)))?;
            }
            if known.intent.is_none() {
                store.intend(case, State::Logged)?;
            }
        }
        let (place, leaf) = self.ledger().put(&opening)?;
        let mut store = self.store();
        Facts::change(&mut store, case, |facts| facts.issue = Some(Logged { index: Some(place), ..kept(&opening) }))?;
        store.advance(case, &Step::Logged { leaf })?;
        Ok(())
    }

    fn certifier(&self, known: &Case) -> Result<&crate::settings::Officer, Fault> {
        let code = known.officer.as_ref().ok_or(Fault::Damaged { case: known.id, what: "records" })?;
        self.settings.officer(code.as_str()).ok_or_else(|| {
            Fault::Setup(format!(
                "the officer `{code}` has certified and is no longer in the configuration: add him again"
            ))
        })
    }

    fn sign(&self, keys: &mut Keys, known: &Case) -> Result<(), Fault> {
        let case = known.id;
        let (entry, facts, code) = self.entry(case)?;
        if facts.files.is_empty() {
            let place =
                facts.issue.as_ref().and_then(|issue| issue.index).ok_or(Fault::Damaged { case, what: "facts" })?;
            let qr = self.qr(&entry, &facts, &code, place)?;
            let material = self.material(case)?;
            if copy::content(&self.settings, &material) != entry.content.0 {
                let detail = "the agency's name or code was changed in the configuration since this copy was approved: \
                              change it back until it is signed";
                return Err(Fault::Setup(detail.to_owned()));
            }
            let issued = Issued { entry: &entry, code: &code, qr: &qr };
            let composed =
                self.compose(copy::request(&self.settings, &material, Some(&issued))?, copy::COMPOSED_WITHIN)?;
            let now_ms = {
                let mut store = self.store();
                if known.intent.is_none() {
                    store.intend(case, State::Signed)?;
                }
                store.now()?
            };
            let officer = self.certifier(known)?.clone();
            let (file, level) = keys.sign(&composed, &officer, time(now_ms))?;
            self.keep_file(case, &entry, &code, Signed { file, level, now_ms, qr: Some(qr) })?;
        } else if known.intent.is_none() {
            self.store().intend(case, State::Signed)?;
        }
        let file = self.log_files(case)?;
        self.store().advance(case, &Step::Signed { file })?;
        Ok(())
    }

    /// Keeps a signed file, and what its entry in the log will say.
    fn keep_file(&self, case: CaseId, entry: &Entry, code: &str, signed: Signed) -> Result<(), Fault> {
        let sha256: [u8; 32] = Sha256::digest(&signed.file).into();
        let (issue, key) = {
            let store = self.store();
            (Facts::load(&store, case)?.issue.ok_or(Fault::Damaged { case, what: "facts" })?, store.document_key(case)?)
        };
        let officer = *ledger::open(&issue.opening)?.officer();
        let opening = self.opening(Event::Final, entry, code, sha256, officer, signed.now_ms)?;
        self.vault.put(case, &key, &file_name(&hex(&sha256)), &signed.file)?;
        let kept = SignedFile { sha256: hex(&sha256), level: signed.level, logged: kept(&opening) };
        Facts::change(&mut self.store(), case, |facts| {
            facts.files.push(kept);
            facts.qr = signed.qr.or(facts.qr.take());
        })?;
        Ok(())
    }

    /// Logs the files that are not logged yet. Gives the hash of the first file, which the register keeps.
    fn log_files(&self, case: CaseId) -> Result<Hash, Fault> {
        let facts = Facts::load(&self.store(), case)?;
        let open = (0..).zip(&facts.files).filter(|(_, file)| file.logged.index.is_none());
        for (place, file) in open {
            let place: usize = place;
            let (index, leaf) = self.ledger().put(&ledger::open(&file.logged.opening)?)?;
            let mut store = self.store();
            // After a power cut in between it may be there already.
            let is_noted = store.history(case)?.iter().any(|record| record.digest == Some(leaf));
            if !is_noted {
                store.add_leaf(case, leaf)?;
            }
            Facts::change(&mut store, case, |facts| {
                if let Some(file) = facts.files.get_mut(place) {
                    file.logged.index = Some(index);
                }
            })?;
        }
        let first = facts.files.first().and_then(|file| Hash::from_hex(&file.sha256));
        first.ok_or(Fault::Damaged { case, what: "facts" })
    }

    /// The text of a copy's QR code.
    fn qr(&self, entry: &Entry, facts: &Facts, code: &str, log_index: u64) -> Result<String, Fault> {
        let code = VerificationCode::read(code, &self.prefix)?;
        let claims = Claims {
            issuer: self.settings.agency.prefix.clone(),
            issued_at: u64::try_from(entry.at_ms.div_euclid(1000)).unwrap_or(0),
            code: code.hash(),
            number: u64::try_from(entry.number.number).unwrap_or(0),
            book: ledger::book_name(entry),
            copy_type: CopyType::OfOriginal,
            pages: u16::try_from(facts.pages.len()).unwrap_or(u16::MAX),
            content: entry.content.0,
            log_index,
        };
        let sign = &mut |hash: &[u8; 32]| self.secrets.sign_claims(hash);
        Ok(qr_text(&self.settings.host, &code, &claims, &self.secrets.claims_key, sign)?)
    }

    /// Brings a signed file to the level that the policy asks for, if the authorities answer. `true` if it went on.
    pub(crate) fn complete(&self, keys: &Keys, case: CaseId) -> Result<bool, Fault> {
        let (entry, facts, code) = self.entry(case)?;
        if facts.files.iter().any(|file| file.logged.index.is_none()) {
            // A power cut came before this.
            self.log_files(case)?;
            return self.complete(keys, case).map(|_| true);
        }
        let Some(newest) = facts.file().filter(|file| file.level < self.settings.policy.level) else {
            return Ok(false);
        };
        let before = newest.level;
        let key = self.store().document_key(case)?;
        let file = self.vault.get(case, &key, &file_name(&newest.sha256))?;
        let now_ms = self.store().now()?;
        let (file, level) = keys.complete(file, before, time(now_ms))?;
        if level <= before {
            return Err(Fault::NotComplete);
        }
        self.keep_file(case, &entry, &code, Signed { file, level, now_ms, qr: None })?;
        self.log_files(case)?;
        self.news_of(case);
        Ok(true)
    }
}

/// Milliseconds since 1970 as a time.
pub(crate) fn time(ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
