//! A HID scanner in user space (Linux, `Documentation/hid/uhid.rst`), with a report of its own layout: the number 9, the
//! flag that more comes, symbology identifiers, 40 bytes of data, and the count at the end.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use kiosk_tests::lab;

/// `UHID_CREATE2` and `UHID_INPUT2` (`linux/uhid.h`).
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const DATA: usize = 40;

const DESCRIPTOR: &[u8] = &[
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x09, 0x15, 0x00, 0x26, 0xff, 0x00, // scanner, report 9
    0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, 0x75, 0x07, 0x81, 0x03, // continued, padding
    0x75, 0x08, 0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // symbology
    0x95, 0x28, 0x09, 0xfe, 0x82, 0x02, 0x01, // data
    0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // count
    0xc0,
];

/// A scanner; dropped, it is unplugged.
pub(super) struct Uhid {
    file: File,
    name: &'static str,
}

impl Uhid {
    pub(super) fn plug(name: &'static str) -> Self {
        lab::require();
        let mut event = CREATE2.to_ne_bytes().to_vec();
        event.extend_from_slice(name.as_bytes());
        // Name, place and serial number: 128, 64 and 64 bytes.
        event.resize(4 + 256, 0);
        event.extend_from_slice(&u16::try_from(DESCRIPTOR.len()).unwrap().to_ne_bytes());
        // Bus (USB), vendor, product, version, country.
        event.extend_from_slice(&3_u16.to_ne_bytes());
        [0x1209_u32, 0x0001, 1, 0].iter().for_each(|number| event.extend_from_slice(&number.to_ne_bytes()));
        event.extend_from_slice(DESCRIPTOR);
        let mut file = File::options().read(true).write(true).open("/dev/uhid").unwrap();
        file.write_all(&event).unwrap();
        Self { file, name }
    }

    /// Its hidraw node.
    pub(super) async fn node(&self) -> PathBuf {
        let own = format!("HID_NAME={}", self.name);
        let node = lab::until("a hidraw node of the scanner", || {
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

    /// Reports a code, in as many pieces as it needs.
    pub(super) fn scan(&mut self, text: &str, aim: &[u8; 3]) {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(DATA).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let mut report = vec![9, u8::from(at + 1 < pieces.len())];
            report.extend_from_slice(aim);
            report.extend_from_slice(piece);
            report.resize(5 + DATA, 0);
            report.push(u8::try_from(piece.len()).unwrap());
            let mut event = INPUT2.to_ne_bytes().to_vec();
            event.extend_from_slice(&u16::try_from(report.len()).unwrap().to_ne_bytes());
            event.extend_from_slice(&report);
            self.file.write_all(&event).unwrap();
        }
    }
}
