//! Looking into the register: for who has a verification code, and for officers. And withdrawing a copy.

use std::sync::MutexGuard;

use kiosk_proof::{Event, VerificationCode};
use kiosk_protocol::copy::{CopyStanding, FILE_STATES_MAX, VerifiedCode, VerifyCode, VerifyFile};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::personal::PersonalText;
use kiosk_protocol::register::{
    CountRegister, ExportFormat, ExportRegister, RegisterCount, RegisterCounts, RegisterEntry, RegisterPage, Revoke,
    SearchRegister,
};
use kiosk_register::{CaseId, Code, Entry, Format, Hash, Kind, Search, State, Store, StoreError};

use crate::facts::Facts;
use crate::fault::Fault;
use crate::intake;
use crate::ledger;
use crate::office::Office;
use crate::view::{self, case_id};

/// Longest export, bytes: it is made in memory.
const EXPORT_MOST: usize = 64 << 20;

impl Office {
    /// The entry of the register that has a code, and the register.
    pub(crate) fn find(&self, code: &PersonalText) -> Result<(Entry, MutexGuard<'_, Store>), Fault> {
        let code = VerificationCode::read(code.expose(), &self.prefix)?;
        let index = Hash(*code.index(&self.secrets.codes).as_bytes());
        let store = self.store();
        if let Some(entry) = store.find_code(&index)? {
            return Ok((entry, store));
        }
        drop(store);
        // Only who has no code is held up by who guesses.
        let mut standing = self.standing();
        if !standing.wrong_codes.may() {
            let detail = "too many codes were tried that nobody has: wait a minute";
            return Err(Fault::Refused(Failure::new(ErrorCode::Busy, detail)));
        }
        standing.wrong_codes.failed();
        let detail = "no copy has this code: compare it with the paper; if it is right, the copy is not genuine";
        Err(Fault::Refused(Failure::new(ErrorCode::NotFound, detail)))
    }

    /// What anybody may know who has a code.
    pub(crate) fn verify(&self, request: &VerifyCode) -> Result<VerifiedCode, Fault> {
        let (entry, store) = self.find(&request.code)?;
        self.says(&entry, &store)
    }

    /// The same, for who has the file. (A hash cannot be guessed: whoever tries holds up nobody.)
    pub(crate) fn verify_file(&self, request: &VerifyFile) -> Result<VerifiedCode, Fault> {
        if request.states.len() > FILE_STATES_MAX {
            return Err(Fault::field("states", format!("ask for at most {FILE_STATES_MAX} at once")));
        }
        let store = self.store();
        for state in &request.states {
            let hash = Hash::from_hex(state);
            let hash = hash.ok_or_else(|| Fault::field("states", "a hash has 64 hexadecimal digits"))?;
            if let Some(entry) = store.find_file(&hash)? {
                return self.says(&entry, &store);
            }
        }
        Err(Fault::Refused(Failure::new(ErrorCode::NotFound, "no copy of this register is this file")))
    }

    fn says(&self, entry: &Entry, store: &Store) -> Result<VerifiedCode, Fault> {
        let revocation = store.revocation(entry.case)?;
        let history = store.history(entry.case)?;
        let signed = history.iter().find(|record| record.kind == Kind::Arrow && record.to == Some(State::Signed));
        let (facts, holder) = match store.case(entry.case) {
            Ok(_) => {
                let evidence = intake::evidence(store, entry.case)?;
                let holder = evidence.map(|evidence| masked(evidence.identity.holder.full_name.expose()));
                (Some(Facts::load(store, entry.case)?), holder)
            }
            Err(StoreError::Purged(_) | StoreError::Parked { .. }) => (None, None),
            Err(error) => return Err(error.into()),
        };
        let files = match (&facts, signed.and_then(|record| record.digest)) {
            (Some(facts), Some(_)) => {
                let logged = facts.files.iter().filter(|file| file.logged.index.is_some());
                logged.map(|file| file.sha256.clone()).collect()
            }
            (_, digest) => digest.iter().map(ToString::to_string).collect(),
        };
        Ok(VerifiedCode {
            standing: match (&revocation, signed) {
                (Some(_), _) => CopyStanding::Revoked,
                (None, None) => CopyStanding::NotSignedYet,
                (None, Some(_)) => CopyStanding::Valid,
            },
            number: entry.number.to_string(),
            register_number: u64::try_from(entry.number.number).unwrap_or(0),
            book: ledger::book_name(entry),
            certified_ms: entry.at_ms,
            revoked_ms: revocation.map(|record| record.at_ms),
            agency: self.settings.agency.name.clone(),
            procedure: entry.procedure.to_string(),
            holder: holder.map(PersonalText::new),
            pages: entry.pages,
            file_sha256: files,
            log_index: self.issue_place(store, entry.case)?.unwrap_or_default(),
        })
    }

    pub(crate) fn search(&self, request: &SearchRegister) -> Result<RegisterPage, Fault> {
        let who = self.officer(&request.pass)?;
        let code = |officer: &String| Code::new(officer).map_err(|error| Fault::field("officer", error.to_string()));
        let search = Search {
            from_ms: request.from_ms,
            until_ms: request.until_ms,
            officer: request.officer.as_ref().map(code).transpose()?,
            after: request.after,
            most: request.most.into(),
        };
        let store = self.store();
        let entries = store.search(&search)?;
        let own = |entry: &Entry| view::entry(&store, entry, self.serves(&who, &entry.procedure));
        Ok(RegisterPage { entries: entries.iter().map(own).collect::<Result<_, _>>()? })
    }

