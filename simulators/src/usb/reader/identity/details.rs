//! Data groups 11, 12 and 16 (ICAO Doc 9303-10, sections 4.7.11, 4.7.12 and 4.7.16): more of the holder, of the document,
//! and whom to notify.

use serde::{Deserialize, Serialize};

use super::date::Date;
use super::person::Person;
use super::tlv::{self, of};

/// Whether a card has these groups, and how it writes dates in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Details {
    /// It has none of them.
    #[default]
    #[serde(rename = "none")]
    None,
    /// Dates are eight digits of text.
    #[serde(rename = "text")]
    Text,
    /// Dates are four bytes, two digits in each, as cards of the first years have them.
    #[serde(rename = "BCD")]
    Bcd,
}

/// A telephone of nobody, and a profession.
const TELEPHONE: &str = "+84 000 000 000";
const PROFESSION: &str = "Người<mẫu";
const AUTHORITY: &str = "Cục Mô Phỏng";
const OTHER_NAME: &str = "AN<<MẪU";
/// List of tags; several elements of one kind.
const LIST: u32 = 0x5c;
const SEVERAL: u32 = 0xa0;

/// The groups by their numbers.
pub(super) fn groups(person: &Person, details: Details) -> Vec<(u8, Vec<u8>)> {
    let bcd = match details {
        Details::None => return Vec::new(),
        Details::Text => false,
        Details::Bcd => true,
    };
    let text = |tag, text: &str| tlv::tlv(tag, text.as_bytes());
    let day = |tag, date| tlv::tlv(tag, &written(date, bcd));
    let parts = |text: &str| text.replace(", ", "<");
    let holder = of(
        0x6b,
        &[
            &tlv::tlv(
                LIST,
                &[0x5f, 0x0e, 0x5f, 0x0f, 0x5f, 0x10, 0x5f, 0x2b, 0x5f, 0x11, 0x5f, 0x42, 0x5f, 0x12, 0x5f, 0x13],
            ),
            &text(0x5f0e, &name(&person.full_name)),
            &of(SEVERAL, &[&tlv::integer(1), &text(0x5f0f, OTHER_NAME)]),
            &text(0x5f10, &person.number),
            &day(0x5f2b, person.birth_date),
            &text(0x5f11, &parts(&person.origin)),
            &text(0x5f42, &parts(&person.residence)),
            &text(0x5f12, TELEPHONE),
            &text(0x5f13, PROFESSION),
        ],
    );
    let document = of(
        0x6c,
        &[&tlv::tlv(LIST, &[0x5f, 0x19, 0x5f, 0x26]), &text(0x5f19, AUTHORITY), &day(0x5f26, person.issue_date)],
    );
    let notify = |tag, who: &str| {
        let address = text(0x5f53, &parts(&person.residence));
        of(tag, &[&day(0x5f50, person.issue_date), &text(0x5f51, &name(who)), &text(0x5f52, TELEPHONE), &address])
    };
    let persons = of(0x70, &[&tlv::integer(2), &notify(0xa1, &person.father), &notify(0xa2, &person.mother)]);
    vec![(11, holder), (12, document), (16, persons)]
}

/// Family name, two fillers, the others: with their marks.
fn name(full: &str) -> String {
    let (family, given) = full.split_once(' ').unwrap_or((full, ""));
    format!("{family}<<{}", given.replace(' ', "<"))
}

/// CCYYMMDD; zeros where there is no date.
fn written(date: Date, bcd: bool) -> Vec<u8> {
    let digits = match date {
        Date::Day { day, month, year } => format!("{year:04}{month:02}{day:02}"),
        Date::Never => "00000000".into(),
    };
    let pair = |pair: &[u8]| (pair[0] - b'0') << 4 | (pair[1] - b'0');
    if bcd { digits.as_bytes().chunks_exact(2).map(pair).collect() } else { digits.into_bytes() }
}
