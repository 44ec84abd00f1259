//! A serial line as a USB device ("Communications Device Class", PSTN subclass 1.2, abstract control model): the kernel
//! makes a `/dev/ttyACM*` of it. What hangs on the line is a byte stream to this room: [`plug`] hands out the device's end
//! as a [`DuplexStream`], which any machine that reads and writes bytes can be served on.
//!
//! No pacing by baud rate: such devices take bytes as fast as USB brings them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;

use super::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use super::device::{Controlled, UsbDevice};
use super::hub::HubError;
use super::io::Io;
use super::port::{Feeding, Handle};
use super::setup::{Answer, Setup};
use super::{Event, Options, UsbFunction};
use crate::device::{Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;

/// Kind of the device, and its name unless it gets another.
pub const NAME: &str = "serial";
/// The ids of Linux's own serial gadget: "Linux-USB CDC ACM".
const ID: (u16, u16) = (0x0525, 0xa4a7);
/// Bytes that wait in the device for its machine; then it takes no more.
const ROOM: usize = 4096;
/// Bytes between the device and its machine.
const STREAM: usize = 4096;

const NOTIFY: u8 = 0x83;
const IN: u8 = 0x82;
const OUT: u8 = 0x01;
/// bRequest values (PSTN 1.2, section 6.3).
const SET_LINE_CODING: u8 = 0x20;
const GET_LINE_CODING: u8 = 0x21;
const SET_CONTROL_LINE_STATE: u8 = 0x22;
const SEND_BREAK: u8 = 0x23;
/// Functional descriptors (CDC 1.2, section 5.2.3; PSTN 1.2, section 5.3): header, call management (data interface 1),
/// abstract control management (line coding, breaks), union of interfaces 0 and 1.
const FUNCTIONAL: [u8; 19] = [5, 0x24, 0, 0x20, 0x01, 5, 0x24, 1, 0, 1, 4, 0x24, 2, 0b0110, 5, 0x24, 6, 0, 1];

/// The serial function.
#[derive(Debug)]
pub struct Function {
    identity: Identity,
    exchanges: Arc<ExchangeLog>,
    incoming: VecDeque<u8>,
    arrived: Arc<Notify>,
    /// dwDTERate, bCharFormat, bParityType, bDataBits (PSTN 1.2, table 17).
    coding: [u8; 7],
    /// Bit 0: DTR, bit 1: RTS (PSTN 1.2, table 18).
    lines: u8,
    dropped: u64,
}

/// Plugs a serial device of any maker in. The stream is the other end of its line; bytes that the machine sends while no
/// program has the port open (DTR is off) are lost, as on a real line.
///
/// # Errors
/// When the hub does not take it.
pub fn plug(options: Options, maker: &str, product: &str) -> Result<(UsbDevice<Function>, DuplexStream), HubError> {
    let identity = options.identity(ID, 0x0100, maker, product);
    let (exchanges, arrived) = (Arc::<ExchangeLog>::default(), Arc::<Notify>::default());
    let function = Function {
        identity,
        exchanges: Arc::clone(&exchanges),
        incoming: VecDeque::new(),
        arrived: Arc::clone(&arrived),
        // 9600 baud, one stop bit, no parity, 8 data bits.
        coding: [0x80, 0x25, 0, 0, 0, 0, 8],
        lines: 0,
        dropped: 0,
    };
    let mut device = UsbDevice::plug(function, Speed::High, options, exchanges)?;
    let (ours, machines) = tokio::io::duplex(STREAM);
    let (mut reader, mut writer) = tokio::io::split(ours);
    let (to_host, to_machine) = (device.port().handle(), device.port().handle());
    device.keep(Feeding::new(async move {
        let mut bytes = [0; STREAM];
        while let Ok(count @ 1..) = reader.read(&mut bytes).await {
            if to_host.with(|function, io| function.say(&bytes[..count], io)).is_none() {
                return;
            }
        }
    }));
    device.keep(Feeding::new(async move {
        while let Some(bytes) = taken(&to_machine, &arrived).await {
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }));
    Ok((device, machines))
}

/// The next bytes from the host; none when the device is no more.
async fn taken(handle: &Handle<Function>, arrived: &Notify) -> Option<Vec<u8>> {
    loop {
        let bytes: Vec<u8> = handle.with(|function, _| function.incoming.drain(..).collect())?;
        if !bytes.is_empty() {
            return Some(bytes);
        }
        arrived.notified().await;
    }
}

impl Function {
    /// Sends bytes to the host, if a program has the port open.
    pub fn say(&mut self, bytes: &[u8], io: &mut Io) {
        if self.lines & 1 == 0 {
            self.dropped += bytes.len() as u64;
            return;
        }
        self.exchanges.sent(bytes);
        io.send(IN, bytes.to_vec());
    }

    fn baud(&self) -> u32 {
        let [b0, b1, b2, b3, ..] = self.coding;
        u32::from_le_bytes([b0, b1, b2, b3])
    }
}

impl UsbFunction for Function {
    fn model(&self) -> Model {
        let control = Interface {
            class: Class(2, 2, 1),
            association: Some((2, Class(2, 2, 1))),
            extra: FUNCTIONAL.to_vec(),
            endpoints: vec![Endpoint::interrupt(NOTIFY, 16, 32)],
        };
        let data = Interface {
            class: Class(10, 0, 0),
            association: None,
            extra: Vec::new(),
            endpoints: vec![Endpoint::bulk(IN), Endpoint::bulk(OUT)],
        };
        Model {
            identity: self.identity.clone(),
            class: Class::ASSOCIATED,
            interfaces: vec![control, data],
            strings: Vec::new(),
        }
    }

    fn control(&mut self, setup: &Setup, data: &[u8], io: &mut Io) -> Answer {
        match (setup.request_type, setup.request) {
            (0x21, SET_LINE_CODING) => match data.try_into() {
                Ok(coding) => {
                    self.coding = coding;
                    Answer::Done
                }
                Err(_) => Answer::Stall,
            },
            (0xa1, GET_LINE_CODING) => Answer::Data(self.coding.to_vec()),
            (0x21, SET_CONTROL_LINE_STATE) => {
                self.lines = setup.value_low() & 3;
                if self.lines & 1 == 0 {
                    io.forget(IN);
                }
                Answer::Done
            }
            (0x21, SEND_BREAK) => Answer::Done,
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], _io: &mut Io) -> usize {
        let count = bytes.len().min(ROOM - self.incoming.len().min(ROOM));
        if count > 0 {
            self.exchanges.received(&bytes[..count]);
            self.incoming.extend(&bytes[..count]);
            self.arrived.notify_one();
        }
        count
    }

    fn event(&mut self, event: Event, _io: &mut Io) {
        if event == Event::Unplugged {
            self.lines = 0;
            self.incoming.clear();
        }
    }

    fn due(&mut self, _now: Instant, _io: &mut Io) -> Option<Instant> {
        None
    }
}

/// What can be set on a serial device.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Text to send to the host.
    say: String,
}

impl Controlled for Function {
    const KNOBS: &'static [Knob] = &[];

    fn state(&self) -> Value {
        json!({
            "baud": self.baud(), "dtr": self.lines & 1 != 0, "rts": self.lines & 2 != 0,
            "bytes_dropped": self.dropped, "faults": [],
        })
    }

    fn fault(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        read_fault::<Value>(NAME, Self::KNOBS, order).map(drop)
    }

    fn clear(&mut self, _fault: Option<&str>, _io: &mut Io) {}

    fn set(&mut self, order: Value, io: &mut Io) -> Result<(), KnobError> {
        let Settings { say } = read_set(order)?;
        self.say(say.as_bytes(), io);
        Ok(())
    }
}

/// What hangs on a serial device that is started alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// It sends back what it gets.
    Echo,
    /// A program that listens there; connected anew when it closes.
    Tcp(SocketAddr),
}

/// Plugs a serial device in with something on its line.
///
/// # Errors
/// When the hub does not take it.
pub fn start(options: Options, to: To) -> Result<UsbDevice<Function>, HubError> {
    let (mut device, mut line) = plug(options, "Kiosk simulators", "Serial device")?;
    device.keep(Feeding::new(async move {
        match to {
            To::Echo => {
                let (mut reader, mut writer) = tokio::io::split(line);
                // It ends with the device.
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
            }
            To::Tcp(address) => loop {
                let mut first = [0; 1];
                // Nobody is called before there is something to say.
                let Ok(1) = line.read(&mut first).await else { return };
                let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else { continue };
                if stream.write_all(&first).await.is_ok() {
                    // The other end closed, or broke off: the next byte calls again.
                    let _ = tokio::io::copy_bidirectional(&mut line, &mut stream).await;
                }
            },
        }
    }));
    Ok(device)
}