    pub(crate) fn statistics(&self, request: &CountRegister) -> Result<RegisterCounts, Fault> {
        self.officer(&request.pass)?;
        let counts = self.store().statistics(request.from_ms, request.until_ms)?;
        let counts = counts.into_iter().map(|count| RegisterCount {
            day: count.day.to_string(),
            officer: count.officer,
            procedure: count.procedure,
            entries: count.entries,
            revoked: count.revoked,
        });
        Ok(RegisterCounts { counts: counts.collect() })
    }

    pub(crate) fn export(&self, request: &ExportRegister) -> Result<Vec<u8>, Fault> {
        self.officer(&request.pass)?;
        let format = match request.format {
            ExportFormat::Csv => Format::Csv,
            ExportFormat::JsonLines => Format::JsonLines,
        };
        let mut file = Bounded(Vec::new());
        if format == Format::Csv {
            // By this mark spreadsheets know that it is UTF-8.
            file.0.extend_from_slice("\u{FEFF}".as_bytes());
        }
        let (from_ms, until_ms) = (request.from_ms, request.until_ms);
        let mut page = Search { from_ms, until_ms, officer: None, after: 0, most: usize::MAX };
        // A page at a time: others need the store meanwhile.
        loop {
            let after = self.store().export(&page, format, &mut file)?;
            match after {
                Some(after) => page.after = after,
                None => return Ok(file.0),
            }
        }
    }

    /// Withdraws a copy: the register first, then the log, then the status list; each can be done again.
    pub(crate) fn revoke(&self, request: &Revoke) -> Result<RegisterEntry, Fault> {
        let officer = self.officer(&request.pass)?;
        let case = case_id(&request.case)?;
        let signed = self.officers().signed(&officer, request.statement(), &request.signature)?;
        let who = Code::new(&officer).map_err(|error| Fault::Setup(error.to_string()))?;
        {
            let mut store = self.store();
            let entry = store.entry(case)?.ok_or(StoreError::NotNumbered { case })?;
            self.must_serve(&officer, &entry.procedure)?;
            if store.revocation(case)?.is_none() {
                self.note(&signed)?;
                store.revoke(case, &who, &intake::reason_code(request.reason))?;
                self.standing().list_due = true;
            }
        }
        tracing::info!(?case, officer, reason = request.reason.as_str(), "a copy was withdrawn");
        self.log_revocation(case)?;
        let now_s = u64::try_from(self.store().now()? / 1000).unwrap_or(0);
        self.publish_status(now_s)?;
        self.news_of(case);
        let store = self.store();
        let entry = store.entry(case)?.ok_or(StoreError::NotNumbered { case })?;
        view::entry(&store, &entry, true)
    }

    /// Logs a withdrawal, as far as what is needed for it is still there: of a purged case the register and the status list say
    /// it.
    pub(crate) fn log_revocation(&self, case: CaseId) -> Result<(), Fault> {
        let (entry, facts) = {
            let store = self.store();
            if store.case(case).is_err() {
                return Ok(());
            }
            (store.entry(case)?.ok_or(StoreError::NotNumbered { case })?, Facts::load(&store, case)?)
        };
        let (Some(issue), Some(code)) = (&facts.issue, &facts.code) else { return Ok(()) };
        let opening = match &facts.revoked {
            Some(revoked) if revoked.index.is_some() => return Ok(()),
            // Begun before: what was to be logged is logged now, if it is not in the log already.
            Some(revoked) => ledger::open(&revoked.opening)?,
            None => {
                let officer = *ledger::open(&issue.opening)?.officer();
                let now_ms = self.store().now()?;
                self.opening(Event::Revoke, &entry, code, entry.content.0, officer, now_ms)?
            }
        };
        // The clerk may have begun it meanwhile: one opening counts.
        let facts = Facts::change(&mut self.store(), case, |facts| {
            facts.revoked.get_or_insert(ledger::kept(&opening));
        })?;
        let opening = match &facts.revoked {
            Some(revoked) if revoked.index.is_none() => ledger::open(&revoked.opening)?,
            _ => return Ok(()),
        };
        let (index, leaf) = self.ledger().put(&opening)?;
        let mut store = self.store();
        let is_noted = store.history(case)?.iter().any(|record| record.digest == Some(leaf));
        if !is_noted {
            store.add_leaf(case, leaf)?;
        }
        let logged = crate::facts::Logged { index: Some(index), ..ledger::kept(&opening) };
        Facts::change(&mut store, case, |facts| facts.revoked = Some(logged))?;
        // It may have got its place on the list after the list was made.
        self.standing().list_due = true;
        Ok(())
    }
}

/// A writer that takes so much and no more.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > EXPORT_MOST {
            return Err(std::io::Error::other("the export is longer than 64 MiB: ask for a shorter time"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A name of which each word shows its first letter only.
fn masked(name: &str) -> String {
    let hide = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(String::from).unwrap_or_default();
        first + &"*".repeat(letters.count().min(8))
    };
    name.split_whitespace().take(12).map(hide).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_masked_name_shows_first_letters() {
        assert_eq!(masked("Nguyễn Văn An"), "N***** V** A*");
        assert_eq!(masked(" Đỗ  Ý "), "Đ* Ý");
        assert_eq!(masked(""), "");
    }
}
