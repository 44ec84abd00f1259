//! Which scanner is meant: `sane:BACKEND:DEVICE`, `sane:BACKEND` for its only one, or `usb:VVVV:PPPP` with the backend
//! in the configuration.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use kiosk_attached::{FindError, SYS, UsbAddress, UsbDevice, list};
use kiosk_driver_sdk::{Address, OpenError};

use crate::config::Config;
use crate::ffi::Listed;

/// The scanner that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The only one of a backend.
    Only { backend: String },
    /// This one; the name is libsane's, with the backend before it.
    Named { backend: String, name: String },
    /// The one at a USB port.
    Usb { backend: String, device: Box<UsbDevice> },
}

impl Place {
    /// Reads the address.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it is written; [`OpenError::Absent`] if the USB device is not attached.
    pub(crate) fn of(address: &Address, config: &Config) -> Result<Self, OpenError> {
        address.expect_scheme(&["sane", "usb"])?;
        let bad = |why: &str| OpenError::BadConfig(format!("address `{}`: {why}", address.text));
        if address.scheme == "usb" {
            let backend = config.backend.as_deref().ok_or_else(|| {
                bad("say which SANE backend knows this scanner, for example `config.backend = \"genesys\"` (`scanimage -L` shows it before the first colon)")
            })?;
            let backend = checked(backend).ok_or_else(|| bad("`config.backend` is no name of a SANE backend"))?;
            let usb = UsbAddress::parse(&address.rest, &address.options).map_err(|error| bad(&error.to_string()))?;
            let device = usb.find(&list(Path::new(SYS))).map_err(|error| match error {
                FindError::Absent { .. } => OpenError::Absent(error.to_string()),
                FindError::Ambiguous { .. } => bad(&error.to_string()),
            })?;
            return Ok(Self::Usb { backend, device: Box::new(device) });
        }
        if config.backend.is_some() {
            return Err(bad("it names the backend itself, so leave `config.backend` out"));
        }
        // All of it is libsane's: its names may have a `?` in them.
        let whole = address.text.strip_prefix("sane:").unwrap_or_default();
        let (backend, device) = whole.split_once(':').unwrap_or((whole, ""));
        let backend = checked(backend).ok_or_else(|| {
            bad("write `sane:BACKEND:DEVICE` as `scanimage -L` shows it, for example `sane:genesys:libusb:001:004`, or `sane:BACKEND` for its only scanner")
        })?;
        if whole.contains('\0') {
            return Err(bad("no name has a NUL in it"));
        }
        Ok(if device.is_empty() { Self::Only { backend } } else { Self::Named { name: whole.to_owned(), backend } })
    }

    pub(crate) fn backend(&self) -> &str {
        match self {
            Self::Only { backend } | Self::Named { backend, .. } | Self::Usb { backend, .. } => backend,
        }
    }

    /// The name to open, with what the list says of it.
    ///
    /// # Errors
    /// [`OpenError::Absent`] if there is none, [`OpenError::BadConfig`] if there are several.
    pub(crate) fn choose(&self, listed: &[Listed]) -> Result<Listed, OpenError> {
        let prefix = format!("{}:", self.backend());
        let own: Vec<&Listed> = listed.iter().filter(|device| device.name.starts_with(&prefix)).collect();
        let unlisted = |name: String| Listed { name, ..Listed::default() };
        match self {
            Self::Only { backend } => match &own[..] {
                [] => Err(OpenError::Absent(format!(
                    "the SANE backend `{backend}` finds no scanner; is it on and plugged in?"
                ))),
                [one] => Ok((*one).clone()),
                several => {
                    let names: Vec<String> = several.iter().map(|device| format!("`sane:{}`", device.name)).collect();
                    Err(OpenError::BadConfig(format!(
                        "the SANE backend `{backend}` has {} scanners; write which: {}",
                        several.len(),
                        names.join(", ")
                    )))
                }
            },
            // Not every backend lists what it can open.
            Self::Named { name, .. } => {
                let found = own.into_iter().find(|device| device.name == *name).cloned();
                Ok(found.unwrap_or_else(|| unlisted(name.clone())))
            }
            Self::Usb { device, .. } => {
                let at = libusb_name(device.bus, device.number);
                // pixma.c names its devices by their ids: `04A91709_18B3AF`.
                let ids = format!("{:04X}{:04X}", device.vendor, device.product);
                let by_ids: Vec<&Listed> =
                    own.iter().copied().filter(|own| own.name[prefix.len()..].starts_with(&ids)).collect();
                let found = own.iter().copied().find(|own| own.name.ends_with(&at));
                let found = found.or_else(|| by_ids.first().copied().filter(|_| by_ids.len() == 1)).cloned();
                Ok(found.unwrap_or_else(|| unlisted(format!("{prefix}{at}"))))
            }
        }
    }

    /// The node of the USB device that this name means, by which its unplugging is seen.
    pub(crate) fn node(&self, name: &str) -> Option<PathBuf> {
        if let Self::Usb { device, .. } = self {
            return Some(device.usb_node());
        }
        let (_, at) = name.split_once("libusb:")?;
        let (bus, number) = at.split_once(':')?;
        let (bus, number): (u8, u8) = (bus.parse().ok()?, number.parse().ok()?);
        Some(PathBuf::from(format!("/dev/bus/usb/{bus:03}/{number:03}")))
    }
}

/// As backends name USB devices (sane-backends, `sanei_usb.c`).
fn libusb_name(bus: u8, number: u8) -> String {
    format!("libusb:{bus:03}:{number:03}")
}

/// A backend's name: it becomes part of file names.
fn checked(backend: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let right = (1..=64).contains(&backend.len()) && backend.bytes().all(plain);
    right.then(|| backend.to_owned())
}

/// Is the backend installed where Debian and others put it? Says yes when it cannot know.
pub(crate) fn is_installed(backend: &str) -> bool {
    if std::env::var_os("LD_LIBRARY_PATH").is_some() {
        return true;
    }
    let file = format!("libsane-{backend}.so.1");
    let mut folders =
        vec![PathBuf::from("/usr/lib/sane"), PathBuf::from("/usr/lib64/sane"), PathBuf::from("/usr/local/lib/sane")];
    if let Ok(entries) = std::fs::read_dir("/usr/lib") {
        folders.extend(entries.flatten().map(|entry| entry.path().join("sane")));
    }
    let known = folders.iter().any(|folder| folder.is_dir());
    !known || folders.iter().any(|folder| folder.join(&file).exists())
}
