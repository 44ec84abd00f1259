pub(in crate::run) mod machine;

use std::path::Path;

use super::table::{Paint, of_devices};
use super::{paste, survey};
use crate::config::Config;
use crate::registry::{Registry, udev};
use machine::Machine;

const EPSON: (u16, u16) = (0x04b8, 0x0202);
const PRINTER: [u8; 3] = [7, 1, 2];

#[test]
fn an_empty_machine_has_nothing_to_use_and_says_so() {
    let machine = Machine::new();
    let survey = survey(&machine.system(), &Machine::registry());
    assert!(of_devices(&survey, Paint::Plain).contains("Nothing is attached"));
    assert!(paste::configuration(&survey).contains("No driver knows any of it"));
}

#[test]
fn what_is_printed_can_be_pasted_and_means_the_device() {
    let machine = Machine::new();
    machine.usb("1-1", EPSON, Some("A#1"), PRINTER, "usblp").usb("1-2", EPSON, None, PRINTER, "usblp");
    let survey = survey(&machine.system(), &Machine::registry());
    let text = paste::configuration(&survey);
    let config = Config::parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    let addresses: Vec<&str> = config.devices.values().map(|device| device.address.as_str()).collect();
    assert_eq!(addresses, ["usb:04b8:0202?serial=A%231", "usb:04b8:0202?port=1-2"]);
    assert!(config.devices.values().all(|device| device.driver == "escpos"));
}

#[test]
fn a_scanner_that_sane_knows_is_printed_with_the_backend_that_names_it() {
    let machine = Machine::new();
    let maker = [0xff, 0xff, 0xff];
    machine.usb("1-1", (0x04a9, 0x1909), Some("S"), maker, "none").property(1, "libsane_matched=yes");
    machine.file("/etc/sane.d/genesys.conf", "# usb 0x04a9 0x0000\nusb 0x04a9 0x1909\n");
    machine
        .file("/etc/sane.d/plustek.conf", "[usb] 0x07b3 0x0017\n")
        .file("/etc/sane.d/x y.conf", "usb 0x04a9 0x1909\n");
    let survey = survey(&machine.system(), &Machine::registry());
    let text = paste::configuration(&survey);
    let config = Config::parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    let device = &config.devices["scanner"];
    assert_eq!((device.driver.as_str(), device.address.as_str()), ("sane", "usb:04a9:1909?serial=S"));
    assert!(text.contains("config = { backend = \"genesys\" }") && !text.contains("Only its class"), "{text}");
    let table = of_devices(&survey, Paint::Plain);
    assert!(table.lines().any(|line| line.starts_with("1-1") && line.ends_with("sane")), "{table}");
}

#[test]
fn a_scanner_whose_backend_does_not_say_so_is_printed_with_the_way_to_find_it_out() {
    let machine = Machine::new();
    machine.usb("1-1", (0x04a9, 0x1912), None, [0xff, 0, 0], "none").property(1, "libsane_matched=yes");
    let text = paste::configuration(&survey(&machine.system(), &Machine::registry()));
    Config::parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert!(text.contains("driver = \"sane\"") && text.contains("scanimage -L"), "{text}");
}

#[test]
fn without_udevs_word_for_it_nothing_is_taken_for_a_scanner() {
    let machine = Machine::new();
    machine.usb("1-1", (0x04a9, 0x1909), None, [0xff, 0, 0], "none").property(2, "libsane_matched=yes");
    machine.usb("1-3", (0x04a9, 0x1909), None, [0xff, 0, 0], "none").property(3, "libsane_matched=no");
    machine.file("/etc/sane.d/genesys.conf", "usb 0x04a9 0x1909\n");
    assert!(survey(&machine.system(), &Machine::registry()).usb.iter().all(|found| found.drivers.is_empty()));
}

