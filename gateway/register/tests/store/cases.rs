//! Cases, their records, and the file they are in.

use kiosk_register::{CaseId, Kind, Personal, Problem, Purge, State, Step, Store, StoreError, Todo};
use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;

use crate::rig::{HandClock, NOW, case_in, code, folder, hash, meddle, open, open_quickly, options, try_open};

#[test]
fn a_case_is_after_a_restart_what_it_was() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let mut all = Vec::new();
    for state in State::ALL.iter().filter(|state| !matches!(state, State::Refused | State::SentBack | State::Purged)) {
        let case = case_in(&mut store, *state);
        all.push((store.case(case).unwrap(), store.history(case).unwrap()));
    }
    drop(store);
    let store = open(&folder);
    assert_eq!(store.findings(), []);
    for (case, history) in &all {
        assert_eq!(store.case(case.id).unwrap(), *case);
        assert_eq!(store.history(case.id).unwrap(), *history);
    }
    let resume = store.resume().unwrap();
    assert_eq!(resume.len(), all.len());
    for (case, _) in &all {
        let todo = resume.iter().find(|resume| resume.case == case.id).unwrap().todo;
        let waits = if case.state == State::AwaitingOfficer { Todo::NeedsOfficer } else { Todo::GoOn(case.state) };
        assert_eq!(todo, waits);
    }
}

#[test]
fn what_was_begun_and_has_no_outcome_is_told_after_a_restart() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Logged);
    store.intend(case, State::Signed).unwrap();
    drop(store);
    let mut store = open(&folder);
    assert_eq!(store.resume().unwrap()[0].todo, Todo::OutcomeUnknown(State::Signed));
    let again = store.intend(case, State::Signed);
    assert!(matches!(again, Err(StoreError::IntentOpen { to: State::Signed, .. })), "{again:?}");
    store.abandon(case, State::Signed, &code("no-signature")).unwrap();
    assert_eq!(store.resume().unwrap()[0].todo, Todo::GoOn(State::Logged));
}

#[test]
fn an_officer_may_refuse_or_send_back_and_then_it_is_prepared_anew() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let (officer, reason) = (code("officer-2"), code("blurred"));
    let case = case_in(&mut store, State::AwaitingOfficer);
    store.advance(case, &Step::SentBack { officer: officer.clone(), reason: reason.clone() }).unwrap();
    store.advance(case, &Step::Prepared { content: hash(case, 9) }).unwrap();
    assert_eq!(store.case(case).unwrap().content, Some(hash(case, 9)));
    store.advance(case, &Step::AwaitingOfficer).unwrap();
    store.advance(case, &Step::Refused { officer, reason }).unwrap();
    let approved = store.advance(case, &Step::Approved { officer: code("officer-1") });
    let named = matches!(approved, Err(StoreError::Unlawful { from: State::Refused, to: State::Approved, .. }));
    assert!(named, "{approved:?}");
    let last = store.history(case).unwrap().pop().unwrap();
    assert_eq!((last.kind, last.to), (Kind::Arrow, Some(State::Refused)));
}

#[test]
fn a_value_and_its_arrow_are_written_together_or_not_at_all() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::AwaitingOfficer);
    let (name, value) = (code("facts"), Personal(b"approved".to_vec()));
    let last = store.case(case).unwrap().last;
    assert!(store.advance_with(case, &name, &value, &Step::Captured).is_err());
    let long = Personal(vec![0; (64 << 10) + 1]);
    let approved = Step::Approved { officer: code("officer-1") };
    assert!(matches!(store.advance_with(case, &name, &long, &approved), Err(StoreError::TooMuch { .. })));
    assert_eq!((store.personal(case, &name).unwrap(), store.case(case).unwrap().last), (None, last));
    store.advance_with(case, &name, &value, &approved).unwrap();
    assert_eq!(store.case(case).unwrap().state, State::Approved);
    drop(store);
    assert_eq!(open(&folder).personal(case, &name).unwrap(), Some(value));
}

