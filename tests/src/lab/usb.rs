//! Finding plugged USB devices and their nodes in sysfs, as the kernel names them.

use std::fs;
use std::path::{Path, PathBuf};

use super::{require, until};

/// The USB devices that are plugged in: folders like `/sys/bus/usb/devices/1-1`, canonical.
fn devices() -> Vec<PathBuf> {
    let entries = fs::read_dir("/sys/bus/usb/devices").into_iter().flatten();
    let paths = entries.filter_map(|entry| entry.ok()?.path().canonicalize().ok());
    // Interfaces have no device number.
    paths.filter(|path| path.join("devnum").exists()).collect()
}

/// The text of an attribute.
pub fn attribute(folder: &Path, name: &str) -> Option<String> {
    Some(fs::read_to_string(folder.join(name)).ok()?.trim_end().to_owned())
}

/// Waits until the USB device with this serial number is plugged in; its folder in sysfs, without links.
pub async fn device(serial: &str) -> PathBuf {
    require();
    until(&format!("a USB device with the serial number {serial}"), || {
        devices().into_iter().find(|device| attribute(device, "serial").as_deref() == Some(serial))
    })
    .await
}

/// Waits until udev has dealt with a device node of this subsystem (`usbmisc`, `hidraw`, `tty`, `video4linux`, `input`)
/// that belongs to the USB device; the first of them: `/dev/usb/lp0`.
pub async fn node(subsystem: &str, device: &Path) -> PathBuf {
    let what = format!("a node of {subsystem} for {}", device.display());
    until(&what, || nodes(subsystem, device).into_iter().next()).await
}

/// All such nodes, sorted.
pub fn nodes(subsystem: &str, device: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new("/sys/class").join(subsystem)).into_iter().flatten();
    let folders = entries.filter_map(|entry| entry.ok()?.path().canonicalize().ok());
    let own = folders.filter(|folder| folder.starts_with(device));
    let mut nodes: Vec<PathBuf> = own.filter_map(|folder| dealt_with(&folder)).collect();
    nodes.sort();
    nodes
}

/// The node of a device in sysfs, once udev has written its record (udev(7): then its rules have run).
fn dealt_with(folder: &Path) -> Option<PathBuf> {
    let uevent = attribute(folder, "uevent")?;
    let name = uevent.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
    let record = Path::new("/run/udev/data").join(format!("c{}", attribute(folder, "dev")?));
    record.exists().then(|| Path::new("/dev").join(name)).filter(|node| node.exists())
}
