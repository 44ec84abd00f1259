//! The driver `pcsc` under the real pcscd, with cards played by the test.

#[path = "card_reader/faults.rs"]
mod faults;
#[path = "card_reader/identity.rs"]
mod identity;
#[path = "card_reader/speaking.rs"]
mod speaking;
#[path = "card_reader/waiting.rs"]
mod waiting;

use std::time::Duration;

use kiosk_protocol::card::{CardReaderStatus, CardState};
use kiosk_protocol::device::{DeviceState, DeviceView, Facts};
use kiosk_protocol::error::ErrorCode;
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::pcscd::card::Card;
use kiosk_tests::rig::pcscd::{Pcscd, READERS};
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions};
use serde_json::{Value, json};

/// What takes a moment may take this long on a loaded machine.
const WITHIN: Duration = Duration::from_secs(30);
/// Two chip cards with T=1 and a memory of their own; the first is the example of ISO 7816-3, 8.2.
const ATR: &[u8] = &[0x3b, 0x88, 0x80, 0x01, 0x80, 0x31, 0x80, 0x90, 0x00, 0xf1];
const OTHER_ATR: &[u8] = &[0x3b, 0x65, 0x00, 0x00, 0x20, 0x63, 0xcb, 0xb7, 0x00];

/// A kiosk with `card` and `other`, the two readers.
async fn kiosk(config: &str) -> Rig {
    let device = |name: &str, reader: &str| {
        format!("[devices.{name}]\ndriver = \"pcsc\"\naddress = \"pcsc:{reader}\"\nconfig.poll_ms = 100\n{config}\n")
    };
    let config = device("card", READERS[0]) + &device("other", READERS[1]);
    Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await
}

/// The same when both are ready; pages may speak to cards.
async fn ready() -> (Pcscd, Rig, Client) {
    let pcscd = Pcscd::start().await;
    let rig = kiosk("config.allow_transmit = true").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    (pcscd, rig, client)
}

fn is(card: CardState) -> impl Fn(&DeviceView) -> bool {
    move |view| status(view).is_some_and(|status| status.card == card)
}

fn status(view: &DeviceView) -> Option<&CardReaderStatus> {
    let Facts::CardReader { status, .. } = &view.facts else { panic!("{view:?} is no card reader") };
    status.as_ref()
}

async fn put_in(pcscd: &Pcscd, client: &mut Client, card: Card) {
    pcscd.slot(0).insert(card);
    client.done(wait("inserted").timeout_ms(60_000)).await;
    client.wait_device("card", WITHIN, is(CardState::Present)).await;
}

fn wait(until: &str) -> Order {
    Order::new("card_reader.wait", json!({ "until": until })).device("card")
}

fn transmit(payload: Value) -> Order {
    Order::new("card_reader.transmit", payload).device("card")
}

fn speak(commands: &[&str]) -> Order {
    transmit(json!({ "commands": commands }))
}

#[tokio::test]
async fn a_card_that_comes_and_goes_is_told_with_its_answer_to_reset() {
    let (pcscd, _rig, mut client) = ready().await;
    let view = client.wait_device("card", WITHIN, is(CardState::Absent)).await;
    assert_eq!(view.identity.unwrap().model.as_deref(), Some(READERS[0]));
    for (atr, digits) in [(ATR, "3b8880018031809000f1"), (OTHER_ATR, "3b6500002063cbb700")] {
        pcscd.slot(0).insert(Card::constant(atr, &[0x90, 0x00]));
        let view = client.wait_device("card", WITHIN, is(CardState::Present)).await;
        assert_eq!(status(&view).unwrap().atr.as_deref(), Some(digits));
        pcscd.slot(0).eject();
        let view = client.wait_device("card", WITHIN, is(CardState::Absent)).await;
        assert_eq!(status(&view).unwrap().atr, None);
    }
    let other = status(&client.devices[&kiosk_protocol::device::DeviceId("other".into())]).cloned().unwrap();
    assert_eq!(other.card, CardState::Absent, "the other reader never had a card");
}

