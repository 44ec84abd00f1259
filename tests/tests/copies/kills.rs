//! The signer is killed at random moments: no copy is lost, none is issued twice, no number is left out.

use std::collections::BTreeSet;
use std::time::Duration;

use kiosk_tests::copies::{Browser, Copies, page};
use serde_json::{Value, json};

/// Kills of one run; `KIOSK_KILLS` has another number.
const KILLS: usize = 12;

#[tokio::test]
async fn however_often_it_is_killed_each_copy_is_issued_once() {
    let kills = std::env::var("KIOSK_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let mut cases: Vec<Value> = Vec::new();
    // Sure to be another place each time, and the same for each run.
    let mut moment: u64 = 0x9E37_79B9_7F4A_7C15;
    for _ in 0..kills {
        cases.push(copies.approved(&browser, &[page(1)]).await);
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Not waiting for a state: being nowhere in particular is what this is about.
        tokio::time::sleep(Duration::from_millis(moment >> 55)).await;
        copies.kill().await;
        browser.sign_in(&mut copies).await;
    }
    let mut numbers = BTreeSet::new();
    for case in &cases {
        let view = copies.wait(case, "signed").await;
        let number = view["copy"]["number"].as_str().unwrap();
        assert!(numbers.insert(number.split('/').next().unwrap().parse::<usize>().unwrap()), "{number} is given twice");
        let (file, reply) = copies.file(case).await;
        assert_eq!(reply["sha256"], view["copy"]["file_sha256"]);
        assert!(file.starts_with(b"%PDF"));
    }
    assert_eq!(numbers, (1..=cases.len()).collect(), "no number is left out");
    // Two entries for each copy: its issue and its file. A file that was being signed when it was killed was never one.
    let checkpoint = std::fs::read_to_string(copies.data().join("log/checkpoint")).unwrap();
    let size: usize = checkpoint.lines().nth(1).unwrap().parse().unwrap();
    assert_eq!(size, 2 * cases.len(), "{checkpoint}");
    copies.kill().await;
    let log = copies.log();
    assert!(!log.contains("differ") && !log.contains("damaged"), "{log}");
    let order = json!({ "pass": browser.pass(), "from_ms": 0, "until_ms": i64::MAX });
    assert_eq!(copies.fails("register.search", order).await.code, kiosk_protocol::error::ErrorCode::NotPermitted);
}
