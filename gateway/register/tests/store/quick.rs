//! Openings that do not read all, and the daily look that does.

use kiosk_register::{CaseId, Problem, Purge, State, Store, StoreError};

use crate::rig::{case_in, code, folder, meddle, open, open_quickly, request};

/// A case that is issued and gone again, with its entry.
fn purged(store: &mut Store) -> CaseId {
    let case = case_in(store, State::Stored);
    store.purge(case, &Purge::Decision { by: code("officer-1") }).unwrap();
    case
}

fn check_all(store: &mut Store) {
    while !store.self_check(3).unwrap() {}
}

#[test]
fn a_quick_opening_passes_over_what_was_whole_and_is_gone_and_the_self_check_finds_it() {
    let (_parent, folder) = folder();
    let mut store = open_quickly(&folder).unwrap();
    let gone = purged(&mut store);
    let there = case_in(&mut store, State::Signed);
    let (case, history) = (store.case(there).unwrap(), store.history(there).unwrap());
    drop(store);
    drop(open_quickly(&folder).unwrap());
    meddle(&folder, "UPDATE journal SET reason = 'x' WHERE seq = 2");
    let mut store = open_quickly(&folder).unwrap();
    assert_eq!(store.findings(), []);
    assert_eq!((store.case(there).unwrap(), store.history(there).unwrap()), (case, history));
    let damaged = store.history(gone);
    assert!(matches!(damaged, Err(StoreError::DamagedRow { .. })), "nothing wrong is given out: {damaged:?}");
    // Cases go on while it looks.
    assert!(!store.self_check(5).unwrap());
    case_in(&mut store, State::Stored);
    check_all(&mut store);
    let found: Vec<_> = store.findings().iter().map(|finding| (finding.record, finding.problem)).collect();
    assert_eq!(found, [(2, Problem::Changed)]);
    drop(store);
    // Where something is known to be wrong, all is read again.
    assert_eq!(open(&folder).findings().len(), 1);
}

#[test]
fn a_self_check_moves_on_what_the_next_opening_need_not_read() {
    let (_parent, folder) = folder();
    let mut store = open_quickly(&folder).unwrap();
    purged(&mut store);
    let gone = purged(&mut store);
    let records = store.history(gone).unwrap();
    let last = records.last().unwrap().seq;
    // One that ends within the last step, and one that ends with it.
    for records in [7, usize::try_from(last).unwrap(), 1] {
        while !store.self_check(records).unwrap() {}
        assert_eq!(store.findings(), []);
    }
    drop(store);
    meddle(&folder, &format!("UPDATE journal SET reason = 'x' WHERE seq = {last} - 1"));
    assert_eq!(open_quickly(&folder).unwrap().findings(), []);
    meddle(&folder, "UPDATE verified SET numbered = numbered + 1");
    let store = open_quickly(&folder).unwrap();
    assert_eq!(store.findings()[0].record, last - 1, "what is noted of the look is damaged, so all is read");
}

#[test]
fn what_a_quick_opening_relies_on_is_looked_at() {
    let changes = [
        // Behind the last look there is nothing but this.
        ("UPDATE journal SET reason = 'x' WHERE seq = (SELECT seq FROM head)", Problem::Changed),
        ("DELETE FROM journal WHERE seq = (SELECT seq FROM head)", Problem::Missing),
        ("UPDATE register SET officer = 'officer-9' WHERE id = 2", Problem::Entry),
        ("DELETE FROM register WHERE id = 3", Problem::Entry),
    ];
    for (change, problem) in changes {
        let (_parent, folder) = folder();
        let mut store = open_quickly(&folder).unwrap();
        purged(&mut store);
        // Its entry is its case's, which is there; the third one's case is gone, but the entry is the last.
        case_in(&mut store, State::Numbered);
        purged(&mut store);
        check_all(&mut store);
        drop(store);
        meddle(&folder, change);
        let store = open_quickly(&folder).unwrap();
        assert_eq!(store.findings().first().map(|finding| finding.problem), Some(problem), "{change}");
    }
}

#[test]
fn a_lost_last_entry_stops_the_numbers_after_a_quick_opening() {
    let (_parent, folder) = folder();
    let mut store = open_quickly(&folder).unwrap();
    purged(&mut store);
    purged(&mut store);
    let case = case_in(&mut store, State::Approved);
    drop(store);
    drop(open_quickly(&folder).unwrap());
    meddle(&folder, "DELETE FROM register WHERE id = 2");
    let mut store = open_quickly(&folder).unwrap();
    let refused = store.number(case, &request(case));
    assert!(matches!(refused, Err(StoreError::RegisterIncomplete { entries: 1, records: 2 })), "{refused:?}");
}

#[test]
fn a_lost_entry_stops_the_numbers_from_the_self_check_on() {
    let (_parent, folder) = folder();
    let mut store = open_quickly(&folder).unwrap();
    purged(&mut store);
    purged(&mut store);
    let case = case_in(&mut store, State::Approved);
    drop(store);
    drop(open_quickly(&folder).unwrap());
    meddle(&folder, "DELETE FROM register WHERE id = 1");
    let mut store = open_quickly(&folder).unwrap();
    assert_eq!(store.findings(), []);
    check_all(&mut store);
    let refused = store.number(case, &request(case));
    assert!(matches!(refused, Err(StoreError::RegisterIncomplete { entries: 1, records: 2 })), "{refused:?}");
}
