//! The machine readable zone: three lines of 30 characters (TD1, cards), two of 36 (TD2) or two of 44 (TD3, passports).
//!
//! Document: ICAO 9303-3 (8th edition), section 4.9 (check digits); 9303-4, -5 and -6, section 4.2 (the lines).

mod date;
#[cfg(test)]
mod tests;

pub use date::Date;

/// Why text is no machine readable zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// Not 90, 72 or 88 characters.
    #[error("it has not 90, 72 or 88 characters")]
    Length,
    /// Something else than A to Z, 0 to 9 and `<`.
    #[error("it has characters that no machine readable zone has")]
    Characters,
    /// A check digit is wrong: the text was misread, or it is not genuine.
    #[error("the check digit of {0} is wrong")]
    Check(&'static str),
}

/// A machine readable zone whose check digits are right. Personal: its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mrz {
    /// `I`, `ID`, `P` …
    pub document_code: String,
    /// Three letters.
    pub issuing_state: String,
    /// The document's number, also where it is longer than its nine places.
    pub document_number: String,
    /// YYMMDD; `<` where it is not known.
    pub date_of_birth: String,
    /// `M`, `F` or `<`.
    pub sex: char,
    /// YYMMDD.
    pub date_of_expiry: String,
    /// Three letters.
    pub nationality: String,
    /// The surname, in the 26 letters of the zone.
    pub surname: String,
    /// The given names.
    pub given_names: String,
    /// What the state adds; on a Vietnamese card the twelve digits of the citizen's number.
    pub optional_data: String,
}

impl std::fmt::Debug for Mrz {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mrz(…)")
    }
}

/// The check digit of characters: their values times 7, 3, 1 in turn, modulo 10. `None` if one has no value.
pub(crate) fn check_digit(characters: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (character, weight) in characters.iter().zip([7, 3, 1].into_iter().cycle()) {
        let value = match character {
            b'0'..=b'9' => character - b'0',
            b'A'..=b'Z' => character - b'A' + 10,
            b'<' => 0,
            _ => return None,
        };
        sum = (sum + u32::from(value) * weight) % 10;
    }
    u8::try_from(sum).ok().map(|digit| b'0' + digit)
}

impl Mrz {
    /// Reads the lines, with or without line ends between them.
    ///
    /// # Errors
    /// [`MrzError`]
    pub fn read(text: &str) -> Result<Self, MrzError> {
        let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
        if !text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<') {
            return Err(MrzError::Characters);
        }
        match text.len() {
            90 => Self::card(&text),
            72 => Self::two_lines(&text, 36),
            88 => Self::two_lines(&text, 44),
            _ => Err(MrzError::Length),
        }
    }

    /// TD1: the document's number in the first line, the dates in the second, the names in the third.
    fn card(text: &str) -> Result<Self, MrzError> {
        let (first, second, third) = (&text[..30], &text[30..60], &text[60..]);
        let (document_number, optional) = number(&first[5..14], &first[14..15], &first[15..])?;
        check(&second[..6], &second[6..7], "the date of birth")?;
        check(&second[8..14], &second[14..15], "the date of expiry")?;
        let all = [&first[5..], &second[..7], &second[8..15], &second[18..29]].concat();
        check(&all, &second[29..], "all lines")?;
        let (surname, given_names) = names(third);
        Ok(Self {
            document_code: plain(&first[..2]),
            issuing_state: plain(&first[2..5]),
            document_number,
            date_of_birth: second[..6].to_owned(),
            sex: char::from(second.as_bytes()[7]),
            date_of_expiry: second[8..14].to_owned(),
            nationality: plain(&second[15..18]),
            surname,
            given_names,
            optional_data: [optional, plain(&second[18..29])].concat(),
        })
    }

    /// TD2 and TD3: the names in the first line, all else in the second.
    fn two_lines(text: &str, length: usize) -> Result<Self, MrzError> {
        let (first, second) = text.split_at(length);
        let passport = length == 44;
        let optional = &second[28..length - if passport { 2 } else { 1 }];
        let (document_number, rest) = if passport {
            check(&second[..9], &second[9..10], "the document number")?;
            (plain(&second[..9]), plain(optional))
        } else {
            number(&second[..9], &second[9..10], optional)?
        };
        check(&second[13..19], &second[19..20], "the date of birth")?;
        check(&second[21..27], &second[27..28], "the date of expiry")?;
        // Where there is none, its check digit may be left out.
        if passport && !(plain(optional).is_empty() && &second[42..43] == "<") {
            check(optional, &second[42..43], "the personal number")?;
        }
        let all = [&second[..10], &second[13..20], &second[21..length - 1]].concat();
        check(&all, &second[length - 1..], "all lines")?;
        let (surname, given_names) = names(&first[5..]);
        Ok(Self {
            document_code: plain(&first[..2]),
            issuing_state: plain(&first[2..5]),
            document_number,
            date_of_birth: second[13..19].to_owned(),
            sex: char::from(second.as_bytes()[20]),
            date_of_expiry: second[21..27].to_owned(),
            nationality: plain(&second[10..13]),
            surname,
            given_names,
            optional_data: rest,
        })
    }
}

fn check(characters: &str, digit: &str, what: &'static str) -> Result<(), MrzError> {
    let right = check_digit(characters.as_bytes()).is_some_and(|right| digit.as_bytes() == [right]);
    right.then_some(()).ok_or(MrzError::Check(what))
}

/// The document's number and what is left of the optional data: a number that is longer than its nine places goes on there,
/// with its check digit behind it (9303-5, section 4.2.2.1, note j).
fn number(places: &str, digit: &str, optional: &str) -> Result<(String, String), MrzError> {
    let what = "the document number";
    if digit != "<" {
        check(places, digit, what)?;
        return Ok((plain(places), plain(optional)));
    }
    let (more, left) = optional.split_once('<').unwrap_or((optional, ""));
    let (more, digit) = more.split_at_checked(more.len().saturating_sub(1)).unwrap_or((more, ""));
    let whole = [places, more].concat();
    check(&whole, digit, what)?;
    Ok((plain(&whole), plain(left)))
}

/// Without the fillers: those behind it are none of it, those within stand for spaces.
fn plain(text: &str) -> String {
    text.trim_matches('<').replace('<', " ")
}

fn names(text: &str) -> (String, String) {
    let (surname, given) = text.split_once("<<").unwrap_or((text, ""));
    (plain(surname), plain(given))
}
