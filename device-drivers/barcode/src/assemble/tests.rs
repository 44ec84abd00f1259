use std::collections::VecDeque;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::Assembler;
use crate::code::{BYTES_MAX, Garbled};
use crate::config::Suffix;

const PAUSE: Duration = Duration::from_millis(500);

/// Texts of the codes, or the word for what is none.
fn heard(assembler: &mut Assembler, bytes: &[u8], now: Instant) -> Vec<String> {
    let mut heard = VecDeque::new();
    assembler.take(bytes, now, &mut heard);
    heard.into_iter().map(|heard| heard.map_or_else(|garbled| format!("{garbled:?}"), |raw| raw.text)).collect()
}

fn of(suffix: Suffix, bytes: &[u8]) -> Vec<String> {
    let at_once = heard(&mut Assembler::new(suffix, PAUSE), bytes, Instant::now());
    // One byte after the other says the same.
    let (mut assembler, now) = (Assembler::new(suffix, PAUSE), Instant::now());
    let singly: Vec<String> =
        bytes.iter().flat_map(|byte| heard(&mut assembler, std::slice::from_ref(byte), now)).collect();
    assert_eq!(at_once, singly);
    at_once
}

#[test]
fn each_suffix_ends_a_code() {
    assert_eq!(of(Suffix::Line, b"a\rb\nc\r\nd"), ["a", "b", "c"]);
    assert_eq!(of(Suffix::Cr, b"a\nb\rc"), ["a\nb"]);
    assert_eq!(of(Suffix::Lf, b"a\rb\nc"), ["a\rb"]);
    assert_eq!(of(Suffix::Crlf, b"a\nb\rc\r\nd"), ["a\nb\rc"]);
    assert_eq!(of(Suffix::Tab, b"a\rb\tc"), ["a\rb"]);
    assert_eq!(of(Suffix::StxEtx, b"noise\x02a\r\nb\x03noise\x02lost\x02c\x03"), ["a\r\nb", "c"]);
    assert_eq!(of(Suffix::Pause, b"a\rb\n"), Vec::<String>::new());
}

#[test]
fn a_pause_ends_a_code_where_that_is_its_end_and_gives_it_up_elsewhere() {
    let start = Instant::now();
    for (suffix, word) in [(Suffix::Pause, "ab"), (Suffix::Cr, "NoEnd")] {
        let mut assembler = Assembler::new(suffix, PAUSE);
        assert_eq!(heard(&mut assembler, b"a", start), Vec::<String>::new());
        assert_eq!(heard(&mut assembler, b"b", start + PAUSE / 2), Vec::<String>::new());
        assert_eq!(heard(&mut assembler, b"", start + PAUSE), Vec::<String>::new());
        assert_eq!(heard(&mut assembler, b"c\r", start + PAUSE * 2)[0], word);
    }
}

#[test]
fn what_was_forgotten_in_the_middle_of_its_end_does_not_cost_the_next_code() {
    let mut assembler = Assembler::new(Suffix::Crlf, PAUSE);
    heard(&mut assembler, b"abc\r", Instant::now());
    assembler.forget();
    assert_eq!(heard(&mut assembler, b"\nnext\r\n", Instant::now()), ["next"]);
}

#[test]
fn what_was_forgotten_in_the_middle_is_forgotten_to_its_end() {
    let now = Instant::now();
    for (suffix, rest) in [
        (Suffix::Line, &b"def\rnext\r"[..]),
        (Suffix::Crlf, b"d\nef\r\nnext\r\n"),
        (Suffix::StxEtx, b"def\x03\x02next\x03"),
    ] {
        let mut assembler = Assembler::new(suffix, PAUSE);
        heard(&mut assembler, b"\x02abc", now);
        assembler.forget();
        assert_eq!(heard(&mut assembler, rest, now), ["next"], "{suffix:?}");
    }
    let mut assembler = Assembler::new(Suffix::Pause, PAUSE);
    heard(&mut assembler, b"abc", now);
    assembler.forget();
    assert_eq!(heard(&mut assembler, b"def", now), Vec::<String>::new());
    assert_eq!(heard(&mut assembler, b"next", now + PAUSE), Vec::<String>::new());
    assert_eq!(heard(&mut assembler, b"", now + PAUSE * 2), ["next"]);
    // Nothing has begun: nothing is skipped.
    assembler.forget();
    heard(&mut assembler, b"whole", now + PAUSE * 2);
    assert_eq!(heard(&mut assembler, b"", now + PAUSE * 3), ["whole"]);
}

#[test]
fn a_code_without_end_is_told_once_and_the_next_is_heard() {
    let (mut assembler, now) = (Assembler::new(Suffix::Line, PAUSE), Instant::now());
    assert_eq!(heard(&mut assembler, &vec![b'x'; BYTES_MAX * 3], now), ["TooLong"]);
    assert_eq!(heard(&mut assembler, b"xxx\rnext\r", now), ["next"]);
}

proptest! {
    #[test]
    fn any_bytes_leave_it_able_to_hear_the_next_code(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..6) {
        let suffixes = [Suffix::Line, Suffix::Cr, Suffix::Lf, Suffix::Crlf, Suffix::Tab, Suffix::StxEtx];
        let ends: [(&[u8], &[u8]); 6] = [(b"", b"\r"), (b"", b"\r"), (b"", b"\n"), (b"", b"\r\n"), (b"", b"\t"), (b"\x02", b"\x03")];
        let (begin, end) = ends[at];
        let (mut assembler, now) = (Assembler::new(suffixes[at], PAUSE), Instant::now());
        heard(&mut assembler, &bytes, now);
        heard(&mut assembler, end, now);
        prop_assert_eq!(heard(&mut assembler, &[begin, b"next", end].concat(), now), ["next"]);
    }

    #[test]
    fn no_more_is_kept_than_a_code_may_have(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut assembler = Assembler::new(Suffix::Pause, PAUSE);
        for _ in 0..40 {
            heard(&mut assembler, &bytes, Instant::now());
            prop_assert!(assembler.bytes.len() <= BYTES_MAX);
        }
    }
}

#[test]
fn a_lost_end_is_the_only_thing_a_pause_can_tell() {
    assert!(Garbled::NoEnd.to_string().contains("config.suffix"));
}
