#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, Instant};

use kiosk_protocol::ocr::TextLine;
use proptest::prelude::*;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// A page whose words are 100 wide and whose lines are 50 high.
fn page(lines: &[&str]) -> DocumentText {
    let quad = |left: usize, top: usize| {
        let at = |x: usize, y: usize| Point { x: x as f32, y: y as f32 };
        [at(left, top), at(left + 90, top), at(left + 90, top + 40), at(left, top + 40)]
    };
    let word = |text: &str, quad| TextWord { text: PersonalText::new(text), confidence: 1.0, quad };
    let line = |(number, text): (usize, &&str)| TextLine {
        text: PersonalText::new(*text),
        confidence: 1.0,
        quad: quad(0, 50 * number),
        words: text.split(' ').enumerate().map(|(at, text)| word(text, quad(100 * at, 50 * number))).collect(),
    };
    DocumentText { width_px: 1000, height_px: 1000, lines: lines.iter().enumerate().map(line).collect() }
}

/// The differences of two pages: what each says, and where from the left and the top.
fn told(first: &[&str], second: &[&str]) -> Vec<[Option<(String, f32, f32)>; 2]> {
    let (first, second) = (page(first), page(second));
    let found = differences([(&first, &second)], Instant::now() + PATIENCE);
    assert_eq!(found.count as usize, found.told.len());
    let side = |place: &ReadPlace| (place.text.expose().to_owned(), place.quad[0].x, place.quad[0].y);
    let sides = |it: &ScanDifference| [it.first.as_ref().map(side), it.second.as_ref().map(side)];
    found.told.iter().map(sides).collect()
}

fn at(text: &str, x: f32, y: f32) -> Option<(String, f32, f32)> {
    Some((text.to_owned(), x, y))
}

#[test]
fn a_changed_digit_is_told_at_its_place_on_both_pages() {
    let (first, second) = (["sinh ngày 13/03/1990", "tại Hà Nội"], ["sinh ngày 18/03/1990", "tại Hà Nội"]);
    assert_eq!(told(&first, &second), [[at("13/03/1990", 200.0, 0.0), at("18/03/1990", 200.0, 0.0)]]);
    // Two in a row are two.
    let both = told(&["số 1 2 nhà"], &["số 3 4 nhà"]);
    assert_eq!(both, [[at("1", 100.0, 0.0), at("3", 100.0, 0.0)], [at("2", 200.0, 0.0), at("4", 200.0, 0.0)]]);
    // A letter's mark and its case count.
    assert_eq!(told(&["Hoà"], &["Hoa"]).len(), 1);
    assert_eq!(told(&["AN"], &["An"]).len(), 1);
}

#[test]
fn what_is_on_one_page_only_is_told_line_by_line() {
    let (less, more) = (["một", "năm"], ["một hai ba", "bốn", "năm"]);
    assert_eq!(told(&less, &more), [[None, at("hai ba", 100.0, 0.0)], [None, at("bốn", 0.0, 50.0)]]);
    assert_eq!(told(&more, &less), [[at("hai ba", 100.0, 0.0), None], [at("bốn", 0.0, 50.0), None]]);
    assert_eq!(told(&[], &["một"]), [[None, at("một", 0.0, 0.0)]]);
    assert_eq!(told(&["một hai"], &["ba"]), [[at("một hai", 0.0, 0.0), at("ba", 0.0, 0.0)]]);
}

#[test]
fn white_space_unicode_and_blanks_are_no_difference() {
    let spaced = ["Nguyễn Văn", "An"];
    for second in [&["NguyễnVăn An"][..], &["Nguyễn", "Văn An"], &["Nguye\u{302}\u{303}n Va\u{306}n\u{a0}", "An"]]
    {
        assert!(told(&spaced, second).is_empty(), "{second:?}");
    }
    assert!(told(&["tên ......... An"], &["tên ....... … An ."]).is_empty());
}

#[test]
fn pages_are_compared_each_with_its_own_and_only_so_much_is_told() {
    let many: Vec<String> = (0..MOST + 50).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (one, none, all) = (page(&["một"]), page(&[]), page(&many));
    let found = differences([(&one, &one), (&none, &all), (&one, &none)], Instant::now() + PATIENCE);
    assert_eq!((found.count as usize, found.told.len()), (MOST + 51, MOST));
    assert_eq!((found.told[0].page, found.told[0].second.as_ref().map(|it| it.text.expose())), (2, Some("0")));
}

#[test]
fn hostile_pages_end_in_time_and_say_little() {
    let lines = |of: &str| {
        let line = vec![of; 1000].join(" ");
        page(&vec![line.as_str(); 60])
    };
    let mixed = page(&vec!["a b c d e f g h"; 8000]);
    let long = page(&["x".repeat(1 << 20).as_str()]);
    let (first, second) = (lines("a"), lines("b"));
    let begun = Instant::now();
    let until = begun + Duration::from_millis(300);
    let found = differences([(&first, &second), (&mixed, &second), (&first, &mixed), (&long, &mixed)], until);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    assert!(found.count > 60_000, "{}", found.count);
    assert!(serde_json::to_string(&found).unwrap().len() < 200_000);
}

proptest! {
    #[test]
    fn nothing_differs_from_itself_and_each_change_is_told(
        mut words in prop::collection::vec("[a-zđê0-9]{1,4}", 1..40),
        at in any::<prop::sample::Index>(),
    ) {
        let line = words.join(" ");
        prop_assert!(told(&[&line], &[&line]).is_empty());
        let at = at.index(words.len());
        words[at].push('X');
        let changed = told(&[&line], &[&words.join(" ")]);
        prop_assert_eq!(changed.len(), 1);
        prop_assert_eq!(changed[0][1].as_ref().map(|it| it.0.as_str()), Some(words[at].as_str()));
    }
}
