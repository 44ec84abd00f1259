//! The reader as its host sees it, over the socket pair; what a message is, is written down here once more.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::apdu::Apdu;
use super::card::{Card, TEST_APPLICATION, TestCard};
use super::message::Assembler;
use super::{Function, MESSAGE_MAX, start};
use crate::device::Device;
use crate::usb::Options;
use crate::usb::device::UsbDevice;
use crate::usb::tests::host::{Host, TestHub};

struct Rig {
    reader: UsbDevice<Function>,
    host: Host,
    sequence: u8,
}

/// status, error, chain parameter, data
type Answer = (u8, u8, u8, Vec<u8>);

impl Rig {
    fn new(card: Option<Box<dyn Card>>) -> Self {
        let hub = Arc::new(TestHub::default());
        let options = Options {
            name: "reader".into(),
            hub: Arc::clone(&hub) as _,
            port: None,
            speed: None,
            serial: None,
            id: None,
            seed: 1,
        };
        let reader = start(options, card).unwrap();
        let mut host = hub.host();
        host.enumerate();
        Self { reader, host, sequence: 0 }
    }

    fn send(&mut self, kind: u8, level: u16, data: &[u8]) {
        self.sequence = self.sequence.wrapping_add(1);
        let [low, high] = level.to_le_bytes();
        let mut message = vec![kind];
        message.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        message.extend([0, self.sequence, 0, low, high]);
        message.extend(data);
        self.host.out(1, &message);
        assert_eq!(self.host.returned(false).status, 0);
    }

    fn answer(&mut self) -> Answer {
        self.host.want(2, 65_536);
        let data = self.host.returned(true).data;
        assert_eq!((data[5], data[6]), (0, self.sequence));
        let length = u32::from_le_bytes(data[1..5].try_into().unwrap()) as usize;
        assert_eq!(data.len(), 10 + length);
        (data[7], data[8], data[9], data[10..].to_vec())
    }

    fn ask(&mut self, kind: u8, level: u16, data: &[u8]) -> Answer {
        self.send(kind, level, data);
        self.answer()
    }

    /// As a driver does: in pieces there, in pieces back.
    fn apdu(&mut self, apdu: &[u8]) -> Vec<u8> {
        let pieces: Vec<&[u8]> = apdu.chunks(MESSAGE_MAX - 10).collect();
        let last = pieces.len() - 1;
        let mut answer = None;
        for (place, piece) in pieces.iter().enumerate() {
            let level = match (place, place == last) {
                (0, true) => 0,
                (0, false) => 1,
                (_, true) => 2,
                (_, false) => 3,
            };
            let got = self.ask(0x6f, level, piece);
            if place < last {
                assert_eq!((got.2, got.3.len()), (0x10, 0));
            }
            answer = Some(got);
        }
        let (status, error, mut chain, mut whole) = answer.unwrap();
        assert_eq!((status, error), (0, 0));
        while matches!(chain, 1 | 3) {
            let (_, _, next, more) = self.ask(0x6f, 0x10, &[]);
            chain = next;
            whole.extend(more);
        }
        whole
    }
}

fn with_card() -> Rig {
    let mut rig = Rig::new(Some(Box::new(TestCard::default())));
    let (status, _, _, atr) = rig.ask(0x62, 0, &[]);
    assert_eq!((status, atr[0]), (0, 0x3b));
    assert_eq!(atr[1..].iter().fold(0, |sum, byte| sum ^ byte), 0);
    rig
}

