//! `kiosk-gateway demo --once`: what a newcomer starts first, with all of its simulators.

use std::time::Duration;

use kiosk_tests::peers::{Peer, code};
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
    for step in [
        "scan", "read", "print", "photo", "zone", "card", "face", "prepare", "sign", "verify", "paper", "receipt",
        "battery",
    ] {
        assert!(summary["steps_ms"][step].is_number(), "{step} was done: {summary}");
    }
    let copy = ["copy.pdf", "copy-2.tlog-proof", "log.key", "status", "copy-printed.png", "copy-receipt.png"];
    for file in ["scan.jpg", "text.txt", "receipt.png", "photo.jpg", "portrait.jpg"].into_iter().chain(copy) {
        assert!(std::fs::metadata(out.path().join(file)).unwrap().len() > 0, "{file}");
    }
    // What it leaves is enough to verify the copy without it.
    let key = std::fs::read_to_string(out.path().join("log.key")).unwrap();
    let verify = Peer::new(&programs::find("kiosk-gateway")).arg("verify").arg(out.path().join("copy.pdf"));
    let verify = verify.arg("--offline").arg("--roots").arg(out.path().join("roots"));
    let proofs = ["copy-1.tlog-proof", "copy-2.tlog-proof"].map(|name| out.path().join(name).display().to_string());
    let verify = verify.args(["--proof", &proofs[0], "--proof", &proofs[1], "--log-key", key.trim()]);
    let picture = |name: &str| std::fs::read(out.path().join(name)).unwrap();
    let on_paper = code::read(&picture("copy-printed.png")).await.expect("a code is on the printed copy");
    assert!(on_paper.starts_with("https://chungthuc.example.vn/c/"), "{on_paper}");
    // With all of it: proofs, list of revocations, QR code; and the paper alone.
    let of_paper = |verify: Peer| {
        let verify = verify.args(["--qr", &on_paper, "--host", "chungthuc.example.vn", "--prefix", "HN1"]);
        let verify = verify.arg("--claims-key").arg(out.path().join("claims.pem"));
        let verify = verify.arg("--status").arg(out.path().join("status"));
        verify.args(["--status-url", "https://chungthuc.example.vn/log/status", "--english"])
    };
    of_paper(verify).run(WITHIN).await.ok();
    let told = of_paper(Peer::new(&programs::find("kiosk-gateway")).arg("verify")).run(WITHIN).await.ok();
    assert!(told.contains("it has issued such a copy") && told.contains("does not have this copy"), "{told}");
    // The same code on both, as a telephone reads it.
    assert_eq!(code::read(&picture("copy-receipt.png")).await, Some(on_paper));
}