#[test]
fn two_cannot_have_it_open_and_others_cannot_read_it() {
    let (_parent, folder) = folder();
    let store = open(&folder);
    let second = Store::open(&folder, &options(), Box::new(HandClock::at(NOW)));
    assert!(matches!(second, Err(StoreError::Taken { .. })));
    for entry in std::fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    drop(store);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o750)).unwrap();
    assert!(matches!(try_open(&folder), Err(StoreError::NotPrivate { mode: 0o750, .. })));
}

#[test]
fn a_newer_store_and_a_file_that_is_none_are_refused() {
    let (_parent, folder) = folder();
    drop(open(&folder));
    let database = folder.join("register.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    assert!(matches!(try_open(&folder), Err(StoreError::TooNew { found: 99, .. })));
    std::fs::write(&database, [b'x'; 8192]).unwrap();
    assert!(matches!(try_open(&folder), Err(StoreError::Damaged { .. })));
}

#[test]
fn the_cases_in_a_state_are_told_and_the_first_opened_first() {
    let (_parent, folder) = folder();
    let clock = HandClock::at(NOW);
    let mut store = Store::open(&folder, &options(), Box::new(clock.clone())).unwrap();
    let mut opened = Vec::new();
    for _ in 0..4 {
        clock.pass(1);
        opened.push(case_in(&mut store, State::Prepared));
    }
    // The last one is the first that goes on.
    for case in opened[1..].iter().rev() {
        clock.pass(1);
        store.advance(*case, &Step::AwaitingOfficer).unwrap();
    }
    let waiting = |state, most| {
        let cases = store.waiting(state, most).unwrap();
        assert!(cases.iter().all(|case| store.case(case.id).unwrap() == *case));
        cases.iter().map(|case| case.id).collect::<Vec<_>>()
    };
    assert_eq!(waiting(State::AwaitingOfficer, 9), opened[1..]);
    assert_eq!(waiting(State::AwaitingOfficer, 2), opened[1..3]);
    assert_eq!(waiting(State::Prepared, 9), opened[..1]);
    assert_eq!(waiting(State::Approved, 9), []);
}

#[test]
fn an_unknown_case_is_told() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let nobody = CaseId::from_hex(&"0".repeat(32)).unwrap();
    assert!(matches!(store.case(nobody), Err(StoreError::UnknownCase(_))));
    assert!(matches!(store.advance(nobody, &Step::Captured), Err(StoreError::UnknownCase(_))));
}

/// When the journal was last found whole, and how it is opened now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Never; all of it.
    Whole,
    /// Before the records were written; what is needed.
    QuickBefore,
    /// After that.
    QuickAfter,
}

const LOOKS: [Look; 3] = [Look::Whole, Look::QuickBefore, Look::QuickAfter];

/// Three cases, and then the database changed past the store.
fn meddled(change: &str, look: Look) -> (tempfile::TempDir, Store, Vec<CaseId>) {
    let (parent, folder) = folder();
    let mut store = open(&folder);
    // Records 1 to 6 are the first one's, 7 to 12 the second's, 13 to 18 the third's.
    let cases: Vec<CaseId> = (0..3).map(|_| case_in(&mut store, State::AwaitingOfficer)).collect();
    drop(store);
    if look == Look::QuickAfter {
        drop(open_quickly(&folder).unwrap());
    }
    meddle(&folder, change);
    let store = if look == Look::Whole { open(&folder) } else { open_quickly(&folder).unwrap() };
    (parent, store, cases)
}

