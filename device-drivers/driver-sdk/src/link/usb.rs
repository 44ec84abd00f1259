//! A device at a bulk interface of USB, taken from the kernel's driver (`usblp`) for as long as the link is open.
//!
//! Through libusb, dynamically linked, with the crate `rusb`; but for the transfers themselves, see `usb/transfer.rs`.
//! What is not here: which of the attached devices is meant (`attached`), and HID, which has drivers of its own.

mod choice;
#[cfg(test)]
mod tests;
mod transfer;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use kiosk_attached::UsbDevice;
use kiosk_protocol::device::Identity;
use rusb::{Context, DeviceHandle, UsbContext};

use super::port_status::PortStatus;
use super::{Link, LinkError, Until, attached, pause};
use crate::address::Address;
use choice::{Choice, choose};
use transfer::{Fault, Moved};

/// Longest single try to move bytes, and so the longest that a cancel waits. Longer than for other links: each try that
/// ends before its bytes are gone has the host controller break a transfer off.
const TRY: Duration = Duration::from_millis(50);
/// Most bytes in one outgoing transfer: a printer that takes 40 kB/s has it in [`TRY`].
const OUT_MAX: usize = 2_048;
/// Bytes of one incoming transfer, a multiple of every packet size: a device that sends more than was asked for makes
/// the transfer fail and its bytes are lost ("USB 2.0", 5.8.3).
const IN_BYTES: usize = 4_096;
/// How long the question for the port status may take.
const CONTROL: Duration = Duration::from_millis(500);
/// How long the node of a device that was just plugged in may belong to nobody: udev sets its group a moment later.
const SETTLES_WITHIN: Duration = Duration::from_secs(1);
/// How long the kernel may take to notice that a device whose transfers fail is gone.
const VANISHES_WITHIN: Duration = Duration::from_millis(500);
/// Most bytes of an earlier conversation that are thrown away when the link is opened.
const STALE_MAX: usize = 64 << 10;

/// GET_PORT_STATUS ("USB Device Class Definition for Printing Devices" 1.1, 4.2.2).
const GET_PORT_STATUS: u8 = 1;
/// bmRequestType of it: from the device, class, interface.
const FROM_INTERFACE: u8 = 0xA1;

pub(super) struct Usb {
    handle: DeviceHandle<Context>,
    choice: Choice,
    node: PathBuf,
    identity: Identity,
    /// Came with a transfer and was not asked for yet.
    heard: VecDeque<u8>,
}

impl Usb {
    /// `usb:VVVV:PPPP`, with `?serial=…` or `?port=…` where several are equal, and `&interface=N` for another interface
    /// than the first that fits.
    pub(super) fn open(address: &Address, within: Duration) -> Result<Self, LinkError> {
        let (meant, options) = attached::device_meant(address, &address.rest)?;
        let mut interface = None;
        for (name, value) in options {
            let bad = |what: String| LinkError::BadAddress(format!("address `{}`: {what}", address.text));
            match name {
                "interface" => {
                    let number = value.parse::<u8>();
                    interface = Some(number.map_err(|_| bad(format!("`interface={value}` is not a number")))?);
                }
                _ => return Err(bad(format!("unknown option `{name}`; there are `serial`, `port` and `interface`"))),
            }
        }
        let device = attached::find(address, &meant)?;
        let refused = |error| refused(address, &device, error);
        let handle = open_patiently(&device, within).map_err(refused)?;
        let descriptor = handle.device().active_config_descriptor().map_err(refused)?;
        let choice = choose(&choice::candidates(&descriptor), interface)
            .map_err(|error| LinkError::BadAddress(format!("address `{}`: {error}", address.text)))?;
        // Handed back when the interface is released; see `drop`.
        match handle.set_auto_detach_kernel_driver(true) {
            Ok(()) | Err(rusb::Error::NotSupported) => {}
            Err(error) => return Err(refused(error)),
        }
        handle.claim_interface(choice.interface).map_err(refused)?;
        if choice.needs_setting {
            handle.set_alternate_setting(choice.interface, choice.alternate).map_err(refused)?;
        }
        let UsbDevice { maker, model, serial, .. } = device.clone();
        let identity = Identity { maker, model, serial, firmware: None };
        let mut link = Self { handle, choice, node: device.usb_node(), identity, heard: VecDeque::new() };
        link.forget_stale();
        Ok(link)
    }

    /// Throws away what the device said to whoever had it before.
    fn forget_stale(&mut self) {
        let mut forgotten = 0;
        while let Some(Moved { bytes: 1.., .. }) = self.hear(Duration::from_millis(2)) {
            forgotten += self.heard.len();
            self.heard.clear();
            if forgotten > STALE_MAX {
                break;
            }
        }
    }

    /// One incoming transfer; `None` if the interface has no way in.
    fn hear(&mut self, limit: Duration) -> Option<Moved> {
        let pipe = self.choice.input?;
        let mut buffer = [0; IN_BYTES];
        let moved = transfer::read(&self.handle, pipe.endpoint, &mut buffer, limit);
        self.heard.extend(&buffer[..moved.bytes]);
        Some(moved)
    }

