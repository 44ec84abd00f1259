use std::sync::Arc;

use serde_json::json;

use super::host::TestHub;
use super::{Sample, options, plugged};
use crate::device::Cable;
use crate::usb::Event;
use crate::usb::descriptor::Speed;
use crate::usb::io::Pull;
use crate::usb::port::UsbPort;

const PIPE: i32 = -32;
const OVERFLOW: i32 = -75;
const CONNRESET: i32 = -104;

#[test]
fn a_host_that_enumerates_finds_descriptors_that_add_up() {
    let (port, mut host, _) = plugged(0);
    let configuration = host.enumerate();
    let mut types = Vec::new();
    let mut at = 0;
    while at < configuration.len() {
        types.push(configuration[at + 1]);
        at += usize::from(configuration[at]);
    }
    assert_eq!((at, types), (configuration.len(), vec![2, 4, 0x24, 5, 5, 5]));
    // Bulk packets of 512 bytes at high speed, 64 at full speed; 10 ms are 2^(7-1) eighths.
    assert_eq!(configuration[configuration.len() - 14..], [7, 5, 0x82, 2, 0, 2, 0, 7, 5, 0x83, 3, 8, 0, 7]);
    assert_eq!(host.get(0x80, 6, 0x0700, 0, 255).data[21..28], [7, 5, 0x01, 2, 64, 0, 0]);
    assert_eq!(host.get(0x80, 6, 0x0302, 0x0409, 255).data, [8, 3, b'T', 0, 0xea, 0, b'n', 0]);
    assert_eq!(host.get(0x80, 6, 0x0304, 0x0409, 255).status, PIPE);
    assert_eq!(host.get(0x80, 8, 0, 0, 1).data, [1]);
    assert_eq!(port.with(|sample, _| sample.events.clone()), [Event::Plugged, Event::Configured]);
}

#[test]
fn an_answer_is_cut_to_what_the_host_asks_for() {
    let (_port, mut host, _) = plugged(0);
    assert_eq!(host.get(0xc0, 1, 0, 0, 6).data, b"vendor");
    assert_eq!(host.get(0xc0, 1, 0, 0, 60).data, b"vendor answer");
    assert_eq!(host.get(0xc0, 9, 0, 0, 60).status, PIPE);
    assert_eq!(host.set(0x40, 2, 0, 0, b"data").actual, 4);
}

#[test]
fn a_transfer_waits_until_the_device_has_room_and_until_it_has_data() {
    let (port, mut host, _) = plugged(3);
    host.enumerate();
    let out = host.out(1, b"hello");
    let input = host.want(2, 512);
    // An answer to something later shows that the two before wait.
    assert_eq!(host.get(0xc0, 1, 0, 0, 1).data, b"v");
    port.with(|sample, _| sample.room = 10);
    let returned = host.returned(false);
    assert_eq!((returned.sequence, returned.actual, returned.status), (out, 5, 0));
    assert!(port.with(|_, io| io.send(0x82, b"answer".to_vec())));
    let returned = host.returned(true);
    assert_eq!((returned.sequence, returned.data), (input, b"answer".to_vec()));
    assert_eq!(port.with(|sample, io| (sample.taken.clone(), io.counted())), (b"hello".to_vec(), (5, 6)));
}

#[test]
fn an_unlinked_transfer_ends_once_and_tells_what_had_gone() {
    let (port, mut host, _) = plugged(3);
    host.enumerate();
    let (out, input) = (host.out(1, b"hello"), host.want(2, 512));
    let unlink = host.unlink(out);
    let ended = host.returned(false);
    assert_eq!((ended.command, ended.sequence, ended.status, ended.actual), (3, out, CONNRESET, 3));
    let answer = host.returned(false);
    assert_eq!((answer.command, answer.sequence, answer.status), (4, unlink, 0));
    host.unlink(input);
    let answer = host.returned(false);
    assert_eq!((answer.command, answer.status), (4, CONNRESET));
    // Data that comes now waits for the next transfer, and the old one is never answered.
    port.with(|_, io| io.send(0x82, vec![7]));
    let next = host.want(2, 512);
    assert_eq!(host.returned(true).sequence, next);
    host.unlink(input);
    assert_eq!(host.returned(false).status, 0);
}

