//! The address of a USB device, `usb:04b8:0202`, with `?serial=…` or `?port=1-1.2` where several are equal, and which of
//! the attached devices it means.

use std::fmt;

use crate::usb::{UsbDevice, is_port};

/// Which USB device is meant: this vendor and product, and where given this serial number and this port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbAddress {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// Its serial number: the device is found at any port.
    pub serial: Option<String>,
    /// Its port: whatever device of this kind is plugged in there.
    pub port: Option<String>,
}

/// An address that names no USB device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not two numbers with a colon between them.
    #[error(
        "`usb:{0}` is no USB address: write vendor and product as four hexadecimal digits each, as `lsusb` shows them, for example `usb:04b8:0202`"
    )]
    Ids(String),
    /// An option that there is not.
    #[error(
        "a USB address has no option `{0}`: there are `serial=…` and `port=…`, for example `usb:04b8:0202?port=1-1.2`"
    )]
    Option(String),
    /// A port that cannot be one.
    #[error("`port={0}` is no USB port: write it as `kiosk-gateway discover` shows it, for example `port=1-1.2`")]
    Port(String),
    /// A serial number that cannot be one.
    #[error(
        "`serial={0}` is no serial number: it is empty, or has a `%` that is not followed by two hexadecimal digits (a `%` itself is written `%25`)"
    )]
    Serial(String),
}

/// One of several devices that an address could mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Where it is plugged in.
    pub port: String,
    /// Its serial number, if it has one.
    pub serial: Option<String>,
    /// The address that means only this one now.
    pub address: UsbAddress,
}

/// An address for which there is not exactly one device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// It is not attached.
    #[error("no device `{address}` is attached{}", of_the_kind(.others))]
    Absent {
        /// Which was looked for.
        address: UsbAddress,
        /// Devices of the same vendor and product, which have another serial number or port.
        others: Vec<Attached>,
    },
    /// Several are attached.
    #[error("{} devices are `{address}`: write {}", .found.len(), choices(.found))]
    Ambiguous {
        /// Which was looked for.
        address: UsbAddress,
        /// Those that it could be.
        found: Vec<Attached>,
    },
}

fn of_the_kind(others: &[Attached]) -> String {
    if others.is_empty() { String::new() } else { format!("; of the same kind there is {}", choices(others)) }
}

/// Each with where it is, since two serial numbers alone do not tell a person which is which.
fn choices(devices: &[Attached]) -> String {
    let shown = |device: &Attached| format!("`{}` for the one at port {}", device.address, device.port);
    devices.iter().map(shown).collect::<Vec<_>>().join(" or ")
}

impl UsbAddress {
    /// Reads what stands behind `usb:` and the options behind `?`.
    ///
    /// # Errors
    /// [`AddressError`], saying how it is written.
    pub fn parse<N: AsRef<str>, V: AsRef<str>>(
        rest: &str,
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, AddressError> {
        let id = |text: &str| {
            let right = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            right.then(|| u16::from_str_radix(text, 16).ok()).flatten()
        };
        let ids = rest.split_once(':').and_then(|(vendor, product)| Some((id(vendor)?, id(product)?)));
        let (vendor, product) = ids.ok_or_else(|| AddressError::Ids(rest.into()))?;
        let mut address = Self { vendor, product, serial: None, port: None };
        for (name, value) in options {
            let value = value.as_ref();
            match name.as_ref() {
                "serial" => address.serial = Some(unescaped(value).ok_or_else(|| AddressError::Serial(value.into()))?),
                "port" if is_port(value) => address.port = Some(value.to_owned()),
                "port" => return Err(AddressError::Port(value.into())),
                other => return Err(AddressError::Option(other.into())),
            }
        }
        Ok(address)
    }

    /// The address to write for a device: by its serial number if no other attached device of its kind has the same,
    /// else by its port.
    pub fn of(device: &UsbDevice, attached: &[UsbDevice]) -> Self {
        let mut address = Self { vendor: device.vendor, product: device.product, serial: None, port: None };
        let same = |other: &&UsbDevice| address.is_kind_of(other) && other.serial == device.serial;
        if device.serial.is_some() && attached.iter().filter(same).count() <= 1 {
            address.serial.clone_from(&device.serial);
        } else {
            address.port = Some(device.port.clone());
        }
        address
    }

    /// The device that is meant.
    ///
    /// # Errors
    /// [`FindError`] if it is not attached or several are meant.
    pub fn find(&self, attached: &[UsbDevice]) -> Result<UsbDevice, FindError> {
        let of_kind: Vec<&UsbDevice> = attached.iter().filter(|device| self.is_kind_of(device)).collect();
        let told = |devices: &[&UsbDevice]| {
            let told = |device: &&UsbDevice| Attached {
                port: device.port.clone(),
                serial: device.serial.clone(),
                address: Self::of(device, attached),
            };
            devices.iter().map(told).collect()
        };
        let meant: Vec<&UsbDevice> = of_kind.iter().copied().filter(|device| self.fits(device)).collect();
        match &meant[..] {
            [device] => Ok((*device).clone()),
            [] => Err(FindError::Absent { address: self.clone(), others: told(&of_kind) }),
            several => Err(FindError::Ambiguous { address: self.clone(), found: told(several) }),
        }
    }

    /// This device could be meant.
    pub fn fits(&self, device: &UsbDevice) -> bool {
        self.is_kind_of(device)
            && self.serial.as_ref().is_none_or(|serial| device.serial.as_ref() == Some(serial))
            && self.port.as_ref().is_none_or(|port| device.port == *port)
    }

    fn is_kind_of(&self, device: &UsbDevice) -> bool {
        (self.vendor, self.product) == (device.vendor, device.product)
    }
}

/// As it is written in a configuration.
impl fmt::Display for UsbAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "usb:{:04x}:{:04x}", self.vendor, self.product)?;
        let mut before = '?';
        if let Some(serial) = &self.serial {
            write!(f, "{before}serial=")?;
            for byte in serial.bytes() {
                // What would end the value in an address or a string in a configuration file is escaped.
                match byte {
                    b'%' | b'&' | b'"' | b'\\' | b'\'' | b'#' | 0..=b' ' | 0x7f.. => write!(f, "%{byte:02X}")?,
                    plain => write!(f, "{}", char::from(plain))?,
                }
            }
            before = '&';
        }
        if let Some(port) = &self.port {
            write!(f, "{before}port={port}")?;
        }
        Ok(())
    }
}

/// `%26` → `&`; `None` if it is empty or wrongly escaped.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(if byte == b'%' { digit(rest.next()?)? * 16 + digit(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}
