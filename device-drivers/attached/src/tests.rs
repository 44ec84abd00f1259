mod names;
mod tree;

use proptest::prelude::*;

use super::{AddressError, FindError, UsbAddress, UsbDevice, list, nodes_of};
use tree::Tree;

fn address(text: &str) -> Result<UsbAddress, AddressError> {
    let rest = text.strip_prefix("usb:").unwrap();
    let (ids, options) = rest.split_once('?').unwrap_or((rest, ""));
    let options = options.split('&').filter(|option| !option.is_empty());
    UsbAddress::parse(ids, options.map(|option| option.split_once('=').unwrap()))
}

fn ports(devices: &[UsbDevice]) -> Vec<&str> {
    devices.iter().map(|device| device.port.as_str()).collect()
}

#[test]
fn a_machine_without_usb_has_no_devices() {
    let tree = Tree::new();
    assert_eq!(list(tree.path()), []);
    assert_eq!(nodes_of(tree.path(), "tty"), []);
}

#[test]
fn a_device_is_told_with_its_interfaces_and_nodes() {
    let tree = Tree::new();
    tree.usb("1-1.2", 0x04b8, 0x0202, Some("X3J7"));
    tree.interface("1-1.2", 0, [7, 1, 2], Some("usblp"));
    tree.node("1-1.2", "1-1.2:1.0/usbmisc/lp0", "usbmisc", "usb/lp0");
    let [device] = &list(tree.path())[..] else { panic!("one device") };
    assert_eq!((device.vendor, device.product, device.serial.as_deref()), (0x04b8, 0x0202, Some("X3J7")));
    assert_eq!((device.maker.as_deref(), device.model.as_deref()), (Some("Maker"), Some("Model")));
    assert_eq!(device.usb_node().to_str(), Some("/dev/bus/usb/001/002"));
    assert_eq!(device.interfaces[0].driver.as_deref(), Some("usblp"));
    assert!(device.has_class(7) && !device.is_hub());
    assert_eq!(device.nodes("usbmisc"), [std::path::Path::new("/dev/usb/lp0")]);
    assert!(device.nodes("tty").is_empty());
}

#[test]
fn a_hub_does_not_own_the_nodes_of_the_devices_behind_it() {
    let tree = Tree::new();
    tree.usb("1-1", 0x1d6b, 2, None);
    tree.interface("1-1", 0, [9, 0, 0], Some("hub"));
    tree.usb("1-1.10", 0x0403, 0x6001, None);
    tree.usb("1-1.2", 0x0403, 0x6001, None);
    tree.node("1-1.2", "1-1.2:1.0/ttyUSB0/tty/ttyUSB0", "tty", "ttyUSB0");
    let devices = list(tree.path());
    assert_eq!(ports(&devices), ["1-1", "1-1.2", "1-1.10"], "as people count");
    assert!(devices[0].is_hub() && devices[0].nodes("tty").is_empty());
    assert_eq!(devices[1].nodes("tty").len(), 1);
    let nodes = nodes_of(tree.path(), "tty");
    assert_eq!(nodes[0].usb(&devices).map(|device| device.port.as_str()), Some("1-1.2"));
}

#[test]
fn a_node_without_usb_is_listed_by_its_subsystem() {
    let tree = Tree::new();
    for number in [10, 2] {
        let name = format!("video{number}");
        tree.platform_node("vivid.0", &format!("video4linux/{name}"), "video4linux", &name);
    }
    let nodes = nodes_of(tree.path(), "video4linux");
    let paths: Vec<&str> = nodes.iter().map(|node| node.path.to_str().unwrap()).collect();
    assert_eq!(paths, ["/dev/video2", "/dev/video10"]);
    assert_eq!(nodes[0].usb(&list(tree.path())), None);
    assert_eq!(nodes[0].name.as_deref(), Some("vivid-cap"));
    assert_eq!(nodes_of(tree.path(), "../bus"), [], "a subsystem is a name, not a path");
}

#[test]
fn nothing_that_a_device_says_of_itself_reaches_the_terminal_as_a_command() {
    let tree = Tree::new();
    tree.usb("1-1", 0x1234, 0x5678, None);
    tree.attribute("1-1", "manufacturer", b"\x1b[2J\x07Evil\r\n\xff\xfe Corp\xe2\x80\xae");
    tree.attribute("1-1", "product", &[b'a'; 100_000]);
    tree.attribute("1-1", "serial", b"\n\n");
    let [device] = &list(tree.path())[..] else { panic!("one device") };
    assert_eq!(device.maker.as_deref(), Some("[2JEvil\u{fffd}\u{fffd} Corp"));
    assert_eq!(device.model.as_ref().map(String::len), Some(126));
    assert_eq!(device.serial, None);
}

