//! `kiosk-gateway discover`: what is attached to this machine, which drivers fit, and the configuration to paste. Reads
//! sysfs and `/dev`; opens no device, so it may run beside a gateway. What is not here: devices in the network, which
//! nobody finds without scanning it.

mod paste;
mod sane;
pub(super) mod system;
pub(super) mod table;
#[cfg(test)]
pub(super) mod tests;

use std::path::{Path, PathBuf};

use kiosk_attached::{Node, UsbAddress, UsbDevice, list, nodes_of};
use kiosk_protocol::device::Kind;
use serde::Serialize;

use crate::config::Config;
use crate::registry::{DriverEntry, NodeKind, Registry, UsbEntry, udev};
use system::System;

/// Subsystems whose nodes can be a kiosk's device without being USB: cameras built in, readers behind uhid.
const OTHER_SUBSYSTEMS: [&str; 2] = ["video4linux", "hidraw"];
/// Kinds of nodes that are shown with a USB device.
const NODE_KINDS: [NodeKind; 5] =
    [NodeKind::Tty, NodeKind::Hidraw, NodeKind::Input, NodeKind::Video4linux, NodeKind::Usbmisc];

/// All that is attached.
#[derive(Debug, Serialize)]
pub(super) struct Survey {
    /// USB devices without hubs, by port.
    pub(super) usb: Vec<Found>,
    /// Nodes of no USB device.
    pub(super) other: Vec<Other>,
}

/// One USB device.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    pub(super) port: String,
    /// `VVVV:PPPP`.
    pub(super) ids: String,
    pub(super) maker: Option<String>,
    pub(super) model: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) interfaces: Vec<Function>,
    /// The nodes that kernel drivers made for it.
    pub(super) nodes: Vec<PathBuf>,
    /// Names in `/dev/kiosk` of any of its nodes.
    pub(super) links: Vec<PathBuf>,
    /// The drivers that could serve it, the likeliest first.
    pub(super) drivers: Vec<Fit>,
    #[serde(skip)]
    pub(super) device: UsbDevice,
}

/// One interface.
#[derive(Debug, Serialize)]
pub(super) struct Function {
    pub(super) number: u8,
    /// Class, subclass and protocol as six hexadecimal digits.
    pub(super) class: String,
    /// What the class is for.
    pub(super) what: &'static str,
    /// The kernel's driver that has it.
    pub(super) kernel_driver: Option<String>,
}

/// A driver that could serve a device.
#[derive(Debug, Serialize)]
pub(super) struct Fit {
    pub(super) driver: String,
    pub(super) kind: Kind,
    pub(super) role: String,
    /// What the driver takes the device for.
    pub(super) name: Option<String>,
    /// Its ids are known, to the driver or to the machine's hardware database; otherwise only its class fits.
    pub(super) known: bool,
    /// The address to configure.
    pub(super) address: String,
    /// What must be configured beside it.
    pub(super) setting: Option<sane::Setting>,
    /// The nodes that the driver opens.
    #[serde(skip)]
    pub(super) opens: Vec<NodeKind>,
}

/// A node of no USB device.
#[derive(Debug, Serialize)]
pub(super) struct Other {
    pub(super) node: PathBuf,
    pub(super) name: Option<String>,
    /// Its subsystem.
    pub(super) what: &'static str,
}

/// Prints what is attached, as a table with configuration, or as JSON.
///
/// # Errors
/// If the configuration or a `driver.toml` cannot be used.
pub fn discover(config: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let config = config.map(Config::load).transpose()?.unwrap_or_default();
    let registry = Registry::load(&config.drivers)?;
    let survey = survey(&System::here(), &registry);
    if json {
        super::announce(&serde_json::to_string_pretty(&survey)?);
    } else {
        if registry.iter().next().is_none() {
            super::announce(&format!("No driver is installed: {}.\n", registry.summary()));
        }
        super::announce(&table::of_devices(&survey, table::Paint::of_stdout()));
        super::announce(&paste::configuration(&survey));
    }
    Ok(())
}

/// Prints the udev rules of the installed drivers.
///
/// # Errors
/// If the configuration or a `driver.toml` cannot be used.
pub fn udev_rules(config: Option<&Path>) -> anyhow::Result<()> {
    let config = config.map(Config::load).transpose()?.unwrap_or_default();
    super::announce(udev::rules(&Registry::load(&config.drivers)?).trim_end());
    Ok(())
}

/// All that is attached, with the drivers that fit.
pub(super) fn survey(system: &System, registry: &Registry) -> Survey {
    let attached = list(&system.sys());
    let of_interest = attached.iter().filter(|device| !device.is_hub());
    let usb = of_interest.map(|device| found(system, registry, device, &attached)).collect();
    let mut other = Vec::new();
    for subsystem in OTHER_SUBSYSTEMS {
        let nodes = nodes_of(&system.sys(), subsystem).into_iter().filter(|node| node.usb(&attached).is_none());
        other.extend(nodes.map(|Node { path, name, .. }| Other { node: path, name, what: subsystem }));
    }
    Survey { usb, other }
}

