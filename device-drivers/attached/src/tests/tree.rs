//! A copy of sysfs in a temporary folder, with links like the kernel's.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

pub(super) struct Tree(tempfile::TempDir);

impl Tree {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Where a device's folder really is: below its hub.
    fn folder(&self, port: &str) -> PathBuf {
        let mut folder = self.path().join("devices/usb1");
        for (dot, _) in port.match_indices('.') {
            folder.push(&port[..dot]);
        }
        folder.join(port)
    }

    pub(super) fn usb(&self, port: &str, vendor: u16, product: u16, serial: Option<&str>) {
        let folder = self.folder(port);
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(self.path().join("bus/usb/devices")).unwrap();
        for interface in ["usb1", "1-0:1.0"] {
            let _ = symlink("/nowhere", self.path().join("bus/usb/devices").join(interface));
        }
        self.attribute(port, "idVendor", format!("{vendor:04x}\n").as_bytes());
        self.attribute(port, "idProduct", format!("{product:04x}\n").as_bytes());
        self.attribute(port, "busnum", b"1\n");
        self.attribute(port, "devnum", b"2\n");
        self.attribute(port, "manufacturer", b"Maker\n");
        self.attribute(port, "product", b"Model\n");
        if let Some(serial) = serial {
            self.attribute(port, "serial", format!("{serial}\n").as_bytes());
        }
        symlink(&folder, self.path().join("bus/usb/devices").join(port)).unwrap();
    }

    pub(super) fn unplug(&self, port: &str) {
        fs::remove_file(self.path().join("bus/usb/devices").join(port)).unwrap();
        fs::remove_dir_all(self.folder(port)).unwrap();
    }

    pub(super) fn attribute(&self, port: &str, name: &str, bytes: &[u8]) {
        fs::write(self.folder(port).join(name), bytes).unwrap();
    }

    pub(super) fn interface(&self, port: &str, number: u8, [class, subclass, protocol]: [u8; 3], driver: Option<&str>) {
        let folder = self.folder(port).join(format!("{port}:1.{number}"));
        fs::create_dir_all(&folder).unwrap();
        for (name, value) in [
            ("bInterfaceNumber", number),
            ("bInterfaceClass", class),
            ("bInterfaceSubClass", subclass),
            ("bInterfaceProtocol", protocol),
        ] {
            fs::write(folder.join(name), format!("{value:02x}\n")).unwrap();
        }
        if let Some(driver) = driver {
            symlink(format!("../../bus/usb/drivers/{driver}"), folder.join("driver")).unwrap();
        }
    }

    pub(super) fn node(&self, port: &str, below: &str, subsystem: &str, name: &str) {
        self.node_in(&self.folder(port).join(below), subsystem, name);
    }

    pub(super) fn platform_node(&self, device: &str, below: &str, subsystem: &str, name: &str) {
        let folder = self.path().join("devices/platform").join(device).join(below);
        self.node_in(&folder, subsystem, name);
        fs::write(folder.join("name"), "vivid-cap\n").unwrap();
    }

    fn node_in(&self, folder: &Path, subsystem: &str, name: &str) {
        fs::create_dir_all(folder).unwrap();
        let class = self.path().join("class").join(subsystem);
        fs::create_dir_all(&class).unwrap();
        symlink(&class, folder.join("subsystem")).unwrap();
        fs::write(folder.join("uevent"), format!("MAJOR=4\nMINOR=7\nDEVNAME={name}\n")).unwrap();
        symlink(folder, class.join(folder.file_name().unwrap())).unwrap();
    }
}
