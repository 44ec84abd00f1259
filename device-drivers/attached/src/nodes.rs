//! `/dev` nodes: those below a device, and all of a subsystem.

use std::path::{Component, Path, PathBuf};

use crate::read::{bytes, entries, link_name, natural, text};
use crate::usb::{UsbDevice, is_port};

/// How deep a node can lie below its device: interface, HID device, `input`, `input7`, `event3`, with some to spare.
const DEPTH_MAX: usize = 10;
/// Most folders that are looked through for one device.
const FOLDERS_MAX: usize = 4_096;

/// A node of a subsystem, of a USB device or of none (for example vivid's cameras and uhid's readers).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it is opened, for example `/dev/video0`.
    pub path: PathBuf,
    /// What the kernel's driver calls it, where it says so (video4linux, input).
    pub name: Option<String>,
    /// Its folder in sysfs, without links.
    pub sysfs: PathBuf,
}

impl Node {
    /// The USB device that it belongs to, if it belongs to one of these.
    pub fn usb<'a>(&self, devices: &'a [UsbDevice]) -> Option<&'a UsbDevice> {
        // Hubs contain the devices behind them, so the innermost is meant.
        let above = devices.iter().filter(|device| self.sysfs.starts_with(&device.sysfs));
        above.max_by_key(|device| device.sysfs.as_os_str().len())
    }
}

/// All nodes of a subsystem, by number, whatever bus they are on; none if the kernel has no such subsystem.
/// (Pseudo terminals are not in sysfs; nobody finds one except by its name.)
pub fn nodes_of(sys: &Path, subsystem: &str) -> Vec<Node> {
    if subsystem.contains(['/', '.']) || subsystem.is_empty() {
        return Vec::new();
    }
    let mut nodes: Vec<Node> = entries(&sys.join("class").join(subsystem))
        .filter_map(|(_, link)| {
            let sysfs = link.canonicalize().ok()?;
            Some(Node { path: node_at(&sysfs)?, name: text(&sysfs.join("name")), sysfs })
        })
        .collect();
    nodes.sort_by_key(|node| natural(&node.path.to_string_lossy()));
    nodes
}

/// The nodes of a subsystem (none: of any) in a folder of sysfs and the folders below it, but not in those of other USB
/// devices.
pub(crate) fn below(device: &Path, subsystem: Option<&str>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(device.to_owned(), 0)];
    let mut looked_at = 0;
    while let Some((folder, depth)) = folders.pop() {
        looked_at += 1;
        if looked_at > FOLDERS_MAX {
            break;
        }
        for (name, path) in entries(&folder) {
            // Links lead elsewhere: `subsystem`, `driver`, `firmware_node`.
            let is_folder = path.symlink_metadata().is_ok_and(|data| data.is_dir());
            if !is_folder || is_port(&name) || depth >= DEPTH_MAX {
                continue;
            }
            if link_name(&path.join("subsystem")).is_some_and(|own| subsystem.is_none_or(|wanted| own == wanted)) {
                found.extend(node_at(&path));
            }
            folders.push((path, depth + 1));
        }
    }
    found.sort_by_key(|node| natural(&node.to_string_lossy()));
    found.dedup();
    found
}

/// The `/dev` node of a folder in sysfs, if it has one: `DEVNAME` in its `uevent` (Linux,
/// `Documentation/ABI/testing/sysfs-uevent`; the name is relative to `/dev`).
fn node_at(sysfs: &Path) -> Option<PathBuf> {
    let uevent = bytes(&sysfs.join("uevent"))?;
    let uevent = std::str::from_utf8(&uevent).ok()?;
    let name = uevent.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
    let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    (plain && !name.is_empty() && !name.chars().any(char::is_control)).then(|| Path::new("/dev").join(name))
}