#[test]
fn files_are_selected_and_read() {
    let mut rig = with_card();
    let select = [&[0, 0xa4, 4, 0x0c, 10][..], TEST_APPLICATION].concat();
    assert_eq!(rig.apdu(&select), [0x90, 0]);
    assert_eq!(rig.apdu(&[0, 0xb0, 0, 0, 0]), [0x69, 0x86]);
    assert_eq!(rig.apdu(&[0, 0xa4, 2, 0x0c, 2, 1, 1]), [0x90, 0]);
    assert!(rig.apdu(&[0, 0xb0, 0, 0, 0]).starts_with("Thẻ".as_bytes()));
    assert_eq!(rig.apdu(&[0, 0xa4, 2, 0x0c, 2, 9, 9]), [0x6a, 0x82]);
    assert_eq!(rig.apdu(&[0, 0xa4, 2, 0x0c, 9, 1]), [0x67, 0]);
    assert_eq!(rig.apdu(&[0xff, 0xa4, 2, 0x0c]), [0x6e, 0]);
}

#[test]
fn the_longest_apdu_goes_there_and_back_in_pieces() {
    let mut rig = with_card();
    let data: Vec<u8> = (0..65_535_u32).map(|number| number.to_le_bytes()[0] ^ 0x5a).collect();
    let apdu = [&[0x80, 0xec, 0, 0, 0, 0xff, 0xff][..], &data, &[0, 0]].concat();
    let answer = rig.apdu(&apdu);
    assert!(answer[..65_535] == data && answer[65_535..] == [0x90, 0]);
}

#[test]
fn without_power_or_card_there_is_no_answer() {
    let mut rig = Rig::new(None);
    assert_eq!(rig.ask(0x65, 0, &[]), (2, 0, 0, vec![]));
    assert_eq!(rig.ask(0x62, 0, &[]), (0x42, 0xfe, 0, vec![]));
    rig.reader.set(json!({ "card": "test" })).unwrap();
    assert_eq!(rig.ask(0x6f, 0, &[0, 0x84, 0, 0, 8]), (0x41, 0xfe, 0, vec![]));
    assert_eq!(rig.ask(0x62, 0, &[]).0, 0);
    assert_eq!(rig.ask(0x6f, 0, &[0, 0x84, 0, 0, 8]).3.len(), 10);
    assert_eq!(rig.ask(0x63, 0, &[]).0, 1);
    assert!(rig.reader.set(json!({ "card": "tarot" })).unwrap_err().to_string().contains("test"));
}

#[test]
fn the_host_is_told_when_a_card_comes_and_goes() {
    let mut rig = Rig::new(None);
    for (card, bits) in [(None, 0b10), (Some("test"), 0b11), (Some("none"), 0b10)] {
        if let Some(card) = card {
            rig.reader.set(json!({ "card": card })).unwrap();
        }
        rig.host.want(3, 8);
        assert_eq!(rig.host.returned(true).data, [0x50, bits]);
    }
}

#[test]
fn a_slow_card_has_the_reader_ask_for_patience() {
    let mut rig = with_card();
    rig.send(0x6f, 0, &[0x80, 0xe6, 0, 10]);
    let mut patience = 0;
    let last = loop {
        let answer = rig.answer();
        if answer.0 != 0x80 {
            break answer;
        }
        patience += 1;
    };
    assert_eq!((last.3, patience), (vec![0x80, 0xe6, 0x90, 0], 2));
}

#[test]
fn a_card_pulled_in_the_middle_ends_the_command() {
    let mut rig = with_card();
    rig.send(0x6f, 0, &[0x80, 0xe6, 0x7f, 0]);
    assert_eq!(rig.answer().0, 0x80);
    rig.reader.set(json!({ "card": "none" })).unwrap();
    assert_eq!(rig.answer(), (0x42, 0xfe, 0, vec![]));
}

