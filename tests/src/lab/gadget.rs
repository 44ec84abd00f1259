//! A receipt printer that is not ours: the kernel's own printer gadget (`f_printer` behind `dummy_hcd`), the firmware of
//! real Linux-based printers. It takes bytes and answers with bytes and a port status; what the bytes mean, only the test
//! knows. Several may be plugged at a time, each with another serial number.
//!
//! Its making is in [`configfs`], the thread that is its other end in [`paper`].

mod configfs;
mod paper;

use std::path::PathBuf;

use super::{ffi, load, require, until, usb};
use configfs::Gadget;
use paper::Paper;

/// What the printer says it is.
#[derive(Debug, Clone)]
pub struct Options {
    /// USB vendor id.
    pub vendor: u16,
    /// USB product id.
    pub product: u16,
    /// USB serial number; different for each printer of a test.
    pub serial: String,
    /// The text of its IEEE 1284 device id (Universal Serial Bus Device Class Definition for Printing Devices 1.1, 4.2.1).
    pub device_id: String,
}

impl Options {
    /// A Seiko Epson receipt printer (id 04b8:0202) with this serial number.
    pub fn receipt(serial: &str) -> Self {
        let device_id = "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20;CLS:PRINTER;".to_owned();
        Self { vendor: 0x04b8, product: 0x0202, serial: serial.to_owned(), device_id }
    }
}

/// The port status of a printer that is well: selected, no error (Printing Devices 1.1, 4.2.2).
pub const STATUS_WELL: u8 = 0x18;
/// The port status of a printer without paper: bit 5 paper empty, bit 4 selected, bit 3 (no error) not set.
pub const STATUS_PAPER_OUT: u8 = 0x30;

/// The printer. Dropped, it is unplugged and gone.
pub struct PrinterGadget {
    /// Dropped first: closes the device file, see [`Paper`].
    paper: Option<Paper>,
    gadget: Gadget,
    serial: String,
    respond: paper::Respond,
}

impl PrinterGadget {
    /// Makes one and plugs it in. Whatever arrives is given to `respond` as it arrives, and what that returns goes back to
    /// the host: `|_| Vec::new()` for a printer that never says anything.
    pub async fn plug(options: &Options, respond: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Self {
        require();
        load("dummy_hcd", &["num=2"]).await;
        load("usb_f_printer", &[]).await;
        let respond: paper::Respond = paper::respond(respond);
        let mut printer = Self { paper: None, gadget: Gadget::new(options), serial: options.serial.clone(), respond };
        printer.replug().await;
        printer
    }

    /// Pulls the cable. Waits until the host has noticed.
    pub async fn unplug(&mut self) {
        let device = usb::device(&self.serial).await;
        self.paper = None;
        self.gadget.unbind();
        until("the host notices that the printer is gone", || (!device.join("serial").exists()).then_some(())).await;
    }

    /// Plugs it in again, with the status of a printer that is well and nothing received. Waits until the host knows it.
    pub async fn replug(&mut self) {
        let before = paper::nodes();
        self.gadget.bind();
        let what = "the gadget's device file";
        let node = until(what, || paper::nodes().into_iter().find(|node| !before.contains(node))).await;
        let what = "the host chooses the gadget's configuration";
        let file = until(what, || paper::open(&node)).await;
        self.paper = Some(Paper::new(file, self.respond.clone()));
        usb::device(&self.serial).await;
    }

    /// Its folder in sysfs on the host's side: `/sys/devices/…/usb1/1-1`.
    pub async fn device(&self) -> PathBuf {
        usb::device(&self.serial).await
    }

    /// Where it is plugged in, as in an address `usb:…?port=1-1`.
    pub async fn port(&self) -> String {
        let device = self.device().await;
        device.file_name().expect("a device has a name").to_string_lossy().into_owned()
    }

    /// The node that the host's `usblp` gave it: `/dev/usb/lp0`.
    pub async fn lp(&self) -> PathBuf {
        usb::node("usbmisc", &self.device().await).await
    }

    /// All bytes that came since it was plugged in or [`PrinterGadget::tear_off`] was called.
    pub fn received(&self) -> Vec<u8> {
        self.paper().received().clone()
    }

    /// Takes what came so far away.
    pub fn tear_off(&self) -> Vec<u8> {
        std::mem::take(&mut *self.paper().received())
    }

    /// Waits until these bytes have come; returns all that came.
    pub async fn until_received(&self, bytes: &[u8]) -> Vec<u8> {
        assert!(!bytes.is_empty(), "there is something to wait for");
        until(&format!("the printer receives {:?}", String::from_utf8_lossy(bytes)), || {
            let received = self.paper().received();
            received.windows(bytes.len()).any(|part| part == bytes).then(|| received.clone())
        })
        .await
    }

    /// Takes nothing more from the host, as a printer does whose buffer is full (the kernel keeps some 80 KB first).
    pub fn hold(&self) {
        self.paper().hold(true);
    }

    /// Takes bytes again.
    pub fn go_on(&self) {
        self.paper().hold(false);
    }

    /// Says something by itself.
    pub fn say(&self, bytes: &[u8]) {
        self.paper().say(bytes);
    }

    /// What it answers to GET_PORT_STATUS: [`STATUS_WELL`], [`STATUS_PAPER_OUT`].
    pub fn set_status(&self, status: u8) {
        ffi::set_printer_status(self.paper().file(), status).expect("a gadget takes any status");
    }

    fn paper(&self) -> &Paper {
        self.paper.as_ref().expect("the printer is plugged in")
    }
}
