//! A made-up machine in a temporary folder: the files that `discover` and `doctor` look at.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::config::Drivers;
use crate::registry::Registry;
use crate::run::discover::system::System;

pub(in crate::run) struct Machine(tempfile::TempDir);

impl Machine {
    pub(in crate::run) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(in crate::run) fn system(&self) -> System {
        System::below(self.0.path())
    }

    pub(in crate::run) fn path(&self, absolute: &str) -> PathBuf {
        self.0.path().join(absolute.trim_start_matches('/'))
    }

    pub(in crate::run) fn file(&self, absolute: &str, text: &str) -> &Self {
        let path = self.path(absolute);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(in crate::run) fn link(&self, absolute: &str, target: &str) -> &Self {
        let path = self.path(absolute);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
        self
    }

    /// A running process, with what it has open.
    pub(in crate::run) fn process(&self, pid: u32, name: &str, open: &[&Path]) -> &Self {
        self.file(&format!("/proc/{pid}/comm"), &format!("{name}\n"));
        for (fd, target) in open.iter().enumerate() {
            self.link(&format!("/proc/{pid}/fd/{fd}"), target.to_str().unwrap());
        }
        self
    }

    /// A USB device with one interface, and its node in `/dev/bus/usb`.
    pub(in crate::run) fn usb(
        &self,
        port: &str,
        ids: (u16, u16),
        serial: Option<&str>,
        class: [u8; 3],
        driver: &str,
    ) -> &Self {
        let number = port.bytes().last().unwrap() - b'0';
        let at = format!("/sys/devices/usb1/{port}");
        for (name, text) in [
            ("idVendor", format!("{:04x}", ids.0)),
            ("idProduct", format!("{:04x}", ids.1)),
            ("busnum", "1".into()),
            ("devnum", number.to_string()),
            ("manufacturer", "Maker".into()),
            ("product", "Model".into()),
            ("serial", serial.unwrap_or_default().into()),
        ] {
            self.file(&format!("{at}/{name}"), &text);
        }
        for (name, byte) in [("Number", 0), ("Class", class[0]), ("SubClass", class[1]), ("Protocol", class[2])] {
            self.file(&format!("{at}/{port}:1.0/bInterface{name}"), &format!("{byte:02x}\n"));
        }
        self.link(&format!("{at}/{port}:1.0/driver"), &format!("../{driver}"));
        self.link(&format!("/sys/bus/usb/devices/{port}"), &format!("../../../devices/usb1/{port}"));
        self.node(&format!("/dev/bus/usb/001/00{number}"), 0o664)
    }

    /// What udev says of the USB device whose number on bus 1 this is.
    pub(in crate::run) fn property(&self, number: u8, property: &str) -> &Self {
        self.file(&format!("/run/udev/data/c189:{}", number - 1), &format!("I:1\nE:{property}\nG:seat\nV:1\n"))
    }

    /// A node that a kernel driver made for a USB device.
    pub(in crate::run) fn kernel_node(&self, port: &str, subsystem: &str, name: &str, mode: u32) -> &Self {
        let at = format!("/sys/devices/usb1/{port}/{port}:1.0/{subsystem}/{name}");
        self.file(&format!("{at}/uevent"), &format!("DEVNAME={name}\n"));
        self.link(&format!("{at}/subsystem"), &format!("../{subsystem}"));
        self.node(&format!("/dev/{name}"), mode)
    }

    pub(in crate::run) fn node(&self, absolute: &str, mode: u32) -> &Self {
        self.file(absolute, "");
        fs::set_permissions(self.path(absolute), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// The group of the files here has this name.
    pub(in crate::run) fn group(&self, name: &str) -> &Self {
        let gid = self.0.path().metadata().unwrap().gid();
        self.file("/etc/group", &format!("root:x:{}:\n{name}:x:{gid}:\n", gid + 1))
    }

    /// The drivers of the source tree.
    pub(in crate::run) fn drivers() -> Drivers {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../device-drivers");
        Drivers { dirs: vec![root], programs: None }
    }

    pub(in crate::run) fn registry() -> Registry {
        Registry::load(&Self::drivers()).unwrap()
    }
}
