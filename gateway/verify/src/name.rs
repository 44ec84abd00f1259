//! Names and texts of others, for people to read.

#[cfg(test)]
mod tests;

const LONGEST: usize = 120;
const LONGEST_DETAIL: usize = 300;

/// The name of a subject of a certificate (RFC 4514): its common name, or else all of it.
pub(crate) fn of_subject(subject: &str) -> String {
    let common = parts(subject).into_iter().find_map(|part| {
        let (kind, value) = part.split_once('=')?;
        kind.trim().eq_ignore_ascii_case("CN").then(|| unescaped(value.trim()))
    });
    shown(common.as_deref().filter(|name| !name.is_empty()).unwrap_or(subject), LONGEST)
}

/// A text of somebody else, or of an error that has some in it, as it may be shown.
pub(crate) fn detail(text: &str) -> String {
    shown(text, LONGEST_DETAIL)
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some say their cause themselves.
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    detail(&text)
}

/// Without what moves, hides or turns around other signs, and not longer than fits.
fn shown(text: &str, longest: usize) -> String {
    let hides = |sign: &char| {
        sign.is_control()
            || matches!(sign, '\u{00AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}')
            || matches!(sign, '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
    };
    let mut signs = text.chars().filter(|sign| !hides(sign));
    let mut shown: String = signs.by_ref().take(longest).collect();
    if signs.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Split at commas and plus signs that are not escaped.
fn parts(subject: &str) -> Vec<&str> {
    let (mut parts, mut from, mut is_escaped) = (Vec::new(), 0, false);
    for (place, sign) in subject.char_indices() {
        match sign {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ',' | '+' => {
                parts.push(&subject[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&subject[from..]);
    parts
}

/// RFC 4514, section 2.4: `\,` and `\2C`.
fn unescaped(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        let pair = rest.get(..2).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        let pair = pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        if let Some(escaped) = pair {
            bytes.push(escaped);
            rest = &rest[2..];
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
