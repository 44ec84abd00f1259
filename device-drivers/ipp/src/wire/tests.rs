use kiosk_driver_sdk::protocol::page_printer::PagePrinterCondition as C;
use proptest::prelude::*;

use super::job::Job;
use super::printer::{Abilities, Now};
use super::reasons::conditions;
use super::{Answer, DEPTH_MAX, WireError};

/// One attribute as RFC 8010, section 3.1.4 writes it.
fn attribute(tag: u8, name: &str, value: &[u8]) -> Vec<u8> {
    let length = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    [&[tag][..], &length(name.len()), name.as_bytes(), &length(value.len()), value].concat()
}

/// An answer: status, then groups.
fn answer(status: u16, groups: &[(u8, Vec<Vec<u8>>)]) -> Vec<u8> {
    let mut bytes = vec![1, 1];
    bytes.extend(status.to_be_bytes());
    bytes.extend([0, 0, 0, 1]);
    for (tag, attributes) in groups {
        bytes.push(*tag);
        bytes.extend(attributes.concat());
    }
    bytes.push(3);
    bytes
}

fn printer(attributes: Vec<Vec<u8>>) -> Answer {
    Answer::parse(answer(0, &[(4, attributes)])).unwrap()
}

#[test]
fn reasons_are_conditions_by_their_beginning() {
    let of = |words: &[&str]| conditions(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    assert_eq!(of(&["none"]), []);
    assert_eq!(of(&["media-empty-error", "media-needed"]), [C::PaperOut]);
    assert_eq!(of(&["toner-low-warning", "cover-open-warning"]), [C::CoverOpen, C::TonerLow]);
    assert_eq!(of(&["media-jam", "door-open-error", "marker-supply-empty-error"]), [C::Jam, C::CoverOpen, C::TonerOut]);
    assert_eq!(of(&["media-low-report"]), [], "what is only told is nothing");
    assert_eq!(of(&["acme-flux-warning"]), []);
    assert_eq!(of(&["acme-flux-error"]), [C::Other]);
    assert_eq!(
        of(&["paused", "output-area-full-warning", "input-tray-missing"]),
        [C::TrayMissing, C::OutputFull, C::Paused]
    );
}

#[test]
fn a_printer_says_how_it_is() {
    let number = |name: &str, value: i32| attribute(0x21, name, &value.to_be_bytes());
    let now = Now::read(&printer(vec![
        attribute(0x23, "printer-state", &5_i32.to_be_bytes()),
        attribute(0x44, "printer-state-reasons", b"media-empty-error"),
        attribute(0x44, "", b"paused"),
        attribute(0x22, "printer-is-accepting-jobs", &[0]),
        attribute(0x42, "marker-names", b"Black"),
        attribute(0x42, "", b"Waste"),
        attribute(0x44, "marker-types", b"toner"),
        attribute(0x44, "", b"waste-toner"),
        number("marker-levels", 40),
        number("", 90),
    ]))
    .unwrap();
    assert!(now.is_stopped() && now.is_blocked() && !now.accepts);
    assert_eq!(now.status.conditions, [C::PaperOut, C::Paused]);
    let supplies: Vec<_> = now.status.supplies.iter().map(|supply| (supply.name.as_str(), supply.percent)).collect();
    assert_eq!(supplies, [("Black", Some(40))], "waste is no supply");
}

#[test]
fn levels_that_nobody_knows_are_not_told() {
    let supply = |entry: &[u8]| {
        let state = attribute(0x23, "printer-state", &3_i32.to_be_bytes());
        Now::read(&printer(vec![state, attribute(0x30, "printer-supply", entry)])).unwrap().status.supplies[0].percent
    };
    assert_eq!(supply(b"type=toner;class=supplyThatIsConsumed;maxcapacity=100;level=75;"), Some(75));
    assert_eq!(supply(b"type=toner;maxcapacity=4000;level=1000;"), Some(25));
    assert_eq!(supply(b"type=toner;maxcapacity=100;level=-2;"), None);
    assert_eq!(supply(b"type=toner;maxcapacity=-2;level=50;"), None);
    assert_eq!(supply(b"type=toner;maxcapacity=1;level=2147483647;"), None);
}

#[test]
fn what_is_missing_or_unknown_is_said() {
    assert_eq!(Now::read(&printer(Vec::new())).err(), Some(WireError::Missing("printer-state")));
    let state = |value: i32| vec![attribute(0x23, "printer-state", &value.to_be_bytes())];
    assert!(matches!(Now::read(&printer(state(9))), Err(WireError::Value { value: 9, .. })));
    let job = |value: i32| {
        Answer::parse(answer(0, &[(2, vec![attribute(0x23, "job-state", &value.to_be_bytes())])])).unwrap()
    };
    assert!(matches!(Job::read(&job(99)), Err(WireError::Value { value: 99, .. })));
    assert!(Job::read(&job(9)).unwrap().is_over());
    assert_eq!(Job::read(&printer(Vec::new())).err(), Some(WireError::Missing("job attributes")));
}

#[test]
fn a_refusal_keeps_its_word_and_message() {
    let message = attribute(0x41, "status-message", b"no such job");
    let refused = Answer::parse(answer(0x0406, &[(1, vec![message])])).unwrap().good("the job").err().unwrap();
    let failure = refused.failure();
    assert_eq!(failure.device_code.as_deref(), Some("client-error-not-found"));
    assert!(failure.detail.contains("no such job"), "{failure}");
}

#[test]
fn collections_in_collections_are_read_to_a_depth_only() {
    let nested = |depth: usize| {
        let begins = attribute(0x34, "media-col-ready", &[]);
        let member = [attribute(0x4A, "", b"x"), attribute(0x34, "", &[])].concat();
        let ends = attribute(0x37, "", &[]);
        let inner = member.repeat(depth - 1);
        answer(0, &[(4, vec![begins, inner, ends.repeat(depth)])])
    };
    assert!(Answer::parse(nested(DEPTH_MAX)).is_ok());
    assert_eq!(Answer::parse(nested(DEPTH_MAX + 1)).err(), Some(WireError::Deep));
    assert_eq!(Answer::parse(nested(50_000)).err(), Some(WireError::Deep));
}

#[test]
fn texts_with_a_language_have_lengths_that_are_not_believed() {
    for tag in [0x35, 0x36] {
        let whole = answer(0, &[(4, vec![attribute(tag, "printer-info", b"\x00\x02en\x00\x02hi")])]);
        assert!(Answer::parse(whole).is_ok());
        for cut in [&b""[..], b"\x00", b"\x00\x03en", b"\x00\x02en", b"\x00\x02en\x00\x03hi"] {
            let parsed = Answer::parse(answer(0, &[(4, vec![attribute(tag, "printer-info", cut)])]));
            assert!(matches!(parsed, Err(WireError::NotIpp(_))), "{tag:#x} {cut:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_fall(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Answer::parse(bytes);
    }

    #[test]
    fn no_cut_or_changed_answer_makes_it_fall(at in 0_usize..400, to: u8, cut in 0_usize..400) {
        let mut bytes = answer(0, &[(4, vec![
            attribute(0x23, "printer-state", &3_i32.to_be_bytes()),
            attribute(0x33, "copies-supported", &[0, 0, 0, 1, 0, 0, 0, 99]),
            attribute(0x32, "pwg-raster-document-resolution-supported", &[0, 0, 1, 44, 0, 0, 1, 44, 3]),
            attribute(0x30, "printer-supply", b"type=toner;maxcapacity=100;level=75;"),
            attribute(0x41, "printer-device-id", b"MFG:Example;MDL:Printer;SN:1;"),
            attribute(0x34, "media-col-default", &[]),
            attribute(0x4A, "", b"x-dimension"), attribute(0x21, "", &[0, 0, 82, 8]),
            attribute(0x37, "", &[]),
        ])]);
        let length = bytes.len();
        bytes[at % length] = to;
        bytes.truncate(length - cut % length);
        if let Ok(answer) = Answer::parse(bytes) {
            let _ = (Now::read(&answer), Abilities::read(&answer), Job::read(&answer), super::job::id(&answer));
        }
    }
}
