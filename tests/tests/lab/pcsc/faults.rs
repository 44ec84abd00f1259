//! What goes wrong with a USB card reader, as a client of the gateway sees it, with libccid and pcscd in between.

use std::ffi::CString;
use std::time::Instant;

use kiosk_protocol::card::CardState;
use kiosk_protocol::device::{DeviceState, DeviceView, Facts};
use kiosk_protocol::error::{ErrorBody, ErrorCode as E};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::rig::pcscd::identity::{CAN, trusted};
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, wait};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{ADDRESS, PLUGGED, pcscd};

/// pcscd, readers that are plugged in, and a gateway whose `card` is the first of them.
struct Kiosk {
    client: Client,
    rig: Rig,
    plugged: Plugged,
    service: Program,
    folder: TempDir,
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("pcscd.out")).unwrap_or_default();
            eprintln!("--- pcscd's log ---\n{log}--- end of it ---");
        }
    }
}

async fn kiosk(words: &[&str], more: &str) -> Kiosk {
    kiosk_with(words, more, "").await
}

/// `settings`: more of the first reader's.
async fn kiosk_with(words: &[&str], more: &str, settings: &str) -> Kiosk {
    lab::require();
    let folder = tempfile::tempdir().unwrap();
    let service = pcscd(&folder);
    let plugged = Plugged::start(words).await;
    let device = |name: &str, address: &str| {
        format!("[devices.{name}]\ndriver = \"pcsc\"\naddress = {address:?}\nconfig.allow_transmit = true\n")
    };
    let mut config = device("card", ADDRESS) + settings;
    if !more.is_empty() {
        config += &device("other", more);
    }
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN * 2).await;
    client.wait_device("card", WITHIN, present).await;
    Kiosk { client, rig, plugged, service, folder }
}

fn card(view: &DeviceView) -> Option<CardState> {
    let Facts::CardReader { status, .. } = &view.facts else { panic!("{view:?} is no card reader") };
    status.as_ref().map(|status| status.card)
}

fn present(view: &DeviceView) -> bool {
    view.state == DeviceState::Ready && card(view) == Some(CardState::Present)
}

fn speak(device: &str, commands: &[&str]) -> Order {
    Order::new("card_reader.transmit", json!({ "commands": commands })).device(device).timeout_ms(120_000)
}

/// 256 bytes of the card's file that counts up.
const READ: [&str; 2] = ["00a4020c020102", "00b0000000"];

impl Kiosk {
    async fn reads(&mut self) {
        let reply = self.call(speak("card", &READ)).await.expect("the card is read");
        let read = reply["responses"][1].as_str().unwrap();
        assert!(read.starts_with("000102030405") && read.ends_with("fdfeff9000"), "{read}");
    }

    /// An identity card with these faults takes the place of whatever is in the reader.
    async fn card_is_changed(&mut self, faults: Value) {
        self.plugged.set("reader", json!({ "card": "none" })).await;
        self.client.wait_device("card", WITHIN, |view| card(view) == Some(CardState::Absent)).await;
        self.plugged.set("reader", json!({ "identity": { "faults": faults } })).await;
        self.client.wait_device("card", WITHIN, present).await;
    }

    async fn call(&mut self, order: Order) -> Result<Value, ErrorBody> {
        let id = self.client.start(order).await;
        self.client.finish_within(id, WITHIN * 3).await
    }

    /// The card is at a command that takes a minute.
    async fn speaks_for_long(&mut self) -> u64 {
        // Powered up and reset, so that it is the command that takes so long.
        self.reads().await;
        self.plugged.fault("reader", "slow_card", json!({ "ms": 60_000 })).await;
        let id = self.client.start(speak("card", &["80ec000001aa"])).await;
        wait::until_async("the card to be at it", WITHIN, async || {
            (self.plugged.state("reader").await["busy"] == true).then_some(())
        })
        .await;
        id
    }
}

