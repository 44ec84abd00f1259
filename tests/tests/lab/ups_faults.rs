//! What goes wrong with a UPS at a USB port, through the whole gateway; no fault makes it look as if it were on mains.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use kiosk_protocol::ups::{PowerSource, UpsStatus};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN, usb};
use kiosk_tests::rig::seam::DriverProgram;
use kiosk_tests::rig::{Client, Parts, Rig, RigOptions, programs};
use serde_json::{Value, json};

use super::uhid::Uhid;

async fn gateway(address: &str) -> (Rig, Client) {
    let config = format!("[devices.ups]\ndriver = \"hid-ups\"\naddress = {address:?}\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let client = rig.client().await;
    (rig, client)
}

fn status(view: &DeviceView) -> Option<&UpsStatus> {
    match &view.facts {
        Facts::Ups { status, .. } if view.state == S::Ready => status.as_ref(),
        _ => None,
    }
}

async fn until(client: &mut Client, right: impl Fn(&UpsStatus) -> bool) -> DeviceView {
    client.wait_device("ups", WITHIN * 2, |view| status(view).is_some_and(&right)).await
}

async fn not_ready(client: &mut Client) -> DeviceView {
    let view =
        client.wait_device("ups", WITHIN * 2, |view| !matches!(view.state, S::Ready | S::Busy | S::Starting)).await;
    assert_eq!(status(&view), None, "{view:?}");
    view
}

#[tokio::test]
async fn reports_that_are_cut_or_random_or_do_not_come_are_no_mains() {
    let plugged = Plugged::start(&["ups,serial=F-1,port=1"]).await;
    let (_rig, mut client) = gateway("usb:051d:0002?serial=F-1").await;
    for (fault, parameters) in [
        ("short_packet", json!({ "bytes": 1 })),
        ("wrong_length", json!({ "by": -1 })),
        ("noise", json!({ "on": "control" })),
        ("stall", json!({ "on": "control" })),
        ("nak", json!({ "on": "control" })),
    ] {
        until(&mut client, |ups| ups.power == PowerSource::Mains).await;
        plugged.fault("ups", fault, parameters).await;
        let view = not_ready(&mut client).await;
        eprintln!("{fault}: {:?}, {:?}", view.state, view.problem.map(|problem| problem.failure.detail));
        plugged.clear("ups").await;
    }
    // What is only too long is read as far as it goes.
    plugged.fault("ups", "wrong_length", json!({ "by": 3 })).await;
    plugged.set("ups", json!({ "mains": "off" })).await;
    until(&mut client, |ups| ups.power == PowerSource::Battery).await;
}

#[tokio::test]
async fn a_ups_that_comes_back_as_something_else_is_refused_and_told() {
    let plugged = Plugged::start(&["ups,serial=F-2,port=1"]).await;
    let (_rig, mut client) = gateway("usb:051d:0002?serial=F-2").await;
    until(&mut client, |ups| ups.power == PowerSource::Mains).await;
    plugged.unplug("ups").await;
    client.wait_state("ups", S::Absent, WITHIN).await;
    // A descriptor that is none: the kernel makes no node, or the driver refuses it.
    plugged.fault("ups", "bad_descriptor", json!({ "of": "class" })).await;
    plugged.plug("ups", json!({})).await;
    plugged.device("ups").await;
    let view = not_ready(&mut client).await;
    assert!(matches!(view.state, S::Absent | S::Backoff | S::Held), "{view:?}");
    plugged.unplug("ups").await;
    // The same numbers, and a scanner behind them.
    let other = Plugged::start(&["barcode,serial=F-2,id=051d:0002,port=1"]).await;
    let view = client.wait_state("ups", S::Held, WITHIN * 2).await;
    let detail = view.problem.unwrap().failure.detail;
    assert!(detail.contains("it is no UPS"), "{detail}");
    drop(other);
    plugged.clear("ups").await;
    plugged.plug("ups", json!({})).await;
    // A held device is looked for once a minute.
    client.wait_state("ups", S::Ready, WITHIN * 3).await;
    until(&mut client, |ups| ups.power == PowerSource::Mains).await;
}

#[tokio::test]
async fn what_a_battery_says_against_the_mains_is_told() {
    let plugged = Plugged::start(&["ups,serial=F-3,port=1"]).await;
    let (_rig, mut client) = gateway("usb:051d:0002?serial=F-3").await;
    until(&mut client, |ups| ups.power == PowerSource::Mains && !ups.replace_battery).await;
    plugged.fault("ups", "replace_battery", json!({})).await;
    until(&mut client, |ups| ups.power == PowerSource::Mains && ups.replace_battery).await;
    plugged.fault("ups", "low_battery", json!({})).await;
    until(&mut client, |ups| ups.battery_low && ups.replace_battery).await;
    plugged.clear("ups").await;
    until(&mut client, |ups| !ups.battery_low && !ups.replace_battery).await;
}

/// A UPS that only speaks by itself: report 1 has two flags, ACPresent and Discharging, as input.
const SPEAKER: &[u8] = &[
    0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x05, 0x85, 0x85, 0x01, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02, 0x09,
    0xd0, 0x09, 0x45, 0x81, 0x02, 0x75, 0x06, 0x95, 0x01, 0x81, 0x03, 0xc0,
];

async fn start(folder: &Path, address: &str) -> DriverProgram {
    let mut driver = DriverProgram::start(&programs::find("kiosk-driver-hid-ups"), folder);
    driver.say(ToChild::Start { address: address.into(), config: json!({}) }).await;
    driver
}

#[tokio::test]
async fn a_ups_that_never_stops_talking_does_not_hold_up_its_driver() {
    let folder = tempfile::tempdir().unwrap();
    let mut speaker = Uhid::plug("Kiosk Lab Speaker", SPEAKER).await;
    let node = speaker.node().await;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let talking = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            speaker.send(&[1, 0b10]);
        }
        speaker
    });
    let mut driver = start(folder.path(), &format!("hid:{}", node.display())).await;
    let ready = |message: &FromChild| matches!(message, FromChild::Ready { .. }).then_some(());
    driver.hear_until("it is ready", WITHIN, ready).await;
    for id in 1..=3 {
        driver.request(id, "ups.status", json!({})).await;
        let Outcome::Ok(said) = driver.outcome(id, WITHIN).await else { panic!("{:?}", driver.heard) };
        assert_eq!(said["power"], "battery");
    }
    stop.store(true, Ordering::Relaxed);
    drop(talking.join().unwrap());
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
}

