//! What goes wrong with scanners at a USB port, through the whole gateway.

use std::path::{Path, PathBuf};
use std::time::Instant;

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::error::{ErrorBody, ErrorCode};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN, usb};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::process::open_files;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, wait};
use serde_json::{Value, json};

use super::barcode::{Keys, open, seen};

const TEXT: &str = "099200000001|012345678|NGUYEN VAN A|01012000|Nam|So 1, pho Hang Gai, Hoan Kiem, Ha Noi|01012021";
/// How often the plug of each moves out and in. (A printer's does a thousand times in `hotplug`.)
const BLINKS: u32 = 120;
/// Every so many the kernel is given the time to find the device.
const LET_THROUGH: u32 = 20;
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
    let id = client.start(order.device(device)).await;
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
    let id = listen(client, Order::from("barcode_reader.read").timeout_ms(180_000), device).await;
    plugged.set(which, scan(which, text)).await;
    client.finish_within(id, WITHIN * 3).await
}

async fn reads(plugged: &Plugged, which: &str, client: &mut Client, device: &str) {
    let code = read(plugged, which, client, device, TEXT).await.unwrap();
    assert_eq!(code["text"], TEXT, "{device}");
}

/// The same after many blinks: the kernel may find the device once more, seconds late, in the middle of a request.
async fn reads_at_last(plugged: &Plugged, which: &str, client: &mut Client, device: &str) {
    for _ in 0..5 {
        client.wait_state(device, S::Ready, WITHIN * 2).await;
        let id = client.start(Order::from("barcode_reader.read").device(device).timeout_ms(30_000)).await;
        if !listens(&client.wait_device(device, WITHIN, |view| listens(view) || view.state == S::Absent).await) {
            assert_eq!(client.finish_within(id, WITHIN).await.unwrap_err().failure.code, ErrorCode::DeviceAbsent);
            continue;
        }
        plugged.set(which, scan(which, TEXT)).await;
        match client.finish_within(id, WITHIN).await {
            Ok(code) => return assert_eq!(code["text"], TEXT, "{device}"),
            Err(error) => assert_eq!(error.failure.code, ErrorCode::DeviceAbsent, "{device}: {error:?}"),
        }
    }
    panic!("{device} does not read any more");
}

#[tokio::test]
async fn scanners_that_were_pulled_out_are_found_again_at_their_port_and_at_another() {
    let (plugged, _rig, mut client) = three("BACK").await;
    for ((which, device, ..), port) in THREE.into_iter().zip(1..) {
        for port in [port, port + 4] {
            plugged.unplug(which).await;
            client.wait_state(device, S::Absent, WITHIN).await;
            let refused = client.fails(Order::from("barcode_reader.read").device(device)).await;
            assert_eq!(refused.failure.code, ErrorCode::DeviceAbsent);
            plugged.plug(which, json!({ "port": port })).await;
            client.wait_state(device, S::Ready, WITHIN).await;
            reads(&plugged, which, &mut client, device).await;
        }
        // In the middle of a request.
        let id = listen(&mut client, "barcode_reader.read".into(), device).await;
        plugged.unplug(which).await;
        let error = client.finish_within(id, WITHIN).await.unwrap_err();
        assert_eq!(error.failure.code, ErrorCode::DeviceAbsent, "{device}");
    }
}

