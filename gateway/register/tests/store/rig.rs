//! A store with a clock that stands still, and the shortest ways through it.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kiosk_register::{
    CaseId, Channel, Check, Clock, Code, EARLIEST_MS, Entry, Hash, Options, Outcome, Reading, Request, State, Step,
    Store, StoreError,
};

/// A hundred days after the earliest time.
pub(crate) const NOW: i64 = EARLIEST_MS + 100 * 86_400_000;

/// A clock that is set by hand.
#[derive(Clone)]
pub(crate) struct HandClock(pub(crate) Arc<Mutex<Reading>>);

impl HandClock {
    pub(crate) fn at(utc_ms: i64) -> Self {
        Self(Arc::new(Mutex::new(Reading { utc_ms, steady_ms: 0, synchronised: true })))
    }

    pub(crate) fn pass(&self, ms: i64) {
        let mut reading = self.0.lock().unwrap();
        reading.utc_ms += ms;
        reading.steady_ms += ms;
    }
}

impl Clock for HandClock {
    fn read(&mut self) -> Reading {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

pub(crate) fn options() -> Options {
    Options { reserve_bytes: 1 << 20, ..Options::default() }
}

pub(crate) fn try_open(folder: &Path) -> Result<Store, StoreError> {
    when_free(|| Store::open(folder, &options(), Box::new(HandClock::at(NOW))))
}

pub(crate) fn open_quickly(folder: &Path) -> Result<Store, StoreError> {
    when_free(|| Store::open(folder, &Options { check: Check::Quick, ..options() }, Box::new(HandClock::at(NOW))))
}

/// A child that another test starts has all locks of this process until it becomes its own program: a store that was just dropped
/// may be taken for that moment.
fn when_free(open: impl Fn() -> Result<Store, StoreError>) -> Result<Store, StoreError> {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match open() {
            Err(StoreError::Taken { .. }) if Instant::now() < until => std::thread::yield_now(),
            opened => return opened,
        }
    }
}

pub(crate) fn open(folder: &Path) -> Store {
    try_open(folder).unwrap()
}

/// A folder for a store that is not there yet.
pub(crate) fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("store");
    (parent, folder)
}

/// A hash that nobody else has.
pub(crate) fn hash(of: CaseId, what: u8) -> Hash {
    let mut bytes = [what; 32];
    for (byte, digits) in bytes.iter_mut().zip(of.to_string().as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    Hash(bytes)
}

pub(crate) fn request(case: CaseId) -> Request {
    Request { agency: code("ward-7"), volume: 1, pages: 2, code_hmac: hash(case, 4) }
}

/// Brings a case one state on, with all that belongs to it.
pub(crate) fn step(store: &mut Store, case: CaseId) {
    let effect = |store: &mut Store, to, step: &Step| {
        store.intend(case, to).unwrap();
        store.advance(case, step).unwrap();
    };
    let state = store.case(case).unwrap().state;
    let plain = match state {
        State::Opened => Step::Captured,
        State::Captured => Step::Recognised,
        State::Recognised => Step::Identified,
        State::Identified => Step::Prepared { content: hash(case, 1) },
        State::Prepared => Step::AwaitingOfficer,
        State::AwaitingOfficer => Step::Approved { officer: code("officer-1") },
        State::Approved => return drop(store.number(case, &request(case)).unwrap()),
        State::Numbered => return effect(store, State::Logged, &Step::Logged { leaf: hash(case, 2) }),
        State::Logged => return effect(store, State::Signed, &Step::Signed { file: hash(case, 3) }),
        State::Signed => {
            let delivery = store.queue(case, Channel::Mail, &format!("mail {case}")).unwrap();
            store.start(delivery).unwrap();
            store.finish(delivery, Outcome::Done).unwrap();
            Step::Delivered
        }
        State::Delivered => return effect(store, State::Stored, &Step::Stored),
        state => panic!("{state} has no next state"),
    };
    store.advance(case, &plain).unwrap();
}

/// A new case in this state.
pub(crate) fn case_in(store: &mut Store, state: State) -> CaseId {
    let case = store.open_case(&code("birth-certificate")).unwrap();
    while store.case(case).unwrap().state != state {
        step(store, case);
    }
    case
}

/// A new case with its number.
pub(crate) fn numbered(store: &mut Store) -> Entry {
    let case = case_in(store, State::Numbered);
    store.entry(case).unwrap().unwrap()
}

/// Changes the database past the store.
pub(crate) fn meddle(folder: &Path, change: &str) {
    let connection = rusqlite::Connection::open(folder.join("register.db")).unwrap();
    let triggers = "DROP TRIGGER IF EXISTS journal_is_not_changed; DROP TRIGGER IF EXISTS journal_is_not_deleted;
        DROP TRIGGER IF EXISTS register_is_not_changed; DROP TRIGGER IF EXISTS register_is_not_deleted;";
    connection.execute_batch(triggers).unwrap();
    connection.execute_batch(change).unwrap();
}