#[test]
fn a_device_of_ipp_over_usb_can_be_scanner_and_printer_at_once() {
    let machine = Machine::new();
    machine.usb("1-1", (0x03f0, 0x0001), Some("M"), [7, 1, 4], "usbfs");
    let survey = survey(&machine.system(), &Machine::registry());
    let drivers: Vec<&str> = survey.usb[0].drivers.iter().map(|fit| fit.driver.as_str()).collect();
    assert_eq!(drivers[..2], ["escl", "ipp"]);
    let text = paste::configuration(&survey);
    Config::parse(&text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    assert!(text.contains("address = \"http://localhost:60000/eSCL\""), "{text}");
    assert!(
        text.contains("# another device: driver = \"ipp\", address = \"ipp://localhost:60000/ipp/print\""),
        "{text}"
    );
}

#[test]
fn a_ups_that_upower_watches_is_offered_through_it_too() {
    let machine = Machine::new();
    machine.usb("1-1", (0x051d, 2), Some("U"), [3, 0, 0], "usbhid").property(1, "UPOWER_BATTERY_TYPE=ups");
    machine.usb("1-2", (0x0001, 2), Some("V"), [3, 0, 0], "usbhid").property(2, "UPOWER_BATTERY_TYPE=ups");
    let survey = survey(&machine.system(), &Machine::registry());
    let drivers = |at: usize| -> Vec<&str> { survey.usb[at].drivers.iter().map(|fit| fit.driver.as_str()).collect() };
    assert_eq!((drivers(0), drivers(1)), (vec!["hid-ups", "nut", "upower"], vec!["upower"]));
    let text = paste::configuration(&survey);
    assert!(text.contains("# or: driver = \"upower\", address = \"upower:any\""), "{text}");
}

#[test]
fn a_device_that_no_driver_knows_is_listed_as_that() {
    let machine = Machine::new();
    machine.usb("1-3", (0x1234, 0x5678), None, [0xff, 0, 0], "none");
    let survey = survey(&machine.system(), &Machine::registry());
    let table = of_devices(&survey, Paint::Plain);
    let line = table.lines().find(|line| line.starts_with("1-3")).unwrap();
    assert!(line.contains("1234:5678") && line.ends_with("no driver knows it"), "{table}");
    assert!(of_devices(&survey, Paint::Colour).contains("\x1b[33mno driver knows it"));
}

#[test]
fn a_driver_that_knows_the_ids_comes_before_one_that_knows_the_class() {
    let machine = Machine::new();
    machine.usb("1-1", EPSON, Some("A"), PRINTER, "usblp").usb("1-2", (0x1234, 1), None, PRINTER, "usblp");
    let survey = survey(&machine.system(), &Machine::registry());
    let first = |at: usize| &survey.usb[at].drivers[0];
    assert!(first(0).known && first(0).role == "receipt", "{:?}", first(0));
    assert!(!first(1).known, "{:?}", first(1));
    assert!(paste::configuration(&survey).contains("Only its class is known"));
}

#[test]
fn an_address_with_a_node_has_the_name_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("qr")).unwrap();
    let toml = "name = \"qr\"\nkind = \"ups\"\nprogram = \"p\"\nsummary = \"s\"\naddresses = [\"serial:\"]\n[[usb]]\nrole = \"qr\"\nvendor = 0x0403\nnodes = [\"tty\"]\naddress = \"serial:{node}?baud=9600\"\n";
    std::fs::write(folder.path().join("qr/driver.toml"), toml).unwrap();
    let drivers = crate::config::Drivers { dirs: vec![folder.path().to_owned()], programs: None };
    let registry = Registry::load(&drivers).unwrap();
    let machine = Machine::new();
    machine.usb("1-1", (0x0403, 0x6001), Some("S1"), [0xff, 0, 0], "ftdi_sio");
    machine.kernel_node("1-1", "tty", "ttyUSB0", 0o660);
    let address = |machine: &Machine| survey(&machine.system(), &registry).usb[0].drivers[0].address.clone();
    assert_eq!(address(&machine), "serial:/dev/ttyUSB0?baud=9600");
    machine.link("/dev/kiosk/qr-1-1", "../ttyUSB0").link("/dev/kiosk/qr-S1", "../ttyUSB0");
    assert_eq!(address(&machine), "serial:/dev/kiosk/qr-S1?baud=9600");
    let found = &survey(&machine.system(), &registry).usb[0];
    assert_eq!(found.links, [Path::new("/dev/kiosk/qr-1-1"), Path::new("/dev/kiosk/qr-S1")]);
    assert!(udev::rules(&registry).contains("kiosk/qr-"));
}

#[test]
fn a_name_that_udev_left_behind_is_not_shown_as_another_devices() {
    let machine = Machine::new();
    machine.usb("1-2", (0x051d, 2), Some("B"), [3, 0, 0], "usbhid").kernel_node("1-2", "hidraw", "hidraw0", 0o660);
    // Of a device that was at port 1-1, whose node had the same number, and of one whose node is gone.
    machine.link("/dev/kiosk/ups-1-1", "../hidraw0").link("/dev/kiosk/ups-A", "../hidraw9");
    machine.link("/dev/kiosk/ups-B", "../hidraw0");
    let found = &survey(&machine.system(), &Machine::registry()).usb[0];
    assert_eq!(found.links, [Path::new("/dev/kiosk/ups-B")]);
}

#[test]
fn json_has_all_that_the_table_has() {
    let machine = Machine::new();
    machine.usb("1-1", EPSON, Some("A"), PRINTER, "usblp").kernel_node("1-1", "usbmisc", "lp0", 0o660);
    let json = serde_json::to_value(survey(&machine.system(), &Machine::registry())).unwrap();
    let device = &json["usb"][0];
    assert_eq!(device["ids"], "04b8:0202");
    assert_eq!(device["interfaces"][0]["kernel_driver"], "usblp");
    assert_eq!(device["nodes"][0], "/dev/lp0");
    assert_eq!(device["drivers"][0]["address"], "usb:04b8:0202?serial=A");
}
