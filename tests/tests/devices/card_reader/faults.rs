//! Cards that are pulled out, readers that hang, and a pcscd that is not there or does not stay.

use std::time::{Duration, Instant};

use kiosk_protocol::card::CardState;
use kiosk_protocol::device::{DeviceId, DeviceState};
use kiosk_protocol::error::ErrorCode;
use kiosk_tests::rig::pcscd::card::{Card, Heard, Reply};
use kiosk_tests::rig::pcscd::{Pcscd, READERS};
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Order, Parts, Rig, RigOptions};
use serde_json::json;

use super::{ATR, WITHIN, is, kiosk, put_in, ready, speak, wait};

/// Answers the first commands; this is what it does with the next.
fn after(good: usize, then: fn() -> Reply) -> Card {
    let mut heard = 0;
    Card::new(ATR, move |message| {
        if matches!(message, Heard::Command(_)) {
            heard += 1;
        }
        if heard > good { then() } else { Reply::Answer(vec![0x90, 0x00]) }
    })
}

#[tokio::test]
async fn a_card_pulled_out_in_the_middle_of_a_command_is_told_as_that() {
    let (pcscd, rig, mut client) = ready().await;
    let driver = rig.child("kiosk-driver-pcsc").unwrap();
    put_in(&pcscd, &mut client, after(2, || Reply::Leave)).await;
    let error = client.fails(speak(&["00010000", "00020000", "00030000", "00040000"])).await;
    assert_eq!(error.failure.code, ErrorCode::CardRemoved, "{error:?}");
    client.wait_device("card", WITHIN, is(CardState::Absent)).await;
    assert_eq!(client.fails(speak(&["00010000"])).await.failure.code, ErrorCode::NoCard);
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    assert_eq!(client.done(speak(&["00010000"])).await["responses"], json!(["9000"]));
    assert!(driver.runs(), "it is no fault of the driver");
}

#[tokio::test]
async fn another_card_in_the_slot_is_spoken_to_afresh() {
    let (pcscd, _rig, mut client) = ready().await;
    for answer in [0x01, 0x02, 0x03] {
        put_in(&pcscd, &mut client, Card::constant(ATR, &[answer, 0x90, 0x00])).await;
        assert_eq!(client.done(speak(&["00b00000"])).await["responses"], json!([format!("0{answer}9000")]));
        pcscd.slot(0).eject();
        client.done(wait("removed")).await;
        client.wait_device("card", WITHIN, is(CardState::Absent)).await;
    }
}

#[tokio::test]
async fn answers_that_no_card_may_give_are_a_fault_of_the_card() {
    let (pcscd, rig, mut client) = ready().await;
    for garbage in [&[0x90][..], &[0x6f; 3]] {
        put_in(&pcscd, &mut client, Card::constant(ATR, garbage)).await;
        match client.call(speak(&["00b00000"])).await {
            Ok(answer) => assert_eq!(answer["responses"], json!(["6f6f6f"])),
            Err(error) => assert_eq!(error.failure.code, ErrorCode::CardFault, "{error:?}"),
        }
        pcscd.slot(0).eject();
        client.wait_device("card", WITHIN, is(CardState::Absent)).await;
    }
    rig.assert_healthy().await;
}

#[tokio::test]
async fn a_command_that_is_cancelled_ends_at_once_and_what_comes_after_it_is_not_sent() {
    let (pcscd, rig, mut client) = ready().await;
    let driver = rig.child("kiosk-driver-pcsc").unwrap();
    put_in(&pcscd, &mut client, after(0, || Reply::Late(Duration::from_millis(1_500), vec![0x90, 0x00]))).await;
    let id = client.start(speak(&["00010000", "00020000"])).await;
    let heard = || (!pcscd.slot(0).commands().is_empty()).then_some(());
    kiosk_tests::rig::wait::until("the first command", WITHIN, heard).await;
    client.cancel(id).await;
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, ErrorCode::Cancelled);
    pcscd.slot(0).eject();
    client.done(wait("removed")).await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    // Until the reader has given the command back.
    let answers = kiosk_tests::rig::wait::until_async("the reader to be free", WITHIN, async || {
        client.call(speak(&["00030000"])).await.ok()
    });
    assert_eq!(answers.await["responses"], json!(["9000"]));
    assert_eq!(pcscd.slot(0).commands(), [[0x00, 0x03, 0x00, 0x00]]);
    assert!(driver.runs());
}

#[tokio::test]
async fn a_command_that_never_comes_back_is_told_at_the_deadline_and_costs_one_process() {
    let (pcscd, rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, after(1, || Reply::Never)).await;
    pcscd.slot(1).insert(Card::constant(ATR, &[0x55, 0x90, 0x00]));
    client.wait_device("other", WITHIN, is(CardState::Present)).await;
    let before = rig.children();
    let since = Instant::now();
    let error = client.fails(speak(&["00010000", "00020000", "00030000"]).timeout_ms(1_000)).await;
    assert_eq!(error.failure.code, ErrorCode::Timeout, "{error:?}");
    assert!(since.elapsed() >= Duration::from_millis(900), "not before the deadline");
    // The other reader goes on as if nothing was.
    let answer = client.done(Order::new("card_reader.transmit", json!({ "commands": ["00b00000"] })).device("other"));
    assert_eq!(answer.await["responses"], json!(["559000"]));
    // The process that is stuck ends, and the next says what is wrong.
    client.wait_state("card", DeviceState::Backoff, WITHIN).await;
    let says = |view: &kiosk_protocol::device::DeviceView| {
        view.problem.as_ref().is_some_and(|problem| problem.failure.detail.contains("does not answer pcscd"))
    };
    client.wait_device("card", WITHIN, says).await;
    let alive = before.iter().filter(|process| process.runs()).count();
    assert_eq!(alive, 1, "the other reader's process is the same: {before:?}");
    // The reader comes to itself.
    pcscd.slot(0).eject();
    client.wait_device("card", Duration::from_secs(60), is(CardState::Absent)).await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    assert_eq!(client.done(speak(&["00010000"])).await["responses"], json!(["9000"]));
}

