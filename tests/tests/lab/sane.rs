//! USB scanners of the driver `sane` and their cables. No scanner's own protocol is spoken here: the backend is one of the
//! tests' (`tests/peers/bad_sane.c`), which needs the node of the USB device as a real one does, and the device is any that
//! the kernel has, under a scanner's ids.

use std::fs;
use std::path::Path;

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::ErrorCode;
use kiosk_tests::lab;
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::peers::sane::driver_with_bad_backend;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, http};
use serde_json::json;
use tempfile::TempDir;

/// A scanner that SANE's list has (hwdb.d/20-sane.hwdb of libsane1: Canon LiDE 110).
const IDS: &str = "04a9:1909";
/// A gateway whose scanners are these (name, what tells the USB device), each with a backend of this mind.
async fn gateway(scanners: &[(&str, &str)], backend: &str) -> (Rig, Client, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("sane");
    fs::create_dir(&own).unwrap();
    driver_with_bad_backend(&own);
    let manifest = "name = \"sane\"\nkind = \"scanner\"\nprogram = \"run\"\nsummary = \"s\"\naddresses = [\"usb:\"]\n";
    fs::write(own.join("driver.toml"), manifest).unwrap();
    let device = |(name, tells): &(&str, &str)| {
        format!(
            "[devices.{name}]\ndriver = \"sane\"\naddress = \"usb:{IDS}?{tells}\"\nconfig = {{ backend = \"bad\", conf = {backend:?}, poll_ms = 60000 }}\n"
        )
    };
    let config = scanners.iter().map(device).collect();
    let drivers = vec![folder.path().to_owned()];
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, drivers, ..RigOptions::default() }).await;
    let client = rig.client().await;
    (rig, client, folder)
}

fn scan(device: &str) -> Order {
    Order::new("scanner.scan", json!({ "resolution_dpi": 300 })).device(device)
}

#[tokio::test]
async fn a_sane_scanner_unplugged_while_idle_is_absent_and_comes_back_at_the_same_port_and_at_another() {
    let plugged = Plugged::start(&[&format!("printer,serial=GLASS-1,id={IDS},port=1")]).await;
    let (_rig, mut client, _folder) = gateway(&[("scanner", "serial=GLASS-1")], "good").await;
    client.wait_all_ready(lab::WITHIN).await;
    for port in [1, 5] {
        plugged.unplug("printer").await;
        client.wait_state("scanner", DeviceState::Absent, lab::WITHIN).await;
        assert_eq!(client.fails(scan("scanner")).await.failure.code, ErrorCode::DeviceAbsent);
        plugged.plug("printer", json!({ "port": port })).await;
        client.wait_state("scanner", DeviceState::Ready, lab::WITHIN).await;
        assert_eq!(client.done(scan("scanner")).await["pages"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn a_sane_scanner_unplugged_in_the_middle_of_a_page_is_absent_and_leaves_no_page() {
    let plugged = Plugged::start(&[&format!("printer,serial=GLASS-2,id={IDS},port=1")]).await;
    let (rig, mut client, _folder) = gateway(&[("scanner", "serial=GLASS-2")], "patient").await;
    client.wait_all_ready(lab::WITHIN).await;
    let id = client.start(scan("scanner").timeout_ms(600_000)).await;
    let started = client.event(id, "scanner.page_started").await;
    plugged.unplug("printer").await;
    let error = client.finish_within(id, lab::WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, ErrorCode::DeviceAbsent, "{error:?}");
    let path = format!("/v1/blobs/{}", started["blob"].as_str().unwrap());
    assert_eq!(http::get(rig.address, &path, Some(&client.token())).await.status, 404);
    client.wait_state("scanner", DeviceState::Absent, lab::WITHIN).await;
    plugged.plug("printer", json!({ "port": 1 })).await;
    client.wait_state("scanner", DeviceState::Ready, lab::WITHIN).await;
}

#[tokio::test]
async fn two_equal_sane_scanners_keep_their_roles_when_they_change_ports() {
    let words = [("left", "L-1", 1), ("right", "R-1", 2)];
    let words = words.map(|(name, serial, port)| format!("printer,name={name},serial={serial},id={IDS},port={port}"));
    let plugged = Plugged::start(&[&words[0], &words[1]]).await;
    let (_rig, mut client, _folder) = gateway(&[("one", "serial=L-1"), ("two", "serial=R-1")], "good").await;
    client.wait_all_ready(lab::WITHIN).await;
    for device in ["left", "right"] {
        plugged.unplug(device).await;
    }
    client.wait_state("one", DeviceState::Absent, lab::WITHIN).await;
    client.wait_state("two", DeviceState::Absent, lab::WITHIN).await;
    plugged.plug("right", json!({ "port": 1 })).await;
    client.wait_state("two", DeviceState::Ready, lab::WITHIN).await;
    assert_eq!(client.fails(scan("one")).await.failure.code, ErrorCode::DeviceAbsent, "it is not taken for the other");
    plugged.plug("left", json!({ "port": 2 })).await;
    client.wait_all_ready(lab::WITHIN).await;
    for device in ["one", "two"] {
        client.done(scan(device)).await;
    }
}

#[tokio::test]
async fn a_sane_scanner_that_comes_back_as_another_device_is_not_taken() {
    let plugged = Plugged::start(&[&format!("printer,serial=GLASS-3,id={IDS},port=1")]).await;
    let (_rig, mut client, _folder) = gateway(&[("scanner", "serial=GLASS-3")], "good").await;
    client.wait_all_ready(lab::WITHIN).await;
    plugged.fault("printer", "descriptor", json!({ "id": "1234:5678" })).await;
    plugged.unplug("printer").await;
    client.wait_state("scanner", DeviceState::Absent, lab::WITHIN).await;
    plugged.plug("printer", json!({ "port": 1 })).await;
    lab::usb::device("GLASS-3").await;
    lab::settle().await;
    assert_eq!(client.fails(scan("scanner")).await.failure.code, ErrorCode::DeviceAbsent);
    plugged.unplug("printer").await;
    plugged.clear("printer").await;
    plugged.plug("printer", json!({ "port": 1 })).await;
    client.wait_state("scanner", DeviceState::Ready, lab::WITHIN).await;
}

#[tokio::test]
async fn a_scanner_that_sane_knows_belongs_to_the_gateway_by_udevs_rules() {
    let _plugged = Plugged::start(&[&format!("printer,serial=GLASS-4,id={IDS},port=1")]).await;
    let node = lab::appears(Path::new("/dev/kiosk/scanner-GLASS-4")).await;
    assert!(node.starts_with("/dev/bus/usb"), "{}", node.display());
    let groups = fs::read_to_string("/etc/group").unwrap();
    let group = groups.lines().find_map(|line| line.strip_prefix("kiosk:x:")?.split(':').next()?.parse().ok());
    assert_eq!(Some(std::os::unix::fs::MetadataExt::gid(&node.metadata().unwrap())), group);
}
