//! Numbers.

use kiosk_register::{ClockError, JUMP_MOST_MS, Reading, Request, State, Store, StoreError};

use crate::rig::{HandClock, NOW, case_in, code, folder, hash, numbered, open, options, request};

#[test]
fn numbers_have_no_gaps_in_each_book() {
    let (_parent, folder) = folder();
    let clock = HandClock::at(NOW);
    let mut store = Store::open(&folder, &options(), Box::new(clock.clone())).unwrap();
    for expected in 1..=3 {
        assert_eq!(numbered(&mut store).number.number, expected);
        // Another agency's book, and another volume.
        for (agency, volume) in [("ward-8", 1), ("ward-7", 2)] {
            let case = case_in(&mut store, State::Approved);
            let request = Request { agency: code(agency), volume, ..request(case) };
            assert_eq!(store.number(case, &request).unwrap().number.number, expected);
        }
    }
    assert_eq!(numbered(&mut store).number.to_string(), "4/2026-SCTĐT/BS");
    // The next year begins at 17:00 UTC, and its book at 1.
    let year_end = 1_798_736_400_000;
    clock.pass(year_end - 1 - NOW);
    assert_eq!(numbered(&mut store).number.to_string(), "5/2026-SCTĐT/BS");
    clock.pass(1);
    assert_eq!(numbered(&mut store).number.to_string(), "1/2027-SCTĐT/BS");
}

#[test]
fn a_case_has_one_number_however_often_it_asks() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let entry = numbered(&mut store);
    let other = Request { agency: code("ward-9"), ..request(entry.case) };
    assert_eq!(store.number(entry.case, &other).unwrap(), entry);
    drop(store);
    let mut store = open(&folder);
    assert_eq!(store.number(entry.case, &request(entry.case)).unwrap(), entry);
    assert_eq!(numbered(&mut store).number.number, 2);
}

#[test]
fn what_fails_takes_no_number() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let first = numbered(&mut store);
    let waiting = case_in(&mut store, State::AwaitingOfficer);
    let early = store.number(waiting, &request(waiting));
    assert!(matches!(early, Err(StoreError::Unlawful { from: State::AwaitingOfficer, .. })), "{early:?}");
    let case = case_in(&mut store, State::Approved);
    let taken = Request { code_hmac: first.code_hmac, ..request(case) };
    assert!(matches!(store.number(case, &taken), Err(StoreError::CodeTaken)));
    assert_eq!(store.case(case).unwrap().state, State::Approved);
    assert_eq!(store.number(case, &request(case)).unwrap().number.number, 2);
}

#[test]
fn no_number_while_the_clock_is_not_trusted() {
    let (_parent, folder) = folder();
    let clock = HandClock::at(NOW);
    let mut store = Store::open(&folder, &options(), Box::new(clock.clone())).unwrap();
    numbered(&mut store);
    let case = case_in(&mut store, State::Approved);
    let set = |utc_ms, synchronised| *clock.0.lock().unwrap() = Reading { utc_ms, steady_ms: 0, synchronised };
    let years_20 = 20 * 8766 * 3_600_000;
    set(NOW - 1, true);
    let back = store.number(case, &request(case));
    assert!(matches!(back, Err(StoreError::Clock(ClockError::WentBack { by_ms: 1 }))), "{back:?}");
    let back = store.now();
    assert!(matches!(back, Err(StoreError::Clock(ClockError::WentBack { by_ms: 1 }))), "{back:?}");
    for jump in [3_600_000, -3_600_000, years_20, JUMP_MOST_MS + 1] {
        set(NOW + jump, false);
        let refused = store.number(case, &request(case));
        assert!(matches!(refused, Err(StoreError::Clock(ClockError::Jumped { .. }))), "{jump}: {refused:?}");
        let now = store.now();
        assert!(matches!(now, Err(StoreError::Clock(ClockError::Jumped { .. }))), "{jump}: {now:?}");
    }
    set(NOW - years_20, true);
    let never = store.number(case, &request(case));
    assert!(matches!(never, Err(StoreError::Clock(ClockError::NeverSet { .. }))), "{never:?}");
    // The journal goes on all the same, and the number comes when the clock is right again.
    case_in(&mut store, State::AwaitingOfficer);
    set(NOW, true);
    assert_eq!(store.now().unwrap(), NOW);
    assert_eq!(store.number(case, &request(case)).unwrap().number.number, 2);
    drop(store);
    set(NOW + 1, false);
    let mut store = Store::open(&folder, &options(), Box::new(clock)).unwrap();
    assert_eq!(store.findings(), []);
    let case = case_in(&mut store, State::Approved);
    let refused = store.number(case, &request(case));
    assert!(matches!(refused, Err(StoreError::Clock(ClockError::NotSynchronised))), "{refused:?}");
}

#[test]
fn a_lost_entry_stops_the_numbers_and_a_changed_one_is_told() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let entries: Vec<_> = (0..3).map(|_| numbered(&mut store)).collect();
    let case = case_in(&mut store, State::Approved);
    drop(store);
    let change = |sql: &str| {
        let connection = rusqlite::Connection::open(folder.join("register.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    change("DROP TRIGGER register_is_not_changed; DROP TRIGGER register_is_not_deleted;");
    change("UPDATE register SET officer = 'officer-9' WHERE id = 2");
    let store = open(&folder);
    assert_eq!(store.findings()[0].case, Some(entries[1].case));
    assert!(matches!(store.entry(entries[1].case), Err(StoreError::DamagedRow { .. })));
    assert_eq!(store.entry(entries[0].case).unwrap(), Some(entries[0].clone()));
    drop(store);
    change("DELETE FROM register WHERE id = 3");
    let mut store = open(&folder);
    let refused = store.number(case, &request(case));
    assert!(matches!(refused, Err(StoreError::RegisterIncomplete { entries: 2, records: 3 })), "{refused:?}");
}

#[test]
fn revocation_is_an_entry_more_and_the_first_counts() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let entry = numbered(&mut store);
    assert_eq!(store.revocation(entry.case).unwrap(), None);
    store.revoke(entry.case, &code("officer-2"), &code("wrong-original")).unwrap();
    store.revoke(entry.case, &code("officer-3"), &code("again")).unwrap();
    store.add_leaf(entry.case, hash(entry.case, 8)).unwrap();
    drop(store);
    let mut store = open(&folder);
    assert_eq!(store.findings(), []);
    let revoked = store.revocation(entry.case).unwrap().unwrap();
    assert_eq!((revoked.who, revoked.reason), (Some(code("officer-2")), Some(code("wrong-original"))));
    assert_eq!(store.entry(entry.case).unwrap(), Some(entry));
    let case = case_in(&mut store, State::Approved);
    let refused = store.revoke(case, &code("officer-2"), &code("no-number"));
    assert!(matches!(refused, Err(StoreError::NotNumbered { .. })), "{refused:?}");
}