#[test]
fn a_device_whose_files_are_nonsense_is_left_out_and_the_others_stay() {
    let tree = Tree::new();
    tree.usb("1-1", 1, 1, None);
    tree.usb("1-2", 2, 2, None);
    tree.attribute("1-1", "idVendor", b"zz\0z");
    assert_eq!(ports(&list(tree.path())), ["1-2"]);
    tree.attribute("1-2", "devnum", b"99999");
    assert_eq!(list(tree.path()), []);
}

#[test]
fn a_device_with_a_given_serial_is_found_on_any_port() {
    let tree = Tree::new();
    tree.usb("1-1", 0x04b8, 0x0202, Some("A"));
    tree.usb("1-2", 0x04b8, 0x0202, Some("B"));
    let wanted = address("usb:04b8:0202?serial=B").unwrap();
    assert_eq!(wanted.find(&list(tree.path())).unwrap().port, "1-2");
    tree.unplug("1-2");
    let gone = wanted.find(&list(tree.path())).unwrap_err();
    assert!(gone.to_string().contains("`usb:04b8:0202?serial=A` for the one at port 1-1"), "{gone}");
    tree.usb("2-1.4", 0x04b8, 0x0202, Some("B"));
    assert_eq!(wanted.find(&list(tree.path())).unwrap().port, "2-1.4");
}

#[test]
fn two_equal_devices_are_told_apart_by_serial_else_by_port() {
    let tree = Tree::new();
    tree.usb("1-1", 0x04b8, 0x0202, Some("A"));
    tree.usb("1-2", 0x04b8, 0x0202, None);
    let attached = list(tree.path());
    let error = address("usb:04b8:0202").unwrap().find(&attached).unwrap_err();
    assert_eq!(
        error.to_string(),
        "2 devices are `usb:04b8:0202`: write `usb:04b8:0202?serial=A` for the one at port 1-1 or \
         `usb:04b8:0202?port=1-2` for the one at port 1-2"
    );
    assert_eq!(address("usb:04b8:0202?port=1-2").unwrap().find(&attached).unwrap().serial, None);
}

#[test]
fn a_serial_number_that_two_devices_share_tells_nothing_so_the_port_does() {
    let tree = Tree::new();
    tree.usb("1-1", 0x04b8, 0x0202, Some("0000"));
    tree.usb("1-2", 0x04b8, 0x0202, Some("0000"));
    let attached = list(tree.path());
    let error = address("usb:04b8:0202?serial=0000").unwrap().find(&attached).unwrap_err();
    assert!(matches!(&error, FindError::Ambiguous { found, .. } if found.len() == 2), "{error}");
    assert_eq!(UsbAddress::of(&attached[0], &attached).to_string(), "usb:04b8:0202?port=1-1");
}

#[test]
fn a_wrong_address_says_how_it_is_written() {
    for (text, part) in [
        ("usb:4b8:202", "four hexadecimal digits"),
        ("usb:04b8", "four hexadecimal digits"),
        ("usb:+4b8:0202", "four hexadecimal digits"),
        ("usb:04b8:0202?speed=1", "no option `speed`"),
        ("usb:04b8:0202?port=../../x", "is no USB port"),
        ("usb:04b8:0202?port=1-1.1.1.1.1.1.1.1", "is no USB port"),
        ("usb:04b8:0202?serial=", "is no serial number"),
        ("usb:04b8:0202?serial=%f", "is no serial number"),
    ] {
        let error = address(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn the_address_of_a_device_finds_it_whatever_its_serial_number(serial in "\\PC{1,40}", other in "\\PC{1,40}") {
        let tree = Tree::new();
        tree.usb("1-1", 0x04b8, 0x0202, Some(&serial));
        tree.usb("1-2", 0x04b8, 0x0202, Some(&other));
        let attached = list(tree.path());
        for device in &attached {
            let text = UsbAddress::of(device, &attached).to_string();
            prop_assert_eq!(&address(&text).unwrap().find(&attached).unwrap(), device, "{}", text);
        }
    }

    #[test]
    fn any_bytes_in_any_file_are_read_without_a_panic(
        name in prop::sample::select(vec!["idVendor", "serial", "product", "busnum", "devnum"]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let tree = Tree::new();
        tree.usb("1-1", 1, 1, None);
        tree.attribute("1-1", name, &bytes);
        for device in list(tree.path()) {
            let texts = [device.serial, device.maker, device.model];
            prop_assert!(texts.iter().flatten().all(|text| !text.chars().any(char::is_control)));
        }
    }
}
