//! Full disks, disks that fail, files that were cut and bytes that were turned.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kiosk_register::{CaseId, Entry, Options, Purge, Record, State, Step, Store, StoreError};

use crate::rig::{HandClock, NOW, case_in, code, folder, open, open_quickly, options, step, try_open};

/// Names the folder that a child works in; without it, the children's tests do nothing.
const FOLDER: &str = "KIOSK_REGISTER_FAULTS_IN";

fn given() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// This test program again, by a shell that sets its surroundings up.
#[expect(clippy::disallowed_methods, reason = "the same program again, in other surroundings")]
fn child(shell: &[&str], script: &str, test: &str, folder: &Path) -> Output {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", script, "sh"]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", test]).env(FOLDER, folder).output().unwrap()
}

fn must_pass(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
}

/// Runs a test on a disk of its own in memory.
fn on_a_disk(options: &str, test: &str) {
    let parent = tempfile::tempdir().unwrap();
    let script = format!(r#"mount -t tmpfs -o {options},mode=700 none "$KIOSK_REGISTER_FAULTS_IN" && exec "$@""#);
    let root = rustix::process::geteuid().is_root();
    let shell: &[&str] =
        if root { &["unshare", "--mount", "sh"] } else { &["unshare", "--user", "--map-root-user", "--mount", "sh"] };
    must_pass(&child(shell, &script, test, parent.path()));
}

#[test]
fn on_a_full_disk_nothing_begins_and_what_is_under_way_ends() {
    on_a_disk("size=6m", "faults::a_child_on_a_full_disk");
}

#[test]
fn on_a_disk_with_no_file_left_all_goes_on_and_an_opening_tells_it() {
    on_a_disk("size=16m,nr_inodes=40", "faults::a_child_on_a_disk_with_no_file_left");
}

#[test]
fn a_child_on_a_disk_with_no_file_left() {
    let Some(parent) = given() else { return };
    let folder = parent.join("store");
    let take_all = || -> Vec<PathBuf> {
        let names = (0..1000).map(|number| parent.join(format!("filler{number}"))).filter(|name| !name.exists());
        names.take_while(|name| std::fs::File::create(name).is_ok()).collect()
    };
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Prepared);
    assert!(!take_all().is_empty());
    // It has all files that it needs.
    while store.case(case).unwrap().state != State::Stored {
        step(&mut store, case);
    }
    let other = case_in(&mut store, State::Stored);
    store.purge(other, &Purge::Decision { by: code("officer-1") }).unwrap();
    assert!(store.compact().unwrap());
    drop(store);
    // Its log is gone, and somebody else takes that file.
    let mut filler = take_all();
    assert_eq!(filler.len(), 1);
    for _ in 0..2 {
        let full = try_open(&folder).map(|_| ());
        assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    }
    std::fs::remove_file(filler.pop().unwrap()).unwrap();
    let store = open(&folder);
    assert_eq!(store.findings(), []);
    assert_eq!(store.case(case).unwrap().state, State::Stored);
    assert!(matches!(store.case(other), Err(StoreError::Purged(_))));
}

#[test]
fn a_child_on_a_full_disk() {
    let Some(parent) = given() else { return };
    let (folder, filler) = (parent.join("store"), parent.join("filler"));
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Prepared);
    // Until the disk takes not one byte more.
    let mut file = std::fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    let full = (0..10_000).find_map(|_| store.open_case(&code("birth-certificate")).err());
    assert!(matches!(full, Some(StoreError::Full)), "{full:?}");
    assert_eq!(store.stopped(), None);
    while store.case(case).unwrap().state != State::Stored {
        step(&mut store, case);
    }
    let refused = store.open_case(&code("birth-certificate"));
    assert!(matches!(refused, Err(StoreError::Full)), "the reserve is spent: {refused:?}");
    drop(store);
    let mut store = open(&folder);
    assert_eq!(store.findings(), []);
    assert_eq!(store.case(case).unwrap().state, State::Stored);
    std::fs::remove_file(&filler).unwrap();
    drop(file);
    case_in(&mut store, State::Stored);
}

#[test]
fn after_an_error_of_the_disk_nothing_is_written_and_nothing_acknowledged_is_lost() {
    let (parent, folder) = folder();
    // Files end at some 400 KiB (blocks of 512 bytes or of 1,024, as the shell counts): a write past it fails, and not for want of room.
    let script = r#"trap "" XFSZ; ulimit -f 400; exec "$@""#;
    let output = child(&["sh"], script, "faults::a_child_on_a_failing_disk", parent.path());
    must_pass(&output);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = text.lines().filter_map(|line| line.split_once("acknowledged ")?.1.parse::<i64>().ok()).max().unwrap();
    let store = open(&folder);
    assert_eq!(store.findings(), []);
    let last = history(&store).last().unwrap().seq;
    assert!(last == told || last == told + 1, "{told} records were acknowledged, and {last} are there");
}

