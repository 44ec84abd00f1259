//! The bytes between a driver and its device. A driver takes any [`Link`] and never knows whether a real device, a
//! simulator or a script is at the other end.

mod attached;
mod port_status;
pub mod scripted;
mod serial;
mod tcp;
#[cfg(test)]
mod tests;
#[cfg(feature = "usb")]
mod usb;

use std::time::{Duration, Instant};

use kiosk_protocol::device::Identity;
use kiosk_protocol::error::{ErrorCode, Failure};

use crate::address::Address;
use crate::cancel::CancelSignal;
pub use attached::{node, usb_device};
pub use port_status::PortStatus;

/// How often a waiting link looks whether it was cancelled.
const SLICE: Duration = Duration::from_millis(20);

/// Until when something may take.
#[derive(Clone, Debug)]
pub struct Until {
    /// Not longer than this.
    pub deadline: Instant,
    /// Nor after this was set.
    pub cancel: Option<CancelSignal>,
}

impl Until {
    /// A time limit from now, without cancel.
    pub fn within(limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, cancel: None }
    }

    /// The earlier of this and a time limit from now.
    pub fn at_most(&self, limit: Duration) -> Self {
        Self { deadline: self.deadline.min(Instant::now() + limit), cancel: self.cancel.clone() }
    }

    /// How long to wait before looking at the cancel signal again.
    fn slice(&self, done: usize) -> Result<Duration, LinkError> {
        self.try_for(done, SLICE)
    }

    /// The same for a link with another longest try.
    fn try_for(&self, done: usize, longest: Duration) -> Result<Duration, LinkError> {
        if self.cancel.as_ref().is_some_and(CancelSignal::is_set) {
            return Err(LinkError::Cancelled { done });
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(LinkError::Timeout { done }) } else { Ok(left.min(longest)) }
    }
}

/// What can happen to a link. `done` counts the bytes that went through before.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The address cannot be used with any link.
    #[error("{0}")]
    BadAddress(String),
    /// There is nothing at the address.
    #[error("cannot reach the device at `{address}`: {reason}")]
    Absent {
        /// Where.
        address: String,
        /// What the operating system says.
        reason: String,
    },
    /// This user may not open it, or another program has it.
    #[error("not permitted to open `{address}`: {reason}")]
    NotPermitted {
        /// Where.
        address: String,
        /// What the operating system says.
        reason: String,
    },
    /// The time ran out.
    #[error("the device did not answer in time")]
    Timeout {
        /// Bytes that went through.
        done: usize,
    },
    /// The request was cancelled.
    #[error("cancelled")]
    Cancelled {
        /// Bytes that went through.
        done: usize,
    },
    /// The device hung up or was unplugged.
    #[error("the device closed the connection")]
    Closed {
        /// Bytes that went through.
        done: usize,
    },
    /// The device refused the transfer (a USB endpoint that it has stalled). The link can be used again.
    #[error("the device refused the transfer")]
    Stalled {
        /// Bytes that went through.
        done: usize,
    },
    /// Something else.
    #[error("the connection to the device failed: {0}")]
    Io(std::io::Error),
}

impl LinkError {
    /// What it means for the client: `device_absent` ends the driver, all else leaves it running.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Closed { .. } | Self::Absent { .. } => ErrorCode::DeviceAbsent,
            Self::Timeout { .. } => ErrorCode::DeviceSilent,
            Self::Cancelled { .. } => ErrorCode::Cancelled,
            Self::BadAddress(_) | Self::NotPermitted { .. } | Self::Stalled { .. } | Self::Io(_) => {
                ErrorCode::DeviceFault
            }
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Bytes to and from a device, each call with its own time limit.
pub trait Link: Send {
    /// Reads at least one byte, at most `buffer.len()`.
    ///
    /// # Errors
    /// [`LinkError::Timeout`] if nothing came, [`LinkError::Closed`] if nothing will.
    fn read(&mut self, buffer: &mut [u8], until: &Until) -> Result<usize, LinkError>;

    /// Writes all bytes.
    ///
    /// # Errors
    /// `done` of [`LinkError::Timeout`], [`LinkError::Cancelled`], [`LinkError::Closed`] and [`LinkError::Stalled`]
    /// says how many bytes the device, or the operating system in its place, has taken.
    fn write_all(&mut self, bytes: &[u8], until: &Until) -> Result<(), LinkError>;