#[test]
fn a_card_that_removes_itself_leaves_an_empty_slot_and_the_host_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("card.toml");
    std::fs::write(&file, "[faults]\nremoved_at = 1\n").unwrap();
    let mut rig = Rig::new(None);
    rig.host.want(3, 8);
    assert_eq!(rig.host.returned(true).data, [0x50, 0b10]);
    rig.reader.set(json!({ "card": format!("identity:{}", file.display()) })).unwrap();
    rig.host.want(3, 8);
    assert_eq!(rig.host.returned(true).data, [0x50, 0b11]);
    assert_eq!(rig.ask(0x62, 0, &[]).0, 0);
    let select = [0, 0xa4, 2, 0x0c, 2, 1, 0x1c];
    assert_eq!(rig.ask(0x6f, 0, &select).3, [0x90, 0]);
    assert_eq!(rig.ask(0x6f, 0, &select), (0x42, 0xfe, 0, vec![]));
    rig.host.want(3, 8);
    assert_eq!(rig.host.returned(true).data, [0x50, 0b10]);
}

#[test]
fn faults_do_what_they_say() {
    let mut rig = with_card();
    for (fault, error) in [
        (json!({ "fault": "mute", "at": "apdu" }), 0xfe),
        (json!({ "fault": "parity" }), 0xfd),
        (json!({ "fault": "hardware" }), 0xfb),
    ] {
        rig.reader.fault(fault).unwrap();
        assert_eq!(rig.ask(0x6f, 0, &[0, 0x84, 0, 0, 8]), (0x40, error, 0, vec![]));
        rig.reader.clear(None);
    }
    rig.reader.fault(json!({ "fault": "short_answer" })).unwrap();
    assert_eq!(rig.ask(0x6f, 0, &[0, 0x84, 0, 0, 8]).3.len(), 1);
    rig.reader.clear(None);
    rig.reader.fault(json!({ "fault": "mute" })).unwrap();
    assert_eq!(rig.ask(0x62, 0, &[]).1, 0xfe);
    rig.reader.clear(None);
    rig.reader.fault(json!({ "fault": "wedged" })).unwrap();
    rig.send(0x65, 0, &[]);
    rig.host.want(2, 512);
    rig.host.want(3, 8);
    // The slot's state came instead: of the command nothing ever comes.
    assert_eq!(rig.host.returned(true).data[0], 0x50);
}

#[test]
fn a_message_longer_than_the_reader_is_refused_and_the_next_is_understood() {
    let mut rig = with_card();
    rig.send(0x6f, 0, &vec![0; MESSAGE_MAX]);
    assert_eq!(rig.answer(), (0x40, 1, 0, vec![]));
    assert_eq!(rig.ask(0x65, 0, &[]).0, 0);
    assert_eq!(rig.ask(0x99, 0, &[]), (0x40, 0, 0, vec![]));
}

proptest! {
    #[test]
    fn any_bytes_are_messages_or_not(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
        let mut assembler = Assembler::default();
        for piece in &pieces {
            for message in assembler.push(piece).into_iter().flatten() {
                prop_assert!(message.data.len() <= MESSAGE_MAX - 10);
            }
        }
    }

    #[test]
    fn any_apdu_gets_two_status_bytes(apdu in prop::collection::vec(any::<u8>(), 0..300), small in 0u8..4) {
        let mut card = TestCard::default();
        let mut apdu = apdu;
        if let Some(first) = apdu.first_mut() {
            *first = if small == 0 { 0x80 } else { *first & 1 };
        }
        prop_assert!(card.transmit(&apdu).bytes.len() >= 2);
    }

    #[test]
    fn an_apdu_is_read_as_it_was_written(data in prop::collection::vec(any::<u8>(), 0..700), expected in 0usize..70_000) {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let mut bytes = vec![1, 2, 3, 4];
        if !data.is_empty() {
            bytes.extend([0, length[0], length[1]]);
            bytes.extend(&data);
        }
        let expected = (expected > 0 && expected <= 65_536).then_some(expected);
        if let Some(expected) = expected {
            if data.is_empty() {
                bytes.push(0);
            }
            bytes.extend(u16::try_from(expected % 65_536).unwrap().to_be_bytes());
        }
        let read = Apdu::read(&bytes).unwrap();
        prop_assert_eq!((read.data, read.expected, read.p1_p2()), (data.as_slice(), expected, 0x0304));
    }
}
