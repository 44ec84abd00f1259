use std::collections::VecDeque;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{BYTES_MAX, Key, Suffix, Typing};

const PAUSE: Duration = Duration::from_millis(500);
const CARD: &str = "099200000001|012345678|NGUYỄN VĂN A|01012000|Nam|Số 1, phố Hàng Gai, Hoàn Kiếm, Hà Nội|01012021";
const SHIFT: u16 = 42;
const CONTROL: u16 = 29;
const ALT: u16 = 56;

type Way<'a> = &'a dyn Fn(&mut Hand, char);

/// A scanner of the test's own, which types on a keyboard of the United States.
struct Hand {
    typing: Typing,
    now: Instant,
    heard: Vec<String>,
}

impl Hand {
    fn new(suffix: Suffix) -> Self {
        Self { typing: Typing::new(suffix, PAUSE), now: Instant::now(), heard: Vec::new() }
    }

    fn event(&mut self, code: u16, value: i32) {
        let mut heard = VecDeque::new();
        self.typing.key(Key { code, value }, self.now, &mut heard);
        self.note(heard);
    }

    fn wait(&mut self, time: Duration) {
        let mut heard = VecDeque::new();
        self.now += time;
        self.typing.pass(self.now, &mut heard);
        self.note(heard);
    }

    fn note(&mut self, heard: VecDeque<crate::code::Heard>) {
        let shown = |heard: crate::code::Heard| heard.map_or_else(|garbled| format!("{garbled:?}"), |raw| raw.text);
        self.heard.extend(heard.into_iter().map(shown));
    }

    fn press(&mut self, code: u16) {
        self.event(code, 1);
        self.event(code, 0);
    }

    fn with(&mut self, modifiers: &[u16], code: u16) {
        modifiers.iter().for_each(|modifier| self.event(*modifier, 1));
        self.press(code);
        modifiers.iter().for_each(|modifier| self.event(*modifier, 0));
    }

