use std::time::Duration;

use super::scripted::{Scripted, Step};
use super::*;

fn soon() -> Until {
    Until::within(Duration::from_secs(30))
}

#[test]
fn a_scripted_device_takes_some_bytes_and_then_blocks() {
    let mut link = Scripted::new([Step::Take(3), Step::Clog, Step::Expect(b"de".to_vec())]);
    assert!(matches!(link.write_all(b"abcde", &soon()), Err(LinkError::Timeout { done: 3 })));
    link.write_all(b"de", &soon()).unwrap();
    assert!(link.is_done(), "{link:?}");
}

#[test]
fn a_scripted_device_that_hangs_up_or_stalls_has_taken_what_it_took() {
    let mut link = Scripted::new([Step::Expect(b"ab".to_vec()), Step::Stall, Step::Take(1), Step::Hangup]);
    assert!(matches!(link.write_all(b"abc", &soon()), Err(LinkError::Stalled { done: 2 })));
    assert!(matches!(link.write_all(b"cd", &soon()), Err(LinkError::Closed { done: 1 })));
}

#[test]
fn a_broken_link_has_one_meaning_for_clients() {
    let meaning = |error: LinkError| Failure::from(error).code;
    assert_eq!(meaning(LinkError::Closed { done: 1 }), ErrorCode::DeviceAbsent);
    assert_eq!(meaning(LinkError::Timeout { done: 1 }), ErrorCode::DeviceSilent);
    assert_eq!(meaning(LinkError::Cancelled { done: 1 }), ErrorCode::Cancelled);
    assert_eq!(meaning(LinkError::Stalled { done: 1 }), ErrorCode::DeviceFault);
    assert_eq!(meaning(LinkError::Io(std::io::Error::other("odd"))), ErrorCode::DeviceFault);
}

#[test]
fn port_status_is_read_bit_by_bit() {
    let ready = PortStatus { paper_empty: false, selected: true, error: false };
    assert_eq!(PortStatus::of_byte(0x18), ready);
    assert!(ready.is_ready());
    assert_eq!(PortStatus::of_byte(0x30), PortStatus { paper_empty: true, selected: true, error: true });
    assert!(!PortStatus::of_byte(0x00).is_ready());
}

#[test]
fn an_unknown_scheme_is_refused_with_those_there_are() {
    let error = open(&Address::parse("ftp:printer").unwrap(), Duration::ZERO).err().unwrap();
    assert!(error.to_string().contains("`tcp:HOST:PORT`"), "{error}");
}
