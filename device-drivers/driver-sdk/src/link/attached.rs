//! Which attached device or node an address means, in the words of links.

use std::path::{Component, Path, PathBuf};

use kiosk_attached::{FindError, SYS, UsbAddress, UsbDevice, list, node_named};

use super::LinkError;
use crate::address::Address;

/// An option of an address, name and value.
pub(super) type Named<'a> = (&'a str, &'a str);

/// Takes the options that say which device is meant out of an address; gives the others back.
pub(super) fn device_meant<'a>(address: &'a Address, ids: &str) -> Result<(UsbAddress, Vec<Named<'a>>), LinkError> {
    let options = address.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (which, others): (Vec<Named<'_>>, _) = options.partition(|(name, _)| matches!(*name, "serial" | "port"));
    let usb = UsbAddress::parse(ids, which)
        .map_err(|error| LinkError::BadAddress(format!("address `{}`: {error}", address.text)))?;
    Ok((usb, others))
}

/// The one device that is meant and attached now.
pub(super) fn find(address: &Address, usb: &UsbAddress) -> Result<UsbDevice, LinkError> {
    usb.find(&list(SYS.as_ref())).map_err(|error| match error {
        FindError::Absent { .. } => LinkError::Absent { address: address.text.clone(), reason: error.to_string() },
        // Nobody but a person can say which of them is meant.
        FindError::Ambiguous { .. } => {
            LinkError::BadAddress(format!("address `{}` does not say which device: {error}", address.text))
        }
    })
}

/// The attached device that `SCHEME:VVVV:PPPP[?serial=…|port=1-1.2]` means.
///
/// # Errors
/// If that is not how the address is written, the device is not attached, or several are meant.
pub fn usb_device(address: &Address) -> Result<UsbDevice, LinkError> {
    let (meant, others) = device_meant(address, &address.rest)?;
    if let Some((name, _)) = others.first() {
        let text = &address.text;
        return Err(LinkError::BadAddress(format!(
            "address `{text}` has the option `{name}`; it takes `serial` and `port`"
        )));
    }
    find(address, &meant)
}

/// The node that `SCHEME:/dev/…` means: a node's own path, or any name that leads to one.
///
/// # Errors
/// If the address names no node, `example` saying how it is written; or a name below `/dev/kiosk` does not lead to the
/// device that it names. Whether there is anything at another path, opening it tells.
pub fn node(address: &Address, example: &str) -> Result<PathBuf, LinkError> {
    let path = Path::new(&address.rest);
    let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if !path.starts_with("/dev") || !plain || !address.options.is_empty() {
        let (text, options) = (&address.text, address.options.keys().next());
        let without = options.map_or(String::new(), |name| format!(", without the option `{name}`"));
        return Err(LinkError::BadAddress(format!("address `{text}`: write the path of a node{without}: {example}")));
    }
    named(address, path)
}

/// The node that a name means, see [`node_named`].
pub(super) fn named(address: &Address, path: &Path) -> Result<PathBuf, LinkError> {
    node_named("/".as_ref(), path)
        .map_err(|error| LinkError::Absent { address: address.text.clone(), reason: error.to_string() })
}
