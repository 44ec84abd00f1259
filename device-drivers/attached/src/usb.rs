//! USB devices and their interfaces (Linux, `Documentation/ABI/testing/sysfs-bus-usb` and `…/stable/sysfs-bus-usb`).

use std::path::{Path, PathBuf};

use crate::nodes;
use crate::read::{entries, hex, hex_byte, link_name, natural, number, text};

/// The class of hubs (USB-IF, Defined Class Codes, base class 09h).
const CLASS_HUB: u8 = 0x09;
/// Most interfaces of one device that are looked at.
const INTERFACES_MAX: usize = 64;

/// A USB device that is attached now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbDevice {
    /// `idVendor`.
    pub vendor: u16,
    /// `idProduct`.
    pub product: u16,
    /// Its serial number, if it has one; many cheap devices have none, or all the same.
    pub serial: Option<String>,
    /// Who made it, in its own words.
    pub maker: Option<String>,
    /// What it is, in its own words.
    pub model: Option<String>,
    /// Where it is plugged in, as the kernel names it: bus, then the ports of each hub on the way: `1-1.2`.
    pub port: String,
    /// The bus.
    pub bus: u8,
    /// Its number on the bus, another one after each plug.
    pub number: u8,
    /// What it offers, in order.
    pub interfaces: Vec<Interface>,
    /// Its folder in sysfs, without links.
    pub sysfs: PathBuf,
}

/// One interface of a USB device. The class codes are those of the USB-IF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// `bInterfaceNumber`.
    pub number: u8,
    /// `bInterfaceClass`.
    pub class: u8,
    /// `bInterfaceSubClass`.
    pub subclass: u8,
    /// `bInterfaceProtocol`.
    pub protocol: u8,
    /// The kernel's driver that has it, for example `usblp`, or `usbfs` for a program.
    pub driver: Option<String>,
}

/// All USB devices that are attached, by port, without the machine's own root hubs. `sys` is [`crate::SYS`], or a copy
/// of it. None if the machine has no USB.
pub fn list(sys: &Path) -> Vec<UsbDevice> {
    let mut devices: Vec<UsbDevice> = entries(&sys.join("bus/usb/devices"))
        .filter(|(name, _)| is_port(name))
        .filter_map(|(name, path)| UsbDevice::read(name, &path))
        .collect();
    devices.sort_by_key(|device| natural(&device.port));
    devices
}

impl UsbDevice {
    /// `None` if it vanished while it was read, or never was whole.
    fn read(port: String, path: &Path) -> Option<Self> {
        let sysfs = path.canonicalize().ok()?;
        let mut interfaces: Vec<Interface> = entries(&sysfs)
            .filter(|(name, _)| name.contains(':'))
            .filter_map(|(_, path)| Interface::read(&path))
            .take(INTERFACES_MAX)
            .collect();
        interfaces.sort_by_key(|interface| interface.number);
        Some(Self {
            vendor: hex(&sysfs.join("idVendor"))?,
            product: hex(&sysfs.join("idProduct"))?,
            serial: text(&sysfs.join("serial")),
            maker: text(&sysfs.join("manufacturer")),
            model: text(&sysfs.join("product")),
            bus: number(&sysfs.join("busnum"))?,
            number: number(&sysfs.join("devnum"))?,
            port,
            interfaces,
            sysfs,
        })
    }

    /// The `/dev` nodes that the kernel made for it, of one subsystem: `tty`, `video4linux`, `hidraw`, `input`,
    /// `usbmisc`, … By number. They come a little later than the device itself.
    pub fn nodes(&self, subsystem: &str) -> Vec<PathBuf> {
        nodes::below(&self.sysfs, Some(subsystem))
    }

    /// This `/dev` node is one of its own.
    pub fn has_node(&self, node: &Path) -> bool {
        self.usb_node() == node || nodes::below(&self.sysfs, None).iter().any(|own| own == node)
    }

    /// The node through which a program speaks to it without a kernel driver: `/dev/bus/usb/001/004`.
    pub fn usb_node(&self) -> PathBuf {
        PathBuf::from(format!("/dev/bus/usb/{:03}/{:03}", self.bus, self.number))
    }

    /// It only carries other devices.
    pub fn is_hub(&self) -> bool {
        !self.interfaces.is_empty() && self.interfaces.iter().all(|interface| interface.class == CLASS_HUB)
    }

    /// It has an interface of this class.
    pub fn has_class(&self, class: u8) -> bool {
        self.interfaces.iter().any(|interface| interface.class == class)
    }
}

impl Interface {
    fn read(path: &Path) -> Option<Self> {
        Some(Self {
            number: hex_byte(&path.join("bInterfaceNumber"))?,
            class: hex_byte(&path.join("bInterfaceClass"))?,
            subclass: hex_byte(&path.join("bInterfaceSubClass"))?,
            protocol: hex_byte(&path.join("bInterfaceProtocol"))?,
            driver: link_name(&path.join("driver")),
        })
    }
}

/// `1-1.2`: a bus, then ports with dots between them. Root hubs (`usb1`) and interfaces (`1-1:1.0`) are none.
pub(crate) fn is_port(name: &str) -> bool {
    let numbers = |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    // A bus can have six hubs in a row at most (USB 2.0, 4.1.1: seven tiers).
    name.split_once('-')
        .is_some_and(|(bus, ports)| numbers(bus) && ports.split('.').all(numbers) && ports.split('.').count() <= 7)
}
