//! The drivers of UPSes through the whole gateway: straight from the virtual UPS's HID reports, and through the real UPower.

use std::path::Path;

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::ups::{PowerSource, UpsStatus};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::{Client, Parts, Rig, RigOptions};
use serde_json::json;

async fn gateway(config: String) -> (Rig, Client) {
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let client = rig.client().await;
    (rig, client)
}

fn section(name: &str, driver: &str, address: &str) -> String {
    format!("[devices.{name}]\ndriver = \"{driver}\"\naddress = {address:?}\n")
}

fn status(view: &DeviceView) -> Option<&UpsStatus> {
    match &view.facts {
        Facts::Ups { status, .. } if view.state == S::Ready => status.as_ref(),
        _ => None,
    }
}

async fn until(client: &mut Client, device: &str, right: impl Fn(&UpsStatus) -> bool) -> DeviceView {
    client.wait_device(device, WITHIN, |view| status(view).is_some_and(&right)).await
}

#[tokio::test]
async fn the_hid_driver_sees_charge_power_failure_and_low_battery_and_never_takes_a_pulled_ups_for_mains() {
    let plugged = Plugged::start(&["ups,serial=HID-1,port=1"]).await;
    plugged.set("ups", json!({ "charge": 63, "load": 40 })).await;
    let (_rig, mut client) = gateway(section("ups", "hid-ups", "usb:051d:0002?serial=HID-1")).await;
    let view =
        until(&mut client, "ups", |ups| ups.power == PowerSource::Mains && ups.charge_percent == Some(63.0)).await;
    assert_eq!(view.identity.and_then(|identity| identity.serial).as_deref(), Some("HID-1"));
    assert_eq!(status_load(&client), Some(40.0));

    plugged.set("ups", json!({ "mains": "off" })).await;
    until(&mut client, "ups", |ups| ups.power == PowerSource::Battery && !ups.battery_low).await;
    plugged.set("ups", json!({ "charge": 5 })).await;
    until(&mut client, "ups", |ups| ups.power == PowerSource::Battery && ups.battery_low).await;

    plugged.unplug("ups").await;
    let view = client.wait_state("ups", S::Absent, WITHIN).await;
    assert_eq!(status(&view), None);
    plugged.set("ups", json!({ "mains": "on", "charge": 70 })).await;
    plugged.plug("ups", json!({ "port": 4 })).await;
    until(&mut client, "ups", |ups| ups.power == PowerSource::Mains && !ups.battery_low).await;
}

fn status_load(client: &Client) -> Option<f32> {
    client.devices.values().find_map(status).and_then(|ups| ups.load_percent)
}

#[tokio::test]
async fn two_equal_upses_keep_their_roles() {
    let plugged = Plugged::start(&["ups,name=left,serial=HID-L", "ups,name=right,serial=HID-R"]).await;
    let config = section("one", "hid-ups", "usb:051d:0002?serial=HID-L")
        + &section("two", "hid-ups", "usb:051d:0002?serial=HID-R");
    let (_rig, mut client) = gateway(config).await;
    client.wait_all_ready(WITHIN).await;
    plugged.set("right", json!({ "mains": "off" })).await;
    until(&mut client, "two", |ups| ups.power == PowerSource::Battery).await;
    until(&mut client, "one", |ups| ups.power == PowerSource::Mains).await;
}

#[tokio::test]
async fn the_upower_driver_hears_of_a_power_failure_and_of_a_pulled_ups() {
    let folder = tempfile::tempdir().unwrap();
    let bus = folder.path().join("bus");
    let address = format!("unix:path={}", bus.display());
    let dbus = Peer::new(&peer("dbus-daemon")).args(["--session", "--nofork", "--nopidfile", "--nosyslog"]);
    let _bus = dbus.arg(format!("--address={address}")).start(folder.path(), "dbus");
    lab::appears(&bus).await;
    let plugged = Plugged::start(&["ups,serial=UP-1,port=1"]).await;
    plugged.set("ups", json!({ "charge": 63 })).await;
    let upower = Peer::new(Path::new("/usr/libexec/upowerd")).env("DBUS_SYSTEM_BUS_ADDRESS", &address);
    let _upower = upower.start(folder.path(), "upower");
    let config = section("ups", "upower", "upower:any?serial=UP-1") + &format!("config.bus = {address:?}\n");
    let (_rig, mut client) = gateway(config).await;
    until(&mut client, "ups", |ups| ups.power == PowerSource::Mains && ups.charge_percent == Some(63.0)).await;

    plugged.set("ups", json!({ "mains": "off" })).await;
    let since = std::time::Instant::now();
    until(&mut client, "ups", |ups| ups.power == PowerSource::Battery).await;
    eprintln!("UPower passed the power failure on after {:?}", since.elapsed());

    plugged.unplug("ups").await;
    let view = client.wait_state("ups", S::Absent, WITHIN).await;
    assert_eq!(status(&view), None, "UPower says that a pulled UPS is not on battery; it is not known");
}