#[tokio::test]
async fn a_storm_of_blinks_leaves_nothing_behind_and_scanners_that_read() {
    let (plugged, rig, _client) = three("LOOSE").await;
    let (still, files, log) = (rig.children().len(), open_files(rig.gateway_pid()), rig.log().len());
    let began = Instant::now();
    for blink in 0..BLINKS {
        for ((which, ..), port) in THREE.into_iter().zip(1..) {
            plugged.unplug(which).await;
            plugged.plug(which, json!({ "port": port })).await;
            // Most come too quickly for the kernel to see what is plugged in; some are let through.
            if blink % LET_THROUGH == 0 {
                plugged.found_at_last(which).await;
            }
        }
    }
    let seconds = began.elapsed().as_secs();
    // The first client said nothing for so long that its connection may be gone.
    let mut client = rig.client().await;
    for ((which, device, ..), port) in THREE.into_iter().zip(1..) {
        // Not what was so before the last blink.
        plugged.unplug(which).await;
        client.wait_state(device, S::Absent, WITHIN).await;
        plugged.plug(which, json!({ "port": port })).await;
        plugged.found_at_last(which).await;
        reads_at_last(&plugged, which, &mut client, device).await;
    }
    lab::until("no process more than before", || (rig.children().len() <= still).then_some(())).await;
    lab::until("no open file more than before", || (open_files(rig.gateway_pid()) <= files).then_some(())).await;
    let log = rig.log().split_off(log);
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    let started = log.matches("started a driver").count() as u64;
    eprintln!("{} blinks in {seconds} s: {started} drivers started, {lines} lines in the log", 3 * BLINKS);
    assert!(started <= 3 * (20 + 3 * seconds), "{started} drivers started in {seconds} s");
    assert!(lines <= 3 * (100 + 10 * seconds), "{lines} lines in {seconds} s");
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

/// The event nodes of a USB device, as soon as udev has dealt with some.
async fn event_nodes(device: &Path) -> Vec<PathBuf> {
    lab::until("an event node", || {
        let nodes = usb::nodes("input", device).into_iter();
        let nodes: Vec<PathBuf> = nodes.filter(|node| node.to_string_lossy().contains("event")).collect();
        (!nodes.is_empty()).then_some(nodes)
    })
    .await
}

/// Which event nodes libinput, as compositors use it, reads from.
async fn read_by_libinput() -> String {
    lab::run(Peer::new(&peer("libinput")).arg("list-devices")).await.ok()
}

#[tokio::test]
async fn a_scanner_that_comes_back_with_a_keyboard_cannot_type_on_it() {
    let (plugged, rig, mut client) = three("GROWN").await;
    let told = "the scanner has keys that are not read";
    for (at, (which, device, ..)) in THREE.into_iter().enumerate() {
        plugged.unplug(which).await;
        client.wait_state(device, S::Absent, WITHIN).await;
        plugged.fault(which, "extra_keyboard", json!({})).await;
        plugged.plug(which, json!({})).await;
        // The last interface is the one that it has grown.
        let sysfs = plugged.device(which).await;
        let node = event_nodes(&sysfs).await.pop().unwrap();
        let mut bystander = open(&node);
        client.wait_state(device, S::Ready, WITHIN).await;
        // Taken: nobody else can take it, and what it types from then on is seen by nobody.
        lab::until("the keyboard is taken", || open(&node).grab().is_err().then_some(())).await;
        if which != "keyboard-scanner" {
            lab::until("that is told", || (rig.log().matches(told).count() == at.min(1) + 1).then_some(())).await;
        }
        while seen(&mut bystander) > 0 {}
        let taken = async || plugged.state(which).await["bytes_to_host"].as_u64().unwrap();
        let before = taken().await;
        plugged.fault(which, "extra_keyboard", json!({ "types": "rm -rf" })).await;
        wait::until_async("the host takes the keys", WITHIN, async || (taken().await >= before + 12 * 8).then_some(()))
            .await;
        plugged.clear(which).await;
        // Codes go on, and when this one is there the kernel has long passed the keys on.
        let code = read(&plugged, which, &mut client, device, TEXT).await.unwrap();
        assert_eq!(code["text"], TEXT, "{device}");
        assert_eq!(seen(&mut bystander), 0, "{device}");
        // Compositors do not even look at it, by the udev rules, if they know its maker.
        if which != "serial" {
            let listed = read_by_libinput().await;
            assert!(!listed.contains(&format!("{}\n", node.display())), "{listed}");
        }
    }
    // At any other keyboard they do.
    let keys = Keys::plug().await;
    lab::settle().await;
    let listed = read_by_libinput().await;
    assert!(listed.contains(&format!("{}\n", keys.node.display())), "{listed}");
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

/// The scanner is read again. What is left of a code ends with the end of the next, so the first code may be lost.
async fn again(plugged: &Plugged, which: &str, client: &mut Client, device: &str, fault: &str) {
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        let id = listen(client, Order::from("barcode_reader.read").timeout_ms(8_000), device).await;
        plugged.set(which, scan(which, TEXT)).await;
        match client.finish_within(id, WITHIN).await {
            // Random keys may have left caps lock on.
            Ok(code) if code["text"].as_str().unwrap().eq_ignore_ascii_case(TEXT) => return,
            outcome => outcomes.push(outcome.map_err(|error| error.failure)),
        }
    }
    panic!("{device}, {fault}: {outcomes:?}");
}

#[tokio::test]
async fn wrong_reports_are_told_and_the_next_code_is_read() {
    let (plugged, rig, mut client) = three("WRONG").await;
    let children = rig.children();
    let faults = [
        ("short_packet", json!({ "bytes": 1 })),
        ("wrong_length", json!({ "by": -1 })),
        ("wrong_length", json!({ "by": 3 })),
        ("noise", json!({ "on": "data" })),
        ("break_off", json!({ "reports": 1 })),
        ("bad_count", json!({ "count": 0 })),
    ];
    for (which, device, ..) in THREE {
        let own = if which == "serial" { &faults[..4] } else { &faults[..] };
        for (fault, parameters) in own {
            plugged.fault(which, fault, parameters.clone()).await;
            let id = listen(&mut client, "barcode_reader.read".into(), device).await;
            let taken = async || plugged.state(which).await["bytes_to_host"].as_u64().unwrap();
            let before = taken().await;
            plugged.set(which, scan(which, TEXT)).await;
            wait::until_async("the host takes what there is", WITHIN, async || {
                let waiting = plugged.state(which).await["reports_waiting"].as_u64().unwrap_or(0);
                (taken().await > before && waiting == 0).then_some(())
            })
            .await;
            // An error, another text, or nothing: never a crash.
            client.cancel(id).await;
            let outcome = client.finish_within(id, WITHIN).await;
            let shown = outcome.map(|code| code["text"].as_str().map(str::len)).map_err(|error| error.failure.code);
            eprintln!("{device}, {fault}: {shown:?}");
            assert!(matches!(shown, Ok(_) | Err(ErrorCode::Unreadable | ErrorCode::Cancelled)), "{fault}: {shown:?}");
            plugged.clear(which).await;
            again(&plugged, which, &mut client, device, fault).await;
        }
    }
    assert_eq!(rig.children(), children, "no driver was started anew");
}

#[tokio::test]
async fn a_slow_scanner_is_read_whole_and_twice_is_two_codes() {
    let (plugged, _rig, mut client) = three("SLOW").await;
    for (which, device, ..) in THREE {
        plugged.fault(which, "throttle", json!({ "bytes_per_second": 200 })).await;
        reads(&plugged, which, &mut client, device).await;
        plugged.clear(which).await;
        let order = Order::new("barcode_reader.listen", json!({ "max_codes": 2 })).timeout_ms(180_000);
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