#[test]
#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn a_child_on_a_failing_disk() {
    let Some(parent) = given() else { return };
    let options = Options { reserve_bytes: 0, ..options() };
    let mut store = Store::open(&parent.join("store"), &options, Box::new(HandClock::at(NOW))).unwrap();
    let mut first = None;
    for _ in 0..100_000 {
        match store.open_case(&code("birth-certificate")) {
            Ok(case) => {
                first.get_or_insert(case);
                println!("\nacknowledged {}", store.case(case).unwrap().last);
            }
            Err(error) => {
                assert!(matches!(error, StoreError::Disk { .. }), "{error:?}");
                let case = first.unwrap();
                let after = store.advance(case, &Step::Captured);
                assert!(matches!(after, Err(StoreError::Stopped { .. })), "{after:?}");
                assert!(store.stopped().is_some());
                assert_eq!(store.case(case).unwrap().state, State::Opened, "reading goes on");
                return;
            }
        }
    }
    panic!("the disk did not fail");
}

/// All records of all cases, in order.
fn history(store: &Store) -> Vec<Record> {
    let cases = store.resume().unwrap().into_iter();
    let mut all: Vec<Record> = cases.flat_map(|resume| store.history(resume.case).unwrap()).collect();
    all.sort_by_key(|record| record.seq);
    all
}

/// The files of a store as a power cut would leave them.
pub(crate) fn copy(from: &Path, to: &Path, change: impl Fn(&str, &mut Vec<u8>)) {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    drop(std::fs::remove_dir_all(to));
    std::fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for name in ["register.db", "register.db-wal"] {
        let Ok(mut bytes) = std::fs::read(from.join(name)) else { continue };
        change(name, &mut bytes);
        let mut file =
            std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(to.join(name)).unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
    }
}

#[test]
fn a_log_that_was_cut_or_damaged_rolls_back_to_a_state_that_was() {
    let (parent, folder) = folder();
    let mut store = open(&folder);
    for _ in 0..4 {
        case_in(&mut store, State::Stored);
    }
    let whole = history(&store);
    let length = usize::try_from(folder.join("register.db-wal").metadata().unwrap().len()).unwrap();
    let torn = parent.path().join("torn");
    let mut ends = std::collections::BTreeSet::new();
    for part in 0..120 {
        // Prime steps: places within pages, and each fourth time a byte that is turned rather than an end.
        let place = (part * 7919 * 31) % length;
        copy(&folder, &torn, |name, bytes| {
            if name.ends_with("-wal") {
                if part % 4 == 0 { bytes[place] ^= 0x10 } else { bytes.truncate(place) }
            }
        });
        let store = open(&torn);
        assert_eq!(store.findings(), [], "{place}");
        let rest = history(&store);
        assert!(rest.len() <= whole.len() && rest == whole[..rest.len()] || unknown_print(&rest, &whole), "{place}");
        ends.insert(rest.len());
    }
    assert!(ends.len() > 20, "many different ends: {ends:?}");
}

/// A print that had begun is noted as unknown when the store is opened: one record that was not there.
fn unknown_print(rest: &[Record], whole: &[Record]) -> bool {
    rest.split_last().is_some_and(|(last, before)| {
        last.reason.as_ref().is_some_and(|reason| reason.as_str() == "unknown") && before == &whole[..before.len()]
    })
}

#[test]
fn a_byte_that_was_turned_is_told_or_changes_nothing() {
    let (parent, folder) = folder();
    let mut store = open(&folder);
    let ids: Vec<CaseId> = (0..6).map(|_| case_in(&mut store, State::Signed)).collect();
    let whole: Vec<(CaseId, Vec<Record>, Option<Entry>)> =
        ids.iter().map(|id| (*id, store.history(*id).unwrap(), store.entry(*id).unwrap())).collect();
    drop(store);
    // So that a quick opening has little to read.
    drop(open_quickly(&folder).unwrap());
    for open in [try_open, open_quickly] {
        turn_bytes(&folder, &parent.path().join("turned"), &whole, open);
    }
}

fn turn_bytes(
    folder: &Path,
    turned: &Path,
    whole: &[(CaseId, Vec<Record>, Option<Entry>)],
    open: fn(&Path) -> Result<Store, StoreError>,
) {
    let length = usize::try_from(folder.join("register.db").metadata().unwrap().len()).unwrap();
    let (mut refused, mut parked, mut unseen) = (0, 0, 0);
    for part in 0..400 {
        let place = (part * 104_729) % length;
        copy(folder, turned, |_, bytes| bytes[place] ^= 1 << (part % 8));
        let store = match open(turned) {
            Ok(store) => store,
            Err(StoreError::Damaged { .. } | StoreError::TooNew { .. } | StoreError::DamagedRow { .. }) => {
                refused += 1;
                continue;
            }
            Err(error) => panic!("{place}: {error:?}"),
        };
        let told: Vec<CaseId> = store.findings().iter().filter_map(|finding| finding.case).collect();
        if store.findings().is_empty() {
            unseen += 1
        } else {
            parked += 1
        }
        for (id, history, entry) in whole {
            let now = store.history(*id);
            let right = now.as_ref().is_ok_and(|now| now == history);
            assert!(right || told.contains(id), "{place}: {now:?} of {id}, {:?}", store.findings());
            let now = store.entry(*id);
            let right = now.as_ref().is_ok_and(|now| now == entry);
            assert!(right || told.contains(id), "{place}: {now:?} of {id}, {:?}", store.findings());
            let state = store.case(*id).map(|case| case.state);
            assert!(told.contains(id) || state.is_ok_and(|state| state == State::Signed), "{place}");
        }
    }
    assert!(
        refused > 20 && parked > 20 && unseen > 20,
        "refused {refused}, parked {parked}, in unused places {unseen}"
    );
}
