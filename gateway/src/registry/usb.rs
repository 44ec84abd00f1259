//! `[[usb]]` of a `driver.toml`: which USB devices a driver serves. The only list of USB ids that there is: `discover`
//! and the udev rules are made from it. A driver of a library that has a list of its own in the machine's hardware database
//! (hwdb(7)) names the mark that it sets there instead of writing the list once more.

use std::collections::BTreeSet;

use kiosk_attached::UsbDevice;
use serde::Deserialize;

/// One `[[usb]]`: a device fits if everything that is said here is true of it. What is said of class, subclass and
/// protocol must be true of one and the same interface.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbEntry {
    /// What the device is for: its links are `/dev/kiosk/ROLE-SERIAL` and `/dev/kiosk/ROLE-PORT`.
    pub role: String,
    /// What it is, for people.
    pub name: Option<String>,
    /// `idVendor`.
    pub vendor: Option<u16>,
    /// `idProduct`.
    pub product: Option<u16>,
    /// `bInterfaceClass` of one of its interfaces.
    pub class: Option<u8>,
    /// `bInterfaceSubClass` of it.
    pub subclass: Option<u8>,
    /// `bInterfaceProtocol` of it.
    pub protocol: Option<u8>,
    /// What the machine's hardware database says of the device, `NAME=VALUE`, for example `libsane_matched=yes`.
    pub property: Option<String>,
    /// The nodes that the driver opens. Empty: another service does it, such as pcscd.
    #[serde(default = "usbfs")]
    pub nodes: Vec<NodeKind>,
    /// How its address is written, with `{usb}` for `VVVV:PPPP` and what tells it from its equals, and `{node}` for the
    /// stable name of its first node. Absent: `usb:{usb}`.
    pub address: Option<String>,
}

/// The kinds of `/dev` nodes that a driver may open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// `/dev/bus/usb/…`: the device itself, without a kernel driver.
    Usb,
    /// `/dev/ttyACM…`, `/dev/ttyUSB…`.
    Tty,
    /// `/dev/hidraw…`.
    Hidraw,
    /// `/dev/input/event…`.
    Input,
    /// `/dev/video…`.
    Video4linux,
    /// `/dev/usb/lp…`, `/dev/usb/hiddev…`.
    Usbmisc,
}

fn usbfs() -> Vec<NodeKind> {
    vec![NodeKind::Usb]
}

impl NodeKind {
    /// The kernel's name of the subsystem.
    pub fn subsystem(self) -> &'static str {
        match self {
            Self::Usb => "usb",
            Self::Tty => "tty",
            Self::Hidraw => "hidraw",
            Self::Input => "input",
            Self::Video4linux => "video4linux",
            Self::Usbmisc => "usbmisc",
        }
    }

    /// The nodes of this kind that a device has now.
    pub fn of(self, device: &UsbDevice) -> Vec<std::path::PathBuf> {
        if self == Self::Usb { vec![device.usb_node()] } else { device.nodes(self.subsystem()) }
    }
}

/// A `[[usb]]` that makes no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsbEntryError {
    /// The role is no part of a file name.
    #[error("role `{0}`: use 1 to 24 lower-case letters, digits and `-`, beginning with a letter")]
    Role(String),
    /// It fits every device.
    #[error("role `{0}` says neither vendor nor class nor property: at least one of them is needed")]
    Everything(String),
    /// A part without the whole.
    #[error("role `{role}` says {part} without {whole}")]
    Part {
        /// The role.
        role: String,
        /// What is said.
        part: &'static str,
        /// What is missing.
        whole: &'static str,
    },
    /// A class that says nothing about what a device is for.
    #[error("role `{role}`: class {class:#04x} alone would take {what}; say vendor (and product) too")]
    Broad {
        /// The role.
        role: String,
        /// The class.
        class: u8,
        /// Which devices have it as well.
        what: &'static str,
    },
    /// A property that is none, or of which other nodes than `usb` would have to know.
    #[error(
        "role `{role}`: property `{property}` must be NAME=VALUE of letters, digits, `_` and `.`, with `nodes` absent or []"
    )]
    Property {
        /// The role.
        role: String,
        /// The property.
        property: String,
    },
    /// An address with a placeholder that there is not.
    #[error("role `{role}`: address `{address}` has a placeholder that is neither `{{usb}}` nor `{{node}}`")]
    Placeholder {
        /// The role.
        role: String,
        /// The address.
        address: String,
    },
    /// An address that names a node of a device of which none is opened.
    #[error("role `{role}`: address `{address}` names a node, but `nodes` has none besides `usb`")]
    NoNode {
        /// The role.
        role: String,
        /// The address.
        address: String,
    },
}

