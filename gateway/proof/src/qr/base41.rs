//! Base 41: like base 45 (RFC 9285), two bytes in three signs that QR codes hold in 5.5 bits each, and as short as that: 41³ is
//! still above 256². Without the four signs that base 45 has too many: a space must not be in a URL, `%` means something there,
//! `+` is a space to some, and a dot at the end is cut off by what finds links in texts. Browsers turn a space into `%20`, which
//! base 45 could have meant as well, so its text would not come back whole from an address line.

/// Signs of QR codes' alphanumeric mode that a fragment may hold (RFC 3986, section 3.5). The last sign of a text is never `*` or
/// `:`, since 38 · 41² is the highest below 256².
const ALPHABET: &[u8; 41] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$-/*:";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3 / 2 + 1);
    for pair in bytes.chunks(2) {
        let mut value = pair.iter().fold(0, |value, byte| value * 256 + usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(char::from(ALPHABET[value % 41]));
            value /= 41;
        }
    }
    text
}

/// Strict: what [`encode`] gives, and nothing else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 2 / 3);
    for signs in text.as_bytes().chunks(3) {
        let mut value = 0;
        for sign in signs.iter().rev() {
            value = value * 41 + ALPHABET.iter().position(|known| known == sign)?;
        }
        match signs.len() {
            3 => bytes.extend(u16::try_from(value).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(value).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}
