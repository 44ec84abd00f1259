//! From the address, `usb:051d:0002?serial=…` or `hid:/dev/hidraw0` (or a name of such a node), to an open UPS.

use std::path::{Path, PathBuf};

use kiosk_attached::{SYS, UsbDevice, list, nodes_of};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Address, OpenError, link};

use crate::descriptor::{NoUps, Plan};
use crate::device::Device;

const SUBSYSTEM: &str = "hidraw";
const EXAMPLE: &str = "`hid:/dev/hidraw0`; or write `usb:051d:0002`, as `kiosk-gateway discover` shows it";

/// Opens the first node that is a UPS.
///
/// # Errors
/// What kind of trouble it is decides what the gateway does next.
pub(crate) fn open(address: &Address) -> Result<(Device, Plan, Identity), OpenError> {
    address.expect_scheme(&["usb", "hid"])?;
    let nodes = if address.scheme == "usb" {
        nodes(address, &link::usb_device(address)?)?
    } else {
        vec![link::node(address, EXAMPLE)?]
    };
    let mut trouble = None;
    for node in nodes {
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
        NoUps::Descriptor => OpenError::Fault(detail),
    })
}

/// At least one.
fn nodes(address: &Address, device: &UsbDevice) -> Result<Vec<PathBuf>, OpenError> {
    let nodes = device.nodes(SUBSYSTEM);
    if nodes.is_empty() {
        return Err(OpenError::Absent(format!(
            "`{}` is attached, but the kernel has no HID node for it: a UPS server (usbhid-ups) may have taken it; stop \
             that, or use the driver `nut`",
            address.text
        )));
    }
    Ok(nodes)
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