#[tokio::test]
async fn a_slow_card_is_waited_for_and_the_other_reader_is_not() {
    let (pcscd, rig, mut client) = ready().await;
    let slow = Card::new(ATR, |_| Reply::Late(Duration::from_millis(3_000), vec![0x90, 0x00]));
    put_in(&pcscd, &mut client, slow).await;
    pcscd.slot(1).insert(Card::constant(ATR, &[0x55, 0x90, 0x00]));
    client.wait_device("other", WITHIN, is(CardState::Present)).await;
    let id = client.start(speak(&["00010000"]).timeout_ms(60_000)).await;
    client.wait_state("card", DeviceState::Busy, WITHIN).await;
    for _ in 0..5 {
        let other = Order::new("card_reader.transmit", json!({ "commands": ["00b00000"] })).device("other");
        assert_eq!(client.done(other).await["responses"], json!(["559000"]));
    }
    assert_eq!(client.devices[&DeviceId("card".into())].state, DeviceState::Busy, "the slow one is still at it");
    assert_eq!(client.finish(id).await.unwrap()["responses"], json!(["9000"]));
    rig.assert_healthy().await;
}

#[tokio::test]
async fn a_card_that_moves_in_and_out_all_the_time_leaves_nothing_behind() {
    let (pcscd, rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    client.done(speak(&["00010000"])).await;
    pcscd.slot(0).eject();
    client.done(wait("removed")).await;
    let (before, driver) = (rig.children(), rig.child("kiosk-driver-pcsc").unwrap());
    let files = open_files(driver.pid);
    for number in 0..12 {
        // Pulled out at its first command, at its second, or after them.
        pcscd.slot(0).insert(after(number % 3, || Reply::Leave));
        client.done(wait("inserted").timeout_ms(60_000)).await;
        match client.call(speak(&["00010000", "00020000"])).await {
            Ok(answer) => assert_eq!((number % 3, &answer["responses"]), (2, &json!(["9000", "9000"]))),
            Err(error) => assert_eq!(error.failure.code, ErrorCode::CardRemoved, "{error:?}"),
        }
        pcscd.slot(0).eject();
        client.done(wait("removed").timeout_ms(60_000)).await;
    }
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x02, 0x90, 0x00])).await;
    assert_eq!(client.done(speak(&["00010000"])).await["responses"], json!(["029000"]));
    assert!(before.iter().all(kiosk_tests::rig::Process::runs), "{before:?}");
    assert!(open_files(driver.pid) <= files, "{} open files, {files} before", open_files(driver.pid));
}

#[tokio::test]
async fn a_restart_of_pcscd_is_survived_by_the_same_process() {
    let (mut pcscd, rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, Card::constant(ATR, &[0x90, 0x00])).await;
    client.done(speak(&["00010000"])).await;
    let before = rig.children();
    for _ in 0..3 {
        pcscd.kill();
        client.wait_state("card", DeviceState::Stale, WITHIN).await;
        pcscd.go_on().await;
        client.wait_device("card", WITHIN, is(CardState::Present)).await;
        client.wait_device("card", WITHIN, |view| view.state == DeviceState::Ready).await;
        assert_eq!(client.done(speak(&["00010000"])).await["responses"], json!(["9000"]));
    }
    assert!(before.iter().all(kiosk_tests::rig::Process::runs), "{before:?}");
}

#[tokio::test]
async fn without_pcscd_a_reader_is_absent_and_says_how_to_start_it() {
    let mut pcscd = Pcscd::stopped().await;
    let rig = kiosk("").await;
    let mut client = rig.client().await;
    let says = |view: &kiosk_protocol::device::DeviceView| {
        view.problem.as_ref().is_some_and(|problem| problem.failure.detail.contains("systemctl enable --now pcscd"))
    };
    let view = client.wait_device("card", WITHIN, says).await;
    assert!(matches!(view.state, DeviceState::Absent | DeviceState::Starting), "{view:?}");
    pcscd.go_on().await;
    client.wait_all_ready(WITHIN).await;
    // Stopped for good.
    pcscd.kill();
    client.wait_state("card", DeviceState::Stale, WITHIN).await;
    client.wait_device("card", WITHIN, says).await;
    client.wait_state("card", DeviceState::Absent, WITHIN).await;
    pcscd.go_on().await;
    client.wait_all_ready(WITHIN).await;
}

#[tokio::test]
async fn a_reader_that_is_not_there_is_absent_and_one_of_several_must_be_named() {
    let _pcscd = Pcscd::start().await;
    let device = |name: &str, address: &str| format!("[devices.{name}]\ndriver = \"pcsc\"\naddress = \"{address}\"\n");
    let config = device("none", "pcsc:Omnikey")
        + &device("several", "pcsc:any")
        + &device("part", "pcsc:test reader 00 01")
        + &device("usb", "usb:08e6:3437");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    for (name, says) in
        [("none", READERS[0]), ("several", "name one of them"), ("usb", "no device `usb:08e6:3437` is attached")]
    {
        let detail = |view: &kiosk_protocol::device::DeviceView| {
            view.problem.as_ref().is_some_and(|problem| problem.failure.detail.contains(says))
        };
        client.wait_device(name, WITHIN, detail).await;
    }
    client.wait_state("part", DeviceState::Ready, WITHIN).await;
}
