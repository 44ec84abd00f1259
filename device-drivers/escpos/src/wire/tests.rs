use std::cell::RefCell;
use std::rc::Rc;

use kiosk_driver_sdk::protocol::receipt::{Cover, Paper, PrinterFault};
use proptest::prelude::*;

use super::condition::{Condition, Obstacle};
use super::query::{
    ClearBuffers, ErrorCause, Information, OfflineCause, Online, ProcessId, Query, RealTime, RollPaper,
};
use super::sorter::{Asb, Message, Sorter};
use super::*;

fn sorted(bytes: &[u8]) -> Vec<Message> {
    let mut sorter = Sorter::default();
    bytes.iter().flat_map(|byte| sorter.push(*byte)).collect()
}

#[test]
fn every_question_knows_its_answer_and_no_other() {
    let id = ProcessId::numbered(27);
    assert_eq!(id.bytes(), b"\x1D(H\x06\x00\x30\x30BBAA");
    assert_eq!(id.answer(&Message::ProcessId(*b"BBAA")), Some(()));
    assert_eq!(id.answer(&Message::ProcessId(*b"BBAB")), None);
    assert_eq!(ClearBuffers.bytes(), [0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8]);
    assert_eq!(ClearBuffers.answer(&Message::Cleared), Some(()));
    assert_eq!(ClearBuffers.answer(&Message::RealTime(0x12)), None);
    assert_eq!(Information::Model.bytes(), [0x1D, 0x49, 67]);
    assert_eq!(Information::Model.answer(&Message::Text("TM-T88V".into())), Some("TM-T88V".into()));
}

#[test]
fn real_time_answers_are_read_bit_by_bit() {
    assert!(Online::parse(0x12).online);
    assert!(!Online::parse(0x1A).online);
    assert_eq!(OfflineCause::parse(0x16), OfflineCause { cover_open: true, paper_stop: false });
    assert_eq!(OfflineCause::parse(0x32), OfflineCause { cover_open: false, paper_stop: true });
    assert!(ErrorCause::parse(0x1A).cutter && !ErrorCause::parse(0x1A).unrecoverable);
    assert!(ErrorCause::parse(0x32).unrecoverable && ErrorCause::parse(0x52).auto_recoverable);
    assert_eq!(RollPaper::parse(0x1E), RollPaper { near_end: true, end: false });
    assert_eq!(RollPaper::parse(0x7E), RollPaper { near_end: true, end: true });
}

#[test]
fn one_stream_holds_all_kinds_of_answers() {
    let stream = b"\x12\x18\x00\x0C\x0F\x37\x22ABCD\x00\x16\x00\x37\x25\x00\x5FEPSON\x00\x0F";
    let expected = [
        Message::RealTime(0x12),
        Message::Automatic(Asb([0x18, 0, 0x0C, 0x0F])),
        Message::ProcessId(*b"ABCD"),
        Message::RealTime(0x16),
        Message::Plain(0),
        Message::Cleared,
        Message::Text("EPSON".into()),
        Message::Plain(0x0F),
    ];
    assert_eq!(sorted(stream), expected);
}

#[test]
fn flow_control_may_stand_inside_of_anything() {
    assert_eq!(sorted(b"\x10\x13\x00\x11\x00\x0F"), [Message::Automatic(Asb([0x10, 0, 0, 0x0F]))]);
    assert_eq!(sorted(b"\x37\x22A\x13BCD\x11\x00"), [Message::ProcessId(*b"ABCD")]);
}

#[test]
fn an_answer_after_a_broken_one_is_not_lost() {
    // Automatic status of which two bytes are missing, then a real-time answer.
    assert_eq!(sorted(b"\x10\x00\x12"), [Message::Stray(0x10), Message::RealTime(0x12)]);
    // A process id that is one letter too long is none at all.
    let stray = sorted(b"\x37\x22ABCDE\x00\x12");
    assert!(!stray.iter().any(|message| matches!(message, Message::ProcessId(_))), "{stray:?}");
    assert_eq!(stray.last(), Some(&Message::RealTime(0x12)));
}

#[test]
fn both_ways_of_status_mean_the_same() {
    let asked = |a, b, c, d| {
        Condition::from_answers(Online::parse(a), OfflineCause::parse(b), ErrorCause::parse(c), RollPaper::parse(d))
    };
    let told = |bytes| Condition::from_asb(Asb(bytes));
    assert_eq!(asked(0x12, 0x12, 0x12, 0x12), told([0x10, 0, 0, 0x0F]));
    assert_eq!(asked(0x1A, 0x16, 0x12, 0x12), told([0x38, 0, 0, 0x0F]));
    assert_eq!(asked(0x1A, 0x32, 0x12, 0x7E), told([0x18, 0, 0x0F, 0x0F]));
    assert_eq!(asked(0x1A, 0x52, 0x1A, 0x1E), told([0x18, 0x08, 0x03, 0x0F]));
    assert_eq!(asked(0x1A, 0x52, 0x76, 0x12), told([0x18, 0x64, 0, 0x0F]));
}

