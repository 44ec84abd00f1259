//! `kiosk-gateway demo --once`: what a newcomer starts first, with all of its simulators.

use std::time::Duration;

use kiosk_tests::peers::Peer;
use kiosk_tests::rig::programs;
use serde_json::Value;

/// It loads models, reads a page, a card and a face.
const WITHIN: Duration = Duration::from_secs(240);

#[tokio::test]
async fn the_whole_demo_runs_once_and_leaves_what_it_saw() {
    let out = tempfile::tempdir().unwrap();
    let ran =
        Peer::new(&programs::find("kiosk-gateway")).args(["demo", "--once", "--out"]).arg(out.path()).run(WITHIN).await;
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let summary: Value = serde_json::from_slice(&std::fs::read(out.path().join("summary.json")).unwrap()).unwrap();
    for step in ["scan", "read", "print", "photo", "zone", "card", "face", "prepare", "sign", "verify", "battery"] {
        assert!(summary["steps_ms"][step].is_number(), "{step} was done: {summary}");
    }
    for file in ["scan.jpg", "text.txt", "receipt.png", "photo.jpg", "portrait.jpg", "copy.pdf", "copy.proof-2.txt"] {
        assert!(std::fs::metadata(out.path().join(file)).unwrap().len() > 0, "{file}");
    }
}