    fn ascii(&mut self, char: char) {
        // Rows of the keyboard from the code of their first key on (input-event-codes.h).
        let rows = [
            (2, "1234567890-=", "!@#$%^&*()_+"),
            (16, "qwertyuiop[]", "QWERTYUIOP{}"),
            (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
            (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
            (57, " ", ""),
        ];
        for (first, plain, shifted) in rows {
            if let Some(at) = plain.find(char) {
                return self.press(first + u16::try_from(at).unwrap());
            }
            if let Some(at) = shifted.find(char) {
                return self.with(&[SHIFT], first + u16::try_from(at).unwrap());
            }
        }
        panic!("no key for {char}");
    }

    fn keypad(&mut self, digits: &str) {
        for digit in digits.bytes() {
            self.press([82, 79, 80, 81, 75, 76, 77, 71, 72, 73][usize::from(digit - b'0')]);
        }
    }

    fn alt(&mut self, digits: &str) {
        self.event(ALT, 1);
        self.keypad(digits);
        self.event(ALT, 0);
    }

    fn text(&mut self, text: &str, special: impl Fn(&mut Self, char)) {
        for char in text.chars() {
            if char.is_ascii() { self.ascii(char) } else { special(self, char) }
        }
    }
}

#[test]
fn every_sign_of_ascii_is_heard_as_it_was_typed() {
    let all: String = (' '..='~').collect();
    let mut hand = Hand::new(Suffix::Line);
    hand.text(&all, |_, _| ());
    hand.press(28);
    assert_eq!(hand.heard, [all]);
}

#[test]
fn the_code_of_an_identity_card_arrives_whole_in_every_way_of_typing_it() {
    let by_code = |hand: &mut Hand, char: char| hand.alt(&u32::from(char).to_string());
    let by_bytes = |hand: &mut Hand, char: char| {
        let mut buffer = [0; 4];
        char.encode_utf8(&mut buffer).bytes().for_each(|byte| hand.alt(&format!("0{byte}")));
    };
    let by_hex = |hand: &mut Hand, char: char| {
        hand.event(ALT, 1);
        hand.press(78);
        format!("{:04x}", u32::from(char)).chars().for_each(|digit| hand.ascii(digit));
        hand.event(ALT, 0);
    };
    let held_u = |hand: &mut Hand, char: char| {
        hand.event(CONTROL, 1);
        hand.event(SHIFT, 1);
        hand.press(22);
        format!("{:x}", u32::from(char)).chars().for_each(|digit| hand.ascii(digit));
        hand.event(SHIFT, 0);
        hand.event(CONTROL, 0);
    };
    let then_space = |hand: &mut Hand, char: char| {
        hand.with(&[CONTROL, SHIFT], 22);
        format!("{:x}", u32::from(char)).chars().for_each(|digit| hand.ascii(digit));
        hand.press(57);
    };
    let ways: [Way<'_>; 5] = [&by_code, &by_bytes, &by_hex, &held_u, &then_space];
    for (way, special) in ways.iter().enumerate() {
        let mut hand = Hand::new(Suffix::Line);
        hand.text(CARD, special);
        hand.press(28);
        assert_eq!(hand.heard, [CARD], "way {way}");
    }
}

#[test]
fn enter_tab_or_a_pause_ends_a_code() {
    for (suffix, key) in [(Suffix::Line, 28), (Suffix::Line, 96), (Suffix::Cr, 28), (Suffix::Tab, 15)] {
        let mut hand = Hand::new(suffix);
        hand.text("ab", |_, _| ());
        hand.press(key);
        assert_eq!(hand.heard, ["ab"], "{suffix:?}");
    }
    let mut hand = Hand::new(Suffix::Pause);
    hand.text("ab", |_, _| ());
    hand.press(28);
    hand.wait(PAUSE);
    assert_eq!(hand.heard, ["ab\r"]);
    let mut hand = Hand::new(Suffix::Line);
    hand.text("ab", |_, _| ());
    hand.wait(PAUSE);
    hand.text("cd", |_, _| ());
    hand.press(28);
    assert_eq!(hand.heard, ["NoEnd", "cd"]);
}

#[test]
fn caps_lock_turns_letters_only_and_control_makes_control_characters() {
    let mut hand = Hand::new(Suffix::Line);
    hand.typing.caps_lock_is_on();
    hand.text("aA1!", |_, _| ());
    hand.press(58);
    hand.text("aA", |_, _| ());
    hand.with(&[CONTROL], 27);
    hand.press(28);
    assert_eq!(hand.heard, ["Aa1!aA\u{1d}"]);
}

#[test]
fn lost_events_cost_the_code_but_not_the_next() {
    let mut hand = Hand::new(Suffix::Line);
    hand.event(SHIFT, 1);
    hand.text("ab", |_, _| ());
    let mut heard = VecDeque::new();
    hand.typing.lost(&mut heard);
    hand.typing.lost(&mut heard);
    hand.note(heard);
    hand.text("cd", |_, _| ());
    hand.press(28);
    hand.text("next", |_, _| ());
    hand.press(28);
    assert_eq!(hand.heard, ["Lost", "next"]);
}

#[test]
fn what_was_forgotten_in_the_middle_is_forgotten_to_its_end() {
    let mut hand = Hand::new(Suffix::Line);
    hand.text("ab", |_, _| ());
    hand.typing.forget();
    hand.text("cd", |_, _| ());
    hand.press(28);
    hand.text("next", |_, _| ());
    hand.press(28);
    hand.typing.forget();
    hand.text("whole", |_, _| ());
    hand.press(28);
    assert_eq!(hand.heard, ["next", "whole"]);
}

#[test]
fn typing_without_end_is_told_once() {
    let mut hand = Hand::new(Suffix::Line);
    for _ in 0..BYTES_MAX * 2 + 9 {
        hand.event(30, 1);
        hand.event(30, 0);
    }
    hand.press(28);
    hand.text("next", |_, _| ());
    hand.press(28);
    assert_eq!(hand.heard, ["TooLong", "next"]);
}

proptest! {
    #[test]
    fn any_keys_leave_it_able_to_hear_the_next_code(events in proptest::collection::vec((0_u16..130, 0..3), 0..400)) {
        let mut hand = Hand::new(Suffix::Line);
        for (code, value) in events {
            hand.event(code, value);
        }
        // All modifiers up, caps lock as the keyboard has it.
        [42, 54, 29, 97, 56, 100].into_iter().for_each(|modifier| hand.event(modifier, 0));
        hand.press(28);
        hand.press(28);
        hand.text("12", |_, _| ());
        hand.press(28);
        prop_assert_eq!(hand.heard.last().map(String::as_str), Some("12"));
    }
}

#[test]
fn a_number_that_breaks_off_does_not_cost_the_next_code() {
    for wait in [PAUSE, PAUSE * 3] {
        let mut hand = Hand::new(Suffix::Line);
        // Control, Shift and U (22), and no digit; its reader has left.
        hand.ascii('a');
        hand.with(&[CONTROL, SHIFT], 22);
        hand.wait(wait);
        "123456789".chars().for_each(|char| hand.ascii(char));
        hand.press(28);
        assert_eq!(hand.heard, ["NoEnd", "123456789"]);
    }
}
