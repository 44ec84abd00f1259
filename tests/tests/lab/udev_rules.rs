//! The rules of `udev/`, under a real udev: which nodes get which names, groups and modes.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use kiosk_tests::lab;
use kiosk_tests::lab::gadget::{Options, PrinterGadget};
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::usb::{self, attribute};
use kiosk_tests::peers::{Peer, peer};
use serde_json::json;

const RULES: &str = "/etc/udev/rules.d/60-kiosk-gateway.rules";

/// The names below `/dev/kiosk`, sorted.
fn names() -> Vec<String> {
    let entries = fs::read_dir("/dev/kiosk").into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Forgets names that udev has left behind. When devices are plugged and pulled faster than it runs (as other tests do),
/// a link may stay whose node is gone, and that node's number is some day another device's.
async fn forget() {
    lab::require();
    lab::settle().await;
    let _ = fs::remove_dir_all("/dev/kiosk");
    for entry in fs::read_dir("/run/udev/links").into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().as_encoded_bytes().starts_with(b"kiosk") {
            fs::remove_dir_all(path).unwrap();
        }
    }
}

async fn only(expected: &[&str]) {
    let what = format!("/dev/kiosk holds {expected:?}");
    let shown = || (names() == expected).then_some(());
    lab::until(&what, shown).await;
}

/// The port of a USB device, as in `/dev/kiosk/ROLE-PORT`.
fn port(device: &Path) -> &str {
    device.file_name().unwrap().to_str().unwrap()
}

/// The name by this port of the virtual hub: `printer-1-2`. Its high-speed bus is the first of its two.
fn printer_at(place: u8) -> String {
    let entries = fs::read_dir("/sys/devices/platform/vhci_hcd.0").expect("vhci_hcd is loaded");
    let names = entries.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let bus = names.filter_map(|name| name.strip_prefix("usb")?.parse::<u16>().ok()).min().unwrap();
    format!("printer-{bus}-{place}")
}

/// The group that the gateway runs in.
fn group() -> u32 {
    let groups = fs::read_to_string("/etc/group").unwrap();
    let own = groups.lines().find_map(|line| line.strip_prefix("kiosk:x:")).expect("there is a group kiosk");
    own.split(':').next().unwrap().parse().unwrap()
}

/// The node through which programs use the whole USB device.
fn usb_node(device: &Path) -> PathBuf {
    let uevent = attribute(device, "uevent").unwrap();
    Path::new("/dev").join(uevent.lines().find_map(|line| line.strip_prefix("DEVNAME=")).unwrap())
}

/// Waits for both names of the node; looks at its group and mode.
async fn is_named(node: &Path, role: &str, serial: &str, device: &Path) {
    for name in [format!("{role}-{serial}"), format!("{role}-{}", port(device))] {
        let link = Path::new("/dev/kiosk").join(name);
        assert_eq!(lab::appears(&link).await, node, "{}", link.display());
    }
    let metadata = fs::metadata(node).unwrap();
    let shown = (metadata.gid(), format!("{:o}", metadata.mode() & 0o7777));
    assert_eq!(shown, (group(), "660".to_owned()), "{}", node.display());
}

#[tokio::test]
async fn udev_understands_every_line_of_the_rules() {
    let said = lab::run(Peer::new(&peer("udevadm")).args(["test", "/sys/devices/virtual/mem/null"])).await;
    let said = said.err + &said.out;
    assert!(said.contains(&format!("Reading rules file: {RULES}")), "{said}");
    // It complains as FILE:LINE.
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains(&format!("{RULES}:"))).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test]
async fn each_known_device_has_two_names_the_gateways_group_and_a_mode_for_it_alone() {
    let gadget = PrinterGadget::plug(&Options::receipt("K-1"), |_| Vec::new()).await;
    let _plugged = Plugged::start(&["printer,serial=K-2", "ups,serial=K-3"]).await;

    let device = gadget.device().await;
    is_named(&usb_node(&device), "receipt", "K-1", &device).await;
    let device = usb::device("K-2").await;
    is_named(&usb_node(&device), "printer", "K-2", &device).await;
    let device = usb::device("K-3").await;
    is_named(&usb::node("hidraw", &device).await, "ups", "K-3", &device).await;
}

#[tokio::test]
async fn an_unknown_device_stays_as_it_is() {
    forget().await;
    // A terminal server's port: no driver knows its id, and serial ports have no class that would say what is behind.
    let _plugged = Plugged::start(&["serial,serial=K-1"]).await;
    let device = usb::device("K-1").await;
    for node in [usb::node("tty", &device).await, usb_node(&device)] {
        assert_ne!(fs::metadata(&node).unwrap().gid(), group(), "{}", node.display());
    }
    only(&[]).await;
}

#[tokio::test]
async fn a_device_keeps_its_name_when_it_is_pulled_out_and_plugged_in_elsewhere() {
    forget().await;
    let plugged = Plugged::start(&["printer,serial=K-1,port=2"]).await;
    let before = usb::device("K-1").await;
    let first = format!("printer-{}", port(&before));
    only(&[&first, "printer-K-1"]).await;
    plugged.unplug("printer").await;
    only(&[]).await;
    plugged.plug("printer", json!({ "port": 5 })).await;
    let device = usb::device("K-1").await;
    assert_ne!(port(&device), port(&before));
    let second = format!("printer-{}", port(&device));
    only(&[&second, "printer-K-1"]).await;
    assert_eq!(lab::appears("/dev/kiosk/printer-K-1").await, usb_node(&device));
}

#[tokio::test]
async fn equal_devices_without_a_serial_number_are_named_by_their_ports() {
    forget().await;
    let plugged = Plugged::start(&["printer,serial=,port=1", "printer,serial=,port=2"]).await;
    let names = [printer_at(1), printer_at(2)];
    only(&[&names[0], &names[1]]).await;
    let node = lab::appears(Path::new("/dev/kiosk").join(&names[1])).await;
    plugged.unplug("printer").await;
    only(&[&names[1]]).await;
    assert_eq!(lab::appears(Path::new("/dev/kiosk").join(&names[1])).await, node);
}

#[tokio::test]
async fn a_serial_number_leads_nowhere_else() {
    forget().await;
    // The device chooses it.
    let serial = "../../null $(x) %k $kernel\"";
    let _plugged = Plugged::start(&[&format!("printer,serial={serial},port=3")]).await;
    let node = usb_node(&usb::device(serial).await);
    assert_eq!(lab::appears(Path::new("/dev/kiosk").join(printer_at(3))).await, node);
    let names = names();
    assert_eq!(names.len(), 2, "{names:?}");
    for name in names {
        let harmless = |letter: char| letter.is_ascii_alphanumeric() || "#+-.:=@_".contains(letter);
        assert!(name.starts_with("printer-") && name.chars().all(harmless), "{name}");
        assert_eq!(lab::appears(Path::new("/dev/kiosk").join(name)).await, node);
    }
    assert!(fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device(), "it is no link now");
}
