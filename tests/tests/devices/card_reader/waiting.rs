//! What clients see of the slot while a wait goes on.

use kiosk_protocol::card::CardState;
use kiosk_protocol::device::{DeviceState, DeviceView};
use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use kiosk_tests::rig::pcscd::card::Card;
use kiosk_tests::rig::pcscd::{Pcscd, READERS};
use kiosk_tests::rig::programs;
use kiosk_tests::rig::seam::DriverProgram;
use serde_json::json;

use super::{ATR, WITHIN, is, put_in, ready, wait};

#[tokio::test]
async fn what_happens_in_the_slot_is_seen_while_a_wait_goes_on() {
    let (pcscd, _rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    let removed = client.start(wait("removed").timeout_ms(120_000)).await;
    client.wait_state("card", DeviceState::Busy, WITHIN).await;
    let while_busy = |card| move |view: &DeviceView| view.state == DeviceState::Busy && is(card)(view);
    // In this thread: it is the one that sees the test's own pcscd.
    let context = pcsc::Context::establish(pcsc::Scope::System).unwrap();
    let name = std::ffi::CString::new(READERS[0]).unwrap();
    for _ in 0..2 {
        let card = context.connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY).unwrap();
        client.wait_device("card", WITHIN, while_busy(CardState::InUse)).await;
        drop(card);
        client.wait_device("card", WITHIN, while_busy(CardState::Present)).await;
    }
    pcscd.slot(0).eject();
    client.finish(removed).await.unwrap();
    client.wait_device("card", WITHIN, is(CardState::Absent)).await;
}

#[tokio::test]
async fn a_wait_tells_each_status_once_and_the_last_before_its_end() {
    let pcscd = Pcscd::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut driver = DriverProgram::start(&programs::find("kiosk-driver-pcsc"), folder.path());
    // Between two probes there is time for the whole test: what is told, the wait tells.
    let config = json!({ "poll_ms": 5_000 });
    driver.say(ToChild::Start { address: format!("pcsc:{}", READERS[0]), config }).await;
    driver.hear_until("ready", WITHIN, |message| matches!(message, FromChild::Ready { .. }).then_some(())).await;
    driver.request(1, "card_reader.wait", json!({ "until": "inserted" })).await;
    pcscd.slot(0).insert(Card::constant(ATR, &[0x90, 0x00]));
    assert!(matches!(driver.outcome(1, WITHIN).await, Outcome::Ok(_)), "{:?}", driver.heard);
    let told = |message: &FromChild| match message {
        FromChild::Event { request: None, payload, .. } => Some(payload["card"].clone()),
        _ => None,
    };
    let told: Vec<_> = driver.heard.iter().filter_map(told).collect();
    assert_eq!(told, ["absent", "present"]);
}
