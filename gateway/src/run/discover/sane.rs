//! Which backend of SANE serves a USB scanner that SANE knows. Some backends have the ids of their scanners in their
//! configuration (`sane-usb`(5), `usb VENDOR PRODUCT`); of the others only SANE itself tells.

use kiosk_attached::UsbDevice;
use serde::Serialize;

use super::system::System;

/// The driver that needs to be told the backend.
pub(super) const DRIVER: &str = "sane";
/// Where the backends' packages keep their configuration (`sane-dll`(5), FILES).
const FOLDER: &str = "/etc/sane.d";

/// `config.backend`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::run) struct Setting {
    /// The backends that name the scanner's ids; none if they do not say.
    pub(in crate::run) backends: Vec<String>,
}

/// What is to be configured for a scanner.
pub(super) fn setting(system: &System, device: &UsbDevice) -> Setting {
    let named = |file: &std::path::PathBuf| {
        let names = system.text(file).lines().any(|line| ids(line) == Some((device.vendor, device.product)));
        let backend = file.file_name()?.to_str()?.strip_suffix(".conf")?;
        (names && is_name(backend)).then(|| backend.to_owned())
    };
    Setting { backends: system.files(FOLDER).iter().filter_map(named).collect() }
}

/// The ids of a line `usb 0x04a9 0x1709` or `[usb] 0x04a9 0x1709`, which some backends write options behind.
fn ids(line: &str) -> Option<(u16, u16)> {
    let mut words = line.split_whitespace();
    words.next().filter(|word| ["usb", "[usb]"].contains(word))?;
    let mut id = || u16::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
    Some((id()?, id()?))
}

fn is_name(backend: &str) -> bool {
    !backend.is_empty() && backend.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
