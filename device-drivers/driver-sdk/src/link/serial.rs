//! A device at a serial port. `serial2` rather than `serialport`, which waits until the port is ready for *some* bytes
//! and then blocks in a write of more: a printer that holds up its flow control (paper out) holds it for ever.

mod queue;
mod settings;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::termios::{QueueSelector, ioctl_tiocexcl, ioctl_tiocnxcl, tcflush};
use serial2::{SerialPort, Settings};

use super::{LinkError, Sliced, attached, pause};
use crate::address::Address;
use settings::Line;

/// How long bytes that were written may still take to leave when the port is closed.
const DRAINS_WITHIN: Duration = Duration::from_millis(500);

/// Open; `None` only while it is dropped.
pub(super) struct Serial(Option<SerialPort>);

impl Serial {
    /// `serial:/dev/NAME?…` or `serial:usb:VVVV:PPPP?…`, see [`super::open`].
    pub(super) fn open(address: &Address, within: Duration) -> Result<Self, LinkError> {
        let (path, line) = place(address, within)?;
        let port = SerialPort::open(&path, |mut settings: Settings| {
            line.apply(&mut settings)?;
            Ok(settings)
        })
        .map_err(|error| refused(address, &error))?;
        // serial2 lets two programs open the same port; their bytes would mix. The lock is for programs that look at it
        // (and for root, whom the kernel lets in all the same), the other for all.
        rustix::fs::flock(&port, FlockOperation::NonBlockingLockExclusive)
            .map_err(|error| refused(address, &error.into()))?;
        ioctl_tiocexcl(&port).map_err(|error| refused(address, &error.into()))?;
        // What came before belongs to an earlier conversation.
        tcflush(&port, QueueSelector::IFlush).map_err(|error| refused(address, &error.into()))?;
        Ok(Self(Some(port)))
    }
}

/// The port's node and how its line is set.
fn place(address: &Address, within: Duration) -> Result<(PathBuf, Line), LinkError> {
    let bad = |what| LinkError::BadAddress(format!("address `{}`: {what}", address.text));
    let Some(ids) = address.rest.strip_prefix("usb:") else {
        let options = address.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        return Ok((attached::named(address, address.rest.as_ref())?, Line::of(options).map_err(bad)?));
    };
    let (meant, options) = attached::device_meant(address, ids)?;
    let line = Line::of(options).map_err(bad)?;
    let until = Instant::now() + within;
    loop {
        let device = attached::find(address, &meant)?;
        match &device.nodes("tty")[..] {
            [node] => return Ok((node.clone(), line)),
            // The kernel's driver makes it a moment after the device is there.
            [] if Instant::now() < until => pause(Duration::from_millis(20)),
            [] => {
                let reason = format!("the device at port {} has no serial port", device.port);
                return Err(LinkError::Absent { address: address.text.clone(), reason });
            }
            several => {
                let names: Vec<String> = several.iter().map(|node| node.display().to_string()).collect();
                let names = names.join(", ");
                return Err(bad(format!(
                    "the device has several serial ports ({names}); write `serial:` and the link in /dev/serial/by-id of the one that is meant"
                )));
            }
        }
    }
}

impl Drop for Serial {
    /// Bytes that the device does not take make the kernel wait half a minute in `close` (30 s `closing_wait`), and not every
    /// port can be made to forget them: USB serial ports (cdc-acm) cannot. Nobody is to wait for that.
    fn drop(&mut self) {
        let Some(port) = self.0.take() else { return };
        // Another program may have had it open before us, and then closing does not end this.
        let _ = ioctl_tiocnxcl(&port);
        let waits = || queue::unsent(&port).is_some_and(|bytes| bytes > 0);
        let until = Instant::now() + DRAINS_WITHIN;
        while waits() && Instant::now() < until {
            pause(Duration::from_millis(5));
        }
        if waits() && (tcflush(&port, QueueSelector::OFlush).is_err() || waits()) {
            // The end of the process ends this wait, too.
            std::thread::spawn(move || drop(port));
        }
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
        // The second is how serial2 says that the port kept other settings than it was given.
        K::InvalidInput | K::Other => {
            LinkError::BadAddress(format!("address `{address}`: the port cannot be set so ({error})"))
        }
        _ => LinkError::Absent { address, reason: error.to_string() },
    }
}

impl Serial {
    fn port(&mut self) -> &mut SerialPort {
        self.0.as_mut().expect("it is open until it is dropped")
    }
}

impl Sliced for Serial {
    fn read_slice(&mut self, buffer: &mut [u8], slice: Duration) -> std::io::Result<usize> {
        self.port().set_read_timeout(slice)?;
        self.port().read(buffer)
    }

    fn write_slice(&mut self, bytes: &[u8], slice: Duration) -> std::io::Result<usize> {
        self.port().set_write_timeout(slice)?;
        self.port().write(bytes)
    }
}
