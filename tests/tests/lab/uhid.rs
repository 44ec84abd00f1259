//! A human interface device in user space (Linux, `Documentation/hid/uhid.rst`), which shares nothing with the simulators.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use kiosk_tests::lab;

/// `UHID_CREATE2` and `UHID_INPUT2` (`linux/uhid.h`).
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;

/// A device; dropped, it is unplugged.
pub(super) struct Uhid {
    file: File,
    name: &'static str,
}

impl Uhid {
    /// Plugs in a device with this report descriptor.
    pub(super) async fn plug(name: &'static str, descriptor: &[u8]) -> Self {
        lab::load("uhid", &[]).await;
        let mut event = CREATE2.to_ne_bytes().to_vec();
        event.extend_from_slice(name.as_bytes());
        // Name, place and serial number: 128, 64 and 64 bytes.
        event.resize(4 + 256, 0);
        event.extend_from_slice(&u16::try_from(descriptor.len()).unwrap().to_ne_bytes());
        // Bus (USB), vendor, product, version, country.
        event.extend_from_slice(&3_u16.to_ne_bytes());
        [0x1209_u32, 0x0001, 1, 0].iter().for_each(|number| event.extend_from_slice(&number.to_ne_bytes()));
        event.extend_from_slice(descriptor);
        let mut file = File::options().read(true).write(true).open("/dev/uhid").unwrap();
        file.write_all(&event).unwrap();
        Self { file, name }
    }

    /// Its hidraw node.
    pub(super) async fn node(&self) -> PathBuf {
        let own = format!("HID_NAME={}", self.name);
        let node = lab::until("a hidraw node of the device", || {
            let entries = fs::read_dir("/sys/class/hidraw").into_iter().flatten().flatten();
            let mut own = entries.filter(|entry| {
                fs::read_to_string(entry.path().join("device/uevent"))
                    .is_ok_and(|text| text.lines().any(|line| line == own))
            });
            own.next().map(|entry| PathBuf::from("/dev").join(entry.file_name()))
        })
        .await;
        lab::appears(node).await
    }

    /// Sends an input report.
    pub(super) fn send(&mut self, report: &[u8]) {
        let mut event = INPUT2.to_ne_bytes().to_vec();
        event.extend_from_slice(&u16::try_from(report.len()).unwrap().to_ne_bytes());
        event.extend_from_slice(report);
        self.file.write_all(&event).unwrap();
    }
}
