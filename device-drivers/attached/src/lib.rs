//! What is attached to this machine: USB devices with their interfaces and nodes, and nodes that are not USB, as the
//! kernel tells it in sysfs. Used by drivers to find their device and by the gateway to show what there is.
//!
//! A device chooses most of what stands there (names, serial number), so every file is read with a cap and every text
//! is cleaned. What is not here: opening a device (the drivers), and being told of changes (the gateway's `hotplug`).
//!
//! ```no_run
//! use kiosk_attached::{SYS, UsbAddress, list};
//!
//! let address = UsbAddress::parse("04b8:0202", [("serial", "X3J7000123")])?;
//! let device = address.find(&list(SYS.as_ref()))?;
//! println!("{} at {}", device.usb_node().display(), device.port);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod names;
mod nodes;
mod read;
mod usb;

#[cfg(test)]
mod tests;

pub use address::{AddressError, Attached, FindError, UsbAddress};
pub use names::{NAMES, NameError, node_named};
pub use nodes::{Node, nodes_of};
pub use usb::{Interface, UsbDevice, list};

/// Where the kernel shows its devices.
pub const SYS: &str = "/sys";
