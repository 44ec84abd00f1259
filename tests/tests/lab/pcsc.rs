//! The driver `pcsc` with the virtual USB card reader under libccid and pcscd.

mod faults;

use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::programs;
use kiosk_tests::rig::seam::DriverProgram;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

const PLUGGED: &str = "reader,serial=CARD-7";
const ADDRESS: &str = "usb:076b:5022?serial=CARD-7";
/// The simulated card's answer to reset.
const ATR: &str = "3b8880014b696f736b53696d0b";

fn pcscd(folder: &TempDir) -> Program {
    std::fs::create_dir_all("/run/pcscd").unwrap();
    for left_behind in ["/run/pcscd/pcscd.comm", "/run/pcscd/pcscd.pid"] {
        // Left behind by the pcscd of another test.
        let _ = std::fs::remove_file(left_behind);
    }
    // It writes its log to stdout, and stands still when nobody reads it.
    let run = format!("exec {} --foreground >>{}/pcscd.out", peer("pcscd").display(), folder.path().display());
    Peer::new(&peer("sh")).arg("-c").arg(run).start(folder.path(), "pcscd")
}

/// Starts the driver; `None` if the reader is absent.
async fn started(folder: &TempDir, address: &str) -> Option<(DriverProgram, Value)> {
    let own = tempfile::tempdir_in(folder.path()).unwrap().keep();
    let mut driver = DriverProgram::start(&programs::find("kiosk-driver-pcsc"), &own);
    let config = json!({ "allow_transmit": true, "poll_ms": 100 });
    driver.say(ToChild::Start { address: address.into(), config }).await;
    let deadline = Instant::now() + WITHIN;
    while let Some(message) = driver.hear(deadline).await {
        if let FromChild::Ready { identity, .. } = message {
            return Some((driver, json!(identity)));
        }
    }
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
    None
}

/// Starts it again and again, as the gateway does, until the reader is there.
async fn ready(folder: &TempDir) -> (DriverProgram, Value) {
    kiosk_tests::rig::wait::until_async("the reader", WITHIN, async || started(folder, ADDRESS).await).await
}

async fn card_is(driver: &mut DriverProgram, card: &str) -> Value {
    let what = format!("a card that is {card}");
    let right = |message: &FromChild| match message {
        FromChild::Event { request: None, payload, .. } if payload["card"] == card => Some(payload.clone()),
        _ => None,
    };
    driver.hear_until(&what, WITHIN, right).await
}

#[tokio::test]
async fn a_usb_card_reader_is_found_by_its_usb_address_and_survives_being_pulled_out() {
    lab::require();
    let folder = tempfile::tempdir().unwrap();
    let _service = pcscd(&folder);
    let plugged = Plugged::start(&[PLUGGED]).await;
    let (mut driver, identity) = ready(&folder).await;
    assert_eq!(identity["serial"], "CARD-7", "{identity}");
    assert_eq!(card_is(&mut driver, "present").await["atr"], ATR);
    // 256 bytes of the card's file that counts up.
    let commands = json!({ "commands": ["00a4020c020102", "00b0000000"] });
    driver.request(1, "card_reader.transmit", commands).await;
    let Outcome::Ok(reply) = driver.outcome(1, WITHIN).await else { panic!("{:?}", driver.heard) };
    let read = reply["responses"][1].as_str().unwrap();
    assert!(read.starts_with("000102030405") && read.ends_with("fdfeff9000"), "{read}");
    plugged.set("reader", json!({ "card": "none" })).await;
    card_is(&mut driver, "absent").await;
    driver.request(2, "card_reader.wait", json!({ "until": "inserted" })).await;
    plugged.set("reader", json!({ "card": "test" })).await;
    let Outcome::Ok(status) = driver.outcome(2, WITHIN).await else { panic!("{:?}", driver.heard) };
    assert_eq!(status, json!({ "card": "present", "atr": ATR }));
    plugged.unplug("reader").await;
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
    plugged.plug("reader", json!({})).await;
    let (mut driver, _) = ready(&folder).await;
    card_is(&mut driver, "present").await;
    driver.close_stdin();
    assert_eq!(driver.end(WITHIN).await.code(), Some(0), "{}", driver.log());
}

#[tokio::test]
async fn two_equal_card_readers_are_told_apart() {
    lab::require();
    let folder = tempfile::tempdir().unwrap();
    let _service = pcscd(&folder);
    let plugged = Plugged::start(&[PLUGGED, "reader,name=second,serial=CARD-8"]).await;
    plugged.set("second", json!({ "card": "none" })).await;
    let (mut first, identity) = ready(&folder).await;
    assert_eq!(identity["serial"], "CARD-7");
    let (mut second, identity) = kiosk_tests::rig::wait::until_async("the other reader", WITHIN, async || {
        started(&folder, "usb:076b:5022?serial=CARD-8").await
    })
    .await;
    assert_eq!(identity["serial"], "CARD-8");
    card_is(&mut first, "present").await;
    card_is(&mut second, "absent").await;
}
