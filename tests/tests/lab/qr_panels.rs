//! QR panels at USB serial adapters: two simulated panels behind the virtual device that the kernel's `cdc-acm` drives.

use std::net::SocketAddr;

use kiosk_protocol::device::{DeviceState, DeviceView, Facts};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, usb};
use kiosk_tests::peers::code;
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A panel behind a port of this machine.
struct Panel {
    at: String,
    control: SocketAddr,
    _program: Program,
}

impl Panel {
    async fn start(folder: &TempDir, name: &str) -> Self {
        let arguments = ["panel", "--exit-with-stdin", "--protocol", "nextion"].map(String::from);
        let log = folder.path().join(format!("{name}.log"));
        let mut program = Program::start(&programs::find("kiosk-simulate"), &arguments, &log);
        let line = program.lines().next(lab::WITHIN).await.unwrap_or_default();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", program.log()));
        let at = said["panel"].as_str().unwrap().strip_prefix("tcp:").unwrap().to_owned();
        let control = said["control"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        Self { at, control, _program: program }
    }

    /// What its code says to a citizen's reader.
    async fn reads(&self) -> Option<String> {
        code::read(&http::get(self.control, "/devices/panel/screen.png", None).await.body).await
    }
}

/// A gateway with a panel of each name at the adapter with that serial number.
async fn gateway(names: &[&str], plugged: &Plugged) -> (Rig, Client) {
    let device = |name: &&str| {
        let ids = plugged.address(name).split('?').next().unwrap();
        let address = format!("serial:{ids}?serial=PANEL-{name}&baud=115200");
        format!("[devices.{name}]\ndriver = \"qr-serial\"\naddress = \"{address}\"\nconfig.protocol = \"nextion\"\n")
    };
    let config = names.iter().map(device).collect();
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    for name in names {
        client.wait_device(name, lab::WITHIN, |view| showing(view) == Some(false)).await;
    }
    (rig, client)
}

fn showing(view: &DeviceView) -> Option<bool> {
    match &view.facts {
        Facts::QrDisplay { status, .. } if view.state == DeviceState::Ready => status.map(|status| status.showing),
        _ => None,
    }
}

fn show(device: &str, text: &str) -> Order {
    let payload = json!({ "content": { "type": "text", "text": text }, "expires_s": 600 });
    Order::new("qr_display.show", payload).device(device).timeout_ms(120_000)
}

async fn shows(client: &mut Client, device: &str, text: &str) {
    let id = client.start(show(device, text)).await;
    assert_eq!(client.finish_within(id, lab::WITHIN * 2).await.expect("it is shown"), json!({ "showing": true }));
}

#[tokio::test]
async fn two_equal_panels_keep_their_roles_wherever_they_are_plugged_in() {
    let folder = tempfile::tempdir().unwrap();
    let (left, right) = (Panel::start(&folder, "left").await, Panel::start(&folder, "right").await);
    let words = [
        format!("serial,name=left,serial=PANEL-left,port=1,to={}", left.at),
        format!("serial,name=right,serial=PANEL-right,port=2,to={}", right.at),
    ];
    let plugged = Plugged::start(&[words[0].as_str(), words[1].as_str()]).await;
    let (_rig, mut client) = gateway(&["left", "right"], &plugged).await;
    shows(&mut client, "left", "trái 1").await;
    shows(&mut client, "right", "phải 1").await;
    assert_eq!((left.reads().await.as_deref(), right.reads().await.as_deref()), (Some("trái 1"), Some("phải 1")));
    for name in ["left", "right"] {
        plugged.unplug(name).await;
    }
    for name in ["left", "right"] {
        client.wait_state(name, DeviceState::Absent, lab::WITHIN).await;
    }
    plugged.plug("left", json!({ "port": 2 })).await;
    plugged.plug("right", json!({ "port": 1 })).await;
    client.wait_all_ready(lab::WITHIN).await;
    shows(&mut client, "left", "trái 2").await;
    shows(&mut client, "right", "phải 2").await;
    assert_eq!((left.reads().await.as_deref(), right.reads().await.as_deref()), (Some("trái 2"), Some("phải 2")));
}

#[tokio::test]
async fn another_adapter_is_not_taken_for_the_panels_and_a_keyboard_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let panel = Panel::start(&folder, "panel").await;
    let plugged = Plugged::start(&[&format!("serial,name=front,serial=PANEL-front,port=1,to={}", panel.at)]).await;
    let (_rig, mut client) = gateway(&["front"], &plugged).await;
    shows(&mut client, "front", "mine").await;
    plugged.unplug("front").await;
    client.wait_state("front", DeviceState::Absent, lab::WITHIN).await;
    plugged.fault("front", "descriptor", json!({ "serial": "ANOTHER" })).await;
    plugged.plug("front", json!({ "port": 1 })).await;
    usb::node("tty", &usb::device("ANOTHER").await).await;
    let id = client.start(show("front", "not there")).await;
    let failure = client.finish_within(id, lab::WITHIN * 2).await.expect_err("it is another one").failure;
    assert_eq!(failure.code, E::DeviceAbsent);
    plugged.unplug("front").await;
    plugged.clear("front").await;
    plugged.fault("front", "extra_keyboard", json!({})).await;
    plugged.plug("front", json!({ "port": 1 })).await;
    client.wait_state("front", DeviceState::Ready, lab::WITHIN).await;
    shows(&mut client, "front", "mine again").await;
    assert_eq!(panel.reads().await.as_deref(), Some("mine again"));
    // The driver takes the serial line alone.
    usb::node("input", &usb::device("PANEL-front").await).await;
}

#[tokio::test]
async fn a_panel_whose_adapter_blinked_shows_again() {
    let folder = tempfile::tempdir().unwrap();
    let panel = Panel::start(&folder, "panel").await;
    let plugged = Plugged::start(&[&format!("serial,name=front,serial=PANEL-front,port=1,to={}", panel.at)]).await;
    let (rig, mut client) = gateway(&["front"], &plugged).await;
    for _ in 0..50 {
        plugged.unplug("front").await;
        plugged.plug("front", json!({ "port": 1 })).await;
    }
    // Out for once so long that it is seen, so that what is seen next is no memory.
    plugged.unplug("front").await;
    client.wait_state("front", DeviceState::Absent, lab::WITHIN).await;
    plugged.plug("front", json!({ "port": 1 })).await;
    client.wait_state("front", DeviceState::Ready, lab::WITHIN).await;
    shows(&mut client, "front", "steady").await;
    assert_eq!(panel.reads().await.as_deref(), Some("steady"));
    lab::until("one driver", || (rig.children().len() == 1).then_some(())).await;
}