#[test]
fn a_damaged_record_is_told_with_its_number_and_parks_its_case_only() {
    let changes = [
        ("UPDATE journal SET reason = 'x' WHERE seq = 8", 8, Problem::Changed),
        ("UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 12", 12, Problem::Changed),
        ("UPDATE journal SET kind = 'nonsense' WHERE seq = 7", 7, Problem::Changed),
        ("UPDATE journal SET previous = zeroblob(32) WHERE seq = 9", 9, Problem::Changed),
        ("DELETE FROM journal WHERE seq = 10", 10, Problem::Missing),
        (
            "UPDATE journal SET seq = 99 WHERE seq = 9; UPDATE journal SET seq = 9 WHERE seq = 10;
             UPDATE journal SET seq = 10 WHERE seq = 99",
            9,
            Problem::Changed,
        ),
        ("UPDATE cases SET state = 'approved', officer = 'officer-9' WHERE last = 12", 12, Problem::Row),
        ("DELETE FROM cases WHERE last = 12", 12, Problem::Row),
    ];
    for ((change, record, problem), look) in changes.into_iter().flat_map(|it| LOOKS.map(|look| (it, look))) {
        let (_parent, mut store, cases) = meddled(change, look);
        let first = store.findings().first().copied();
        let found = first.map(|finding| (finding.record, finding.problem));
        assert_eq!(found, Some((record, problem)), "{change}, {look:?}: {:?}", store.findings());
        let parked = store.case(cases[1]);
        assert!(matches!(parked, Err(StoreError::Parked { .. })), "{change}, {look:?}: {parked:?}");
        let approved = Step::Approved { officer: code("officer-1") };
        assert!(matches!(store.advance(cases[1], &approved), Err(StoreError::Parked { .. })), "{change}, {look:?}");
        let todos: Vec<Todo> = store.resume().unwrap().iter().map(|resume| resume.todo).collect();
        let persons = todos.iter().filter(|todo| matches!(todo, Todo::NeedsPerson { .. })).count();
        assert_eq!(persons, 1, "{change}, {look:?}");
        let waiting = store.waiting(State::AwaitingOfficer, 9).unwrap();
        let waiting: HashSet<CaseId> = waiting.iter().map(|case| case.id).collect();
        assert_eq!(waiting, HashSet::from([cases[0], cases[2]]), "{change}, {look:?}");
        for case in [cases[0], cases[2]] {
            store.advance(case, &approved).unwrap();
        }
    }
}

#[test]
fn the_last_record_missing_or_another_is_told() {
    for look in LOOKS {
        let (_parent, store, cases) = meddled("DELETE FROM journal WHERE seq = 18", look);
        assert_eq!((store.findings()[0].record, store.findings()[0].problem), (18, Problem::Missing), "{look:?}");
        assert!(matches!(store.case(cases[2]), Err(StoreError::Parked { .. })), "{look:?}");
        store.case(cases[0]).unwrap();
        let (_parent, store, _) = meddled("UPDATE head SET hash = zeroblob(32)", look);
        assert_eq!((store.findings()[0].record, store.findings()[0].problem), (18, Problem::Replaced), "{look:?}");
    }
}

#[test]
fn a_person_can_purge_a_parked_case_and_the_rest_goes_on() {
    for change in ["UPDATE journal SET reason = 'x' WHERE seq = 8", "UPDATE cases SET officer = 'x' WHERE last = 12"] {
        let (parent, mut store, cases) = meddled(change, Look::Whole);
        let kept = store.purge(cases[1], &Purge::Retention);
        assert!(matches!(kept, Err(StoreError::Parked { .. })), "{change}: {kept:?}");
        store.purge(cases[1], &Purge::Decision { by: code("officer-1") }).unwrap();
        assert!(matches!(store.case(cases[1]), Err(StoreError::Purged(_))), "{change}");
        drop(store);
        let mut store = open(&parent.path().join("store"));
        assert_eq!(store.resume().unwrap().len(), 2, "{change}: {:?}", store.findings());
        // A changed record stays one; a changed row has gone.
        assert_eq!(store.findings().len(), usize::from(change.contains("journal")), "{change}");
        store.advance(cases[0], &Step::Approved { officer: code("officer-1") }).unwrap();
    }
}