    /// What a failed transfer means; `done` bytes had gone through.
    fn failed(&self, fault: Fault, endpoint: u8, done: usize) -> LinkError {
        match fault {
            Fault::Gone => LinkError::Closed { done },
            Fault::Stalled => match self.handle.clear_halt(endpoint) {
                Err(rusb::Error::NoDevice) => LinkError::Closed { done },
                _ => LinkError::Stalled { done },
            },
            Fault::Other(what) => {
                // While a device is pulled out its transfers fail before the kernel knows why.
                let until = Instant::now() + VANISHES_WITHIN;
                while self.node.exists() && Instant::now() < until {
                    pause(Duration::from_millis(10));
                }
                if self.node.exists() { LinkError::Io(std::io::Error::other(what)) } else { LinkError::Closed { done } }
            }
        }
    }
}

/// Opens a device, waiting for udev if it was plugged in just now.
fn open_patiently(device: &UsbDevice, within: Duration) -> rusb::Result<DeviceHandle<Context>> {
    let until = Instant::now() + within.min(SETTLES_WITHIN);
    let context = Context::new()?;
    loop {
        let devices = context.devices()?;
        let place = |found: &rusb::Device<Context>| (found.bus_number(), found.address());
        let found = devices.iter().find(|found| place(found) == (device.bus, device.number));
        match found.ok_or(rusb::Error::NoDevice)?.open() {
            Err(rusb::Error::Access) if Instant::now() < until => pause(Duration::from_millis(50)),
            other => return other,
        }
    }
}

fn refused(address: &Address, device: &UsbDevice, error: rusb::Error) -> LinkError {
    let (address, node) = (address.text.clone(), device.usb_node());
    let node = node.display();
    match error {
        rusb::Error::Access => LinkError::NotPermitted {
            address,
            reason: format!(
                "this user may not write to {node}; install the project's udev rules and let the gateway's user be in the group that they name, then plug the device in again"
            ),
        },
        rusb::Error::Busy => LinkError::NotPermitted {
            address,
            reason: "another program has it open; look for a second gateway, or a CUPS queue for this printer".into(),
        },
        rusb::Error::NoDevice | rusb::Error::NotFound => {
            LinkError::Absent { address, reason: "it was unplugged just now".into() }
        }
        other => LinkError::Io(std::io::Error::other(format!("cannot open {node}: {other}"))),
    }
}

impl Drop for Usb {
    /// Hands the interface back to the kernel's driver, also for a process before this one that was killed and handed
    /// nothing back. The device may be gone, and most interfaces have no driver of the kernel: no error is of interest.
    fn drop(&mut self) {
        let _ = self.handle.release_interface(self.choice.interface);
        let _ = self.handle.attach_kernel_driver(self.choice.interface);
    }
}

impl Link for Usb {
    fn read(&mut self, buffer: &mut [u8], until: &Until) -> Result<usize, LinkError> {
        loop {
            if !self.heard.is_empty() {
                let n = self.heard.len().min(buffer.len());
                for (place, byte) in buffer.iter_mut().zip(self.heard.drain(..n)) {
                    *place = byte;
                }
                return Ok(n);
            }
            let limit = until.try_for(0, TRY)?;
            match self.hear(limit) {
                None => pause(limit),
                // Some devices send empty packets whenever they have nothing to say.
                Some(Moved { bytes: 0, fault: None, timed_out: false }) => pause(Duration::from_millis(2)),
                Some(Moved { bytes: 0, fault: Some(fault), .. }) => {
                    let endpoint = self.choice.input.map_or(0, |pipe| pipe.endpoint);
                    return Err(self.failed(fault, endpoint, 0));
                }
                // A fault that came with bytes comes again with the next transfer.
                Some(_) => {}
            }
        }
    }

    fn write_all(&mut self, bytes: &[u8], until: &Until) -> Result<(), LinkError> {
        let endpoint = self.choice.out.endpoint;
        let mut done = 0;
        while done < bytes.len() {
            let limit = until.try_for(done, TRY)?;
            let part = &bytes[done..bytes.len().min(done + OUT_MAX)];
            let moved = transfer::write(&self.handle, endpoint, part, limit);
            done += moved.bytes;
            if let Some(fault) = moved.fault {
                return Err(self.failed(fault, endpoint, done));
            }
        }
        Ok(())
    }

    fn port_status(&mut self, until: &Until) -> Result<Option<PortStatus>, LinkError> {
        if !self.choice.is_printer {
            return Ok(None);
        }
        let limit = until.try_for(0, CONTROL)?.max(Duration::from_millis(1));
        let mut byte = [0];
        let interface = u16::from(self.choice.interface);
        match self.handle.read_control(FROM_INTERFACE, GET_PORT_STATUS, 0, interface, &mut byte, limit) {
            Ok(1) => Ok(Some(PortStatus::of_byte(byte[0]))),
            // It does not know the question.
            Ok(_) | Err(rusb::Error::Pipe) => Ok(None),
            Err(rusb::Error::Timeout) => Err(LinkError::Timeout { done: 0 }),
            Err(rusb::Error::NoDevice) => Err(LinkError::Closed { done: 0 }),
            Err(other) => Err(self.failed(Fault::Other(other.to_string()), 0, 0)),
        }
    }

    fn identity(&self) -> Identity {
        self.identity.clone()
    }
}
