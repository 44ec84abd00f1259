//! From what a scanner said to text that can do no harm.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::barcode::{ScannedCode, Symbology};
use kiosk_driver_sdk::protocol::personal::PersonalText;

/// Longest text, characters; any QR code fits (ISO/IEC 18004, table 7: 7,089 digits).
const CHARS_MAX: usize = 8_192;
/// Most bytes of a code that are collected: four for each character.
pub(crate) const BYTES_MAX: usize = CHARS_MAX * 4;
/// GS1's group separator (GS1 General Specifications, 7.8.3), which many codes have between their fields.
const GROUP_SEPARATOR: char = '\u{1d}';

/// What was heard of a scanner: a code, or something that is none.
pub(crate) type Heard = Result<Raw, Garbled>;

/// A code as the scanner said it. No `Debug`: it may be personal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Raw {
    /// Its text, control characters and all.
    pub(crate) text: String,
    /// Its AIM symbology identifier without the `]`: code character and modifier (ISO/IEC 15424, 4).
    pub(crate) aim: Option<[u8; 2]>,
}

/// What is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Garbled {
    /// It did not stop.
    #[error("the scanner sent a code of more than {CHARS_MAX} characters; all of it was thrown away")]
    TooLong,
    /// The end did not come.
    #[error(
        "the scanner stopped in the middle of a code; if that happens with every code, set `config.suffix` to the end that \
         it is set up to send, or `pause`"
    )]
    NoEnd,
    /// The operating system had no room for all that came.
    #[error("a part of what the scanner sent was lost; hold the code before it again")]
    Lost,
    /// Not as the device's own description says.
    #[error("the scanner sent a report that is not as its own description says")]
    Wrong,
}

/// Bytes as text: UTF-8, or else ISO/IEC 8859-1, the default of QR codes (ISO/IEC 18004, 7.3.5: ECI 000003).
pub(crate) fn text_of_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// What the page gets of it; none if it says nothing.
///
/// # Errors
/// What is no code.
pub(crate) fn scanned(heard: Heard, aim_prefix: bool) -> Result<Option<ScannedCode>, Garbled> {
    let Raw { text, aim } = heard?;
    let (aim, text) = match (aim_prefix, aim_of(&text)) {
        (true, Some((own, rest))) => (Some(own), rest),
        _ => (aim, text.as_str()),
    };
    let mut clean = String::with_capacity(text.len());
    let (mut chars, mut removed) = (0_usize, 0_u16);
    for char in text.chars() {
        match char {
            GROUP_SEPARATOR => clean.push('\n'),
            char if steers(char) => {
                removed = removed.saturating_add(1);
                continue;
            }
            char => clean.push(char),
        }
        chars += 1;
    }
    if chars > CHARS_MAX {
        return Err(Garbled::TooLong);
    }
    if clean.is_empty() {
        return Ok(None);
    }
    Ok(Some(ScannedCode { text: PersonalText::new(clean), symbology: aim.map(|aim| symbology(aim[0])), removed }))
}

/// Characters that are no text but do something where it is shown or pasted: controls, and those that turn the direction
/// of writing (Unicode Standard Annex 9, 2) or break lines.
fn steers(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `]Q1text` → `Q1` and `text`.
fn aim_of(text: &str) -> Option<([u8; 2], &str)> {
    let bytes = text.as_bytes();
    match bytes {
        [b']', code, modifier, ..] if code.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() => {
            Some(([*code, *modifier], &text[3..]))
        }
        _ => None,
    }
}

/// The code characters of ISO/IEC 15424, table 1.
fn symbology(code: u8) -> Symbology {
    match code {
        b'A' => Symbology::Code39,
        b'C' => Symbology::Code128,
        b'd' => Symbology::DataMatrix,
        b'E' => Symbology::EanUpc,
        b'F' => Symbology::Codabar,
        b'G' => Symbology::Code93,
        b'I' => Symbology::Itf,
        b'L' => Symbology::Pdf417,
        b'Q' => Symbology::Qr,
        b'z' => Symbology::Aztec,
        _ => Symbology::Other,
    }
}