#[tokio::test]
async fn a_reader_that_is_pulled_out_is_absent_at_once_and_the_same_device_again_at_any_port() {
    let mut kiosk = kiosk(&[PLUGGED], "").await;
    for port in [1, 6] {
        kiosk.reads().await;
        let pulled = Instant::now();
        kiosk.plugged.unplug("reader").await;
        kiosk.client.wait_state("card", DeviceState::Absent, WITHIN).await;
        eprintln!("a client saw the pulled reader after {:?}", pulled.elapsed());
        let error = kiosk.call(speak("card", &READ)).await.unwrap_err();
        assert_eq!(error.failure.code, E::DeviceAbsent, "{error:?}");
        kiosk.plugged.plug("reader", json!({ "port": port })).await;
        kiosk.client.wait_device("card", WITHIN, present).await;
        kiosk.reads().await;
    }
}

#[tokio::test]
async fn a_reader_pulled_out_in_the_middle_of_a_command_ends_it_with_an_error_and_comes_back() {
    let mut kiosk = kiosk(&[PLUGGED], "").await;
    let id = kiosk.speaks_for_long().await;
    kiosk.plugged.unplug("reader").await;
    let error = kiosk.client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, E::DeviceAbsent, "{error:?}");
    kiosk.client.wait_state("card", DeviceState::Absent, WITHIN).await;
    kiosk.plugged.clear("reader").await;
    kiosk.plugged.plug("reader", json!({})).await;
    kiosk.client.wait_device("card", WITHIN, present).await;
    kiosk.reads().await;
}

