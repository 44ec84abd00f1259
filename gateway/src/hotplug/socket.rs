//! The socket on which the kernel and udev tell of devices (netlink(7), NETLINK_KOBJECT_UEVENT). Any process may listen;
//! only root can send to the groups.

use std::io::{Error, ErrorKind, IoSliceMut, Result};
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, UnixCredentials, bind,
    recvmsg, setsockopt, socket, sockopt,
};
use tokio::io::Interest;
use tokio::net::UnixDatagram;

use super::message::{Change, MessageError, Sender, change};

/// The kernel's multicast group, and udev's (systemd, device-monitor.h: `MONITOR_GROUP_KERNEL`, `MONITOR_GROUP_UDEV`).
const GROUP_KERNEL: u32 = 1;
const GROUP_UDEV: u32 = 2;
/// The kernel's messages have at most 2 KiB (`UEVENT_BUFFER_SIZE`), udev's some more.
const MESSAGE_MAX: usize = 16 * 1024;
/// Room for messages while the gateway is busy: a storm of plugs is some hundreds of them.
const BUFFER: usize = 1 << 20;
/// While udevd runs it has this socket (systemd, `udev_ctrl_new`).
const UDEV_RUNS: &str = "/run/udev/control";

/// tokio has no type for netlink. Only the readiness of the descriptor is asked of this one, and that is the same for
/// every datagram socket; reading is [`receive`].
pub(super) struct Socket(UnixDatagram);

/// What came.
pub(super) enum Heard {
    /// A message, and what it means.
    Message(std::result::Result<Option<Change>, MessageError>),
    /// Messages were lost.
    Overflow,
}

impl Socket {
    /// Listens to both groups.
    ///
    /// # Errors
    /// If the system does not let this process.
    pub(super) fn open() -> Result<Self> {
        let fd = socket(
            AddressFamily::Netlink,
            SockType::Datagram,
            SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
            SockProtocol::NetlinkKObjectUEvent,
        )?;
        setsockopt(&fd, sockopt::PassCred, &true)?;
        // A small buffer only means that an overflow, which is dealt with, comes sooner.
        let _ = setsockopt(&fd, sockopt::RcvBuf, &BUFFER);
        bind(fd.as_raw_fd(), &NetlinkAddr::new(0, GROUP_KERNEL | GROUP_UDEV))?;
        Ok(Self(UnixDatagram::from_std(std::os::unix::net::UnixDatagram::from(fd))?))
    }

    /// Waits for the next message. Safe to drop while it waits.
    ///
    /// # Errors
    /// If the socket has failed; another one may do better.
    pub(super) async fn hear(&self) -> Result<Heard> {
        loop {
            match self.0.async_io(Interest::READABLE, || receive(&self.0)).await {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.raw_os_error() == Some(Errno::ENOBUFS as i32) => return Ok(Heard::Overflow),
                heard => return heard,
            }
        }
    }

    /// Where messages can be sent to this socket alone.
    #[cfg(test)]
    pub(super) fn own_address(&self) -> NetlinkAddr {
        nix::sys::socket::getsockname(self.0.as_raw_fd()).expect("it is bound")
    }
}

fn receive(fd: &impl AsRawFd) -> Result<Heard> {
    let mut bytes = vec![0; MESSAGE_MAX];
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let mut control = nix::cmsg_space!(UnixCredentials);
    let message = recvmsg::<NetlinkAddr>(fd.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty())?;
    let (length, flags, address) = (message.bytes, message.flags, message.address);
    let user = message.cmsgs().map_err(Error::from)?.find_map(|part| match part {
        ControlMessageOwned::ScmCredentials(who) => Some(who.uid()),
        _ => None,
    });
    if flags.contains(MsgFlags::MSG_TRUNC) {
        return Ok(Heard::Overflow);
    }
    let sender = match (user, address) {
        (Some(0), Some(address)) => match (address.groups(), address.pid()) {
            (GROUP_KERNEL, 0) => Sender::Kernel,
            (GROUP_UDEV, port) if port != 0 => Sender::Udev,
            _ => return Ok(Heard::Message(Err(MessageError::Stranger))),
        },
        (Some(user), _) => return Ok(Heard::Message(Err(MessageError::NotRoot(user)))),
        (None, _) => return Ok(Heard::Message(Err(MessageError::Stranger))),
    };
    let change = change(sender, &bytes[..length]).map(|change| change.filter(|change| counts(sender, *change)));
    Ok(Heard::Message(change))
}

/// What the kernel says of an arrival is too early where udev says it again when its rules have run; a removal is best
/// known soon.
fn counts(sender: Sender, change: Change) -> bool {
    sender == Sender::Udev || change == Change::Removal || !Path::new(UDEV_RUNS).exists()
}
