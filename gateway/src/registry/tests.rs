use std::path::PathBuf;

use kiosk_attached::{Interface, UsbDevice};

use super::usb::UsbEntryError;
use super::{Registry, RegistryError, UsbEntry, udev};
use crate::config::Drivers;

/// A folder of drivers, each with this text after its name and program.
fn registry(drivers: &[(&str, &str)]) -> Result<Registry, RegistryError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, rest) in drivers {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        let text = format!(
            "name = \"{name}\"\nkind = \"ups\"\nprogram = \"p\"\nsummary = \"s\"\naddresses = [\"usb:\"]\n{rest}"
        );
        std::fs::write(folder.path().join(name).join("driver.toml"), text).unwrap();
    }
    Registry::load(&Drivers { dirs: vec![folder.path().to_owned()], programs: None })
}

fn entry(text: &str) -> UsbEntry {
    let entry: UsbEntry = toml::from_str(text).unwrap();
    entry.check().unwrap();
    entry
}

fn device(vendor: u16, product: u16, interfaces: &[[u8; 3]]) -> UsbDevice {
    let interface = |(number, [class, subclass, protocol]): (usize, &[u8; 3])| Interface {
        number: u8::try_from(number).unwrap(),
        class: *class,
        subclass: *subclass,
        protocol: *protocol,
        driver: None,
    };
    UsbDevice {
        vendor,
        product,
        serial: None,
        maker: None,
        model: None,
        port: "1-1".into(),
        bus: 1,
        number: 2,
        interfaces: interfaces.iter().enumerate().map(interface).collect(),
        sysfs: PathBuf::from("/nowhere"),
    }
}

#[test]
fn a_key_that_there_is_not_is_refused_with_the_file() {
    let error = registry(&[("a", "[[usb]]\nrole = \"x\"\nvendor = 1\nprodcut = 2")]).unwrap_err().to_string();
    assert!(error.contains("a/driver.toml") && error.contains("prodcut"), "{error}");
}

#[test]
fn an_entry_without_sense_is_refused_with_what_would_do() {
    for (text, part) in [
        ("role = \"../x\"\nvendor = 1", "role `../x`"),
        ("role = \"x\"", "neither vendor nor class"),
        ("role = \"x\"\nproduct = 1", "product without vendor"),
        ("role = \"x\"\nclass = 7\nprotocol = 1", "protocol without subclass"),
        ("role = \"x\"\nclass = 3", "every keyboard"),
        ("role = \"x\"\nvendor = 1\naddress = \"hid:{id}\"", "neither `{usb}` nor `{node}`"),
        ("role = \"x\"\nvendor = 1\naddress = \"serial:{node}\"", "names a node"),
        ("role = \"x\"\nproperty = \"matched\"", "NAME=VALUE"),
        ("role = \"x\"\nproperty = \"a=b\\\", RUN+=\\\"x\"", "NAME=VALUE"),
        ("role = \"x\"\nproperty = \"a=b\"\nnodes = [\"tty\"]", "`nodes` absent or []"),
    ] {
        let error = registry(&[("a", &format!("[[usb]]\n{text}"))]).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, RegistryError::Invalid { .. }) && message.contains(part), "{text}: {message}");
    }
    let broad: UsbEntry = toml::from_str("role = \"x\"\nclass = 0xff").unwrap();
    assert!(matches!(broad.check(), Err(UsbEntryError::Broad { class: 0xff, .. })));
}