/// The same without numbers of reports, and with the charge behind the flags.
const UNNUMBERED: &[u8] = &[
    0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x05, 0x85, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02, 0x09, 0xd0, 0x09,
    0x45, 0x81, 0x02, 0x75, 0x06, 0x95, 0x01, 0x81, 0x03, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, 0x09, 0x66, 0x81,
    0x02, 0xc0,
];

#[tokio::test]
async fn reports_without_numbers_are_read_from_their_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let mut speaker = Uhid::plug("Kiosk Lab Plain Speaker", UNNUMBERED).await;
    let node = speaker.node().await;
    let mut driver = start(folder.path(), &format!("hid:{}", node.display())).await;
    let ready = |message: &FromChild| matches!(message, FromChild::Ready { .. }).then_some(());
    driver.hear_until("it is ready", WITHIN, ready).await;
    for (id, flags, charge, power) in [(1, 0b00, 1, "battery"), (2, 0b01, 100, "mains"), (3, 0b10, 99, "battery")] {
        speaker.send(&[flags, charge]);
        driver.request(id, "ups.status", json!({})).await;
        let Outcome::Ok(said) = driver.outcome(id, WITHIN).await else { panic!("{:?}", driver.heard) };
        assert_eq!((&said["power"], &said["charge_percent"]), (&json!(power), &json!(f64::from(charge))));
    }
    drop(speaker);
    assert_eq!(driver.end(WITHIN).await.code(), Some(69), "{}", driver.log());
}

#[tokio::test]
async fn a_name_that_udev_left_behind_leads_to_no_other_ups() {
    let _plugged = Plugged::start(&["ups,serial=F-4,port=1"]).await;
    let node = usb::node("hidraw", &usb::device("F-4").await).await;
    let own = Path::new("/dev/kiosk/ups-F-4");
    assert_eq!(lab::appears(own).await, node);
    let folder = tempfile::tempdir().unwrap();
    let mut right = start(folder.path(), &format!("hid:{}", own.display())).await;
    let ready = |message: &FromChild| matches!(message, FromChild::Ready { .. }).then_some(());
    right.hear_until("it is ready", WITHIN, ready).await;
    for (name, target, says) in [
        ("/dev/kiosk/ups-GONE", "../hidraw99", "its device is not attached"),
        ("/dev/kiosk/ups-OTHER", &*format!("..{}", &node.to_string_lossy()[4..]), "was left behind by udev"),
    ] {
        symlink(target, name).unwrap();
        let own = tempfile::tempdir().unwrap();
        let mut driver = start(own.path(), &format!("hid:{name}")).await;
        let failed = |message: &FromChild| match message {
            FromChild::Failed { failure } => Some(failure.detail.clone()),
            _ => None,
        };
        let detail = driver.hear_until("it fails", WITHIN, failed).await;
        assert!(detail.contains(says), "{detail}");
        assert_eq!(driver.end(WITHIN).await.code(), Some(69));
        fs::remove_file(name).unwrap();
    }
}

#[tokio::test]
async fn a_low_battery_is_told_at_once() {
    let plugged = Plugged::start(&["ups,serial=F-5,port=1"]).await;
    let (_rig, mut client) = gateway("usb:051d:0002?serial=F-5").await;
    until(&mut client, |ups| ups.power == PowerSource::Mains).await;
    let mut took = Vec::new();
    for _ in 0..5 {
        for (order, low) in
            [(json!({ "mains": "off", "charge": 5 }), true), (json!({ "mains": "on", "charge": 80 }), false)]
        {
            let order: Value = order;
            let since = std::time::Instant::now();
            plugged.set("ups", order).await;
            until(&mut client, |ups| ups.battery_low == low).await;
            took.push(since.elapsed());
        }
    }
    took.sort();
    eprintln!("low battery and its end reached a client of hid-ups after {:?} to {:?}", took[0], took[took.len() - 1]);
}