#[test]
fn a_condition_is_reported_and_judged() {
    let ok = Condition::from_asb(Asb([0x10, 0, 0, 0]));
    assert_eq!((ok.status().online, ok.status().fault, ok.obstacle()), (true, None, None));
    let low = Condition::from_asb(Asb([0x10, 0, 3, 0]));
    assert_eq!((low.status().paper, low.obstacle()), (Paper::Low, None));
    let out = Condition::from_asb(Asb([0x18, 0, 0x0F, 0]));
    assert_eq!((out.status().paper, out.obstacle()), (Paper::Out, Some(Obstacle::PaperOut)));
    let open = Condition::from_asb(Asb([0x38, 0, 0x0F, 0]));
    assert_eq!((open.status().cover, open.obstacle()), (Cover::Open, Some(Obstacle::CoverOpen)));
    let cutter = Condition::from_asb(Asb([0x18, 8, 0, 0]));
    assert_eq!((cutter.status().fault, cutter.obstacle()), (Some(PrinterFault::Cutter), Some(Obstacle::Cutter)));
    let hot = Condition::from_asb(Asb([0x18, 0x40, 0, 0]));
    assert_eq!((hot.status().fault, hot.obstacle()), (Some(PrinterFault::Recoverable), None));
}

#[test]
fn picture_data_that_look_like_a_command_are_changed_by_one_dot() {
    let mut data = vec![0x10, 0x04, 1, 0x10, 0x14, 8, 0x10, 0x05, 0x10, 0x10, 0x06, 0x10];
    defuse(&mut data);
    assert_eq!(data, [0x18, 0x04, 1, 0x18, 0x14, 8, 0x18, 0x05, 0x10, 0x10, 0x06, 0x18]);
}

/// Why `wire` has a table of its own: see its head.
#[test]
fn the_escpos_crate_cuts_through_where_a_partial_cut_is_asked_for() {
    #[derive(Clone, Default)]
    struct Memory(Rc<RefCell<Vec<u8>>>);
    impl escpos::driver::Driver for Memory {
        fn name(&self) -> String {
            "memory".into()
        }
        fn write(&self, data: &[u8]) -> escpos::errors::Result<()> {
            self.0.borrow_mut().extend_from_slice(data);
            Ok(())
        }
        fn read(&self, _: &mut [u8]) -> escpos::errors::Result<usize> {
            Ok(0)
        }
        fn flush(&self) -> escpos::errors::Result<()> {
            Ok(())
        }
    }
    let memory = Memory::default();
    let mut printer = escpos::printer::Printer::new(memory.clone(), escpos::utils::Protocol::default(), None);
    let status = escpos::utils::RealTimeStatusRequest::Printer;
    printer.init().unwrap().partial_cut().unwrap().real_time_status(status).unwrap().print().unwrap();
    let bytes = memory.0.borrow().clone();
    assert!(bytes.starts_with(&INITIALIZE), "{bytes:02x?}");
    // "GS V": m = 65 is a full cut, m = 66 a partial one.
    assert!(bytes.windows(4).any(|window| window == [0x1D, b'V', 65, 1]), "{bytes:02x?}");
    assert!(!bytes.windows(3).any(|window| window == [0x1D, b'V', 66]), "{bytes:02x?}");
    // "DLE EOT" has three bytes, this is a fourth.
    assert!(bytes.ends_with(&[0x10, 0x04, 1, 0]), "{bytes:02x?}");
}

proptest! {
    #[test]
    fn the_sorter_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let messages = sorted(&bytes);
        prop_assert!(messages.len() <= bytes.len());
    }

    #[test]
    fn garbage_holds_up_an_answer_by_no_more_than_one_status(
        garbage in proptest::collection::vec(0x80_u8..=0xFF, 0..200),
    ) {
        let mut stream = garbage;
        stream.extend([0x12, 0x37, 0x22, b'A', b'B', b'C', b'D', 0]);
        let messages = sorted(&stream);
        prop_assert_eq!(messages.last(), Some(&Message::ProcessId(*b"ABCD")));
    }

    #[test]
    fn no_picture_holds_a_real_time_command(
        mut data in proptest::collection::vec(prop_oneof![Just(0x10_u8), Just(4), Just(5), Just(0x14), any::<u8>()], 1..500),
    ) {
        let before = data.clone();
        defuse(&mut data);
        for pair in data.windows(2) {
            prop_assert!(pair[0] != 0x10 || ![0x04, 0x05, 0x14].contains(&pair[1]));
        }
        prop_assert_ne!(data.last(), Some(&0x10));
        let added: u32 = before.iter().zip(&data).map(|(b, d)| { assert_eq!(b & d, *b); (b ^ d).count_ones() }).sum();
        prop_assert!(added as usize <= before.iter().filter(|byte| **byte == 0x10).count());
    }
}
