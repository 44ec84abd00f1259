//! A device at a serial port. `serial2` rather than `serialport`: its writes keep their time limit when the device does
//! not take the bytes (paper out with flow control), where `serialport` blocks for ever.

use std::time::Duration;

use rustix::fs::FlockOperation;
use serial2::{CharSize, FlowControl, Parity, SerialPort, Settings, StopBits};

use super::{LinkError, Sliced};
use crate::address::Address;

pub(super) struct Serial(SerialPort);

impl Serial {
    /// `serial:/dev/ttyUSB0?baud=115200&flow=none|rtscts|xonxoff`, always 8N1.
    pub(super) fn open(address: &Address) -> Result<Self, LinkError> {
        let bad = |what: String| LinkError::BadAddress(format!("address `{}`: {what}", address.text));
        let mut baud = 115_200;
        let mut flow = FlowControl::None;
        for (name, value) in &address.options {
            match (name.as_str(), value.as_str()) {
                ("baud", value) => {
                    baud = value.parse().map_err(|_| bad(format!("`baud={value}` is not a number")))?;
                }
                ("flow", "none") => flow = FlowControl::None,
                ("flow", "rtscts") => flow = FlowControl::RtsCts,
                ("flow", "xonxoff") => flow = FlowControl::XonXoff,
                ("flow", value) => return Err(bad(format!("`flow={value}` is not `none`, `rtscts` or `xonxoff`"))),
                (name, _) => return Err(bad(format!("unknown option `{name}`; there are `baud` and `flow`"))),
            }
        }
        let port = SerialPort::open(&address.rest, |mut settings: Settings| {
            settings.set_raw();
            settings.set_baud_rate(baud)?;
            settings.set_char_size(CharSize::Bits8);
            settings.set_parity(Parity::None);
            settings.set_stop_bits(StopBits::One);
            settings.set_flow_control(flow);
            Ok(settings)
        })
        .map_err(|error| refused(address, &error))?;
        // serial2 lets two programs open the same port; their bytes would mix.
        rustix::fs::flock(&port, FlockOperation::NonBlockingLockExclusive)
            .map_err(|error| refused(address, &error.into()))?;
        Ok(Self(port))
    }
}

fn refused(address: &Address, error: &std::io::Error) -> LinkError {
    use std::io::ErrorKind as K;
    let address = address.text.clone();
    match error.kind() {
        K::PermissionDenied => LinkError::NotPermitted {
            address,
            reason: format!(
                "{error}; add the gateway's user to the port's group (often `dialout`) or install the udev rules"
            ),
        },
        K::WouldBlock | K::ResourceBusy => {
            LinkError::NotPermitted { address, reason: "another program has it open".into() }
        }
        _ => LinkError::Absent { address, reason: error.to_string() },
    }
}

impl Sliced for Serial {
    fn read_slice(&mut self, buffer: &mut [u8], slice: Duration) -> std::io::Result<usize> {
        self.0.set_read_timeout(slice)?;
        self.0.read(buffer)
    }

    fn write_slice(&mut self, bytes: &[u8], slice: Duration) -> std::io::Result<usize> {
        self.0.set_write_timeout(slice)?;
        self.0.write(bytes)
    }
}
