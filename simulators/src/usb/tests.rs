//! The core without a kernel: this is the host, on the other end of the socket pair.

mod devices;
pub(crate) mod host;
mod hostile;
mod transfers;

use std::sync::Arc;
use std::time::Instant;

use host::{Host, TestHub};

use super::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use super::io::Io;
use super::port::UsbPort;
use super::setup::{Answer, Setup};
use super::{Event, Options, UsbFunction};

/// A device that takes so many bytes on endpoint 1, answers vendor requests with its name, and sends what it is told to.
#[derive(Debug, Default)]
struct Sample {
    room: usize,
    taken: Vec<u8>,
    events: Vec<Event>,
}

impl UsbFunction for Sample {
    fn model(&self) -> Model {
        let identity = Identity {
            vendor: 0x1d6b,
            product: 0x0104,
            release: 0x0123,
            maker: "Maker".into(),
            name: "Tên".into(),
            serial: Some("S1".into()),
        };
        let endpoints = vec![Endpoint::bulk(0x01), Endpoint::bulk(0x82), Endpoint::interrupt(0x83, 8, 10)];
        let interface =
            Interface { class: Class(0xff, 0, 0), association: None, extra: vec![3, 0x24, 0xaa], endpoints };
        Model { identity, class: Class::BY_INTERFACE, interfaces: vec![interface], strings: Vec::new() }
    }

    fn control(&mut self, setup: &Setup, data: &[u8], _io: &mut Io) -> Answer {
        match (setup.request_type, setup.request) {
            (0xc0, 1) => Answer::Data(b"vendor answer".to_vec()),
            (0x40, 2) => {
                self.taken.extend(data);
                Answer::Done
            }
            (0xc0, 3) => Answer::Never,
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], _io: &mut Io) -> usize {
        let count = bytes.len().min(self.room);
        self.room -= count;
        self.taken.extend(&bytes[..count]);
        count
    }

    fn event(&mut self, event: Event, _io: &mut Io) {
        self.events.push(event);
    }

    fn due(&mut self, _now: Instant, _io: &mut Io) -> Option<Instant> {
        None
    }
}

fn options(hub: &Arc<TestHub>) -> Options {
    Options {
        name: "sample".into(),
        hub: Arc::clone(hub) as _,
        port: None,
        speed: None,
        serial: None,
        id: None,
        seed: 1,
    }
}

/// A plugged device and the host at the other end.
fn plugged(room: usize) -> (UsbPort<Sample>, Host, Arc<TestHub>) {
    let hub = Arc::new(TestHub::default());
    let sample = Sample { room, ..Sample::default() };
    let port = UsbPort::new(sample, Speed::High, &options(&hub), Arc::default());
    port.plug(None).unwrap();
    let host = hub.host();
    (port, host, hub)
}
