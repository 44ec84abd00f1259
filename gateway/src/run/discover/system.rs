//! The files of a machine that `discover` and `doctor` look at. Below a root, so that tests give them a made-up machine.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use kiosk_attached::{NAMES, NameError, UsbDevice};

/// Most processes, and open files of one, that are looked at.
const MANY: usize = 20_000;
/// Most of a small text file that is read, bytes.
const TEXT_MAX: u64 = 1 << 20;
/// The character devices of `/dev/bus/usb` (Linux, Documentation/admin-guide/devices.txt), 128 of each bus.
const USB_MAJOR: u32 = 189;
const USB_OF_A_BUS: u32 = 128;

/// A machine.
pub(in crate::run) struct System {
    root: PathBuf,
}

/// A running process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run) struct Process {
    pub(in crate::run) pid: u32,
    /// Its short name (proc(5), `/proc/pid/comm`).
    pub(in crate::run) name: String,
}

/// Who may open a node.
pub(in crate::run) struct Access {
    pub(in crate::run) mode: u32,
    pub(in crate::run) gid: u32,
    /// The name of the group, if it has one.
    pub(in crate::run) group: Option<String>,
}

impl System {
    /// This machine.
    pub(in crate::run) fn here() -> Self {
        Self { root: PathBuf::from("/") }
    }

    #[cfg(test)]
    pub(in crate::run) fn below(root: &Path) -> Self {
        Self { root: root.canonicalize().expect("a folder of the test") }
    }

    /// Where an absolute path of the machine lies.
    pub(in crate::run) fn path(&self, absolute: impl AsRef<Path>) -> PathBuf {
        let absolute = absolute.as_ref();
        self.root.join(absolute.strip_prefix("/").unwrap_or(absolute))
    }

    pub(in crate::run) fn sys(&self) -> PathBuf {
        self.path(kiosk_attached::SYS)
    }

    pub(in crate::run) fn has(&self, absolute: impl AsRef<Path>) -> bool {
        self.path(absolute).exists()
    }

    /// A text file, without what is not UTF-8; empty if it cannot be read.
    pub(in crate::run) fn text(&self, absolute: impl AsRef<Path>) -> String {
        let mut bytes = Vec::new();
        // What was read before an error is cut off like what is too long.
        let _ = std::fs::File::open(self.path(absolute)).map(|file| file.take(TEXT_MAX).read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The files of a folder, by name.
    pub(in crate::run) fn files(&self, absolute: impl AsRef<Path>) -> BTreeSet<PathBuf> {
        let folder = absolute.as_ref();
        entries(&self.path(folder)).filter_map(|file| Some(folder.join(file.file_name()?))).collect()
    }

    /// What udev says of a USB device, each `NAME=VALUE`; nothing where udev does not run. Its database has a file for
    /// each device, named by the numbers of its node, with `E:` before each property.
    pub(in crate::run) fn properties(&self, device: &UsbDevice) -> BTreeSet<String> {
        let (bus, number) = (u32::from(device.bus), u32::from(device.number));
        let minor = bus.saturating_sub(1) * USB_OF_A_BUS + number.saturating_sub(1);
        let text = self.text(format!("/run/udev/data/c{USB_MAJOR}:{minor}"));
        text.lines().filter_map(|line| line.strip_prefix("E:")).map(str::to_owned).collect()
    }

    /// The node that a name means: below `/dev/kiosk` that of its own device, elsewhere the name itself.
    pub(in crate::run) fn node_named(&self, name: &Path) -> Result<PathBuf, NameError> {
        kiosk_attached::node_named(&self.root, name)
    }

    /// The names in `/dev/kiosk` of a node, without those of other devices that udev has left behind.
    pub(in crate::run) fn links_to(&self, node: &Path) -> Vec<PathBuf> {
        let mut links: Vec<PathBuf> = entries(&self.path(NAMES))
            .filter_map(|link| Some(Path::new(NAMES).join(link.file_name()?)))
            .filter(|name| self.node_named(name).is_ok_and(|meant| meant == node))
            .collect();
        links.sort();
        links
    }

    /// Who may open a node; `None` if it is not there.
    pub(in crate::run) fn access(&self, node: &Path) -> Option<Access> {
        let data = self.path(node).metadata().ok()?;
        let gid = data.gid();
        let group = self.groups().into_iter().find(|(_, own)| *own == gid).map(|(name, _)| name);
        Some(Access { mode: data.mode() & 0o777, gid, group })
    }

    /// Groups and their numbers (group(5)).
    pub(in crate::run) fn groups(&self) -> BTreeMap<String, u32> {
        let text = self.text("/etc/group");
        let group = |line: &str| {
            let mut parts = line.split(':');
            let (name, _password, gid) = (parts.next()?, parts.next()?, parts.next()?);
            Some((name.to_owned(), gid.parse().ok()?))
        };
        text.lines().filter_map(group).collect()
    }

    /// The running processes.
    pub(in crate::run) fn processes(&self) -> Vec<Process> {
        let process = |folder: PathBuf| {
            let pid = folder.file_name()?.to_str()?.parse().ok()?;
            let name = std::fs::read_to_string(folder.join("comm")).ok()?;
            let name: String = name.trim().chars().filter(|c| !c.is_control()).collect();
            Some(Process { pid, name })
        };
        let mut all: Vec<Process> = entries(&self.path("/proc")).filter_map(process).collect();
        all.sort_by_key(|process| process.pid);
        all
    }

    /// The first running process of one of these names.
    pub(in crate::run) fn running(&self, names: &[&str]) -> Option<Process> {
        self.processes().into_iter().find(|process| names.contains(&process.name.as_str()))
    }

    /// The processes that have a node open, as far as this user may know.
    pub(in crate::run) fn holders(&self, node: &Path) -> Vec<Process> {
        let holds = |process: &Process| {
            let mut open = entries(&self.path(format!("/proc/{}/fd", process.pid)));
            open.any(|fd| std::fs::read_link(fd).is_ok_and(|target| target == node))
        };
        self.processes().into_iter().filter(holds).collect()
    }

    /// A shared library, in one of the folders where Debian puts them.
    pub(in crate::run) fn has_library(&self, name: &str) -> bool {
        ["/usr/lib", "/lib", "/usr/local/lib"].iter().any(|folder| {
            let folder = self.path(folder);
            // Of each architecture a folder below: x86_64-linux-gnu and the like.
            folder.join(name).exists() || entries(&folder).any(|below| below.join(name).exists())
        })
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().take(MANY).filter_map(Result::ok).map(|entry| entry.path())
}
