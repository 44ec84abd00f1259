//! Plugging in and pulling out, as a client of the gateway sees it, with the real kernel and udev.

use std::time::Instant;

use kiosk_protocol::device::DeviceState;
use kiosk_tests::lab;
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Client, Parts, Rig, RigOptions};
use serde_json::json;

/// How often the plug of the loose device moves out and in.
const BLINKS: u32 = 1_000;
/// Every so many the kernel is given the time to find the device.
const LET_THROUGH: u32 = 20;

/// A gateway whose printers are asked how they are once a minute only: what it notices sooner, plugs have told it.
async fn gateway(printers: &[(&str, &str)]) -> (Rig, Client) {
    let device = |(name, address): &(&str, &str)| {
        format!("[devices.{name}]\ndriver = \"escpos\"\naddress = {address:?}\nconfig.poll_ms = 60000\n")
    };
    let config = printers.iter().map(device).collect();
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let client = rig.client().await;
    (rig, client)
}

#[tokio::test]
async fn a_client_sees_a_pulled_cable_and_the_device_at_another_port_without_waiting_for_the_next_look() {
    let plugged = Plugged::start(&["printer,serial=HOT-1,port=1"]).await;
    let (_rig, mut client) = gateway(&[("printer", "usb:04b8:0e15?serial=HOT-1")]).await;
    client.wait_all_ready(lab::WITHIN).await;
    let pulled = Instant::now();
    plugged.unplug("printer").await;
    client.wait_state("printer", DeviceState::Absent, lab::WITHIN / 2).await;
    eprintln!("a client saw the pulled cable after {:?}", pulled.elapsed());
    let plugged_in = Instant::now();
    plugged.plug("printer", json!({ "port": 6 })).await;
    client.wait_state("printer", DeviceState::Ready, lab::WITHIN).await;
    eprintln!("a client saw the device again after {:?}", plugged_in.elapsed());
}

#[tokio::test]
async fn two_equal_devices_without_serial_number_keep_their_roles_by_port() {
    let words = ["printer,name=left,serial=,port=1", "printer,name=right,serial=,port=2"];
    let plugged = Plugged::start(&words).await;
    let (_rig, mut client) = gateway(&[("one", "usb:04b8:0e15?port=1-1"), ("two", "usb:04b8:0e15?port=1-2")]).await;
    client.wait_all_ready(lab::WITHIN).await;
    plugged.unplug("left").await;
    client.wait_state("one", DeviceState::Absent, lab::WITHIN).await;
    // The other is asked as well, and stays.
    client.wait_state("two", DeviceState::Ready, lab::WITHIN).await;
    plugged.plug("left", json!({ "port": 1 })).await;
    client.wait_all_ready(lab::WITHIN).await;
}

#[tokio::test]
async fn a_storm_of_blinks_leaves_nothing_behind() {
    let plugged = Plugged::start(&["printer,serial=LOOSE-1,port=1", "printer,name=still,serial=STILL-1,port=2"]).await;
    let (rig, mut client) =
        gateway(&[("loose", "usb:04b8:0e15?serial=LOOSE-1"), ("still", "usb:04b8:0e15?serial=STILL-1")]).await;
    client.wait_all_ready(lab::WITHIN).await;
    let still = rig.children().len();
    let (files, log) = (open_files(rig.gateway_pid()), rig.log().len());
    let began = Instant::now();
    for blink in 0..BLINKS {
        plugged.unplug("printer").await;
        plugged.plug("printer", json!({ "port": 1 })).await;
        // Most come too quickly for the kernel to see what is plugged in; some are let through.
        if blink % LET_THROUGH == 0 {
            plugged.found_at_last("printer").await;
        }
    }
    let seconds = began.elapsed().as_secs();
    plugged.found_at_last("printer").await;
    client.wait_all_ready(lab::WITHIN).await;
    lab::until("no process more than before", || (rig.children().len() <= still).then_some(())).await;
    lab::until("no open file more than before", || (open_files(rig.gateway_pid()) <= files).then_some(())).await;
    let log = rig.log().split_off(log);
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    let started = log.matches("started a driver").count() as u64;
    eprintln!("{BLINKS} blinks in {seconds} s: {started} drivers started, {lines} lines in the log");
    assert!(started <= 20 + 3 * seconds, "{started} drivers started in {seconds} s");
    assert!(lines <= 100 + 10 * seconds, "{lines} lines in {seconds} s");
}
