//! Where a device is plugged in: the kernel's virtual host controller, or, in tests, whoever takes the socket.

use std::fmt::Debug;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::descriptor::Speed;

/// The first virtual host controller (Linux, drivers/usb/usbip/vhci_sysfs.c).
const VHCI: &str = "/sys/devices/platform/vhci_hcd.0";
/// State of a free port in the controller's `status` (VDEV_ST_NULL).
const FREE: &str = "004";
/// The kernel lets go of a port within milliseconds; on a machine under load it may take its time.
const RELEASE_MAX: Duration = Duration::from_secs(10);
/// Between two looks at a port that is being let go.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Why a device cannot be plugged in.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// No such module.
    #[error("this kernel has no virtual USB host controller: run `modprobe vhci_hcd` ({VHCI} is missing)")]
    NoController,
    /// Not root.
    #[error("plugging in a virtual USB device needs root: run kiosk-simulate with sudo")]
    NotRoot,
    /// A port that is not there.
    #[error("the virtual USB hub has no port {port}; it has 1 to {last}")]
    NoPort {
        /// The port asked for.
        port: u8,
        /// The highest.
        last: u8,
    },
    /// Somebody else is there.
    #[error("port {port} of the virtual USB hub is in use")]
    Taken {
        /// The port asked for.
        port: u8,
    },
    /// All in use.
    #[error("no port of the virtual USB hub is free")]
    Full,
    /// Another failure.
    #[error("the kernel did not take the virtual USB device")]
    Io(#[from] io::Error),
}

/// Something with ports. Ports count from 1, as in sysfs.
pub trait Hub: Debug + Send + Sync {
    /// Plugs a device in, whose conversation is on the other end of `socket`; answers the port it got.
    ///
    /// # Errors
    /// When there is no such port, or none free.
    fn attach(&self, port: Option<u8>, socket: UnixStream, speed: Speed) -> Result<u8, HubError>;
    /// Waits until the port is free again after the device's end is closed; a while at most.
    fn released(&self, port: u8);
    /// What the system calls the port, such as `1-3`.
    fn path(&self, port: u8) -> String;
}

/// The kernel's virtual host controller.
#[derive(Debug)]
pub struct Vhci {
    folder: PathBuf,
}

impl Vhci {
    /// Looks whether the controller is there and may be used.
    ///
    /// # Errors
    /// When the module is not loaded or the user is not root.
    pub fn open() -> Result<Self, HubError> {
        let folder = PathBuf::from(VHCI);
        match std::fs::OpenOptions::new().write(true).open(folder.join("attach")) {
            Ok(_) => Ok(Self { folder }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(HubError::NoController),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(HubError::NotRoot),
            Err(error) => Err(error.into()),
        }
    }

    /// The high-speed ports, from 1, and whether each is free. Full-speed devices go there, too.
    fn ports(&self) -> io::Result<Vec<(u8, bool)>> {
        Ok(ports(&std::fs::read_to_string(self.folder.join("status"))?))
    }

    fn try_attach(&self, port: u8, socket: &UnixStream, speed: Speed) -> io::Result<()> {
        let speed = match speed {
            // enum usb_device_speed in include/uapi/linux/usb/ch9.h
            Speed::Low => 1,
            Speed::Full => 2,
            Speed::High => 3,
        };
        // The device id may be anything but zero; the kernel takes the socket by its number in this process.
        let line = format!("{} {} {port} {speed}", port - 1, socket.as_raw_fd());
        std::fs::write(self.folder.join("attach"), line)
    }
}

/// Reads the controller's table: `hs 0000 004 …` is a free port 1 for devices up to high speed.
fn ports(status: &str) -> Vec<(u8, bool)> {
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        (words.next()? == "hs").then_some(())?;
        let port: u8 = words.next()?.parse().ok()?;
        Some((port.checked_add(1)?, words.next()? == FREE))
    };
    status.lines().filter_map(row).collect()
}

impl Hub for Vhci {
    fn attach(&self, port: Option<u8>, socket: UnixStream, speed: Speed) -> Result<u8, HubError> {
        let ports = self.ports()?;
        let last = ports.iter().map(|(port, _)| *port).max().unwrap_or(0);
        if let Some(port) = port {
            if !ports.iter().any(|(there, _)| *there == port) {
                return Err(HubError::NoPort { port, last });
            }
            self.released(port);
            return match self.try_attach(port, &socket, speed) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => Err(HubError::Taken { port }),
                result => result.map(|()| port).map_err(HubError::from),
            };
        }
        for (port, _) in ports.into_iter().filter(|(_, free)| *free) {
            match self.try_attach(port, &socket, speed) {
                // Another process was quicker.
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {}
                result => return result.map(|()| port).map_err(HubError::from),
            }
        }
        Err(HubError::Full)
    }

    #[expect(clippy::disallowed_methods, reason = "the kernel tells of a free port only to those who look again")]
    fn released(&self, port: u8) {
        let until = Instant::now() + RELEASE_MAX;
        while Instant::now() < until && self.ports().is_ok_and(|ports| ports.contains(&(port, false))) {
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn path(&self, port: u8) -> String {
        // The controller's first bus is the one for high speed.
        let buses = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let bus = buses.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("usb")?.parse::<u32>().ok()).min();
        bus.map_or_else(|| format!("port {port}"), |bus| format!("{bus}-{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::ports;

    #[test]
    fn only_ports_for_high_speed_count_and_the_free_ones_are_known() {
        let status = "hub port sta spd dev      sockfd local_busid\n\
                      hs  0000 006 003 00010002 000003 1-1\n\
                      hs  0001 004 000 00000000 000000 0-0\n\
                      ss  0008 004 000 00000000 000000 0-0\n\nhs x\n";
        assert_eq!(ports(status), [(1, false), (2, true)]);
        assert_eq!(ports(""), []);
    }
}
