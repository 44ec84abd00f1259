//! Where a camera is: `video:/dev/video0` (or any link to such a node), `usb:046d:0825?serial=…`.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use kiosk_attached::{FindError, SYS, UsbAddress, UsbDevice, list, node_named, nodes_of};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Address, OpenError, link};

use crate::trouble::Trouble;

/// The kernel's name for nodes of cameras.
const SUBSYSTEM: &str = "video4linux";

/// A camera's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A node, or a link to one; the link stays when the node has another number.
    Node(PathBuf),
    /// A USB device.
    Usb(UsbAddress),
}

impl Place {
    /// Takes the address apart.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it should look.
    pub(crate) fn of(address: &Address) -> Result<Self, OpenError> {
        address.expect_scheme(&["usb", "video"])?;
        if address.scheme == "usb" {
            let usb = UsbAddress::parse(&address.rest, &address.options);
            return usb.map(Self::Usb).map_err(|error| OpenError::BadConfig(error.to_string()));
        }
        link::node(address, "`video:/dev/video0`, or better a name that stays, as `kiosk-gateway discover` shows it")?;
        Ok(Self::Node(address.rest.clone().into()))
    }

    /// The nodes that the camera could have now, most likely first. A USB camera has several: one for pictures, one for
    /// what goes with them.
    ///
    /// # Errors
    /// [`Trouble::NotAttached`], or [`Trouble::Config`] if several devices are meant.
    pub(crate) fn nodes(&self) -> Result<Vec<PathBuf>, Trouble> {
        match self {
            // Each time anew: a name below /dev/kiosk may have been left behind by then.
            Self::Node(path) => {
                let node = node_named("/".as_ref(), path);
                Ok(vec![node.map_err(|error| Trouble::NotAttached(error.to_string()))?])
            }
            Self::Usb(address) => {
                let device = find(address)?;
                let nodes = device.nodes(SUBSYSTEM);
                if nodes.is_empty() {
                    return Err(Trouble::NotAttached(format!(
                        "`{address}` is attached, but the kernel has made no camera of it (yet)"
                    )));
                }
                Ok(nodes)
            }
        }
    }

    /// Who made the camera at this node, as far as USB tells; else what the kernel's driver calls it.
    pub(crate) fn identity(node: &Path, card: String) -> Identity {
        let devices = list(SYS.as_ref());
        let real = node.canonicalize().unwrap_or_else(|_| node.to_owned());
        let found = nodes_of(SYS.as_ref(), SUBSYSTEM).into_iter().find(|other| other.path == real);
        match found.as_ref().and_then(|node| node.usb(&devices)) {
            Some(usb) => Identity {
                maker: usb.maker.clone(),
                model: usb.model.clone().or(Some(card)),
                serial: usb.serial.clone(),
                firmware: None,
            },
            None => Identity { model: Some(card), ..Identity::default() },
        }
    }
}

fn find(address: &UsbAddress) -> Result<UsbDevice, Trouble> {
    address.find(&list(SYS.as_ref())).map_err(|error| match error {
        FindError::Absent { .. } => Trouble::NotAttached(error.to_string()),
        FindError::Ambiguous { .. } => Trouble::Config(error.to_string()),
    })
}
