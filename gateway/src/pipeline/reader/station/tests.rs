use super::*;

fn words(texts: &[(&str, f32)]) -> Vec<Word> {
    texts.iter().map(|&(text, confidence)| Word { text: text.into(), confidence, bounds: [0.0; 4] }).collect()
}

#[test]
fn a_list_of_languages_says_what_to_expect() {
    assert_eq!(Expected::of(&[Language::Vi]), Expected::Vietnamese);
    assert_eq!(Expected::of(&[Language::En, Language::En]), Expected::English);
    assert_eq!(Expected::of(&[Language::En, Language::Vi]), Expected::Both);
    assert_eq!(Expected::of(&[]), Expected::Both);
}

#[test]
fn only_a_line_of_plain_letters_may_be_english() {
    assert!(may_be_english(&words(&[("THE", 0.9), ("DEGREE", 0.9)])));
    assert!(!may_be_english(&words(&[("Họ", 0.9), ("ten:", 0.9), ("Khanh", 0.9)])));
    assert!(!may_be_english(&words(&[("Số", 0.9)])));
    assert!(!may_be_english(&words(&[("22/11/2025", 0.9), ("Nam", 0.9)])), "too short to tell");
    assert!(!may_be_english(&[]));
}

#[test]
fn long_words_count_more_in_a_lines_confidence() {
    let got = confidence(&words(&[("a", 0.0), ("bcd", 1.0)]));
    assert!((got - 0.75).abs() < 1e-6);
    assert_eq!(confidence(&[]), 0.0);
}
