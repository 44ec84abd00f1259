use kiosk_attached::UsbDevice;
use kiosk_driver_sdk::{Address, OpenError};
use proptest::prelude::*;

use super::Place;
use crate::config::Config;
use crate::ffi::Listed;

fn place(address: &str) -> Result<Place, OpenError> {
    Place::of(&Address::parse(address).unwrap(), &Config::default())
}

fn listed(names: &[&str]) -> Vec<Listed> {
    names.iter().map(|name| Listed { name: (*name).into(), ..Listed::default() }).collect()
}

#[test]
fn an_address_is_libsanes_name_behind_the_scheme() {
    let named = |backend: &str, name: &str| Place::Named { backend: backend.into(), name: name.into() };
    assert_eq!(place("sane:test:0").unwrap(), named("test", "test:0"));
    assert_eq!(place("sane:genesys:libusb:001:004").unwrap(), named("genesys", "genesys:libusb:001:004"));
    assert_eq!(place("sane:airscan:e0:Kiosk?a=1").unwrap(), named("airscan", "airscan:e0:Kiosk?a=1"));
    assert_eq!(place("sane:epsonds").unwrap(), Place::Only { backend: "epsonds".into() });
    assert_eq!(place("sane:epsonds:").unwrap(), Place::Only { backend: "epsonds".into() });
}

#[test]
fn a_wrong_address_says_how_it_is_written() {
    for (address, word) in [
        ("sane::0", "sane:BACKEND:DEVICE"),
        ("sane:../../etc/passwd:0", "sane:BACKEND:DEVICE"),
        ("usb:04a9:1709", "config.backend"),
        ("tcp:1.2.3.4:5", "tcp"),
    ] {
        let Err(OpenError::BadConfig(problem)) = place(address) else { panic!("{address}") };
        assert!(problem.contains(word), "{address}: {problem}");
    }
    let both = Config { backend: Some("test".into()), ..Config::default() };
    assert!(Place::of(&Address::parse("sane:test:0").unwrap(), &both).is_err());
    let wrong = Config { backend: Some("a/b".into()), ..Config::default() };
    assert!(Place::of(&Address::parse("usb:04a9:1709").unwrap(), &wrong).is_err());
}

#[test]
fn a_usb_scanner_that_is_not_attached_is_absent() {
    let config = Config { backend: Some("genesys".into()), ..Config::default() };
    let place = Place::of(&Address::parse("usb:ffff:fffe").unwrap(), &config);
    assert!(matches!(place, Err(OpenError::Absent(_))), "{place:?}");
}

#[test]
fn the_only_scanner_of_a_backend_is_found_and_several_are_named() {
    let only = Place::Only { backend: "test".into() };
    assert_eq!(only.choose(&listed(&["test:0", "tester:1"])).unwrap().name, "test:0");
    assert!(matches!(only.choose(&listed(&["tester:1"])), Err(OpenError::Absent(_))));
    let Err(OpenError::BadConfig(problem)) = only.choose(&listed(&["test:0", "test:1"])) else { panic!() };
    assert!(problem.contains("`sane:test:0`, `sane:test:1`"), "{problem}");
}

#[test]
fn a_usb_scanner_is_found_by_place_or_ids() {
    let device = UsbDevice {
        vendor: 0x04A9,
        product: 0x1709,
        serial: None,
        maker: None,
        model: None,
        port: "1-2".into(),
        bus: 1,
        number: 7,
        interfaces: Vec::new(),
        sysfs: "/nowhere".into(),
    };
    let usb = |backend: &str| Place::Usb { backend: backend.into(), device: Box::new(device.clone()) };
    let names = |names: &[&str], backend: &str| usb(backend).choose(&listed(names)).unwrap().name;
    assert_eq!(names(&["genesys:libusb:001:006", "genesys:libusb:001:007"], "genesys"), "genesys:libusb:001:007");
    assert_eq!(names(&["pixma:04A91709_18B3AF", "pixma:04A91912_222"], "pixma"), "pixma:04A91709_18B3AF");
    assert_eq!(names(&["pixma:04A91709_1", "pixma:04A91709_2"], "pixma"), "pixma:libusb:001:007");
    assert_eq!(names(&[], "epsonds"), "epsonds:libusb:001:007");
    assert_eq!(usb("pixma").node("pixma:04A91709_1").unwrap().to_str(), Some("/dev/bus/usb/001/007"));
}

#[test]
fn the_node_is_in_the_name() {
    let node = |name: &str| place("sane:x:y").unwrap().node(name).map(|node| node.display().to_string());
    assert_eq!(node("genesys:libusb:001:004").as_deref(), Some("/dev/bus/usb/001/004"));
    assert_eq!(node("test:0"), None);
    assert_eq!(node("genesys:libusb:1000:4"), None);
}

proptest! {
    #[test]
    fn no_address_makes_it_fall(rest in ".{1,60}") {
        if let Ok(address) = Address::parse(&format!("sane:{rest}"))
            && let Ok(place) = Place::of(&address, &Config::default())
        {
            prop_assert!(!place.backend().contains('/'));
            let _ = place.choose(&[]);
            let _ = place.node(&rest);
        }
    }
}
