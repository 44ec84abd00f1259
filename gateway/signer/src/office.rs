//! The office: all that requests and the clerk share.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_compose::Composer;
use kiosk_proof::{AgencyPrefix, Folder, Log};
use kiosk_protocol::case::WaitsFor;
use kiosk_protocol::signer::SignerStatus;
use kiosk_register::{CaseId, Check, Search, State, Store};

use crate::decisions::{Decision, Decisions};
use crate::fault::{Fault, with_causes};
use crate::intake::now_ms;
use crate::ledger::Ledger;
use crate::officers::Officers;
use crate::secrets::Secrets;
use crate::settings::Settings;
use crate::vault::Vault;
use crate::{clock, standing};

/// The composer must have judged its letters and its template within this.
pub(crate) const CHECKED_WITHIN: Duration = Duration::from_secs(8);

/// Why the office cannot be opened. (`Setup`: until somebody changes something; `Fault`: it may come right.)
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("{0}")]
    Setup(String),
    #[error("{0}")]
    Fault(String),
}

/// All that requests and the clerk share. Locks are taken in the order of the fields, and never held while something outside is
/// asked (a token, an authority, a mail server).
pub(crate) struct Office {
    pub(crate) settings: Settings,
    pub(crate) prefix: AgencyPrefix,
    pub(crate) secrets: Secrets,
    pub(crate) vault: Vault,
    pub(crate) composer: Composer,
    officers: Mutex<Officers>,
    store: Mutex<Store>,
    decisions: Mutex<Decisions>,
    ledger: Mutex<Ledger>,
    standing: Mutex<Standing>,
    /// Held while the status list is made: the newest counts.
    pub(crate) publishing: Mutex<()>,
    /// Wakes the clerk.
    news: Condvar,
}

/// What is told of how things stand.
#[derive(Default)]
pub(crate) struct Standing {
    turn: u64,
    /// Cases that do not go on, and until when the clerk leaves them alone.
    waiting: HashMap<CaseId, Waiting>,
    /// Cases that a person must look at, when they were last counted.
    parked: u32,
    /// The clerk has not seen the news yet.
    unseen: bool,
    stopping: bool,
    /// Tries with codes that nobody has.
    pub(crate) wrong_codes: standing::Tries,
    /// Something was withdrawn, and the status list does not say so yet.
    pub(crate) list_due: bool,
}

