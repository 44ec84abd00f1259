//! The clerk: one thread that goes on with what needs no person, one step of one case at a time, and looks after the register
//! each day. What stops a case is told, and tried again later.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_proof::LogError;
use kiosk_protocol::case::WaitsFor;
use kiosk_protocol::seam::ExitMeaning;
use kiosk_register::{Case, CaseId, Code, Purge, State, Step};

use crate::facts::Facts;
use crate::fault::{Fault, with_causes};
use crate::intake::UNDECIDED;
use crate::issue::file_name;
use crate::office::Office;
use crate::signing::Keys;

/// The clerk looks at least so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What is to be completed, archived and purged is looked for so often.
const TIDY_EVERY: Duration = Duration::from_secs(10);
/// The register is held against the log so often.
const CHECK_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Records of the journal that are looked at in one go.
const RECORDS_AT_ONCE: usize = 10_000;
/// Most cases of one look.
const AT_ONCE: usize = 1000;
/// A case that nobody has gone on with for so long, a day, is given up.
const ABANDONED_MS: i64 = 24 * 3_600_000;

/// Works until the office stops.
pub(crate) fn work(office: &Arc<Office>, mut keys: Keys) {
    let (mut tidied, mut checked): (Option<Instant>, Option<Instant>) = (None, None);
    let due = |last: Option<Instant>, every| last.is_none_or(|last: Instant| last.elapsed() >= every);
    while office.await_news(LOOK_EVERY) {
        if let Err(error) = office.issue_all(&mut keys) {
            tracing::error!(error = with_causes(&error), "the register cannot be read");
        }
        if due(tidied, TIDY_EVERY) {
            tidied = Some(Instant::now());
            if let Err(error) = office.tidy(&keys) {
                tracing::warn!(error = with_causes(&error), "old cases cannot be put away now");
            }
        }
        if due(checked, CHECK_EVERY) {
            checked = Some(Instant::now());
            office.check();
            for (key, days) in keys.expiring(std::time::SystemTime::now()) {
                tracing::warn!(key, days, "a certificate runs out within these days: have it renewed");
            }
        }
        if office.store().stopped().is_some() {
            // What the disk has is not known: only a new opening, which looks at all of it, may go on.
            tracing::error!("the disk has failed; the signer ends and is started anew");
            std::process::exit(ExitMeaning::Fault.code().into());
        }
    }
}

/// Whether what stops one case stops all others, too: it is not tried with each of them.
fn stops_all(waits_for: WaitsFor) -> bool {
    use WaitsFor::{Clock, Disk, RevocationData, TimeStamp, Token};
    matches!(waits_for, Clock | Disk | RevocationData | TimeStamp | Token)
}

