//! What is purged is in no file any more.

use std::path::Path;

use kiosk_register::{CaseId, DocumentKey, Options, Personal, Purge, State, Store, StoreError};

use crate::rig::{HandClock, NOW, case_in, code, folder, open, options};

fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

fn name(number: usize) -> String {
    format!("Công Dân Giả Số {number:04} {}", "dài ".repeat(number % 40))
}

#[test]
fn names_and_keys_of_purged_cases_are_in_no_file() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let mut all: Vec<(CaseId, String, DocumentKey)> = Vec::new();
    for number in 0..60 {
        // Rows of many lengths, so that pages are split and joined; some values take pages of their own.
        let case = store.open_case(&code("birth-certificate")).unwrap();
        let name = name(number);
        store.put_personal(case, &code("name"), &Personal(name.clone().into_bytes())).unwrap();
        let long = name.repeat(if number % 7 == 0 { 200 } else { 3 });
        store.put_personal(case, &code("address"), &Personal(long.into_bytes())).unwrap();
        all.push((case, name, store.document_key(case).unwrap()));
    }
    // Some values are written over by shorter and longer ones.
    for (case, name, _) in all.iter().step_by(3) {
        store.put_personal(*case, &code("address"), &Personal(name.repeat(9).into_bytes())).unwrap();
    }
    let by = Purge::Decision { by: code("officer-1") };
    let (mut even, mut odd): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for (place, it) in all.into_iter().enumerate() {
        if place % 2 == 0 { even.push(it) } else { odd.push(it) }
    }
    for (case, ..) in &even {
        store.purge(*case, &by).unwrap();
    }
    // The names begin alike, so what is looked for is the part that is the person's own.
    let own = |name: &str| name.as_bytes()[..name.find(" dài").unwrap_or(name.len() - 1)].to_vec();
    for (case, name, key) in &even {
        assert!(!holds(&folder, &own(name)), "{case} is in a file");
        assert!(!holds(&folder, &key.0), "the key of {case} is in a file");
        assert!(matches!(store.case(*case), Err(StoreError::Purged(_))));
        assert!(matches!(store.document_key(*case), Err(StoreError::UnknownCase(_))));
    }
    for (case, name, key) in &odd {
        assert!(holds(&folder, &own(name)) && holds(&folder, &key.0), "the others are still there");
        assert_eq!(store.personal(*case, &code("name")).unwrap(), Some(Personal(name.clone().into_bytes())));
        store.purge(*case, &by).unwrap();
    }
    assert!(store.compact().unwrap());
    assert!(!holds(&folder, "Công Dân".as_bytes()));
    drop(store);
    assert!(!holds(&folder, "Công Dân".as_bytes()));
    let store = open(&folder);
    assert_eq!((store.findings(), store.resume().unwrap().len()), ([].as_slice(), 0));
}

#[test]
fn a_stored_case_is_kept_for_a_while_and_its_entry_for_ever() {
    let (_parent, folder) = folder();
    let clock = HandClock::at(NOW);
    let options = Options { retention_ms: 1000, ..options() };
    let mut store = Store::open(&folder, &options, Box::new(clock.clone())).unwrap();
    let case = case_in(&mut store, State::Stored);
    let waiting = case_in(&mut store, State::Logged);
    let uncollected = case_in(&mut store, State::Signed);
    let entry = store.entry(case).unwrap().unwrap();
    clock.pass(999);
    assert!(matches!(store.purge(case, &Purge::Retention), Err(StoreError::TooEarly { left_ms: 1, .. })));
    assert_eq!(store.purge_due().unwrap(), []);
    clock.pass(1);
    assert_eq!(store.purge_due().unwrap(), [case]);
    store.purge(case, &Purge::Retention).unwrap();
    assert!(matches!(store.purge(waiting, &Purge::Retention), Err(StoreError::Unlawful { .. })));
    let by = Purge::Decision { by: code("officer-1") };
    assert!(matches!(store.purge(waiting, &by), Err(StoreError::Unlawful { .. })), "it is issued and must go on");
    // Once it is revoked it goes no further, and is kept like the others.
    store.revoke(waiting, &code("officer-1"), &code("wrong-original")).unwrap();
    assert!(matches!(store.purge(waiting, &Purge::Retention), Err(StoreError::TooEarly { left_ms: 1000, .. })));
    clock.pass(1000);
    assert_eq!(store.purge_due().unwrap(), [waiting]);
    store.purge(waiting, &Purge::Retention).unwrap();
    assert!(matches!(store.purge(uncollected, &Purge::Retention), Err(StoreError::Unlawful { .. })));
    store.purge(uncollected, &by).unwrap();
    assert!(store.entry(uncollected).unwrap().is_some());
    store.revoke(case, &code("officer-1"), &code("wrong-original")).unwrap();
    drop(store);
    let store = Store::open(&folder, &options, Box::new(clock)).unwrap();
    assert_eq!(store.findings(), []);
    assert_eq!(store.entry(case).unwrap(), Some(entry));
    assert!(store.revocation(case).unwrap().is_some());
}

#[test]
fn a_purge_that_was_cut_short_is_finished_at_the_next_opening() {
    let (parent, folder) = folder();
    let mut store = open(&folder);
    let case = store.open_case(&code("birth-certificate")).unwrap();
    store.put_personal(case, &code("name"), &Personal(name(7).into_bytes())).unwrap();
    drop(store);
    // As if the process had died between the deletion and what follows: SQLite without `secure_delete` leaves the bytes.
    let connection = rusqlite::Connection::open(folder.join("register.db")).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; UPDATE head SET compaction_due = 1;").unwrap();
    let copy = parent.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    std::fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    for file in ["register.db", "register.db-wal"] {
        std::fs::copy(folder.join(file), copy.join(file)).unwrap();
    }
    let mut store = open(&copy);
    assert!(store.compact().unwrap());
    let wal = copy.join("register.db-wal").metadata().unwrap().len();
    assert!(wal < 16 << 10, "the log was emptied, and then noted that it is: {wal} bytes");
    store.purge(case, &Purge::Decision { by: code("officer-1") }).unwrap();
    assert!(!holds(&copy, "Công Dân".as_bytes()));
}

#[test]
fn what_is_too_much_is_refused() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = store.open_case(&code("birth-certificate")).unwrap();
    let long = Personal(vec![0; (64 << 10) + 1]);
    assert!(matches!(store.put_personal(case, &code("name"), &long), Err(StoreError::TooMuch { .. })));
    for number in 0..100 {
        store.put_personal(case, &code(&format!("n{number}")), &Personal(vec![1])).unwrap();
    }
    let more = store.put_personal(case, &code("more"), &Personal(vec![1]));
    assert!(matches!(more, Err(StoreError::TooMuch { .. })), "{more:?}");
    store.put_personal(case, &code("n5"), &Personal(vec![2])).unwrap();
    assert_eq!(format!("{:?} {:?}", Personal(vec![1]), store.document_key(case).unwrap()), "[personal] [key]");
}
