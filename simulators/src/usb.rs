//! USB devices that the operating system takes for hardware: this process is the device, and speaks through the kernel's
//! virtual host controller (`vhci_hcd`) over one end of a socket pair.
//!
//! ```text
//! kernel ◄─ socket ─► urb ─► port (one lock) ─► io: endpoints, faults ─► standard requests
//!                                                        └──────────────► UsbFunction: one small file a device
//! ```
//!
//! | room | what it is |
//! |---|---|
//! | [`urb`] | the bytes on the socket |
//! | [`descriptor`], [`setup`] | what a device tells about itself; control requests |
//! | [`io`] | endpoints: transfers that wait, stalls, short packets, back pressure, faults of the bus ([`fault`]) |
//! | [`port`], [`hub`] | the cable: threads, plug and unplug; where it is plugged in |
//! | [`hid`], [`keyboard`] | what several devices share |
//!
//! No isochronous endpoints, one configuration, no alternate settings, nothing above high speed.

use std::sync::Arc;
use std::time::Instant;

pub mod barcode;
pub mod camera;
pub mod descriptor;
pub mod device;
pub mod fault;
pub mod hid;
pub mod hub;
pub mod io;
pub mod keyboard;
mod pipe;
pub mod port;
pub mod reader;
pub mod serial;
pub mod setup;
mod standard;
#[cfg(test)]
mod tests;
pub mod urb;

use descriptor::{Identity, Model, Speed};
use hub::Hub;
use io::Io;
use setup::{Answer, Setup};

/// What a plugged device has to know beside requests and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The cable is in; nothing is asked yet.
    Plugged,
    /// The host has chosen the configuration.
    Configured,
    /// The host has (again) chosen the only setting of this interface.
    Interface(u8),
    /// The host has cleared the halt of this endpoint.
    HaltCleared(u8),
    /// The cable is out.
    Unplugged,
}

/// A USB device without its bus. Everything is called under one lock and must not wait.
pub trait UsbFunction: Send + 'static {
    /// How it looks; asked once at every plug.
    fn model(&self) -> Model;
    /// A class or vendor request, or a standard one to an interface (a report descriptor, say). `data` is what came with
    /// a request to the device.
    fn control(&mut self, setup: &Setup, data: &[u8], io: &mut Io) -> Answer;
    /// Data from the host: answers how many bytes are taken. Fewer than there are: the rest is offered again after
    /// whatever happens next.
    fn out(&mut self, endpoint: u8, bytes: &[u8], io: &mut Io) -> usize;
    /// Something happened.
    fn event(&mut self, event: Event, io: &mut Io);
    /// Called after all that happens, and at the time it answered: does what is due, says when to come again.
    fn due(&mut self, now: Instant, io: &mut Io) -> Option<Instant>;
}

/// How a device is plugged in, and what it calls itself.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name in the control port's addresses.
    pub name: String,
    /// Where it is plugged in.
    pub hub: Arc<dyn Hub>,
    /// The hub's port, from 1; none: any.
    pub port: Option<u8>,
    /// How fast; none: as such devices are.
    pub speed: Option<Speed>,
    /// Its serial number; none: it has none, as many cheap devices.
    pub serial: Option<String>,
    /// Other ids than such devices have.
    pub id: Option<(u16, u16)>,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Options {
    /// Who it is, with the makers' names as such a device has them.
    pub(crate) fn identity(&self, (vendor, product): (u16, u16), release: u16, maker: &str, name: &str) -> Identity {
        let (vendor, product) = self.id.unwrap_or((vendor, product));
        let serial = self.serial.clone().filter(|serial| !serial.is_empty());
        Identity { vendor, product, release, maker: maker.into(), name: name.into(), serial }
    }
}

/// `VVVV:PPPP` as two numbers.
#[must_use]
pub fn parse_id(text: &str) -> Option<(u16, u16)> {
    let (vendor, product) = text.split_once(':')?;
    let number = |word: &str| (word.len() == 4).then(|| u16::from_str_radix(word, 16).ok()).flatten();
    Some((number(vendor)?, number(product)?))
}
