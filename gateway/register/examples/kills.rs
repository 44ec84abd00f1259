//! Kills a working store as often as asked (`cargo run -p kiosk-register --example kills 10000`), and tells what was lost.

use std::path::Path;
use std::process::ExitCode;

#[path = "../tests/store/kills.rs"]
mod kills;

#[expect(clippy::disallowed_methods, reason = "the same program again, to be killed")]
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().unwrap_or_default();
    if first == "--work" {
        kills::work(Path::new(&arguments.next().expect("a folder"))).expect("the store works");
        return ExitCode::SUCCESS;
    }
    let Ok(count) = first.parse() else {
        println!("how many kills? kills COUNT [FOLDER]");
        return ExitCode::FAILURE;
    };
    let own = tempfile::tempdir().expect("a folder");
    let parent = arguments.next().map_or_else(|| own.path().to_owned(), std::path::PathBuf::from);
    let program = std::env::current_exe().expect("this program");
    let child = || kills::piped(std::process::Command::new(&program).arg("--work").arg(&parent));
    let looked = |so_far: &kills::Report| {
        let [lost, twice, gaps, left] = so_far.wrong();
        let (kills, acknowledged) = (so_far.kills, so_far.acknowledged);
        println!(
            "{kills} kills, {acknowledged} calls acknowledged: lost {lost}, twice {twice}, gaps {gaps}, left {left}"
        );
    };
    let report = kills::run(&parent, count, child, looked);
    println!("{report:#?}");
    if report.wrong() == [0; 4] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
