//! What goes wrong with scanners at a USB port, through the whole gateway.

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::error::ErrorBody;
use kiosk_tests::lab::WITHIN;
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions};
use serde_json::{Value, json};

const TEXT: &str = "099200000001|012345678|NGUYEN VAN A|01012000|Nam|So 1, pho Hang Gai, Hoan Kiem, Ha Noi|01012021";
/// A pause does not end what comes slowly.
const PATIENT: &str = "config.pause_ms = 5000\n";
const KEYBOARD: &str = "config.mode = \"keyboard\"\nconfig.pause_ms = 5000\n";
/// What is plugged in, the name of its device, the beginning of its address, its configuration.
const THREE: [(&str, &str, &str, &str); 3] = [
    ("barcode", "pos", "usb:0db5:013b", PATIENT),
    ("keyboard-scanner", "keys", "usb:0db5:013a", KEYBOARD),
    ("serial", "line", "serial:usb:0525:a4a7", PATIENT),
];

/// A gateway with these scanners: name, address, configuration.
async fn gateway(scanners: &[(&str, &str, &str)]) -> (Rig, Client) {
    let section = |(name, address, config): &(&str, &str, &str)| {
        format!("[devices.{name}]\ndriver = \"barcode\"\naddress = {address:?}\n{config}")
    };
    let config = scanners.iter().map(section).collect();
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let client = rig.client().await;
    (rig, client)
}

/// A scanner of each kind, at the ports 1 to 3, ready.
async fn three(serial: &str) -> (Plugged, Rig, Client) {
    let words: Vec<String> =
        THREE.iter().zip(1..).map(|((kind, ..), port)| format!("{kind},serial={serial},port={port}")).collect();
    let plugged = Plugged::start(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let addresses = THREE.map(|(_, _, address, _)| format!("{address}?serial={serial}"));
    let scanners: Vec<_> = THREE
        .iter()
        .zip(&addresses)
        .map(|((_, name, _, config), address)| (*name, address.as_str(), *config))
        .collect();
    let (rig, mut client) = gateway(&scanners).await;
    client.wait_all_ready(WITHIN).await;
    (plugged, rig, client)
}

/// The order with which a virtual scanner reads a code.
fn scan(which: &str, text: &str) -> Value {
    if which == "serial" { json!({ "say": format!("{text}\r") }) } else { json!({ "scan": text }) }
}

fn listens(view: &DeviceView) -> bool {
    matches!(&view.facts, Facts::BarcodeReader { status: Some(status), .. } if status.listening)
}

/// Begins a command; returns when what is scanned is heard.
async fn listen(client: &mut Client, order: Order, device: &str) -> u64 {
    client.wait_device(device, WITHIN, |view| view.state == S::Ready && !listens(view)).await;
    let id = client.start(order.device(device).timeout_ms(180_000)).await;
    client.wait_device(device, WITHIN, listens).await;
    id
}

async fn read(
    plugged: &Plugged,
    which: &str,
    client: &mut Client,
    device: &str,
    text: &str,
) -> Result<Value, ErrorBody> {
    let id = listen(client, "barcode_reader.read".into(), device).await;
    plugged.set(which, scan(which, text)).await;
    client.finish_within(id, WITHIN * 3).await
}

async fn reads(plugged: &Plugged, which: &str, client: &mut Client, device: &str) {
    let code = read(plugged, which, client, device, TEXT).await.unwrap();
    assert_eq!(code["text"], TEXT, "{device}");
}

#[tokio::test]
async fn two_equal_scanners_without_serial_number_keep_their_roles_by_port() {
    let words = ["barcode,name=left,serial=,port=1", "barcode,name=right,serial=,port=2"];
    let plugged = Plugged::start(&words).await;
    let (_rig, mut client) =
        gateway(&[("one", "usb:0db5:013b?port=1-1", ""), ("two", "usb:0db5:013b?port=1-2", "")]).await;
    client.wait_all_ready(WITHIN).await;
    plugged.unplug("left").await;
    client.wait_state("one", S::Absent, WITHIN).await;
    reads(&plugged, "right", &mut client, "two").await;
    plugged.plug("left", json!({ "port": 1 })).await;
    client.wait_all_ready(WITHIN).await;
    reads(&plugged, "left", &mut client, "one").await;
}

#[tokio::test]
async fn a_scanner_that_comes_back_as_something_else_is_refused_and_told() {
    let plugged = Plugged::start(&["barcode,serial=BAR-3,port=1"]).await;
    let (_rig, mut client) = gateway(&[("scanner", "usb:0db5:013b?serial=BAR-3", "")]).await;
    client.wait_all_ready(WITHIN).await;
    plugged.unplug("barcode").await;
    client.wait_state("scanner", S::Absent, WITHIN).await;
    // The same numbers, and a keyboard behind them.
    let other = Plugged::start(&["keyboard-scanner,serial=BAR-3,id=0db5:013b,port=1"]).await;
    let view = client.wait_state("scanner", S::Held, WITHIN).await;
    let detail = view.problem.unwrap().failure.detail;
    assert!(detail.contains("no scanner in that mode") && detail.contains("config.mode"), "{detail}");
    drop(other);
    // A descriptor that is none at all: the kernel makes no node.
    plugged.fault("barcode", "bad_descriptor", json!({ "of": "class" })).await;
    plugged.plug("barcode", json!({})).await;
    plugged.device("barcode").await;
    plugged.unplug("barcode").await;
    plugged.clear("barcode").await;
    plugged.plug("barcode", json!({})).await;
    // A held device is looked for once a minute.
    client.wait_state("scanner", S::Ready, WITHIN * 3).await;
    reads(&plugged, "barcode", &mut client, "scanner").await;
}

#[tokio::test]
async fn a_slow_scanner_is_read_whole_and_twice_is_two_codes() {
    let (plugged, _rig, mut client) = three("SLOW").await;
    for (which, device, ..) in THREE {
        plugged.fault(which, "throttle", json!({ "bytes_per_second": 200 })).await;
        reads(&plugged, which, &mut client, device).await;
        plugged.clear(which).await;
        let order = Order::new("barcode_reader.listen", json!({ "max_codes": 2 }));
        let id = listen(&mut client, order, device).await;
        if which == "serial" {
            plugged.set(which, scan(which, TEXT)).await;
        } else {
            plugged.fault(which, "twice", json!({})).await;
        }
        plugged.set(which, scan(which, TEXT)).await;
        client.finish_within(id, WITHIN * 2).await.unwrap();
        let texts: Vec<&Value> = client.events(id).into_iter().map(|(_, code)| &code["text"]).collect();
        assert_eq!(texts, [TEXT, TEXT], "{device}");
        plugged.clear(which).await;
    }
}
