use std::io::Write;

use proptest::prelude::*;

use super::plugged;
use crate::usb::urb::{self, Request, TRANSFER_MAX};

fn header(words: [u32; 10], setup: [u8; 8]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).chain(setup).collect()
}

#[test]
fn a_length_beyond_the_limit_ends_the_conversation_and_allocates_nothing() {
    for length in [TRANSFER_MAX + 1, u32::MAX, 1 << 31] {
        for direction in [0, 1] {
            let (port, mut host, hub) = plugged(0);
            host.socket.write_all(&header([1, 1, 1, direction, 1, 0, length, 0, 0, 0], [0; 8])).unwrap();
            assert!(host.is_closed());
            // It can be plugged in again.
            port.plug(None).unwrap();
            hub.host().enumerate();
        }
    }
}

#[test]
fn more_transfers_than_any_driver_has_end_the_conversation() {
    let (_port, mut host, _) = plugged(0);
    host.enumerate();
    let one = header([1, 9, 1, 1, 2, 0, 64, 0, 0, 0], [0; 8]);
    // It may close before all is written.
    let _ = host.socket.write_all(&one.repeat(5000));
    assert!(host.is_closed());
}

#[test]
fn a_header_cut_short_is_the_end() {
    let whole = header([1, 1, 1, 0, 1, 0, 100, 0, 0, 0], [0; 8]);
    for length in 0..whole.len() {
        assert!(urb::read(&mut &whole[..length]).is_err());
    }
    let short = [whole.as_slice(), &[0; 99]].concat();
    assert!(urb::read(&mut short.as_slice()).is_err());
    let fits = [whole.as_slice(), &[0; 100]].concat();
    assert!(matches!(urb::read(&mut fits.as_slice()), Ok(Request::Submit(submit)) if submit.data.len() == 100));
}

fn words() -> impl Strategy<Value = [u32; 10]> {
    let small = || prop_oneof![0u32..20, Just(u32::MAX), any::<u32>()];
    let packets = prop_oneof![4 => Just(0u32), 1 => any::<u32>()];
    (prop_oneof![8 => Just(1u32), 2 => Just(2u32), 1 => any::<u32>()], small(), 0u32..2, 0u32..17, small(), packets)
        .prop_map(|(command, sequence, direction, endpoint, length, packets)| {
            [command, sequence, 1, direction, endpoint, length, length, 0, packets, 0]
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_comes_the_device_can_be_plugged_in_again(
        requests in prop::collection::vec((words(), any::<[u8; 8]>(), prop::collection::vec(any::<u8>(), 0..64)), 1..30)
    ) {
        let (port, mut host, hub) = plugged(1000);
        // Answers are taken, so that the device is never held up; it may close before all is written.
        let mut answers = host.socket.try_clone().unwrap();
        let taking = std::thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
        for (words, setup, data) in requests {
            let _ = host.socket.write_all(&[header(words, setup), data].concat());
        }
        let _ = host.socket.shutdown(std::net::Shutdown::Write);
        let _ended = taking.join().unwrap();
        port.plug(None).unwrap();
        hub.host().enumerate();
    }

    #[test]
    fn any_control_request_gets_one_answer(setup: [u8; 8], data in prop::collection::vec(any::<u8>(), 0..32)) {
        // The vendor request 3 is the one that is never answered.
        prop_assume!(!(setup[0] == 0xc0 && setup[1] == 3));
        let (_port, mut host, _) = plugged(0);
        let sequence = if setup[0] & 0x80 == 0 {
            host.submit(0, u32::try_from(data.len()).unwrap(), setup, Some(&data))
        } else {
            host.submit(0, 4096, setup, None)
        };
        let returned = host.returned(setup[0] & 0x80 != 0);
        prop_assert_eq!((returned.command, returned.sequence), (3, sequence));
        prop_assert!(matches!(returned.status, 0 | -32));
    }
}
