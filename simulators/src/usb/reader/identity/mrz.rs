//! The machine readable zone of a card, size TD1 (ICAO Doc 9303-5, section 4.2; check digits: Doc 9303-3, section 4.9).

use unicode_normalization::UnicodeNormalization;

use super::person::Person;

const LINE: usize = 30;
/// Letters of the names' line that a Latin letter with marks does not become by losing them (Doc 9303-3, section 6.A).
const D_WITH_STROKE: char = 'Đ';

/// The check digit: weights 7, 3, 1; A is 10, the filler 0.
fn check(text: &str) -> char {
    let value = |letter: char| letter.to_digit(36).unwrap_or(0);
    let sum: u32 = text.chars().zip([7, 3, 1].into_iter().cycle()).map(|(letter, weight)| value(letter) * weight).sum();
    char::from_digit(sum % 10, 10).unwrap_or('0')
}

fn checked(text: &str) -> String {
    format!("{text}{}", check(text))
}

/// A zone of three lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mrz {
    /// All 90 letters.
    pub(super) text: String,
    /// Document number, birth date and expiry date with their check digits: the input of the keys (Doc 9303-11,
    /// section 4.3.2).
    pub(super) information: String,
}

impl Mrz {
    /// Of a person whose fields were checked. On Vietnamese cards the document number is the end of the citizen's
    /// number, and the optional data are the whole of it, two fillers, and a check digit.
    pub(super) fn new(person: &Person) -> Self {
        let number = &person.number;
        let document = checked(number.get(3..).unwrap_or(number));
        let optional = format!("{number}<<{}", check(number));
        let birth = checked(&person.birth_date.mrz());
        let expiry = checked(&person.expiry_date.mrz());
        let sex = person.sex.mrz();
        let filler = "<".repeat(11);
        let composite = check(&format!("{document}{optional}{birth}{expiry}{filler}"));
        let names = names(&person.full_name);
        let text = format!("IDVNM{document}{optional}{birth}{sex}{expiry}VNM{filler}{composite}{names}");
        Self { text, information: format!("{document}{birth}{expiry}") }
    }
}

/// Family name, two fillers, the others: without marks, as the passports have them.
fn names(full: &str) -> String {
    let plain = full.to_uppercase().replace(D_WITH_STROKE, "D");
    let plain: String = plain.nfd().filter(|letter| letter.is_ascii_alphabetic() || *letter == ' ').collect();
    let mut words = plain.split_whitespace();
    let family = words.next().unwrap_or_default();
    let given: Vec<&str> = words.collect();
    let line = format!("{family}<<{}{}", given.join("<"), "<".repeat(LINE));
    line.chars().take(LINE).collect()
}
