//! The kills in `cargo test`; `cargo run -p kiosk-register --example kills 10000` does more of them.

use std::path::Path;
use std::process::Command;

use crate::kills;

/// Names the folder that a child works in; without it, the child's test does nothing.
const FOLDER: &str = "KIOSK_REGISTER_KILLED_IN";
const KILLS: u32 = 200;

#[test]
fn a_child_that_works_until_it_is_killed() {
    if let Some(parent) = std::env::var_os(FOLDER) {
        kills::work(Path::new(&parent)).unwrap();
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the same program again, to be killed")]
fn nothing_acknowledged_is_lost_by_kills() {
    let parent = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let child = || {
        let mut command = Command::new(&program);
        command.args(["--exact", "--nocapture", "killed::a_child_that_works_until_it_is_killed"]);
        kills::piped(command.env(FOLDER, parent.path()))
    };
    let report = kills::run(parent.path(), KILLS, child, |_| {});
    assert_eq!(report.wrong(), [0; 4], "{report:?}");
    assert!(report.acknowledged > KILLS as usize && report.numbers > 0 && report.sheets > 0, "{report:?}");
    assert!(report.purged > 0, "{report:?}");
}