#[tokio::test]
async fn another_program_sees_the_same_answer_to_reset() {
    let (pcscd, _rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x6d, 0x00])).await;
    let opensc = Peer::new(&peer("opensc-tool")).args(["--reader", "0", "--atr"]).run(WITHIN).await;
    assert_eq!(opensc.ok().trim().replace(':', ""), "3b8880018031809000f1");
    let answer = client.done(Order::from("card_reader.status").device("card")).await;
    assert_eq!(answer["atr"], "3b8880018031809000f1");
}

#[tokio::test]
async fn a_wait_ends_with_the_card_and_at_once_if_it_is_there() {
    let (pcscd, _rig, mut client) = ready().await;
    let inserted = client.start(wait("inserted").timeout_ms(60_000)).await;
    client.taken(inserted).await.unwrap();
    pcscd.slot(0).insert(Card::constant(ATR, &[0x90, 0x00]));
    let answer = client.finish(inserted).await.unwrap();
    assert_eq!(answer, json!({ "card": "present", "atr": "3b8880018031809000f1" }));
    assert_eq!(client.done(wait("inserted")).await, answer);
    let removed = client.start(wait("removed").timeout_ms(60_000)).await;
    client.taken(removed).await.unwrap();
    pcscd.slot(0).eject();
    assert_eq!(client.finish(removed).await.unwrap(), json!({ "card": "absent" }));
    assert_eq!(client.done(wait("removed")).await, json!({ "card": "absent" }));
}

#[tokio::test]
async fn a_wait_can_be_cancelled_and_has_its_time() {
    let (_pcscd, rig, mut client) = ready().await;
    let id = client.start(wait("inserted").timeout_ms(120_000)).await;
    client.wait_state("card", DeviceState::Busy, WITHIN).await;
    client.cancel(id).await;
    assert_eq!(client.finish_within(id, WITHIN).await.unwrap_err().failure.code, ErrorCode::Cancelled);
    assert_eq!(client.fails(wait("inserted").timeout_ms(300)).await.failure.code, ErrorCode::Timeout);
    client.wait_state("card", DeviceState::Ready, WITHIN).await;
    rig.assert_healthy().await;
}

#[tokio::test]
async fn a_card_that_does_not_answer_to_reset_is_mute_and_nobody_waits_for_it() {
    let (pcscd, _rig, mut client) = ready().await;
    let id = client.start(wait("inserted").timeout_ms(60_000)).await;
    client.taken(id).await.unwrap();
    pcscd.slot(0).insert(Card::mute());
    assert_eq!(client.finish(id).await.unwrap_err().failure.code, ErrorCode::CardFault);
    let view = client.wait_device("card", WITHIN, is(CardState::Mute)).await;
    assert_eq!(status(&view).unwrap().atr, None);
    assert_eq!(client.fails(speak(&["00b00000"])).await.failure.code, ErrorCode::CardFault);
    pcscd.slot(0).eject();
    client.done(wait("removed")).await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    assert_eq!(client.done(speak(&["00b00000"])).await["responses"], json!(["9000"]));
}

#[tokio::test]
async fn a_card_that_another_program_has_for_itself_is_in_use() {
    let (pcscd, _rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    let context = pcsc::Context::establish(pcsc::Scope::System).unwrap();
    let name = std::ffi::CString::new(READERS[0]).unwrap();
    let card = context.connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY).unwrap();
    client.wait_device("card", WITHIN, is(CardState::InUse)).await;
    assert_eq!(client.fails(speak(&["00b00000"])).await.failure.code, ErrorCode::Busy);
    drop(card);
    client.wait_device("card", WITHIN, is(CardState::Present)).await;
    assert_eq!(client.done(speak(&["00b00000"])).await["responses"], json!(["9000"]));
}
