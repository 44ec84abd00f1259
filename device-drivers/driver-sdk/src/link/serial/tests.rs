//! Against pseudo terminals: the kernel's own line discipline, flow control and hang-up, without hardware.

use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::settings::Line;
use crate::address::Address;
use crate::cancel::CancelSignal;
use crate::link::{Link, LinkError, Until, open};

/// The device's end, and the address of the driver's.
fn pty() -> (File, String) {
    let device = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&device).unwrap();
    unlockpt(&device).unwrap();
    let name = ptsname(&device, Vec::new()).unwrap().into_string().unwrap();
    (device.into(), format!("serial:{name}?baud=9600"))
}

fn link(address: &str) -> Result<Box<dyn Link>, LinkError> {
    open(&Address::parse(address).unwrap(), Duration::from_millis(100))
}

fn soon() -> Until {
    Until::within(Duration::from_secs(30))
}

/// Not a multiple of anything, so that a byte lost or doubled shows.
fn long() -> Vec<u8> {
    (0..200_003_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

#[test]
fn bytes_pass_as_they_are_in_both_directions() {
    let (mut device, address) = pty();
    let mut link = link(&address).unwrap();
    let all: Vec<u8> = (0..=255).collect();
    link.write_all(&all, &soon()).unwrap();
    let mut got = vec![0; 256];
    device.read_exact(&mut got).unwrap();
    assert_eq!(got, all);
    device.write_all(&all).unwrap();
    let mut got = Vec::new();
    while got.len() < 256 {
        let mut buffer = [0; 300];
        let n = link.read(&mut buffer, &soon()).unwrap();
        got.extend_from_slice(&buffer[..n]);
    }
    assert_eq!(got, all);
}

#[test]
fn a_write_that_nobody_reads_ends_at_its_deadline_and_tells_what_was_taken() {
    let (mut device, address) = pty();
    let mut link = link(&address).unwrap();
    let bytes = long();
    let error = link.write_all(&bytes, &Until::within(Duration::from_millis(300))).unwrap_err();
    let LinkError::Timeout { done } = error else { panic!("{error:?}") };
    assert!(0 < done && done < bytes.len(), "{done}");
    // Sent on from there, the device has each byte once.
    let rest = bytes[done..].to_vec();
    let writer = std::thread::spawn(move || link.write_all(&rest, &soon()));
    let mut got = vec![0; bytes.len()];
    device.read_exact(&mut got).unwrap();
    writer.join().unwrap().unwrap();
    assert!(got == bytes);
}

#[test]
fn a_cancel_ends_a_write_that_nobody_reads() {
    let (_device, address) = pty();
    let mut link = link(&address).unwrap();
    let cancel = CancelSignal::new();
    let until = Until { cancel: Some(cancel.clone()), ..Until::within(Duration::from_secs(3_600)) };
    let writer = std::thread::spawn(move || link.write_all(&long(), &until));
    cancel.set();
    assert!(matches!(writer.join().unwrap(), Err(LinkError::Cancelled { .. })));
}

#[test]
fn a_device_that_stops_the_flow_holds_a_write_until_it_lets_it_go() {
    const XOFF: &[u8] = &[0x13];
    const XON: &[u8] = &[0x11];
    let (mut device, address) = pty();
    let mut link = link(&format!("{address}&flow=xonxoff")).unwrap();
    device.write_all(XOFF).unwrap();
    // The kernel acts on it as soon as it is in the line; a later byte that was read shows that.
    device.write_all(b".").unwrap();
    assert_eq!(link.read(&mut [0; 8], &soon()).unwrap(), 1);
    let error = link.write_all(b"receipt", &Until::within(Duration::from_millis(200))).unwrap_err();
    let LinkError::Timeout { done } = error else { panic!("{error:?}") };
    device.write_all(XON).unwrap();
    link.write_all(&b"receipt"[done..], &soon()).unwrap();
    let mut got = [0; 7];
    device.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"receipt");
}

#[test]
fn an_unplugged_port_is_closed_for_reads_and_writes() {
    let (device, address) = pty();
    let mut link = link(&address).unwrap();
    drop(device);
    assert!(matches!(link.read(&mut [0; 8], &soon()), Err(LinkError::Closed { done: 0 })));
    assert!(matches!(link.write_all(b"x", &soon()), Err(LinkError::Closed { done: 0 })));
}

#[test]
fn a_port_is_open_once_and_free_again_when_it_was_closed() {
    let (_device, address) = pty();
    let first = link(&address).unwrap();
    let error = link(&address).err().unwrap();
    assert!(
        matches!(&error, LinkError::NotPermitted { reason, .. } if reason.contains("another program")),
        "{error:?}"
    );
    drop(first);
    link(&address).map(drop).unwrap();
}

#[test]
fn what_came_before_the_port_was_opened_is_not_taken_for_an_answer() {
    let (mut device, address) = pty();
    // Keeps the line raw and alive, as the driver before did.
    drop(link(&address).unwrap());
    device.write_all(b"old").unwrap();
    let mut link = link(&address).unwrap();
    device.write_all(b"new").unwrap();
    let mut buffer = [0; 8];
    let n = link.read(&mut buffer, &soon()).unwrap();
    assert_eq!(&buffer[..n], b"new");
}

#[test]
fn a_missing_port_is_absent_and_says_why() {
    let error = link("serial:/dev/does-not-exist").err().unwrap();
    assert!(matches!(&error, LinkError::Absent { reason, .. } if reason.contains("No such file")), "{error:?}");
    let error = link("serial:usb:ffff:fffe?serial=1&baud=9600").err().unwrap();
    assert!(matches!(&error, LinkError::Absent { reason, .. } if reason.contains("ffff:fffe")), "{error:?}");
    // A file that is no port.
    assert!(link("serial:/etc/hostname").is_err());
}

#[test]
fn wrong_options_are_refused_by_their_names() {
    let refusal = |options: &[(&str, &str)]| Line::of(options.iter().copied()).unwrap_err();
    assert!(refusal(&[("baud", "fast")]).contains("`baud=fast`"));
    assert!(refusal(&[("baud", "4000001")]).contains("4000000"));
    assert!(refusal(&[("data", "9")]).contains("`data=9`"));
    assert!(refusal(&[("parity", "mark")]).contains("`parity=mark`"));
    assert!(refusal(&[("stop", "1.5")]).contains("`stop=1.5`"));
    assert!(refusal(&[("flow", "yes")]).contains("`flow=yes`"));
    assert!(refusal(&[("speed", "9600")]).contains("`speed`"));
    let plain = Line::of([]).unwrap();
    assert_eq!(Line::of([("baud", "115200"), ("data", "8"), ("parity", "none"), ("stop", "1")]).unwrap(), plain);
    assert_ne!(Line::of([("parity", "even"), ("stop", "2"), ("data", "7")]).unwrap(), plain);
}