/// Waits until pcscd has that many readers at USB ports. One that comes and goes more quickly than pcscd looks stays in its
/// list for ever.
async fn pcscd_has(readers: usize) {
    let context = pcsc::Context::establish(pcsc::Scope::User).unwrap();
    let at_usb = |name: &CString| !name.to_string_lossy().starts_with("Virtual PCD");
    lab::until(&format!("pcscd has {readers} readers"), || {
        // The list may have grown between the two questions that it takes.
        let names = context.list_readers_owned().ok()?;
        (names.iter().filter(|name| at_usb(name)).count() == readers).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_reader_that_comes_back_as_another_is_not_taken_for_it_and_one_with_a_keyboard_more_still_is() {
    let mut kiosk = kiosk(&[PLUGGED], "").await;
    kiosk.plugged.unplug("reader").await;
    pcscd_has(0).await;
    for other in [json!({ "serial": "CARD-9" }), json!({ "serial": "" }), json!({ "id": "04e6:5116" })] {
        kiosk.plugged.fault("reader", "descriptor", other).await;
        kiosk.plugged.plug("reader", json!({})).await;
        pcscd_has(1).await;
        let view = kiosk.client.wait_state("card", DeviceState::Absent, WITHIN).await;
        let error = kiosk.call(speak("card", &READ)).await.unwrap_err();
        assert_eq!(error.failure.code, E::DeviceAbsent, "{view:?} {error:?}");
        kiosk.plugged.unplug("reader").await;
        kiosk.plugged.clear("reader").await;
        pcscd_has(0).await;
    }
    kiosk.plugged.fault("reader", "extra_keyboard", json!({})).await;
    kiosk.plugged.plug("reader", json!({})).await;
    kiosk.client.wait_device("card", WITHIN, present).await;
    kiosk.reads().await;
    kiosk.rig.assert_healthy().await;
}

#[tokio::test]
async fn garbage_of_a_reader_ends_as_a_typed_error_and_it_is_used_again_when_it_is_over() {
    let mut kiosk = kiosk(&[PLUGGED], "").await;
    for (fault, parameters) in [
        ("wrong_sequence", json!({})),
        ("bad_length", json!({ "by": 3 })),
        ("bad_length", json!({ "by": -3 })),
        ("bad_length", json!({ "by": 2_000_000_000 })),
        ("short_answer", json!({})),
        ("parity", json!({})),
        ("hardware", json!({})),
        ("noise", json!({ "on": "in" })),
        ("short_packet", json!({ "bytes": 4 })),
        ("wrong_length", json!({ "by": 3 })),
        ("stall", json!({ "on": "in" })),
    ] {
        kiosk.reads().await;
        kiosk.plugged.fault("reader", fault, parameters.clone()).await;
        let answered = kiosk.call(speak("card", &READ).timeout_ms(10_000)).await;
        eprintln!("{fault} {parameters}: {answered:?}");
        if let Err(error) = answered {
            let typed = [E::CardFault, E::CardRemoved, E::NoCard, E::DeviceFault, E::DeviceAbsent, E::DeviceSilent]
                .contains(&error.failure.code)
                || [E::Timeout, E::DriverFault].contains(&error.failure.code);
            assert!(typed, "{fault} {parameters}: {error:?}");
        }
        // As a person does with a reader that went mad.
        kiosk.plugged.unplug("reader").await;
        kiosk.plugged.clear("reader").await;
        kiosk.client.wait_state("card", DeviceState::Absent, WITHIN).await;
        kiosk.plugged.plug("reader", json!({})).await;
        kiosk.client.wait_device("card", WITHIN * 2, present).await;
    }
    kiosk.reads().await;
    kiosk.rig.assert_healthy().await;
    assert!(kiosk.service.ended().is_none(), "pcscd survived it:\n{}", kiosk.service.log());
}

#[tokio::test]
async fn a_card_that_asks_for_time_for_ever_ends_at_the_deadline_and_others_do_not_wait() {
    let mut kiosk = kiosk(&[PLUGGED, "reader,name=still,serial=CARD-8"], "usb:076b:5022?serial=CARD-8").await;
    kiosk.reads().await;
    kiosk.plugged.fault("reader", "slow_card", json!({ "ms": 2_000 })).await;
    // Ten times slower than a card is: it is waited for. (A power-up that takes so long is one that libccid gives up.)
    kiosk.reads().await;
    kiosk.plugged.clear("reader").await;
    kiosk.plugged.fault("reader", "slow_card", json!({ "ms": 100_000_000 })).await;
    let slow = kiosk.client.start(speak("card", &READ).timeout_ms(5_000)).await;
    let reply = kiosk.call(speak("other", &READ)).await.expect("the other reader is as ever");
    assert_eq!(reply["responses"][0], "9000");
    let error = kiosk.client.finish_within(slow, WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, E::Timeout, "{error:?}");
    kiosk.plugged.unplug("reader").await;
    kiosk.plugged.clear("reader").await;
    kiosk.client.wait_state("card", DeviceState::Absent, WITHIN).await;
    kiosk.plugged.plug("reader", json!({})).await;
    kiosk.client.wait_device("card", WITHIN * 2, present).await;
    kiosk.reads().await;
}

#[tokio::test]
async fn an_identity_card_in_a_usb_reader_is_read_and_pulled_out_in_the_middle() {
    let folder = trusted();
    let settings = format!("config.trusted = {:?}\n", folder.path());
    let mut kiosk = kiosk_with(&["reader,serial=CARD-7,card=identity"], "", &settings).await;
    let read = || Order::new("identity.read", json!({ "access": { "can": CAN } })).device("card").timeout_ms(120_000);
    let identity = kiosk.call(read()).await.expect("it is read");
    assert_eq!((&identity["verdict"], &identity["opened"]), (&json!("genuine"), &json!("pace")), "{identity}");
    assert_eq!(identity["holder"]["full_name"], "NGUYỄN VĂN AN");
    // At its twentieth command it is gone.
    kiosk.card_is_changed(json!({ "removed_at": 20 })).await;
    let error = kiosk.call(read()).await.expect_err("it is pulled out");
    assert_eq!(error.failure.code, E::CardRemoved, "{error:?}");
    kiosk.card_is_changed(json!({ "cloned": true })).await;
    assert_eq!(kiosk.call(read()).await.expect("it is read")["verdict"], "copy");
}
