//! Reading the sample documents: errors and time of the worker, against tesseract's own page mode.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::median;
use crate::ocr_score::{Score, score};
use crate::rig::programs;

/// The lines of the report.
pub fn run() -> Vec<String> {
    let mut pages: Vec<_> = std::fs::read_dir(programs::samples())
        .expect("the samples are there")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jpg"))
        .collect();
    pages.sort();
    let worker = programs::find("kiosk-worker");
    let models = programs::source_tree().join("models");
    let (mut ours, mut theirs) = (Score::default(), Score::default());
    let (mut our_times, mut ratios) = (Vec::new(), Vec::new());
    for page in &pages {
        let truth = std::fs::read_to_string(page.with_extension("txt")).expect("the true text is there");
        let (text, our_time) =
            timed(&worker, &["read".as_ref(), "--models".as_ref(), models.as_os_str(), page.as_os_str()]);
        ours += score(&truth, &text);
        let (text, their_time) = timed(
            Path::new("tesseract"),
            &[page.as_os_str(), "-".as_ref(), "-l".as_ref(), "vie".as_ref(), "--psm".as_ref(), "3".as_ref()],
        );
        theirs += score(&truth, &text);
        our_times.push(our_time);
        ratios.push(our_time / their_time);
    }
    let line = |who: &str, score: Score| {
        format!(
            "  {who}: {:.2} % of characters wrong, {:.2} % of words, {} of {} lines exactly right",
            score.cer() * 100.0,
            score.wer() * 100.0,
            score.lines_right,
            score.lines
        )
    };
    vec![
        format!(
            "reading the {} sample documents, models loaded anew for each, against tesseract's page mode",
            pages.len()
        ),
        line("ours", ours),
        line("tesseract --psm 3", theirs),
        format!("  {:.2} s a page; ratio of wall time {:.2}×", median(&mut our_times), median(&mut ratios)),
    ]
}

#[expect(clippy::disallowed_methods, reason = "both are programs")]
fn timed(program: &Path, arguments: &[&std::ffi::OsStr]) -> (String, f64) {
    let since = Instant::now();
    let output = Command::new(program).args(arguments).output().expect("the program runs (make setup)");
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    (String::from_utf8(output.stdout).expect("it writes text"), since.elapsed().as_secs_f64())
}
