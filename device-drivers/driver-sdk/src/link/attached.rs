//! Which attached USB device an address means, in the words of links.

use kiosk_attached::{FindError, SYS, UsbAddress, UsbDevice, list};

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