    /// What the device's interface says of it, apart from the bytes and also while no byte goes through; `None` for all
    /// links but USB printers.
    ///
    /// # Errors
    /// As for a read.
    fn port_status(&mut self, _until: &Until) -> Result<Option<PortStatus>, LinkError> {
        Ok(None)
    }

    /// What the link knows of the device without asking it; empty for most.
    fn identity(&self) -> Identity {
        Identity::default()
    }
}

/// Opens the link that the address asks for:
/// - `tcp:HOST:PORT`
/// - `serial:/dev/NAME`, or `serial:usb:VVVV:PPPP` for the port of a USB device, with
///   `baud=115200`, `data=8`, `parity=none|even|odd`, `stop=1|2`, `flow=none|rtscts|xonxoff`
///
/// Of several equal USB devices `serial=…` or `port=1-1.2` says which.
///
/// # Errors
/// See [`LinkError`].
pub fn open(address: &Address, within: Duration) -> Result<Box<dyn Link>, LinkError> {
    match address.scheme.as_str() {
        "tcp" => Ok(Box::new(tcp::Tcp::connect(address, within)?)),
        "serial" => Ok(Box::new(serial::Serial::open(address, within)?)),
        other => Err(LinkError::BadAddress(format!(
            "address `{}` begins with `{other}:`; use `tcp:HOST:PORT` or `serial:/dev/NAME?baud=N`",
            address.text
        ))),
    }
}

/// The same, and `usb:VVVV:PPPP` with `interface=N`: a printer's bulk interface, or one of a maker's own.
///
/// Apart from [`open`], so that a driver that does not take such addresses does not link libusb, also where it is built
/// together with one that does.
///
/// # Errors
/// See [`LinkError`].
#[cfg(feature = "usb")]
pub fn open_with_usb(address: &Address, within: Duration) -> Result<Box<dyn Link>, LinkError> {
    if address.scheme == "usb" { Ok(Box::new(usb::Usb::open(address, within)?)) } else { open(address, within) }
}

/// A non-blocking-ish stream whose calls end after a short time: what TCP and serial ports have in common.
trait Sliced {
    fn read_slice(&mut self, buffer: &mut [u8], slice: Duration) -> std::io::Result<usize>;
    fn write_slice(&mut self, bytes: &[u8], slice: Duration) -> std::io::Result<usize>;
}

/// Waits a moment, where there is nothing to wait for but time: hardware that says nothing when it is ready.
fn pause(moment: Duration) {
    let until = Instant::now() + moment;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

fn is_wait(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as K;
    matches!(error.kind(), K::WouldBlock | K::TimedOut | K::Interrupted)
}

fn is_gone(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as K;
    // EIO (5) is what a serial port says after its adapter was pulled out.
    matches!(error.kind(), K::BrokenPipe | K::ConnectionReset | K::ConnectionAborted | K::UnexpectedEof)
        || error.raw_os_error() == Some(5)
}

fn failed(error: std::io::Error, done: usize) -> LinkError {
    if is_gone(&error) { LinkError::Closed { done } } else { LinkError::Io(error) }
}

impl<S: Sliced + Send> Link for S {
    fn read(&mut self, buffer: &mut [u8], until: &Until) -> Result<usize, LinkError> {
        loop {
            let slice = until.slice(0)?;
            match self.read_slice(buffer, slice) {
                // An unplugged serial port and a closed socket both read nothing, for ever.
                Ok(0) => return Err(LinkError::Closed { done: 0 }),
                Ok(n) => return Ok(n),
                Err(error) if is_wait(&error) => {}
                Err(error) => return Err(failed(error, 0)),
            }
        }
    }

    fn write_all(&mut self, bytes: &[u8], until: &Until) -> Result<(), LinkError> {
        let mut done = 0;
        while done < bytes.len() {
            let slice = until.slice(done)?;
            match self.write_slice(&bytes[done..], slice) {
                Ok(n) => done += n,
                Err(error) if is_wait(&error) => {}
                Err(error) => return Err(failed(error, done)),
            }
        }
        Ok(())
    }
}
