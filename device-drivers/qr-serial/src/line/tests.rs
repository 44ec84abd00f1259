use kiosk_driver_sdk::link::scripted::{Scripted, Step};
use proptest::prelude::*;

use super::*;
use crate::wire::dgus::Read;
use crate::wire::nextion::{Instruction, SendMe, meaning};

/// A script that falls silent says so at once.
fn until() -> Until {
    Until::within(Duration::from_secs(60))
}

fn line(steps: Vec<Step>) -> Line {
    Line::new(Box::new(Scripted::new(steps)))
}

fn expect() -> Step {
    Step::Expect(b"bkcmd=3\xFF\xFF\xFF".to_vec())
}

fn resync() -> Step {
    Step::Expect(b"\xFF\xFF\xFF".to_vec())
}

fn send(bytes: &[u8]) -> Step {
    Step::Send(bytes.to_vec())
}

fn asked(steps: Vec<Step>) -> Result<(), AskError> {
    line(steps).ask(&Instruction::answer_all(), &until())
}

#[test]
fn what_came_before_is_no_answer() {
    // A success of an earlier instruction, in the line when the next one begins.
    let steps = vec![send(b"\x01\xFF\xFF\xFF"), Step::Silence, expect(), send(b"\x1A\xFF\xFF\xFF")];
    let mut line = line(steps);
    line.hurry();
    assert!(matches!(line.ask(&Instruction::answer_all(), &until()), Err(AskError::Refused(0x1A))));
}

#[test]
fn an_answer_in_pieces_and_among_touches_is_found() {
    let pieces = [send(b"\x65\x00\x01\x01\xFF\xFF"), send(b"\xFF\x01\xFF"), send(b"\xFF\xFF")];
    asked([expect()].into_iter().chain(pieces).collect()).unwrap();
}

#[test]
fn garbage_is_tried_again_after_a_resync() {
    asked(vec![
        expect(),
        send(b"\x42\x43"),
        resync(),
        Step::Silence,
        Step::Silence,
        expect(),
        send(b"\x01\xFF\xFF\xFF"),
    ])
    .unwrap();
}

#[test]
fn the_third_wrong_answer_is_the_error() {
    let mut steps = Vec::new();
    for attempt in 0..3 {
        if attempt > 0 {
            steps.extend([resync(), Step::Silence, Step::Silence]);
        }
        steps.extend([expect(), send(b"\x1A\xFF\xFF\xFF")]);
    }
    let failure = asked(steps).unwrap_err().failure(meaning);
    assert_eq!((failure.code, failure.device_code.as_deref()), (ErrorCode::DeviceFault, Some("1A")));
    assert!(failure.detail.contains("config.qr"), "{}", failure.detail);
}

#[test]
fn silence_and_a_pulled_cable_are_told_apart() {
    let silent = asked(vec![Step::Take(1_000)]).unwrap_err().failure(meaning);
    assert_eq!(silent.code, ErrorCode::DeviceSilent);
    let gone = asked(vec![expect(), Step::Hangup]).unwrap_err().failure(meaning);
    assert_eq!(gone.code, ErrorCode::DeviceAbsent);
}

#[test]
fn a_start_of_the_panel_is_remembered_once() {
    let steps = vec![
        send(b"\x00\x00\x00\xFF\xFF\xFF\x88\xFF\xFF\xFF"),
        Step::Silence,
        Step::Take(9),
        send(b"\x66\x00\xFF\xFF\xFF"),
    ];
    let mut line = line(steps);
    line.ask(&SendMe, &until()).unwrap();
    assert_eq!([line.take_restarted(), line.take_restarted()], [true, false]);
}

/// Takes everything, and says these pieces one after the other; then it is silent.
struct Babbling(std::collections::VecDeque<Vec<u8>>);

impl Link for Babbling {
    fn read(&mut self, buffer: &mut [u8], _: &Until) -> Result<usize, LinkError> {
        let piece = self.0.pop_front().ok_or(LinkError::Timeout { done: 0 })?;
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
    fn write_all(&mut self, _: &[u8], _: &Until) -> Result<(), LinkError> {
        Ok(())
    }
}

proptest! {
    #[test]
    fn any_answers_are_read_or_a_typed_failure(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..250), 0..20),
        nextion: bool,
    ) {
        let mut line = Line::new(Box::new(Babbling(pieces.into())));
        let failure = if nextion {
            line.ask(&SendMe, &until()).err().map(|error| error.failure(meaning))
        } else {
            line.ask(&Read { address: 0x5000 }, &until()).err().map(|error| error.failure(meaning))
        };
        if let Some(failure) = failure {
            prop_assert!(matches!(failure.code, ErrorCode::DeviceFault | ErrorCode::DeviceSilent), "{:?}", failure);
        }
    }
}