#[test]
fn a_device_fits_if_everything_that_is_said_is_true_of_it() {
    let printer = device(0x04b8, 0x0202, &[[3, 1, 1], [7, 1, 2]]);
    for (text, fits) in [
        ("vendor = 0x04b8", true),
        ("vendor = 0x04b8\nproduct = 0x0202", true),
        ("vendor = 0x04b8\nproduct = 0x0203", false),
        ("class = 7", true),
        ("class = 7\nsubclass = 1\nprotocol = 4", false),
        ("vendor = 0x04b8\nclass = 14", false),
        ("vendor = 1\nclass = 7", false),
        // Both are there, but of two interfaces.
        ("class = 7\nsubclass = 1\nprotocol = 1", false),
        ("property = \"libsane_matched=yes\"", true),
        ("property = \"libsane_matched=no\"", false),
        ("vendor = 1\nproperty = \"libsane_matched=yes\"", false),
    ] {
        let properties = ["libsane_matched=yes".to_owned()].into();
        assert_eq!(entry(&format!("role = \"x\"\n{text}")).fits(&printer, &properties), fits, "{text}");
    }
}

#[test]
fn the_rules_give_each_node_its_group_and_name_and_keep_modem_manager_away() {
    let registry = registry(&[
        ("qr", "[[usb]]\nrole = \"qr\"\nvendor = 0x0403\nproduct = 0x6001\nnodes = [\"tty\"]"),
        ("cam", "[[usb]]\nrole = \"camera\"\nclass = 0x0e\nsubclass = 1\nnodes = [\"video4linux\"]"),
        ("ups", "[[usb]]\nrole = \"ups\"\nvendor = 0x051d\nnodes = []"),
        ("scan", "[[usb]]\nrole = \"scanner\"\nproperty = \"libsane_matched=yes\""),
    ])
    .unwrap();
    let rules = udev::rules(&registry);
    for line in [
        r#"SUBSYSTEM=="tty", ENV{.KIOSK_IDS}=="0403:6001", GROUP="kiosk", MODE="0660", TAG+="systemd""#,
        r#"SUBSYSTEM=="tty", ENV{.KIOSK_IDS}=="0403:6001", SYMLINK+="kiosk/qr-$env{.KIOSK_NAME} kiosk/qr-$env{.KIOSK_PORT}", ENV{.KIOSK_KNOWN}="1""#,
        r#"SUBSYSTEM=="usb", ENV{.KIOSK_IDS}=="0403:6001", ENV{ID_MM_DEVICE_IGNORE}="1""#,
        r#"SUBSYSTEM=="usb", ENV{libsane_matched}=="yes", GROUP="kiosk", MODE="0660", TAG+="systemd""#,
        r#"SUBSYSTEM=="usb", ENV{libsane_matched}=="yes", SYMLINK+="kiosk/scanner-$env{.KIOSK_NAME} kiosk/scanner-$env{.KIOSK_PORT}""#,
        r#"SUBSYSTEM=="video4linux", SUBSYSTEMS=="usb", ATTRS{bInterfaceClass}=="0e", ATTRS{bInterfaceSubClass}=="01", ATTR{index}=="0", ENV{.KIOSK_KNOWN}!="1", SYMLINK+="kiosk/camera-$env{.KIOSK_NAME} kiosk/camera-$env{.KIOSK_PORT}""#,
    ] {
        assert!(rules.lines().any(|own| own == line), "{line}\n{rules}");
    }
    assert!(!rules.contains("051d"), "what another service opens is left to it");
    let (qr, camera) = (rules.find("# qr").unwrap(), rules.find("# cam").unwrap());
    assert!(qr < camera, "ids come before classes");
}

#[test]
fn two_drivers_for_one_device_make_one_rule() {
    let same = "[[usb]]\nrole = \"ups\"\nvendor = 0x051d\nclass = 3\nnodes = [\"hidraw\"]";
    let rules = udev::rules(&registry(&[("a", same), ("b", same)]).unwrap());
    assert_eq!(rules.matches("SYMLINK").count(), 1, "{rules}");
}

#[test]
fn the_name_of_a_device_cannot_become_a_rule() {
    let rest = "[[usb]]\nrole = \"x\"\nvendor = 1\nname = \"a\\nRUN+=\\\"/bin/sh\\\"\"";
    let rules = udev::rules(&registry(&[("a", rest)]).unwrap());
    assert!(!rules.lines().any(|line| line.starts_with("RUN")), "{rules}");
}