impl Office {
    fn issue_all(&self, keys: &mut Keys) -> Result<(), Fault> {
        for state in [State::Logged, State::Numbered, State::Approved] {
            let cases = self.store().waiting(state, AT_ONCE)?;
            for case in cases.into_iter().filter(|case| self.may_try(case.id)) {
                if self.issue_one(keys, case.id).is_some_and(stops_all) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Goes on with a case as far as it goes; tells what it waits for, if something stops it.
    fn issue_one(&self, keys: &mut Keys, case: CaseId) -> Option<WaitsFor> {
        loop {
            match self.step(keys, case) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(fault) => {
                    if matches!(fault, Fault::Log(LogError::Unknown(_))) {
                        // What the log's files have is not known: only a new opening may go on.
                        tracing::error!(
                            error = with_causes(&fault),
                            "the log cannot go on; the signer is started anew"
                        );
                        std::process::exit(ExitMeaning::Fault.code().into());
                    }
                    self.waits(case, &fault);
                    return Some(fault.waits_for());
                }
            }
        }
    }

    fn may_try(&self, case: CaseId) -> bool {
        self.waiting(case).is_none_or(|waiting| waiting.again_at <= Instant::now())
    }

    fn tidy(&self, keys: &Keys) -> Result<(), Fault> {
        for state in [State::Signed, State::Delivered, State::Stored] {
            let cases = self.store().waiting(state, AT_ONCE)?;
            for case in cases.into_iter().filter(|case| self.may_try(case.id)) {
                let revoked = if case.revoked { self.log_revocation(case.id) } else { Ok(()) };
                let done = revoked.and_then(|()| self.put_away(&case)).and_then(|()| self.complete(keys, case.id));
                // What is completed after it was archived is archived again, under its own hash.
                let done = done.and_then(|_| self.archive_if_stored(case.id));
                match done {
                    Ok(()) => self.waits_no_more(case.id),
                    Err(fault) => {
                        self.waits(case.id, &fault);
                        if stops_all(fault.waits_for()) {
                            break;
                        }
                    }
                }
            }
        }
        self.publish_if_due();
        self.count_parked()?;
        self.forget_abandoned()?;
        let due = self.store().purge_due()?;
        for case in due {
            let purged = self.archive_if_signed(case).and_then(|()| Ok(self.store().purge(case, &Purge::Retention)?));
            match purged {
                Ok(()) => {
                    self.forget_documents(case);
                    tracing::info!(?case, "a case was kept long enough and is purged");
                    self.news_of(case);
                }
                Err(fault) => self.waits(case, &fault),
            }
        }
        Ok(())
    }

    /// Signs the status list anew if it lacks something; if that fails, it stays due.
    pub(crate) fn publish_if_due(&self) {
        if !self.standing().list_due {
            return;
        }
        let now_ms = self.store().now().map_err(Fault::from);
        let published = now_ms.and_then(|now_ms| self.publish_status(u64::try_from(now_ms / 1000).unwrap_or(0)));
        if let Err(fault) = published {
            tracing::warn!(error = with_causes(&fault), "the status list is not new; it is tried again");
        }
    }

    /// Nobody comes back to what was begun and left alone, nor for a copy that has waited for weeks: nothing personal of it is
    /// kept.
    fn forget_abandoned(&self) -> Result<(), Fault> {
        let now_ms = self.store().now()?;
        let waiting_ms = i64::from(self.settings.waiting_days) * 24 * 3_600_000;
        for state in UNDECIDED.into_iter().chain([State::Signed]) {
            let waits = matches!(state, State::AwaitingOfficer | State::Signed);
            let latest = now_ms - if waits { waiting_ms } else { ABANDONED_MS };
            let cases = self.store().waiting(state, AT_ONCE)?;
            for case in cases.into_iter().filter(|case| case.changed_ms <= latest) {
                let archived = if state == State::Signed { self.archive(case.id) } else { Ok(()) };
                match archived.and_then(|()| self.forget(case.id)) {
                    Ok(()) => tracing::info!(case = ?case.id, %state, "a case was left alone and is purged"),
                    Err(fault) => self.waits(case.id, &fault),
                }
            }
        }
        Ok(())
    }

    fn forget(&self, case: CaseId) -> Result<(), Fault> {
        let by = Code::new("time-limit").expect("this is a code");
        self.store().purge(case, &Purge::Decision { by })?;
        self.forget_documents(case);
        self.news_of(case);
        Ok(())
    }

    /// Notes that the citizen has a copy, and archives it.
    fn put_away(&self, known: &Case) -> Result<(), Fault> {
        let mut state = known.state;
        if state == State::Signed && known.is_delivered() {
            self.store().advance(known.id, &Step::Delivered)?;
            state = State::Delivered;
            self.news_of(known.id);
        }
        if state == State::Delivered {
            if known.intent.is_none() {
                self.store().intend(known.id, State::Stored)?;
            }
            self.archive(known.id)?;
            self.store().advance(known.id, &Step::Stored)?;
            self.news_of(known.id);
        }
        Ok(())
    }

    /// Also what was withdrawn and never taken.
    fn archive_if_signed(&self, case: CaseId) -> Result<(), Fault> {
        let is_signed = self.store().case(case)?.file.is_some();
        if is_signed { self.archive(case) } else { Ok(()) }
    }

    fn archive_if_stored(&self, case: CaseId) -> Result<(), Fault> {
        let state = self.store().case(case)?.state;
        if state == State::Stored { self.archive(case) } else { Ok(()) }
    }

    /// Puts the newest signed file where copies are kept, named by its hash. Doing it twice is doing it once.
    fn archive(&self, case: CaseId) -> Result<(), Fault> {
        let Some(folder) = &self.settings.archive else { return Ok(()) };
        let (facts, key) = {
            let store = self.store();
            (Facts::load(&store, case)?, store.document_key(case)?)
        };
        let Some(newest) = facts.file() else { return Err(Fault::Damaged { case, what: "facts" }) };
        let path = folder.join(&newest.sha256[..2]).join(format!("{}.pdf", newest.sha256));
        if path.exists() {
            return Ok(());
        }
        let file = self.vault.get(case, &key, &file_name(&newest.sha256))?;
        let write = || -> std::io::Result<()> {
            let parent = path.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent)?;
            let beside = path.with_extension("new");
            std::fs::write(&beside, &file)?;
            std::fs::File::open(&beside)?.sync_all()?;
            std::fs::rename(&beside, &path)?;
            std::fs::File::open(parent)?.sync_all()
        };
        write().map_err(|source| Fault::Disk { what: "archive a copy", source })
    }

    /// Looks at the whole journal and register, piece by piece, so that nobody waits for it long.
    fn check_register(&self) {
        loop {
            match self.store().self_check(RECORDS_AT_ONCE) {
                Ok(false) => {}
                Ok(true) => break,
                Err(error) => {
                    return tracing::error!(error = with_causes(&error), "the register cannot be looked over");
                }
            }
        }
        for finding in self.store().findings() {
            tracing::error!(
                ?finding,
                "a record of the journal is damaged: its case is parked; stop the gateway, and see `kiosk-signer parked`"
            );
        }
    }

    fn agrees_now(&self) -> bool {
        let store = self.store();
        let leaves = self.ledger().leaves();
        leaves.is_ok_and(|leaves| store.compare_with_log(leaves).is_ok_and(|differences| differences.is_empty()))
    }

    /// Holds the register against the log, and signs the status list anew.
    fn check(&self) {
        self.check_register();
        let leaves = self.ledger().leaves();
        match leaves.map_err(Fault::from).and_then(|leaves| Ok(self.store().compare_with_log(leaves)?)) {
            // Something may have come between the two looks.
            Ok(differences) if differences.is_empty() || self.agrees_now() => {
                tracing::info!("the register and the log say the same")
            }
            Ok(differences) => {
                for difference in differences.iter().take(20) {
                    tracing::error!(?difference, "the register and the log differ");
                }
                tracing::error!(count = differences.len(), "the register and the log differ: a person must look");
            }
            Err(error) => tracing::error!(error = with_causes(&error), "the register cannot be held against the log"),
        }
        let log = self.ledger().log.check();
        if let Err(error) = log {
            tracing::error!(error = with_causes(&error), "the log is damaged");
        }
        let now = self.store().now();
        let published =
            now.map_err(Fault::from).and_then(|now| self.publish_status(u64::try_from(now / 1000).unwrap_or(0)));
        if let Err(error) = published {
            tracing::warn!(error = with_causes(&error), "the status list is not new");
        }
        // Folders of cases whose key is destroyed: a power cut came between the two.
        match self.vault.cases() {
            Ok(cases) => {
                for case in cases {
                    let is_gone =
                        matches!(self.store().document_key(case), Err(kiosk_register::StoreError::UnknownCase(_)));
                    if is_gone {
                        self.forget_documents(case);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the documents cannot be listed"),
        }
    }
}