/// Why a case does not go on.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) waits_for: WaitsFor,
    pub(crate) detail: String,
    pub(crate) tries: u32,
    pub(crate) again_at: Instant,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Office {
    /// Opens the register, the log, the documents and the keys; makes them if there are none.
    pub(crate) fn open(settings: Settings) -> Result<Self, OpenError> {
        settings.check().map_err(|error| OpenError::Setup(error.to_string()))?;
        let setup = |error: &dyn std::error::Error| OpenError::Setup(with_causes(error));
        let fault = |error: &dyn std::error::Error| OpenError::Fault(with_causes(error));
        let composer = composer(&settings);
        composer.check(CHECKED_WITHIN).map_err(|error| setup(&error))?;
        let data = settings.data.clone();
        make_private_folder(&data).map_err(|error| setup(&error))?;
        let clock = clock::clock(settings.clock);
        let store = Store::open(&data.join("register"), &settings.register(Check::Quick), clock);
        let store = store.map_err(|error| fault(&error))?;
        for finding in store.findings() {
            tracing::error!(
                ?finding,
                "a record of the journal is damaged: its case is parked; stop the gateway, and see `kiosk-signer parked`"
            );
        }
        let first = Search { from_ms: 0, until_ms: i64::MAX, officer: None, after: 0, most: 1 };
        let has_entries = !store.search(&first).map_err(|error| fault(&error))?.is_empty();
        // A register with entries has a log and keys; if these are lost, a person must bring them back.
        let is_new = !has_entries && !data.join("log").join("checkpoint").exists();
        let secrets = Secrets::open(&data.join("keys"), is_new).map_err(|error| setup(&error))?;
        let signer = secrets.log_key(&log_origin(&settings)).map_err(|error| setup(&error))?;
        let folder = Folder::open(&data.join("log")).map_err(|error| fault(&error))?;
        let log = if is_new { Log::create(folder, Box::new(signer)) } else { Log::open(folder, Box::new(signer)) };
        let ledger = log.and_then(Ledger::new).map_err(|error| fault(&error))?;
        publish_keys(&data.join("log"), &ledger.log.verifier().to_string(), &secrets.claims_point())
            .map_err(|error| OpenError::Fault(format!("cannot publish the keys beside the log: {error}")))?;
        let disk = |error: std::io::Error| OpenError::Fault(format!("cannot open the signer's folder: {error}"));
        let vault = Vault::open(&data.join("documents")).map_err(disk)?;
        let officers = Officers::open(&data).map_err(disk)?;
        let decisions = Decisions::open(&data).map_err(disk)?;
        let prefix = AgencyPrefix::new(&settings.agency.prefix).map_err(|error| setup(&error))?;
        Ok(Self {
            settings,
            prefix,
            secrets,
            vault,
            composer,
            officers: Mutex::new(officers),
            store: Mutex::new(store),
            decisions: Mutex::new(decisions),
            ledger: Mutex::new(ledger),
            standing: Mutex::default(),
            publishing: Mutex::default(),
            news: Condvar::new(),
        })
    }

    pub(crate) fn officers(&self) -> MutexGuard<'_, Officers> {
        lock(&self.officers)
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    /// Notes what an officer has signed, before it is done.
    pub(crate) fn note(&self, decision: &Decision) -> Result<(), Fault> {
        let noted = lock(&self.decisions).note(decision, now_ms());
        noted.map_err(|source| Fault::Disk { what: "note what an officer has signed", source })
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    pub(crate) fn standing(&self) -> MutexGuard<'_, Standing> {
        lock(&self.standing)
    }

    /// Something of a case is new: who looks is told, and the clerk looks.
    pub(crate) fn news_of(&self, case: CaseId) {
        let mut standing = self.standing();
        standing.turn += 1;
        standing.waiting.remove(&case);
        standing.unseen = true;
        self.news.notify_all();
    }

    /// A case does not go on for now.
    pub(crate) fn waits(&self, case: CaseId, fault: &Fault) {
        let (waits_for, detail) = (fault.waits_for(), with_causes(fault));
        let mut standing = self.standing();
        let tries = standing.waiting.get(&case).map_or(0, |before| before.tries) + 1;
        let is_news = standing.waiting.get(&case).is_none_or(|before| before.waits_for != waits_for);
        if is_news {
            tracing::warn!(?case, ?waits_for, detail, "a case waits");
            standing.turn += 1;
        }
        // 1 s, 2 s, 4 s … a minute.
        let pause = Duration::from_secs(1 << (tries - 1).min(6)).min(Duration::from_secs(60));
        standing
            .waiting
            .insert(case, Waiting { waits_for, detail: fault.told(), tries, again_at: Instant::now() + pause });
    }

    /// What a case has waited for is over.
    pub(crate) fn waits_no_more(&self, case: CaseId) {
        let mut standing = self.standing();
        if standing.waiting.remove(&case).is_some() {
            standing.turn += 1;
        }
    }

    /// Why a case does not go on, if it does not.
    pub(crate) fn waiting(&self, case: CaseId) -> Option<Waiting> {
        self.standing().waiting.get(&case).cloned()
    }

    /// Waits until there is news, or for `most`; `false` when the process is to stop.
    pub(crate) fn await_news(&self, most: Duration) -> bool {
        let standing = self.standing();
        let waited = self.news.wait_timeout_while(standing, most, |standing| !standing.unseen && !standing.stopping);
        let (mut standing, _) = waited.unwrap_or_else(PoisonError::into_inner);
        standing.unseen = false;
        !standing.stopping
    }

    /// Waits so long; `false` when the process is to stop.
    pub(crate) fn pause(&self, most: Duration) -> bool {
        let standing = self.standing();
        let waited = self.news.wait_timeout_while(standing, most, |standing| !standing.stopping);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    /// The clerk is to end.
    pub(crate) fn stop(&self) {
        self.standing().stopping = true;
        self.news.notify_all();
    }

    /// Another number whenever something is new.
    pub(crate) fn turn(&self) -> u64 {
        self.standing().turn
    }

    /// Counts the cases that a person must look at.
    pub(crate) fn count_parked(&self) -> Result<(), Fault> {
        let parked = self.store().resume()?.iter().filter(|it| needs_person(it.todo)).count();
        let mut standing = self.standing();
        let parked = u32::try_from(parked).unwrap_or(u32::MAX);
        if standing.parked != parked {
            standing.parked = parked;
            standing.turn += 1;
        }
        Ok(())
    }

    /// How things stand.
    pub(crate) fn status(&self) -> Result<SignerStatus, Fault> {
        let count = |cases: usize| u32::try_from(cases).unwrap_or(u32::MAX);
        let (awaiting, being_signed) = {
            let store = self.store();
            let being = store.count(&[State::Approved, State::Numbered, State::Logged])?;
            (store.count(&[State::AwaitingOfficer])?, being)
        };
        let standing = self.standing();
        let worst = standing.waiting.values().max_by_key(|waiting| waiting.tries);
        Ok(SignerStatus {
            turn: standing.turn,
            awaiting_officer: count(awaiting),
            being_signed: count(being_signed),
            parked: standing.parked,
            waits_for: worst.map(|waiting| waiting.waits_for),
            detail: worst.map(|waiting| waiting.detail.clone()),
        })
    }
}

/// Whether a case is one for a person.
pub(crate) fn needs_person(todo: kiosk_register::Todo) -> bool {
    use kiosk_register::Todo;
    matches!(todo, Todo::NeedsPerson { .. } | Todo::PrintUnknown(_))
}

/// The name of the agency's log: a URL without its scheme, as c2sp.org/tlog-checkpoint recommends.
pub(crate) fn log_origin(settings: &Settings) -> String {
    format!("{}/log", settings.host)
}

/// The program that composes, with the agency's letters and template.
pub(crate) fn composer(settings: &Settings) -> Composer {
    Composer {
        program: program_dir().join("kiosk-composer"),
        fonts: settings.fonts.clone(),
        template: settings.template.clone(),
    }
}

/// Where this program and those that it needs are.
fn program_dir() -> PathBuf {
    std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned)).unwrap_or_default()
}

/// Puts the public keys beside the log: who verifies needs them.
fn publish_keys(folder: &Path, log_key: &str, claims_point: &[u8]) -> std::io::Result<()> {
    // SubjectPublicKeyInfo of a point of P-256 (RFC 5480, section 2): all of it but the point is always the same.
    const HEAD: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let body = STANDARD.encode([&HEAD[..], claims_point].concat());
    let (first, rest) = body.split_at(64);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{first}\n{rest}\n-----END PUBLIC KEY-----\n");
    std::fs::write(folder.join("key"), format!("{log_key}\n"))?;
    std::fs::write(folder.join("claims.pem"), pem)
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
