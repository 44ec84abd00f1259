//! Where a UPS is: `usb:051d:0002?serial=…` or `hid:/dev/hidraw0` (or any link to such a node).

use std::path::{Path, PathBuf};

use kiosk_attached::{FindError, SYS, UsbAddress, list, nodes_of};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Address, OpenError};

use crate::descriptor::{NoUps, Plan};
use crate::device::Device;

const SUBSYSTEM: &str = "hidraw";

/// A UPS's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Node(PathBuf),
    Usb(UsbAddress),
}

impl Place {
    /// Takes the address apart.
    pub(crate) fn of(address: &Address) -> Result<Self, OpenError> {
        address.expect_scheme(&["usb", "hid"])?;
        if address.scheme == "usb" {
            let usb = UsbAddress::parse(&address.rest, &address.options);
            return usb.map(Self::Usb).map_err(|error| OpenError::BadConfig(error.to_string()));
        }
        let path = Path::new(&address.rest);
        if !path.starts_with("/dev") || address.rest.contains("..") || !address.options.is_empty() {
            return Err(OpenError::BadConfig(format!(
                "address `{}` is no HID node: write for example `usb:051d:0002`, as `kiosk-gateway discover` shows it, \
                 or `hid:/dev/hidraw0`",
                address.text
            )));
        }
        Ok(Self::Node(path.to_owned()))
    }

    /// Opens the first node that is a UPS.
    pub(crate) fn open(&self) -> Result<(Device, Plan, Identity), OpenError> {
        let mut trouble = None;
        for node in self.nodes()? {
            let (device, descriptor) = Device::open(&node)?;
            match Plan::of(&descriptor) {
                Ok(plan) => return Ok((device, plan, identity(&node))),
                Err(error) => trouble = Some((node, error)),
            }
        }
        let (node, error) = trouble.expect("there is at least one node");
        let detail = format!("the device at `{}` cannot be used: {error}", node.display());
        Err(match error {
            NoUps::NoPower => OpenError::BadConfig(detail),
            NoUps::Descriptor(_) => OpenError::Fault(detail),
        })
    }

    /// At least one.
    fn nodes(&self) -> Result<Vec<PathBuf>, OpenError> {
        let address = match self {
            Self::Node(path) => return Ok(vec![path.clone()]),
            Self::Usb(address) => address,
        };
        let device = address.find(&list(SYS.as_ref())).map_err(|error| match error {
            FindError::Absent { .. } => OpenError::Absent(error.to_string()),
            FindError::Ambiguous { .. } => OpenError::BadConfig(error.to_string()),
        })?;
        let nodes = device.nodes(SUBSYSTEM);
        if nodes.is_empty() {
            return Err(OpenError::Absent(format!(
                "`{address}` is attached, but the kernel has no HID node for it: a UPS server (usbhid-ups) may have taken it; \
                 stop that, or use the driver `nut`"
            )));
        }
        Ok(nodes)
    }
}

fn identity(node: &Path) -> Identity {
    let devices = list(SYS.as_ref());
    let real = node.canonicalize().unwrap_or_else(|_| node.to_owned());
    let found = nodes_of(SYS.as_ref(), SUBSYSTEM).into_iter().find(|other| other.path == real);
    let usb = found.as_ref().and_then(|node| node.usb(&devices));
    usb.map_or_else(Identity::default, |usb| Identity {
        maker: usb.maker.clone(),
        model: usb.model.clone(),
        serial: usb.serial.clone(),
        firmware: None,
    })
}
