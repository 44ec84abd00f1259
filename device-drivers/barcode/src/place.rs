//! From the address to an open scanner.

use std::path::PathBuf;
use std::time::Duration;

use kiosk_attached::{SYS, UsbAddress, UsbDevice, list};
use kiosk_driver_sdk::protocol::barcode::BarcodeInterface;
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Address, OpenError, link};

use crate::Scanner;
use crate::assemble::Assembler;
use crate::config::{Config, Mode, Suffix};
use crate::guard::{Guard, device_of, event_nodes};
use crate::hid::HidPos;
use crate::keyboard::Keyboard;
use crate::serial::Serial;

/// How long a serial port may take to be opened.
const OPEN_WITHIN: Duration = Duration::from_secs(3);

/// An open scanner.
pub(crate) struct Found {
    pub(crate) scanner: Box<dyn Scanner>,
    /// Of what else it can type.
    pub(crate) guard: Guard,
    pub(crate) interface: BarcodeInterface,
    pub(crate) symbology: bool,
    pub(crate) identity: Identity,
}

/// How it is read, before it is known what else belongs to its device.
struct Read {
    scanner: Box<dyn Scanner>,
    interface: BarcodeInterface,
    symbology: bool,
    identity: Identity,
}

impl Read {
    /// With the device that it belongs to, if it is a USB device. `own` are the keyboards that are read.
    fn guarded(self, device: Option<UsbDevice>, own: &[PathBuf]) -> Result<Found, OpenError> {
        let Self { scanner, interface, symbology, identity } = self;
        let identity = device.as_ref().map_or(identity, identity_of);
        Ok(Found { scanner, guard: Guard::of(device, own)?, interface, symbology, identity })
    }
}

/// Opens the scanner.
///
/// # Errors
/// What kind of trouble it is decides what the gateway does next.
pub(crate) fn open(address: &Address, config: &Config) -> Result<Found, OpenError> {
    address.expect_scheme(&["usb", "hid", "input", "serial"])?;
    match address.scheme.as_str() {
        "serial" => serial(address, config),
        "usb" => usb(address, config),
        "hid" => {
            let node = link::node(address, "`hid:/dev/hidraw0`")?;
            let device = device_of(&node, "hidraw");
            let found = hid_pos(&[node], config)?.ok_or_else(|| wrong(address, "no scanner in HID POS mode"))?;
            found.guarded(device, &[])
        }
        _ => {
            let node = link::node(address, "`input:/dev/input/by-id/usb-Scanner-event-kbd`")?;
            let device = device_of(&node, "input");
            let own = [node.canonicalize().unwrap_or(node)];
            let found = keyboard(&own, config)?.ok_or_else(|| wrong(address, "no keyboard"))?;
            found.guarded(device, &own)
        }
    }
}

fn wrong(address: &Address, what: &str) -> OpenError {
    OpenError::BadConfig(format!("the device at `{}` is {what}", address.text))
}

fn serial(address: &Address, config: &Config) -> Result<Found, OpenError> {
    let device = match address.rest.strip_prefix("usb:") {
        // Whether it is written rightly and attached, the link says.
        Some(ids) => {
            let options = address.options.iter().filter(|(name, _)| matches!(name.as_str(), "serial" | "port"));
            UsbAddress::parse(ids, options).ok().and_then(|usb| usb.find(&list(SYS.as_ref())).ok())
        }
        None => device_of(address.rest.as_ref(), "tty"),
    };
    let link = link::open(address, OPEN_WITHIN)?;
    let scanner = Serial::new(link, Assembler::new(config.suffix, config.pause()));
    let (interface, symbology) = (BarcodeInterface::Serial, config.aim_prefix);
    Read { scanner: Box::new(scanner), interface, symbology, identity: Identity::default() }.guarded(device, &[])
}

fn usb(address: &Address, config: &Config) -> Result<Found, OpenError> {
    let (device, usb) = (link::usb_device(address)?, &address.text);
    // The kernel makes the nodes a little later than the device.
    let not_yet = |what: &str| OpenError::Absent(format!("`{usb}` has no {what} node (yet)"));
    let (found, own, other) = match config.mode {
        Mode::HidPos => {
            let nodes = device.nodes("hidraw");
            if nodes.is_empty() {
                return Err(not_yet("hidraw"));
            }
            (hid_pos(&nodes, config)?, Vec::new(), "it may be set up as a keyboard: use `config.mode = \"keyboard\"`")
        }
        Mode::Keyboard => {
            let nodes = event_nodes(&device);
            if nodes.is_empty() {
                return Err(not_yet("input"));
            }
            (keyboard(&nodes, config)?, nodes, "it may be set up for HID POS: use `config.mode = \"hid_pos\"`")
        }
    };
    let found = found.ok_or_else(|| OpenError::BadConfig(format!("`{usb}` is no scanner in that mode; {other}")))?;
    found.guarded(Some(device), &own)
}

fn identity_of(device: &UsbDevice) -> Identity {
    let UsbDevice { maker, model, serial, .. } = device.clone();
    Identity { maker, model, serial, firmware: None }
}

/// The first of the nodes that is a scanner in POS mode.
fn hid_pos(nodes: &[PathBuf], config: &Config) -> Result<Option<Read>, OpenError> {
    for node in nodes {
        if let Some(scanner) = HidPos::open(node, config.pause())? {
            let symbology = scanner.tells_symbology();
            let (interface, identity) = (BarcodeInterface::HidPos, Identity::default());
            return Ok(Some(Read { scanner: Box::new(scanner), interface, symbology, identity }));
        }
    }
    Ok(None)
}

fn keyboard(nodes: &[PathBuf], config: &Config) -> Result<Option<Read>, OpenError> {
    if matches!(config.suffix, Suffix::Lf | Suffix::Crlf | Suffix::StxEtx) {
        return Err(OpenError::BadConfig("config.suffix: a keyboard has `line`, `cr`, `tab` or `pause`".into()));
    }
    let Some(scanner) = Keyboard::open(nodes, config.suffix, config.pause())? else { return Ok(None) };
    let identity = Identity { model: scanner.name().map(str::to_owned), ..Identity::default() };
    let (interface, symbology) = (BarcodeInterface::Keyboard, config.aim_prefix);
    Ok(Some(Read { scanner: Box::new(scanner), interface, symbology, identity }))
}
