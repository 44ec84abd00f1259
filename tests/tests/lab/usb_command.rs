//! `kiosk-simulate usb …` as a person uses it: its devices, Ctrl-C, and what is said where it cannot work.

use std::path::Path;

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN, usb};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::process::{Program, Signal};
use kiosk_tests::rig::programs;

/// The devices that there are.
const KINDS: [&str; 7] = ["printer", "serial", "barcode", "keyboard-scanner", "ups", "reader", "camera"];

fn simulate() -> Peer {
    Peer::new(&programs::find("kiosk-simulate"))
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
    for kind in KINDS {
        assert!(help.contains(kind), "{kind} in {help}");
    }
}
