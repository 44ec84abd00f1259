//! The printer as a USB device of the printer class ("Universal Serial Bus Device Class Definition for Printing Devices",
//! version 1.1): bytes out to the machine, with back pressure; answers in; paper and error also as port status.

use std::sync::Arc;
use std::time::Instant;

use super::Inner;
use super::machine::Taken;
use crate::usb::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use crate::usb::hub::HubError;
use crate::usb::io::{Io, Pull};
use crate::usb::port::{Feeding, UsbPort};
use crate::usb::setup::{Answer, Setup};
use crate::usb::{Event, Options, UsbFunction};

/// The ids of an Epson TM-T20II.
const ID: (u16, u16) = (0x04b8, 0x0e15);
/// Printer, printer, bidirectional (Printing Devices 1.1, section 5.1).
const CLASS: Class = Class(7, 1, 2);
const OUT: u8 = 0x01;
const IN: u8 = 0x82;

/// bRequest values (Printing Devices 1.1, section 4.2).
const GET_DEVICE_ID: u8 = 0;
const GET_PORT_STATUS: u8 = 1;
const SOFT_RESET: u8 = 2;
/// Bits of the port status (Printing Devices 1.1, section 4.2.2).
const NOT_ERROR: u8 = 1 << 3;
const SELECTED: u8 = 1 << 4;
const PAPER_EMPTY: u8 = 1 << 5;

/// The printer class over a [`Machine`](super::machine::Machine).
#[derive(Debug)]
pub struct Function {
    inner: Arc<Inner>,
    identity: Identity,
    /// A slow printer takes its next bytes then.
    ready_at: Option<Instant>,
}

/// Plugs a printer in.
pub(super) fn plug(options: &Options, inner: &Arc<Inner>) -> Result<(UsbPort<Function>, Feeding), HubError> {
    let identity = options.identity(ID, 0x0100, "EPSON", "TM-T20II");
    let function = Function { inner: Arc::clone(inner), identity, ready_at: None };
    let port = UsbPort::new(function, Speed::High, options, Arc::clone(&inner.exchanges));
    port.plug(None)?;
    let (handle, inner) = (port.handle(), Arc::clone(inner));
    // The motor tells when there are answers, or room for more bytes.
    let feeding = Feeding::new(async move {
        loop {
            inner.port.notified().await;
            if handle.with(|_, _| ()).is_none() {
                return;
            }
        }
    });
    Ok((port, feeding))
}

impl Function {
    /// The string of IEEE 1284-2000, section 7.6, with its length in front, most significant byte first.
    fn device_id(&self) -> Vec<u8> {
        let Identity { maker, name, serial, .. } = &self.identity;
        let serial = serial.as_ref().map_or(String::new(), |serial| format!("SN:{serial};"));
        let text = format!("MFG:{maker};CMD:ESC/POS;MDL:{name};CLS:PRINTER;DES:{maker} {name};{serial}");
        let length = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
        [&length.to_be_bytes(), text.as_bytes()].concat()
    }

    fn port_status(&self) -> u8 {
        let status = self.inner.machine().status();
        let error = if status.is_online() { NOT_ERROR } else { 0 };
        error | SELECTED | if status.paper_out { PAPER_EMPTY } else { 0 }
    }
}

impl UsbFunction for Function {
    fn model(&self) -> Model {
        let endpoints = vec![Endpoint::bulk(OUT), Endpoint::bulk(IN)];
        let interface = Interface { class: CLASS, association: None, extra: Vec::new(), endpoints };
        Model {
            identity: self.identity.clone(),
            class: Class::BY_INTERFACE,
            interfaces: vec![interface],
            strings: Vec::new(),
        }
    }

    fn control(&mut self, setup: &Setup, _data: &[u8], io: &mut Io) -> Answer {
        match (setup.request_type, setup.request) {
            (0xa1, GET_DEVICE_ID) => Answer::Data(self.device_id()),
            (0xa1, GET_PORT_STATUS) => Answer::Data(vec![self.port_status()]),
            // Version 1.0 had the recipient "other" here; hosts send both.
            (0x21 | 0x23, SOFT_RESET) => {
                self.inner.exchanges.event("soft reset");
                self.inner.machine().forget_waiting();
                io.forget(IN);
                Answer::Done
            }
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], io: &mut Io) -> usize {
        if self.ready_at.is_some() {
            return 0;
        }
        let mut machine = self.inner.machine();
        let piece = machine.pace().piece();
        let count = bytes.len().min(machine.room()).min(piece.map_or(usize::MAX, |(most, _)| most));
        if count == 0 {
            return 0;
        }
        self.inner.exchanges.received(&bytes[..count]);
        let taken = machine.receive(&bytes[..count]);
        drop(machine);
        self.ready_at = piece.map(|(_, pause)| Instant::now() + pause);
        self.inner.motor.notify_one();
        if let Taken::Dropped(unplug) = taken {
            io.pull(if unplug { Pull::Out } else { Pull::Replug });
        }
        count
    }

    fn event(&mut self, event: Event, _io: &mut Io) {
        if event == Event::Unplugged {
            self.inner.machine().client_gone();
            self.inner.motor.notify_one();
        }
    }

    fn due(&mut self, now: Instant, io: &mut Io) -> Option<Instant> {
        self.ready_at = self.ready_at.filter(|at| *at > now);
        let replies = self.inner.machine().take_replies();
        if !replies.is_empty() {
            self.inner.exchanges.sent(&replies);
            io.send(IN, replies);
        }
        self.ready_at
    }
}
