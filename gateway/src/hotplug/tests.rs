use std::os::fd::AsRawFd;

use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, sendto, socket};
use proptest::prelude::*;

use super::message::{Change, MessageError, Sender, change};
use super::socket::{Heard, Socket};
use super::{Counts, News, Plugs, follow};

/// A message as udev sends it.
fn from_udev(properties: &str) -> Vec<u8> {
    let mut bytes = b"libudev\0".to_vec();
    bytes.extend(0xfeed_cafe_u32.to_be_bytes());
    for word in [40, 40, u32::try_from(properties.len()).unwrap(), 0, 0, 0, 0] {
        bytes.extend(word.to_ne_bytes());
    }
    bytes.extend(properties.as_bytes());
    bytes
}

const PRINTER: &str =
    "ACTION=add\0DEVPATH=/devices/x/usb1/1-1\0SUBSYSTEM=usb\0DEVTYPE=usb_device\0PRODUCT=4b8/202/100\0";

#[test]
fn an_arrival_and_a_removal_are_told_by_udev_and_by_the_kernel() {
    assert_eq!(change(Sender::Udev, &from_udev(PRINTER)), Ok(Some(Change::Arrival)));
    let kernel = format!("add@/devices/x/usb1/1-1\0{PRINTER}");
    assert_eq!(change(Sender::Kernel, kernel.as_bytes()), Ok(Some(Change::Arrival)));
    let removed = "remove@/devices/x/tty/ttyACM0\0ACTION=remove\0SUBSYSTEM=tty\0DEVNAME=ttyACM0\0SEQNUM=9\0";
    assert_eq!(change(Sender::Kernel, removed.as_bytes()), Ok(Some(Change::Removal)));
}

#[test]
fn what_is_no_device_of_a_kiosk_is_passed_over() {
    for properties in [
        "ACTION=add\0SUBSYSTEM=net\0",
        "ACTION=add\0SUBSYSTEM=usb\0DEVTYPE=usb_interface\0",
        "ACTION=change\0SUBSYSTEM=tty\0",
        "ACTION=bind\0SUBSYSTEM=usb\0DEVTYPE=usb_device\0",
    ] {
        assert_eq!(change(Sender::Udev, &from_udev(properties)), Ok(None), "{properties}");
    }
}

#[test]
fn a_header_that_lies_is_refused() {
    let good = from_udev(PRINTER);
    let lie = |at: usize, word: u32| {
        let mut bytes = good.clone();
        bytes[at..at + 4].copy_from_slice(&word.to_ne_bytes());
        change(Sender::Udev, &bytes)
    };
    for (at, word) in [(0, 0), (8, 0xfeed_cafe_u32.swap_bytes() ^ 1), (16, u32::MAX), (20, u32::MAX), (20, 4_000)] {
        assert_eq!(lie(at, word), Err(MessageError::Header), "{word:#x} at {at}");
    }
    for length in 0..24 {
        assert_eq!(change(Sender::Udev, &good[..length]), Err(MessageError::Header), "{length} bytes");
    }
    assert_eq!(change(Sender::Kernel, b""), Err(MessageError::Without("its action")));
    assert_eq!(change(Sender::Kernel, b"add@/x\0ACTION=add\0"), Err(MessageError::Without("its subsystem")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..40_usize, byte in any::<u8>()) {
        let _ = change(Sender::Kernel, &bytes);
        let _ = change(Sender::Udev, &bytes);
        let mut close = from_udev(PRINTER);
        close[at] = byte;
        let _ = change(Sender::Udev, &close);
    }
}

#[tokio::test]
async fn what_happened_between_two_looks_is_told_once_and_together() {
    let (publish, counts) = tokio::sync::watch::channel(Counts::default());
    let mut plugs = Plugs { counts, seen: Counts::default() };
    publish.send_modify(|counts| counts.arrivals += 3);
    publish.send_modify(|counts| counts.removals += 1);
    assert_eq!(plugs.changed().await, News { arrived: true, removed: true });
    publish.send_modify(|counts| counts.removals += 1);
    assert_eq!(plugs.changed().await, News { arrived: false, removed: true });
    drop(publish);
    let more = tokio::time::timeout(std::time::Duration::from_millis(50), plugs.changed()).await;
    assert!(more.is_err(), "where nothing can be seen nothing comes");
}

/// Somebody who sends.
fn stranger(to: NetlinkAddr, bytes: &[u8]) -> nix::Result<usize> {
    let fd =
        socket(AddressFamily::Netlink, SockType::Datagram, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkKObjectUEvent)?;
    bind(fd.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
    sendto(fd.as_raw_fd(), bytes, &to, MsgFlags::empty())
}

#[tokio::test]
async fn a_message_to_this_socket_alone_is_not_believed() {
    let socket = Socket::open().unwrap();
    stranger(socket.own_address(), &from_udev(PRINTER)).unwrap();
    loop {
        // The machine's own devices may speak in between.
        match socket.hear().await.unwrap() {
            Heard::Message(Err(error)) => {
                break assert!(matches!(error, MessageError::Stranger | MessageError::NotRoot(_)));
            }
            Heard::Message(Ok(_)) | Heard::Overflow => {}
        }
    }
}

#[tokio::test]
async fn an_arrival_sent_to_udevs_group_is_published() {
    // In a network of its own, so that nobody else on this machine is told of a printer that there is not.
    if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
        assert_eq!(error, nix::errno::Errno::EPERM, "only for want of rights");
        eprintln!("not root: nobody can send to udev's group here, so this is left to the lab");
        return;
    }
    let socket = Socket::open().unwrap();
    let (publish, counts) = tokio::sync::watch::channel(Counts::default());
    let mut plugs = Plugs { counts, seen: Counts::default() };
    tokio::spawn(follow(socket, publish));
    stranger(NetlinkAddr::new(0, 2), b"nonsense").unwrap();
    stranger(NetlinkAddr::new(0, 2), &from_udev(PRINTER)).unwrap();
    assert_eq!(plugs.changed().await, News { arrived: true, removed: false });
    stranger(NetlinkAddr::new(0, 2), &from_udev(&PRINTER.replace("=add", "=remove"))).unwrap();
    assert_eq!(plugs.changed().await, News { arrived: false, removed: true });
}

#[tokio::test]
async fn lost_messages_mean_that_anything_may_have_changed() {
    if unshare(CloneFlags::CLONE_NEWNET).is_err() {
        eprintln!("not root: nobody can send to udev's group here, so this is left to the lab");
        return;
    }
    let socket = Socket::open().unwrap();
    // More than the buffer holds; the kernel counts a message's bookkeeping too.
    let big = from_udev(&format!("{PRINTER}X={}\0", "x".repeat(8_000)));
    let mut refused = 0;
    for _ in 0..2_000 {
        refused += u32::from(stranger(NetlinkAddr::new(0, 2), &big).is_err());
    }
    let (publish, mut counts) = tokio::sync::watch::channel(Counts::default());
    tokio::spawn(follow(socket, publish));
    // Only an overflow counts as a removal here.
    counts.wait_for(|counts| counts.removals > 0).await.unwrap();
    assert!(counts.borrow().arrivals > 1, "{refused} refused");
}
