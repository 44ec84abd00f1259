//! From the address to an open scanner.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kiosk_attached::{SYS, UsbAddress, UsbDevice, list};
use kiosk_driver_sdk::protocol::barcode::BarcodeInterface;
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Address, OpenError, link};

use crate::Scanner;
use crate::assemble::Assembler;
use crate::config::{Config, Mode, Suffix};
use crate::hid::HidPos;
use crate::keyboard::{Keyboard, typing::Typing};
use crate::serial::Serial;

/// How long a serial port may take to be opened.
const OPEN_WITHIN: Duration = Duration::from_secs(3);

/// An open scanner.
pub(crate) struct Found {
    pub(crate) scanner: Box<dyn Scanner>,
    pub(crate) interface: BarcodeInterface,
    pub(crate) symbology: bool,
    pub(crate) identity: Identity,
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
        scheme => {
            let node = node(address)?;
            let found = if scheme == "hid" { hid_pos(&[node], config)? } else { keyboard(&[node], config)? };
            found.ok_or_else(|| {
                let wanted = if scheme == "hid" { "no scanner in HID POS mode" } else { "no keyboard" };
                OpenError::BadConfig(format!("the device at `{}` is {wanted}", address.text))
            })
        }
    }
}

fn node(address: &Address) -> Result<PathBuf, OpenError> {
    let path = Path::new(&address.rest);
    if !path.is_absolute() || !address.options.is_empty() {
        let text = &address.text;
        return Err(OpenError::BadConfig(format!(
            "address `{text}`: write the path of the node, for example `hid:/dev/hidraw0` or \
             `input:/dev/input/by-id/usb-Scanner-event-kbd`"
        )));
    }
    Ok(path.to_owned())
}

fn serial(address: &Address, config: &Config) -> Result<Found, OpenError> {
    let link = link::open(address, OPEN_WITHIN)?;
    let scanner = Serial::new(link, Assembler::new(config.suffix, config.pause()));
    Ok(Found {
        scanner: Box::new(scanner),
        interface: BarcodeInterface::Serial,
        symbology: config.aim_prefix,
        identity: Identity::default(),
    })
}

fn usb(address: &Address, config: &Config) -> Result<Found, OpenError> {
    let usb =
        UsbAddress::parse(&address.rest, &address.options).map_err(|error| OpenError::BadConfig(error.to_string()))?;
    let device = usb.find(&list(SYS.as_ref())).map_err(|error| OpenError::Absent(error.to_string()))?;
    // The kernel makes the nodes a little later than the device.
    let not_yet = |what: &str| OpenError::Absent(format!("`{usb}` has no {what} node (yet)"));
    let (found, other) = match config.mode {
        Mode::HidPos => {
            let nodes = device.nodes("hidraw");
            if nodes.is_empty() {
                return Err(not_yet("hidraw"));
            }
            (hid_pos(&nodes, config)?, "it may be set up as a keyboard: use `config.mode = \"keyboard\"`")
        }
        Mode::Keyboard => {
            let is_event =
                |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("event"));
            let nodes: Vec<PathBuf> = device.nodes("input").into_iter().filter(is_event).collect();
            if nodes.is_empty() {
                return Err(not_yet("input"));
            }
            (keyboard(&nodes, config)?, "it may be set up for HID POS: use `config.mode = \"hid_pos\"`")
        }
    };
    let found = found.ok_or_else(|| OpenError::BadConfig(format!("`{usb}` is no scanner in that mode; {other}")))?;
    Ok(Found { identity: identity(device), ..found })
}

fn identity(device: UsbDevice) -> Identity {
    Identity { maker: device.maker, model: device.model, serial: device.serial, firmware: None }
}

/// The first of the nodes that is a scanner in POS mode.
fn hid_pos(nodes: &[PathBuf], config: &Config) -> Result<Option<Found>, OpenError> {
    for node in nodes {
        if let Some(scanner) = HidPos::open(node, config.pause())? {
            let symbology = scanner.tells_symbology();
            let (interface, identity) = (BarcodeInterface::HidPos, Identity::default());
            return Ok(Some(Found { scanner: Box::new(scanner), interface, symbology, identity }));
        }
    }
    Ok(None)
}

fn keyboard(nodes: &[PathBuf], config: &Config) -> Result<Option<Found>, OpenError> {
    if matches!(config.suffix, Suffix::Lf | Suffix::Crlf | Suffix::StxEtx) {
        return Err(OpenError::BadConfig("config.suffix: a keyboard has `line`, `cr`, `tab` or `pause`".into()));
    }
    let Some(scanner) = Keyboard::open(nodes, Typing::new(config.suffix, config.pause()))? else { return Ok(None) };
    let identity = Identity { model: scanner.name().map(str::to_owned), ..Identity::default() };
    let (interface, symbology) = (BarcodeInterface::Keyboard, config.aim_prefix);
    Ok(Some(Found { scanner: Box::new(scanner), interface, symbology, identity }))
}