impl UsbEntry {
    /// What types cannot express.
    ///
    /// # Errors
    /// [`UsbEntryError`], saying what would do.
    pub fn check(&self) -> Result<(), UsbEntryError> {
        let role = || self.role.clone();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let letter = self.role.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if !letter || self.role.len() > 24 || !self.role.bytes().all(plain) {
            return Err(UsbEntryError::Role(role()));
        }
        for (part, whole, missing) in [
            ("product", "vendor", self.product.is_some() && self.vendor.is_none()),
            ("subclass", "class", self.subclass.is_some() && self.class.is_none()),
            ("protocol", "subclass", self.protocol.is_some() && self.subclass.is_none()),
        ] {
            if missing {
                return Err(UsbEntryError::Part { role: role(), part, whole });
            }
        }
        match (self.vendor, self.class) {
            (None, None) if self.property.is_none() => return Err(UsbEntryError::Everything(role())),
            (None, Some(class)) if self.property.is_none() => {
                if let Some(what) = others_of(class) {
                    return Err(UsbEntryError::Broad { role: role(), class, what });
                }
            }
            _ => {}
        }
        if let Some(property) = &self.property {
            // It becomes part of a udev rule.
            let plain = |part: &str| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
            };
            let is_one = property.split_once('=').is_some_and(|(name, value)| plain(name) && plain(value));
            if !is_one || self.nodes.iter().any(|node| *node != NodeKind::Usb) {
                return Err(UsbEntryError::Property { role: role(), property: property.clone() });
            }
        }
        if let Some(address) = &self.address {
            let left = address.replace("{usb}", "").replace("{node}", "");
            if left.contains(['{', '}']) {
                return Err(UsbEntryError::Placeholder { role: role(), address: address.clone() });
            }
            if address.contains("{node}") && self.own_node().is_none() {
                return Err(UsbEntryError::NoNode { role: role(), address: address.clone() });
            }
        }
        Ok(())
    }

    /// The kind of node that `{node}` means: the first that a kernel driver makes.
    pub fn own_node(&self) -> Option<NodeKind> {
        self.nodes.iter().copied().find(|node| *node != NodeKind::Usb)
    }

    /// It means certain devices, not all of a class.
    pub fn knows(&self) -> bool {
        self.vendor.is_some() || self.property.is_some()
    }

    /// The device is one of those that are meant; `properties` is what udev says of it, each `NAME=VALUE`.
    pub fn fits(&self, device: &UsbDevice, properties: &BTreeSet<String>) -> bool {
        let is = |wanted: Option<u8>, has: u8| wanted.is_none_or(|wanted| wanted == has);
        self.vendor.is_none_or(|vendor| vendor == device.vendor)
            && self.property.as_ref().is_none_or(|property| properties.contains(property))
            && self.product.is_none_or(|product| product == device.product)
            && (self.class.is_none()
                || device.interfaces.iter().any(|interface| {
                    is(self.class, interface.class)
                        && is(self.subclass, interface.subclass)
                        && is(self.protocol, interface.protocol)
                }))
    }
}

/// Devices of quite another purpose that have this class too (USB-IF, Defined Class Codes).
fn others_of(class: u8) -> Option<&'static str> {
    Some(match class {
        0x00 => "every composite device",
        0x01 => "every microphone and loudspeaker",
        0x02 | 0x0a => "every modem and serial adapter",
        0x03 => "every keyboard and mouse",
        0x08 => "every disk",
        0x09 => "every hub",
        0xe0 => "every Bluetooth and network adapter",
        0xef => "every device of several functions",
        0xfe => "every device with its own firmware update",
        0xff => "every device whose maker defined its own protocol",
        _ => return None,
    })
}
