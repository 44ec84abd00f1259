//! The host's side of the conversation, from the kernel's documentation (Documentation/usb/usbip_protocol.rst); shares no
//! code with the device's side.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::time::Duration;

use crate::usb::descriptor::Speed;
use crate::usb::hub::{Hub, HubError};

/// Longer than any machine takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes sockets instead of the kernel.
#[derive(Debug, Default)]
pub(crate) struct TestHub {
    sockets: Mutex<Vec<(u8, UnixStream)>>,
}

impl TestHub {
    /// The host of the device that was plugged in last.
    pub(crate) fn host(&self) -> Host {
        let (port, socket) = self.sockets.lock().unwrap().pop().expect("a device was plugged in");
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Host { socket, port, sequence: 0 }
    }
}

impl Hub for TestHub {
    fn attach(&self, port: Option<u8>, socket: UnixStream, _speed: Speed) -> Result<u8, HubError> {
        if port.is_some_and(|port| port > 8) {
            return Err(HubError::NoPort { port: 9, last: 8 });
        }
        let port = port.unwrap_or(1);
        self.sockets.lock().unwrap().push((port, socket));
        Ok(port)
    }

    fn released(&self, _port: u8) {}

    fn path(&self, port: u8) -> String {
        format!("9-{port}")
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Returned {
    pub(crate) command: u32,
    pub(crate) sequence: u32,
    pub(crate) status: i32,
    pub(crate) actual: u32,
    pub(crate) data: Vec<u8>,
}

/// A host.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) socket: UnixStream,
    pub(crate) port: u8,
    sequence: u32,
}

impl Host {
    /// Submits a transfer; answers its number. `data` none: to the host.
    pub(crate) fn submit(&mut self, endpoint: u32, length: u32, setup: [u8; 8], data: Option<&[u8]>) -> u32 {
        self.sequence += 1;
        let mut bytes = Vec::new();
        let direction = u32::from(data.is_none());
        for word in [1, self.sequence, 0x0001_0002, direction, endpoint, 0, length, 0, 0, 0] {
            bytes.extend(word.to_be_bytes());
        }
        bytes.extend(setup);
        bytes.extend(data.unwrap_or_default());
        self.socket.write_all(&bytes).unwrap();
        self.sequence
    }

    pub(crate) fn out(&mut self, endpoint: u32, data: &[u8]) -> u32 {
        self.submit(endpoint, u32::try_from(data.len()).unwrap(), [0; 8], Some(data))
    }

    pub(crate) fn want(&mut self, endpoint: u32, length: u32) -> u32 {
        self.submit(endpoint, length, [0; 8], None)
    }

    pub(crate) fn unlink(&mut self, target: u32) -> u32 {
        self.sequence += 1;
        let mut bytes = Vec::new();
        for word in [2, self.sequence, 0x0001_0002, 0, 0, target, 0, 0, 0, 0, 0, 0] {
            bytes.extend(word.to_be_bytes());
        }
        self.socket.write_all(&bytes).unwrap();
        self.sequence
    }

    /// The next thing that comes back; `input`: it carries data.
    pub(crate) fn returned(&mut self, input: bool) -> Returned {
        let mut head = [0; 48];
        self.socket.read_exact(&mut head).unwrap();
        let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().unwrap());
        let (command, actual) = (word(0), word(24));
        let mut data = vec![0; if input && command == 3 { actual as usize } else { 0 }];
        self.socket.read_exact(&mut data).unwrap();
        Returned { command, sequence: word(4), status: word(20).cast_signed(), actual, data }
    }

    /// A control transfer to the host.
    pub(crate) fn get(&mut self, request_type: u8, request: u8, value: u16, index: u16, length: u16) -> Returned {
        let setup = setup(request_type, request, value, index, length);
        self.submit(0, length.into(), setup, None);
        self.returned(true)
    }

    /// A control transfer from the host.
    pub(crate) fn set(&mut self, request_type: u8, request: u8, value: u16, index: u16, data: &[u8]) -> Returned {
        let length = u16::try_from(data.len()).unwrap();
        let setup = setup(request_type, request, value, index, length);
        self.submit(0, length.into(), setup, Some(data));
        self.returned(false)
    }

    /// What every host does first; answers the configuration descriptor.
    pub(crate) fn enumerate(&mut self) -> Vec<u8> {
        let device = self.get(0x80, 6, 0x0100, 0, 18).data;
        assert_eq!((device.len(), device[0], device[1]), (18, 18, 1));
        let head = self.get(0x80, 6, 0x0200, 0, 9).data;
        let total = u16::from_le_bytes([head[2], head[3]]);
        let whole = self.get(0x80, 6, 0x0200, 0, total).data;
        assert_eq!(whole.len(), usize::from(total));
        assert_eq!(self.set(0x00, 9, 1, 0, &[]).status, 0);
        whole
    }

    /// True when the device has closed its end, or will say nothing more.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // What it has not read when it closes is a reset on this side.
        let end = self.socket.read_to_end(&mut rest);
        end.map_or_else(|error| error.kind() == std::io::ErrorKind::ConnectionReset, |_| true)
    }
}

fn setup(request_type: u8, request: u8, value: u16, index: u16, length: u16) -> [u8; 8] {
    let ([v0, v1], [i0, i1], [l0, l1]) = (value.to_le_bytes(), index.to_le_bytes(), length.to_le_bytes());
    [request_type, request, v0, v1, i0, i1, l0, l1]
}