#[test]
fn a_control_transfer_without_an_answer_can_be_taken_back() {
    let (_port, mut host, _) = plugged(0);
    let never = host.submit(0, 4, [0xc0, 3, 0, 0, 0, 0, 4, 0], None);
    host.unlink(never);
    assert_eq!((host.returned(false).status, host.get(0xc0, 1, 0, 0, 1).status), (CONNRESET, 0));
}

#[test]
fn a_stalled_endpoint_ends_all_that_waits_until_it_is_cleared() {
    let (port, mut host, _) = plugged(0);
    host.enumerate();
    host.want(2, 512);
    host.out(1, b"x");
    port.fault(json!({ "fault": "stall" })).unwrap();
    assert_eq!((host.returned(true).status, host.returned(true).status), (PIPE, PIPE));
    host.out(1, b"x");
    assert_eq!(host.returned(false).status, PIPE);
    assert_eq!(host.get(0x82, 0, 0, 0x82, 2).data, [1, 0]);
    assert_eq!(host.set(0x02, 1, 0, 0x82, &[]).status, 0);
    assert_eq!(host.get(0x82, 0, 0, 0x82, 2).data, [0, 0]);
    port.with(|_, io| io.send(0x82, vec![1]));
    host.want(2, 512);
    assert_eq!(host.returned(true).data, [1]);
    // Only class and vendor requests are stalled: a device that stalls all is no device.
    port.fault(json!({ "fault": "stall", "on": "control" })).unwrap();
    assert_eq!((host.get(0xc0, 1, 0, 0, 9).status, host.get(0x80, 6, 0x0100, 0, 18).status), (PIPE, 0));
    port.clear(None);
    assert_eq!(host.get(0xc0, 1, 0, 0, 9).status, 0);
}

#[test]
fn a_message_larger_than_the_transfer_continues_in_the_next_or_overflows() {
    let (port, mut host, _) = plugged(0);
    host.enumerate();
    port.with(|_, io| io.send(0x82, vec![5; 1300]));
    for length in [1024, 1024] {
        host.want(2, length);
    }
    assert_eq!((host.returned(true).actual, host.returned(true).actual), (1024, 276));
    port.with(|_, io| io.send(0x82, vec![5; 700]));
    host.want(2, 600);
    let babble = host.returned(true);
    assert_eq!((babble.status, babble.actual), (OVERFLOW, 512));
}

#[test]
fn faults_of_the_bus_spoil_what_they_say() {
    let (port, mut host, _) = plugged(100);
    host.enumerate();
    let mut send = |port: &UsbPort<Sample>, order: serde_json::Value| {
        port.clear(None);
        port.fault(order).unwrap();
        port.with(|_, io| io.send(0x82, b"0123456789".to_vec()));
        host.want(2, 512);
        host.returned(true).data
    };
    assert_eq!(send(&port, json!({ "fault": "short_packet", "bytes": 2 })), b"01");
    assert_eq!(send(&port, json!({ "fault": "wrong_length", "by": 2 })), b"0123456789\0\0");
    assert_eq!(send(&port, json!({ "fault": "wrong_length", "by": -20 })), b"");
    let noise = send(&port, json!({ "fault": "garbage" }));
    assert!(noise.len() == 10 && noise != b"0123456789");
    port.clear(None);
    port.fault(json!({ "fault": "silence", "on": "data" })).unwrap();
    let out = host.out(1, b"x");
    assert_eq!(host.get(0x80, 8, 0, 0, 1).data, [1]);
    port.clear(Some("silence"));
    assert_eq!(host.returned(false).sequence, out);
    assert!(port.fault(json!({ "fault": "nonsense" })).unwrap_err().to_string().contains("short_packet"));
    assert!(port.fault(json!({ "fault": "descriptor", "id": "1:2" })).unwrap_err().to_string().contains("04b8:0e15"));
}

