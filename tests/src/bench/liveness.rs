//! How often prints and screens of faces are doubted, and living faces by mistake: on pictures that a program makes as a camera
//! would see them (`tests/peers/recapture.py`). No print and no screen was ever before a camera for this: it ranks measures,
//! and says nothing of a kiosk.

use std::process::Command;

use kiosk_gateway::pipeline::faces::Faces;
use kiosk_gateway::pipeline::faces::thresholds::Thresholds;
use kiosk_gateway::pipeline::page::{CapturedPage, Limits};

use super::faces::{NO_OPENCV, opencv, share};
use crate::peers::script;
use crate::rig::programs;

/// People whose pictures are made; one takes some seconds.
const PEOPLE: u8 = 40;
const THREADS: usize = 2;

/// The lines of the report.
///
/// # Panics
/// If the models or faces are not there.
pub fn run() -> Vec<String> {
    let Some(python) = opencv() else { return vec![NO_OPENCV.to_owned()] };
    let tree = programs::source_tree();
    let faces =
        Faces::load(&tree.join("models"), Thresholds::built_in(), THREADS).expect("`make setup` fetches the models");
    let folder = tempfile::tempdir().expect("a temporary folder");
    #[expect(clippy::disallowed_methods, reason = "a peer")]
    let mut command = Command::new(python);
    command.arg(script("recapture.py")).arg(tree.join(".venv/faces")).arg(folder.path()).arg(PEOPLE.to_string());
    let status = command.status().expect("OpenCV runs");
    assert!(status.success(), "recapture.py: {status}");
    let mut lines = vec![format!(
        "prints and screens of faces, made by a program (not by a printer; ISO/IEC 30107-3 asks for real ones), {PEOPLE} of each:"
    )];
    for (kind, what) in [
        ("live", "living faces doubted"),
        ("print", "prints with a screen of dots not doubted"),
        ("inkjet", "inkjet prints not doubted"),
        ("screen", "displays not doubted"),
    ] {
        let (mut seen, mut doubted) = (0, 0);
        for person in 1..=PEOPLE {
            let file = std::fs::read(folder.path().join(format!("{kind}-{person}.png"))).expect("the picture was made");
            let picture = CapturedPage::decode(&file, Limits::default()).expect("a picture");
            let found = faces.find(&picture).expect("the network runs");
            let Some(face) = found.first() else { continue };
            seen += 1;
            let pattern = faces.see(&picture, *face).expect("the network runs").pattern;
            doubted += usize::from(pattern.is_doubtful(&faces.thresholds().live));
        }
        let wrong = if kind == "live" { doubted } else { seen - doubted };
        lines.push(format!("  {what}: {}", share(wrong, seen)));
    }
    lines
}
