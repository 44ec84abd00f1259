//! The register for officers: search, export, statistics, and the daily look at the log.

use kiosk_register::{Difference, Format, Hash, Purge, RegisterNumber, Request, Search, State, Step, Store};

use crate::rig::{HandClock, NOW, case_in, code, folder, hash, numbered, open, options, step};

const DAY: i64 = 86_400_000;

fn all() -> Search {
    Search { from_ms: 0, until_ms: i64::MAX, officer: None, after: 0, most: 1000 }
}

/// Six entries on three days; every second one another officer's.
fn filled() -> (tempfile::TempDir, Store, Vec<kiosk_register::Entry>) {
    let (parent, folder) = folder();
    let clock = HandClock::at(NOW);
    let mut store = Store::open(&folder, &options(), Box::new(clock.clone())).unwrap();
    let mut entries = Vec::new();
    for number in 0..6 {
        let case = case_in(&mut store, State::AwaitingOfficer);
        let officer = code(if number % 2 == 0 { "officer-1" } else { "officer-2" });
        store.advance(case, &Step::Approved { officer }).unwrap();
        let request = Request { agency: code("ward-7"), volume: 1, pages: 1, code_hmac: hash(case, 4) };
        entries.push(store.number(case, &request).unwrap());
        clock.pass(DAY / 2);
    }
    (parent, store, entries)
}

#[test]
fn entries_are_found_by_number_code_time_and_officer() {
    let (_parent, store, entries) = filled();
    for entry in &entries {
        assert_eq!(store.find_number(&entry.number).unwrap().as_ref(), Some(entry));
        assert_eq!(store.find_code(&entry.code_hmac).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(store.find_code(&Hash([0; 32])).unwrap(), None);
    let book = entries[0].number.book.clone();
    assert_eq!(store.find_number(&RegisterNumber { book, number: 7 }).unwrap(), None);
    assert_eq!(store.search(&all()).unwrap(), entries);
    let day = Search { from_ms: entries[2].at_ms, until_ms: entries[4].at_ms, ..all() };
    assert_eq!(store.search(&day).unwrap(), entries[2..4]);
    let officer = Search { officer: Some(code("officer-2")), ..all() };
    let theirs = [1, 3, 5].map(|place| entries[place].clone());
    assert_eq!(store.search(&officer).unwrap(), theirs);
    // In pages of two.
    for search in [all(), officer] {
        let (mut page, mut found) = (Search { most: 2, ..search.clone() }, Vec::new());
        loop {
            let next = store.search(&page).unwrap();
            let Some(last) = next.last() else { break };
            page.after = last.id;
            assert!(next.len() <= 2);
            found.extend(next);
        }
        assert_eq!(found, store.search(&search).unwrap());
    }
}

#[test]
fn an_export_has_each_entry_with_its_file_and_revocation() {
    let (_parent, mut store, entries) = filled();
    step(&mut store, entries[1].case);
    step(&mut store, entries[1].case);
    store.revoke(entries[1].case, &code("officer-3"), &code("wrong-original")).unwrap();
    // In pages of four, as one file.
    let (mut csv, mut page, mut pages) = (Vec::new(), Search { most: 4, ..all() }, 0);
    while let Some(after) = store.export(&page, Format::Csv, &mut csv).unwrap() {
        (page.after, pages) = (after, pages + 1);
    }
    assert_eq!(pages, 2);
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<Vec<&str>> = csv.split_terminator("\r\n").map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 7);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    let second = |name: &str| lines[2][lines[0].iter().position(|head| *head == name).unwrap()];
    assert_eq!(second("number"), "2/2026-SCTĐT/BS");
    assert_eq!(second("file"), hash(entries[1].case, 3).to_string());
    assert_eq!((second("revoked_by"), second("revoked_for")), ("officer-3", "wrong-original"));
    let mut json = Vec::new();
    store.export(&Search { officer: Some(code("officer-2")), ..all() }, Format::JsonLines, &mut json).unwrap();
    let json: Vec<serde_json::Value> =
        String::from_utf8(json).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json.len(), 3);
    assert_eq!(json[0]["code_hmac"], entries[1].code_hmac.to_string());
    assert_eq!((&json[0]["revoked_for"], &json[1]["file"]), (&"wrong-original".into(), &serde_json::Value::Null));
}

#[test]
fn a_signed_file_is_found_by_its_hash_also_when_its_case_is_purged() {
    let (_parent, mut store, entries) = filled();
    let file = hash(entries[1].case, 3);
    assert_eq!(store.find_file(&file).unwrap(), None, "it is not signed yet");
    step(&mut store, entries[1].case);
    step(&mut store, entries[1].case);
    assert_eq!(store.find_file(&file).unwrap().as_ref(), Some(&entries[1]));
    assert_eq!(store.find_file(&entries[1].content).unwrap(), None, "another hash of the same case");
    store.purge(entries[1].case, &Purge::Decision { by: code("officer-1") }).unwrap();
    assert_eq!(store.find_file(&file).unwrap().as_ref(), Some(&entries[1]));
}

#[test]
fn statistics_count_days_officers_and_procedures() {
    let (_parent, mut store, entries) = filled();
    store.revoke(entries[0].case, &code("officer-3"), &code("wrong-original")).unwrap();
    let counts = store.statistics(0, i64::MAX).unwrap();
    assert_eq!(counts.iter().map(|count| count.entries).sum::<i64>(), 6);
    assert_eq!(counts.iter().map(|count| count.revoked).sum::<i64>(), 1);
    let first = &counts[0];
    assert_eq!(
        (first.officer.as_str(), first.procedure.as_str(), first.entries),
        ("officer-1", "birth-certificate", 1)
    );
    assert_eq!((first.day, first.revoked), (kiosk_register::Day::of(NOW), 1));
    assert_eq!(store.statistics(0, NOW).unwrap(), []);
}

#[test]
fn each_difference_to_the_log_is_named() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let cases: Vec<_> = (0..3).map(|_| case_in(&mut store, State::Logged)).collect();
    numbered(&mut store);
    store.add_leaf(cases[0], hash(cases[0], 7)).unwrap();
    let log: Vec<Hash> = cases.iter().map(|case| hash(*case, 2)).chain([hash(cases[0], 7)]).collect();
    assert_eq!(store.compare_with_log(log.clone()).unwrap(), []);
    let stranger = Hash([0xEE; 32]);
    let mut other = log.clone();
    other[1] = stranger;
    other.push(log[0]);
    let differences = store.compare_with_log(other).unwrap();
    assert_eq!(differences.len(), 3, "{differences:?}");
    assert_eq!(differences[0], Difference::TwiceInLog { place: 4, leaf: log[0] });
    assert!(matches!(differences[1], Difference::NotInLog { case, leaf, .. } if case == cases[1] && leaf == log[1]));
    assert_eq!(differences[2], Difference::NotInRegister { place: 1, leaf: stranger });
}
