//! The virtual UPS under those who read real ones: NUT's `usbhid-ups` and UPower.

use std::path::Path;

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::wait;
use serde_json::json;

use super::usb_peers::lsusb;

/// What NUT's driver reads: it looks once and ends.
async fn nut() -> String {
    let driver = Peer::new(Path::new("/lib/nut/usbhid-ups"));
    lab::run(driver.args(["-s", "lab", "-x", "port=auto", "-u", "root", "-d", "1"])).await.ok()
}

fn says(dump: &str, variable: &str) -> String {
    let line = dump.lines().find_map(|line| line.strip_prefix(&format!("{variable}: ")));
    line.unwrap_or_else(|| panic!("no {variable} in {dump}")).to_owned()
}

#[tokio::test]
async fn nut_reads_charge_runtime_and_a_power_failure() {
    let plugged = Plugged::start(&["ups,serial=UPS-1"]).await;
    plugged.order("ups", "set", json!({ "charge": 63, "load": 40 })).await;
    let dump = nut().await;
    assert_eq!((says(&dump, "ups.status"), says(&dump, "ups.serial")), ("OL CHRG".into(), "UPS-1".into()));
    assert_eq!((says(&dump, "battery.charge"), says(&dump, "ups.load")), ("63".into(), "40.0".into()));
    let runtime: f64 = says(&dump, "battery.runtime").parse().unwrap();
    let state = plugged.state("ups").await;
    assert!((runtime - state["runtime_s"].as_f64().unwrap()).abs() < 60.0, "{runtime} {state}");
    plugged.order("ups", "set", json!({ "mains": "off", "charge": 12 })).await;
    let dump = nut().await;
    let status = says(&dump, "ups.status");
    assert!(["OB", "DISCHRG", "LB"].iter().all(|flag| status.split(' ').any(|word| word == *flag)), "{status}");
    assert_eq!(says(&dump, "battery.charge"), "12");
    lsusb("051d:0002", &[]).await;
}

#[tokio::test]
async fn upower_sees_charge_and_power_failure() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all("/run/dbus").unwrap();
    let dbus = Peer::new(&peer("dbus-daemon")).args(["--system", "--nofork", "--nopidfile"]);
    let _bus = dbus.start(folder.path(), "dbus");
    lab::appears("/run/dbus/system_bus_socket").await;
    let plugged = Plugged::start(&["ups,serial=UPS-2"]).await;
    plugged.order("ups", "set", json!({ "charge": 63 })).await;
    let _upower = Peer::new(Path::new("/usr/libexec/upowerd")).start(folder.path(), "upower");
    let until = async |words: &[&str]| {
        wait::until_async(&format!("UPower says {words:?}"), WITHIN, async || {
            let said = lab::run(Peer::new(&peer("upower")).arg("-d")).await.out;
            words.iter().all(|word| said.contains(word)).then_some(())
        })
        .await;
    };
    until(&["UPS-2", "charging", "63%", "on-battery:      no"]).await;
    plugged.order("ups", "set", json!({ "mains": "off" })).await;
    until(&["discharging", "on-battery:      yes"]).await;
}