#[test]
fn a_throttled_bus_takes_its_time() {
    let (port, mut host, _) = plugged(usize::MAX);
    host.enumerate();
    port.fault(json!({ "fault": "slow", "bytes_per_second": 1000 })).unwrap();
    let before = std::time::Instant::now();
    host.out(1, &[0; 300]);
    assert_eq!(host.returned(false).actual, 300);
    assert!(before.elapsed() >= std::time::Duration::from_millis(250), "{:?}", before.elapsed());
}

#[test]
fn a_cable_can_be_pulled_in_the_middle_of_a_transfer_and_come_back() {
    let (port, mut host, hub) = plugged(usize::MAX);
    host.enumerate();
    port.fault(json!({ "fault": "pull_after", "bytes": 7 })).unwrap();
    host.out(1, &[1; 100]);
    assert!(host.is_closed());
    assert!(!port.is_in());
    assert_eq!(port.with(|sample, _| sample.taken.len()), 7);
    port.plug(Some(4)).unwrap();
    let mut host = hub.host();
    host.enumerate();
    assert_eq!(host.port, 4);
    // Where it was the last time, unless told otherwise.
    port.pull();
    assert!(host.is_closed());
    port.plug(None).unwrap();
    // A host that is dropped pulls the cable.
    let host = hub.host();
    assert_eq!(host.port, 4);
    assert_eq!(
        port.with(|sample, _| sample.events.clone()),
        [
            Event::Plugged,
            Event::Configured,
            Event::Unplugged,
            Event::Plugged,
            Event::Configured,
            Event::Unplugged,
            Event::Plugged
        ]
    );
    assert!(port.plug(Some(9)).unwrap_err().to_string().contains("1 to 8"));
    assert!(!port.is_in());
}

#[test]
fn a_function_can_pull_its_own_cable_and_be_back_at_once() {
    let (port, mut host, hub) = plugged(0);
    host.enumerate();
    port.with(|_, io| io.pull(Pull::Replug));
    assert!(host.is_closed());
    // The hand that plugs it in again is another thread: plugging waits for it.
    while !port.is_in() {
        std::thread::yield_now();
    }
    port.plug(None).unwrap();
    hub.host().enumerate();
}

#[test]
fn a_blink_storm_ends_with_a_working_device() {
    let (port, mut host, hub) = plugged(100);
    for _ in 0..200 {
        port.pull();
        port.plug(None).unwrap();
        host = hub.host();
    }
    host.enumerate();
    host.out(1, b"x");
    assert_eq!(host.returned(false).status, 0);
}

#[test]
fn from_the_next_plug_on_the_device_looks_otherwise() {
    let hub = Arc::new(TestHub::default());
    let port = UsbPort::new(Sample::default(), Speed::Full, &options(&hub), Arc::default());
    port.fault(json!({ "fault": "descriptor", "serial": "", "name": "Other", "id": "dead:beef" })).unwrap();
    port.fault(json!({ "fault": "extra_keyboard" })).unwrap();
    port.plug(None).unwrap();
    let mut host = hub.host();
    let configuration = host.enumerate();
    let device = host.get(0x80, 6, 0x0100, 0, 18).data;
    assert_eq!((&device[8..12], device[16]), (&[0xad, 0xde, 0xef, 0xbe][..], 0));
    assert_eq!(port.address(), "usb:dead:beef");
    // The second interface is a boot keyboard that answers.
    assert_eq!(configuration[4], 2);
    assert!(configuration.windows(8).any(|bytes| bytes == [9, 4, 1, 0, 1, 3, 1, 1]));
    assert_eq!(host.get(0x81, 6, 0x2200, 1, 255).data.len(), 63);
    assert_eq!(host.set(0x21, 10, 0, 1, &[]).status, 0);
    port.pull();
    port.clear(None);
    port.fault(json!({ "fault": "bad_descriptor", "of": "configuration" })).unwrap();
    port.plug(None).unwrap();
    let mut host = hub.host();
    let told = host.get(0x80, 6, 0x0200, 0, 9).data[2];
    assert_ne!(usize::from(told), host.get(0x80, 6, 0x0200, 0, 255).data.len());
}
