use std::io::Write;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::host::{Host, TestHub};
use super::{options, plugged};
use crate::device::Attach;
use crate::printer::{self, Printer, font::DEFAULT_FONT};
use crate::ups::{self, Ups, protocol::Account};
use crate::usb::barcode::{self, Mode};
use crate::usb::urb::{self, Request, TRANSFER_MAX};
use crate::usb::{Options, camera, reader, serial};

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

/// One of each device, and the host at its other end. What keeps it alive is dropped with it.
fn each_device(rt: &tokio::runtime::Runtime) -> Vec<(&'static str, Box<dyn std::any::Any>, Host)> {
    let account = || Account { ups: String::new(), user: String::new(), password: String::new() };
    let (width, buffer, font) = (384, 4096, DEFAULT_FONT.into());
    let device = |start: &dyn Fn(Options) -> Box<dyn std::any::Any>| {
        let hub = Arc::new(TestHub::default());
        let device = start(options(&hub));
        (device, hub.host())
    };
    let of = |name, (device, host)| (name, device, host);
    vec![
        of("barcode", device(&|options| Box::new(barcode::start(options, Mode::Pos).unwrap()))),
        of("keyboard-scanner", device(&|options| Box::new(barcode::start(options, Mode::Keyboard).unwrap()))),
        of(
            "reader",
            device(&|options| {
                Box::new(reader::start(options, reader::card::CardOrder::named("test").card(None).unwrap()).unwrap())
            }),
        ),
        of("camera", device(&|options| Box::new(camera::start(options, &camera::pictures::Shows::Test).unwrap()))),
        of("serial", device(&|options| Box::new(serial::plug(options, "Maker", "Panel").unwrap()))),
        of("ups", {
            device(&|options| {
                let options =
                    ups::Options { attach: Attach::Usb(options), account: account(), acceleration: 0.0, seed: 1 };
                Box::new(rt.block_on(Ups::start(options)).unwrap())
            })
        }),
        of("printer", {
            let font: std::path::PathBuf = font;
            device(&|options| {
                let attach = Attach::Usb(options);
                let options = printer::Options { attach, width, buffer, font: font.clone(), seed: 1 };
                Box::new(rt.block_on(Printer::start(options)).unwrap())
            })
        }),
    ]
}

/// A control request: of any kind, or one of those that classes define, with wrong values.
fn request() -> impl Strategy<Value = [u8; 8]> {
    let likely = (
        prop::sample::select(vec![0x00, 0x01, 0x02, 0x21, 0x22, 0x40, 0x80, 0x81, 0x82, 0xa1, 0xa2, 0xc0]),
        0_u8..0x90,
        any::<[u8; 2]>(),
        0_u8..3,
        any::<[u8; 2]>(),
    );
    prop_oneof![
        1 => any::<[u8; 8]>(),
        4 => likely.prop_map(|(kind, request, [v0, v1], interface, [l0, l1])| [kind, request, v0, v1 % 8, interface, 0, l0, l1 % 4]),
    ]
}

#[test]
fn any_control_request_to_any_device_gets_one_answer_and_it_stays_usable() {
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _inside = rt.enter();
    for (name, _device, mut host) in each_device(&rt) {
        host.enumerate();
        let mut runner = TestRunner::deterministic();
        for _ in 0..2_000 {
            let setup = request().new_tree(&mut runner).unwrap().current();
            let data = prop::collection::vec(any::<u8>(), 0..70).new_tree(&mut runner).unwrap().current();
            let input = setup[0] & 0x80 != 0;
            let sequence = if input {
                host.submit(0, 1024, setup, None)
            } else {
                host.submit(0, u32::try_from(data.len()).unwrap(), setup, Some(&data))
            };
            let returned = host.returned(input);
            assert_eq!((returned.command, returned.sequence), (3, sequence), "{name} {setup:02x?}");
            assert!(matches!(returned.status, 0 | -32), "{name} {setup:02x?}: {}", returned.status);
        }
        host.enumerate();
    }
}
