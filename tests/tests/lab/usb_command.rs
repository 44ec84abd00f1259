//! `kiosk-simulate usb …` and `ctl` as a person uses them: every device, every knob, Ctrl-C, and what is said where it cannot
//! work.

use std::path::Path;

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN, usb};
use kiosk_tests::peers::{Peer, Ran, peer};
use kiosk_tests::rig::process::{Program, Signal};
use kiosk_tests::rig::programs;
use serde_json::{Value, json};

/// Faults of every USB device, and of each kind; what is no fault. As words of the command line.
const EVERY: &[&str] = &[
    "stall on=in",
    "nak",
    "short_packet bytes=2",
    "wrong_length by=-1",
    "noise",
    "throttle bytes_per_second=100",
    "pull_after bytes=1000000000",
    "descriptor name=Other",
    "bad_descriptor of=strings",
    "extra_keyboard",
];
const OWN: &[(&str, &[&str], &[&str])] = &[
    (
        "printer",
        &[
            "paper_out",
            "paper_low",
            "cover_open",
            "cutter_error",
            "silence",
            "slow",
            "garbage",
            "drop_after bytes=1000000",
        ],
        &[],
    ),
    ("serial", &[], &["say=hello"]),
    ("barcode", &["break_off reports=2", "bad_count", "twice"], &["scan=4711 symbology=]C0"]),
    ("keyboard-scanner", &["break_off", "twice"], &["scan=abc suffix=tab"]),
    ("ups", &["mains_off", "low_battery", "replace_battery"], &["mains=off charge=40", "load=10 acceleration=2"]),
    (
        "reader",
        &[
            "mute",
            "slow_card ms=10",
            "wedged",
            "parity",
            "hardware",
            "short_answer",
            "wrong_sequence",
            "bad_length by=2",
        ],
        &["card=none", "card=test"],
    ),
    (
        "camera",
        &[
            "freeze",
            "same_picture",
            "bad_jpeg",
            "short_frame",
            "wrong_size",
            "error_bit",
            "no_end",
            "bad_header length=0",
        ],
        &[],
    ),
];

fn simulate() -> Peer {
    Peer::new(&programs::find("kiosk-simulate"))
}

async fn ctl(plugged: &Plugged, device: &str, words: &str) -> Ran {
    let words = words.split(' ').filter(|word| !word.is_empty());
    lab::run(simulate().args(["ctl", "--control", &plugged.control(), device]).args(words)).await
}

/// The parameters of a fault as the control port takes them.
fn order_of(fault: &str) -> Value {
    let pairs = fault.split(' ').skip(1).map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(key, value)| (key, value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number))))
        .collect()
}

#[tokio::test]
async fn every_knob_of_every_device_turns_is_shown_and_turns_back() {
    let kinds: Vec<&str> = OWN.iter().map(|(kind, ..)| *kind).collect();
    let plugged = Plugged::start(&kinds).await;
    for (device, faults, settings) in OWN {
        for fault in EVERY.iter().chain(*faults) {
            let name = fault.split(' ').next().unwrap();
            // A program takes a second to start here, so its words are tried with one device, and the knobs with all.
            let state = if *device == "printer" {
                ctl(&plugged, device, &format!("fault {fault}")).await.ok()
            } else {
                plugged.fault(device, name, order_of(fault)).await;
                plugged.state(device).await.to_string().replace("\":\"", "\": \"")
            };
            assert!(state.contains(&format!("\"fault\": \"{name}\"")), "{device}, {fault}: {state}");
            plugged.order(device, "clear", json!({ "fault": name })).await;
        }
        for setting in *settings {
            ctl(&plugged, device, &format!("set {setting}")).await.ok();
        }
        let wrong = ctl(&plugged, device, "fault on_fire").await.fails();
        assert!(wrong.contains("extra_keyboard"), "the faults that there are: {wrong}");
        ctl(&plugged, device, "set colour=red").await.fails();
        ctl(&plugged, device, "unplug").await.ok();
        let state: Value = serde_json::from_str(&ctl(&plugged, device, "").await.ok()).unwrap();
        assert_eq!(state["faults"].as_array().map(Vec::len), Some(0), "{device}: {state}");
        ctl(&plugged, device, "plug").await.ok();
        plugged.device(device).await;
    }
}

#[tokio::test]
async fn ctrl_c_unplugs_all_and_another_can_plug_in_at_once() {
    lab::load("vhci_hcd", &[]).await;
    let folder = tempfile::tempdir().unwrap();
    for signal in [Signal::INT, Signal::TERM] {
        let words = ["usb", "printer,serial=END-1,port=1", "ups,serial=END-2,port=2"].map(str::to_owned);
        let mut program = Program::start(&programs::find("kiosk-simulate"), &words, &folder.path().join("log"));
        program.lines().next(WITHIN).await.unwrap();
        let devices = [usb::device("END-1").await, usb::device("END-2").await];
        program.signal(signal);
        assert!(program.end_within(WITHIN).await.success(), "{}", program.log());
        for device in devices {
            lab::vanishes(device).await;
        }
    }
}

#[tokio::test]
async fn what_does_not_work_is_told_with_the_next_step() {
    let plugged = Plugged::start(&["ups,serial=TAKEN,port=1"]).await;
    let taken = lab::run(simulate().args(["usb", "printer,port=1"])).await.fails();
    assert!(taken.contains("port 1 of the virtual USB hub is in use"), "{taken}");
    let nowhere = lab::run(simulate().args(["usb", "printer,port=99"])).await.fails();
    assert!(nowhere.contains("has no port 99; it has 1 to "), "{nowhere}");
    let nobody = Peer::new(&peer("setpriv")).args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    let unprivileged = lab::run(nobody.arg(programs::find("kiosk-simulate")).args(["usb", "ups"])).await.fails();
    assert!(unprivileged.contains("needs root") && unprivileged.contains("sudo"), "{unprivileged}");
    plugged.unplug("ups").await;
    drop(plugged);
    lab::run(Peer::new(&peer("modprobe")).args(["-r", "vhci_hcd"])).await.ok();
    lab::vanishes(Path::new("/sys/devices/platform/vhci_hcd.0")).await;
    let without = lab::run(simulate().args(["usb", "ups"])).await.fails();
    lab::load("vhci_hcd", &[]).await;
    assert!(without.contains("modprobe vhci_hcd"), "{without}");
    let help = lab::run(simulate().args(["usb", "--help"])).await.ok();
    for (kind, ..) in OWN {
        assert!(help.contains(kind), "{kind} in {help}");
    }
}