fn found(system: &System, registry: &Registry, device: &UsbDevice, attached: &[UsbDevice]) -> Found {
    let nodes: Vec<PathBuf> = NODE_KINDS.iter().flat_map(|kind| kind.of(device)).collect();
    let mut links = system.links_to(&device.usb_node());
    links.extend(nodes.iter().flat_map(|node| system.links_to(node)));
    let interfaces = device.interfaces.iter().map(|interface| Function {
        number: interface.number,
        class: format!("{:02x}{:02x}{:02x}", interface.class, interface.subclass, interface.protocol),
        what: purpose(interface.class, interface.subclass, interface.protocol),
        kernel_driver: interface.driver.clone(),
    });
    Found {
        port: device.port.clone(),
        ids: format!("{:04x}:{:04x}", device.vendor, device.product),
        maker: device.maker.clone(),
        model: device.model.clone(),
        serial: device.serial.clone(),
        interfaces: interfaces.collect(),
        nodes,
        links,
        drivers: fits(system, registry, device, attached),
        device: device.clone(),
    }
}

/// The drivers that could serve a device: those that know its ids before those that know its class, those that open it
/// themselves before those that need another service.
fn fits(system: &System, registry: &Registry, device: &UsbDevice, attached: &[UsbDevice]) -> Vec<Fit> {
    let mut entries: Vec<(&DriverEntry, &UsbEntry)> = Vec::new();
    let properties = system.properties(device);
    for driver in registry.iter() {
        let fitting = driver.manifest.usb.iter().filter(|entry| entry.fits(device, &properties));
        // Of one driver's entries the one that says most.
        let best =
            fitting.min_by_key(|entry| (entry.product.is_none(), entry.vendor.is_none(), entry.protocol.is_none()));
        entries.extend(best.map(|entry| (driver, entry)));
    }
    entries.sort_by_key(|(_, entry)| {
        (
            !entry.knows(),
            entry.vendor.is_none(),
            entry.product.is_none(),
            entry.protocol.is_none(),
            entry.nodes.is_empty(),
        )
    });
    let fit = |(driver, entry): (&DriverEntry, &UsbEntry)| Fit {
        driver: driver.manifest.name.clone(),
        kind: driver.manifest.kind,
        role: entry.role.clone(),
        name: entry.name.clone(),
        known: entry.knows(),
        address: address(system, entry, device, attached),
        setting: (driver.manifest.name == sane::DRIVER).then(|| sane::setting(system, device)),
        opens: entry.nodes.clone(),
    };
    entries.into_iter().map(fit).collect()
}

/// The address to configure: by serial number where that tells the device from its equals, else by port.
fn address(system: &System, entry: &UsbEntry, device: &UsbDevice, attached: &[UsbDevice]) -> String {
    let own = UsbAddress::of(device, attached);
    let usb = own.to_string();
    let usb = usb.strip_prefix("usb:").unwrap_or(&usb);
    let template = entry.address.as_deref().unwrap_or("usb:{usb}");
    let mut text = template.replace("{usb}", usb);
    if let Some(kind) = entry.own_node().filter(|_| text.contains("{node}")) {
        let tells = own.serial.as_ref().or(own.port.as_ref()).cloned().unwrap_or_default();
        let node = kind.of(device).into_iter().next();
        let links = node.as_ref().map(|node| system.links_to(node)).unwrap_or_default();
        let ends = |link: &&PathBuf| link.to_string_lossy().ends_with(&format!("-{tells}"));
        let stable = links.iter().find(ends).or(links.first()).cloned().or(node);
        // Without a node yet: what the rules will call it.
        let stable = stable.unwrap_or_else(|| PathBuf::from(format!("/dev/kiosk/{}-{tells}", entry.role)));
        text = text.replace("{node}", &stable.to_string_lossy());
    }
    text
}

/// What a class is for, in a word (USB-IF, Defined Class Codes).
fn purpose(class: u8, subclass: u8, protocol: u8) -> &'static str {
    match (class, subclass, protocol) {
        (0x01, ..) => "audio",
        (0x02, ..) => "serial or modem",
        (0x03, 1, 1) => "keyboard",
        (0x03, 1, 2) => "mouse",
        (0x03, ..) => "HID",
        (0x06, ..) => "still image",
        (0x07, 1, 4) => "IPP over USB",
        (0x07, ..) => "printer",
        (0x08, ..) => "storage",
        (0x0a, ..) => "serial data",
        (0x0b, ..) => "card reader",
        (0x0d, ..) => "content security",
        (0x0e, 2, _) => "video stream",
        (0x0e, ..) => "video",
        (0xe0, ..) => "wireless",
        (0xfe, 1, _) => "firmware update",
        (0xff, ..) => "maker's own",
        _ => "other",
    }
}
