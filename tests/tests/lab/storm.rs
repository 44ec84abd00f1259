//! Scanners and a UPS with a loose plug: 400 blinks. (A printer with 1,000 is in `hotplug`.)

use std::time::Instant;

use kiosk_protocol::device::Facts;
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::ups::PowerSource;
use kiosk_tests::lab;
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Order, Parts, Rig, RigOptions};
use serde_json::json;

/// How often the plug of each moves out and in.
const ROUNDS: u32 = 100;
/// Every so many the kernel is given the time to find the device.
const LET_THROUGH: u32 = 10;
const LOOSE: [(&str, &str, u8); 4] =
    [("barcode", "ST-B", 1), ("keyboard-scanner", "ST-K", 2), ("ups", "ST-U", 3), ("serial", "ST-S", 4)];

#[tokio::test]
async fn blinking_scanners_and_a_ups_leave_nothing_behind_and_no_mains() {
    let words: Vec<String> =
        LOOSE.iter().map(|(kind, serial, port)| format!("{kind},serial={serial},port={port}")).collect();
    let plugged = Plugged::start(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
    plugged.set("ups", json!({ "mains": "off" })).await;
    let device = |name: &str, driver: &str, address: &str, more: &str| {
        format!("[devices.{name}]\ndriver = \"{driver}\"\naddress = \"{address}\"\n{more}")
    };
    let config = device("pos", "barcode", "usb:0db5:013b?serial=ST-B", "")
        + &device(
            "keys",
            "barcode",
            "usb:0db5:013a?serial=ST-K",
            "config.mode = \"keyboard\"\nconfig.pause_ms = 5000\n",
        )
        + &device("line", "barcode", "serial:usb:0525:a4a7?serial=ST-S", "")
        + &device("ups", "hid-ups", "usb:051d:0002?serial=ST-U", "");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(lab::WITHIN).await;
    let still = rig.children().len();
    let (files, log) = (open_files(rig.gateway_pid()), rig.log().len());
    let began = Instant::now();
    for round in 0..ROUNDS {
        for (kind, serial, port) in LOOSE {
            plugged.unplug(kind).await;
            plugged.plug(kind, json!({ "port": port })).await;
            // Most come too quickly for the kernel to see what is plugged in; some are let through.
            if round % LET_THROUGH == 0 {
                lab::usb::device(serial).await;
            }
        }
    }
    let seconds = began.elapsed().as_secs();
    client.wait_all_ready(lab::WITHIN * 2).await;
    lab::until("no process more than before", || (rig.children().len() <= still).then_some(())).await;
    lab::until("no open file more than before", || (open_files(rig.gateway_pid()) <= files).then_some(())).await;
    let log = rig.log().split_off(log);
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    let started = log.matches("started a driver").count() as u64;
    eprintln!("{} blinks in {seconds} s: {started} drivers started, {lines} lines in the log", ROUNDS * 4);
    assert!(started <= 4 * (20 + 3 * seconds), "{started} drivers started in {seconds} s");
    assert!(lines <= 4 * (100 + 10 * seconds), "{lines} lines in {seconds} s");

    // The UPS was on battery all the time, or nobody knew.
    client.wait_device("ups", lab::WITHIN, |view| {
        matches!(&view.facts, Facts::Ups { status: Some(status), .. } if status.power == PowerSource::Battery)
    }).await;
    for message in &client.heard {
        if let ServerMessage::Notice { payload, .. } = message {
            assert_ne!(payload["status"]["power"], "mains", "{payload}");
        }
    }
    for (which, device, order) in [
        ("barcode", "pos", json!({ "scan": "after the storm" })),
        ("keyboard-scanner", "keys", json!({ "scan": "after the storm" })),
        ("serial", "line", json!({ "say": "after the storm\r" })),
    ] {
        let id = client.start(Order::from("barcode_reader.read").device(device).timeout_ms(120_000)).await;
        client
            .wait_device(
                device,
                lab::WITHIN,
                |view| matches!(&view.facts, Facts::BarcodeReader { status: Some(status), .. } if status.listening),
            )
            .await;
        plugged.set(which, order).await;
        assert_eq!(client.finish_within(id, lab::WITHIN).await.unwrap()["text"], "after the storm", "{device}");
    }
}
