//! A disk whose `fdatasync` fails once. After that the kernel may have forgotten what it could not write, and a second sync that
//! succeeds says nothing.

use std::collections::BTreeMap;

use kiosk_register::{Options, Purge, State, Step, Store, StoreError};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use crate::faults::copy;
use crate::rig::{HandClock, NOW, case_in, code, folder, open, open_quickly, options, request};

/// Does `work` in a thread for which each sync is an I/O error; for all others the disk is as before.
fn while_no_sync_works<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let syncs = [libc::SYS_fsync, libc::SYS_fdatasync].map(|call| (call, Vec::new()));
    let fails = SeccompAction::Errno(libc::EIO.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let filter = SeccompFilter::new(BTreeMap::from(syncs), SeccompAction::Allow, fails, arch).unwrap();
    let filter = BpfProgram::try_from(filter).unwrap();
    let work = || {
        seccompiler::apply_filter(&filter).unwrap();
        work()
    };
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

#[test]
fn a_sync_that_failed_once_is_not_forgiven_when_the_next_one_succeeds() {
    let (parent, folder) = folder();
    let mut store = open(&folder);
    let other = case_in(&mut store, State::Stored);
    let case = case_in(&mut store, State::Approved);
    let log = folder.join("register.db-wal");
    let acknowledged = log.metadata().unwrap().len();
    let failed = while_no_sync_works(|| store.number(case, &request(case)));
    assert!(matches!(failed, Err(StoreError::Disk { .. })), "{failed:?}");
    assert!(log.metadata().unwrap().len() > acknowledged, "it was written, and not synced");
    // From here on the disk says that all is well.
    let stopped = |done: Result<(), StoreError>| assert!(matches!(done, Err(StoreError::Stopped { .. })), "{done:?}");
    stopped(store.number(case, &request(case)).map(|_| ()));
    stopped(store.open_case(&code("birth-certificate")).map(|_| ()));
    stopped(store.advance(other, &Step::Stored).map(|_| ()));
    stopped(store.purge(other, &Purge::Decision { by: code("officer-1") }));
    stopped(store.compact().map(|_| ()));
    assert_eq!(store.case(case).unwrap().state, State::Approved, "reading tells what was acknowledged");
    assert_eq!(store.entry(case).unwrap(), None);
    // What was not synced may be gone, or be there after all.
    let (gone, there) = (parent.path().join("gone"), parent.path().join("there"));
    let cut = usize::try_from(acknowledged).unwrap();
    copy(&folder, &gone, |name, bytes| bytes.truncate(if name.ends_with("-wal") { cut } else { usize::MAX }));
    copy(&folder, &there, |_, _| ());
    drop(store);
    for folder in [gone, there, folder] {
        let mut store = open_quickly(&folder).unwrap();
        assert_eq!(store.findings(), []);
        assert_eq!(store.case(other).unwrap().state, State::Stored);
        assert_eq!(store.number(case, &request(case)).unwrap().number.number, 2);
        let next = case_in(&mut store, State::Numbered);
        assert_eq!(store.entry(next).unwrap().unwrap().number.number, 3);
    }
}

#[test]
fn a_sync_that_fails_while_the_log_is_written_back_stops_the_store() {
    let (_parent, folder) = folder();
    let options = Options { retention_ms: 0, ..options() };
    let mut store = Store::open(&folder, &options, Box::new(HandClock::at(NOW))).unwrap();
    let cases: Vec<_> = (0..2).map(|_| case_in(&mut store, State::Stored)).collect();
    store.purge(cases[0], &Purge::Retention).unwrap();
    let failed = while_no_sync_works(|| store.compact());
    assert!(matches!(failed, Ok(true)), "nothing is left to be written: {failed:?}");
    let failed = while_no_sync_works(|| store.purge(cases[1], &Purge::Retention));
    assert!(matches!(failed, Err(StoreError::Disk { .. })), "{failed:?}");
    assert!(store.stopped().is_some());
    drop(store);
    let store = open(&folder);
    assert_eq!(store.findings(), []);
    let case = store.case(cases[1]);
    assert!(matches!(&case, Err(StoreError::Purged(_))) || case.is_ok_and(|case| case.state == State::Stored));
}
