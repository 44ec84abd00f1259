//! Reads sysfs as if an enemy had written it: caps, no trust in encodings, no text that could forge a line of output.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// An attribute of sysfs is at most a page; names and serial numbers are far shorter.
const FILE_MAX: u64 = 4_096;
/// Longest text that is kept, characters. USB strings have at most 126 (USB 2.0, 9.6.7: 255 bytes of UTF-16).
const TEXT_MAX: usize = 126;
/// Most entries of one folder that are looked at.
const ENTRIES_MAX: usize = 4_096;

/// The bytes of a small file, cut at the cap; `None` if there is none.
pub(crate) fn bytes(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.take(FILE_MAX).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// A text that may be shown on a terminal and in a page; `None` if nothing is left of it.
pub(crate) fn text(path: &Path) -> Option<String> {
    cleaned(&String::from_utf8_lossy(&bytes(path)?))
}

/// Without control characters, without characters that turn or hide others, trimmed, cut.
pub(crate) fn cleaned(raw: &str) -> Option<String> {
    let shown = |c: &char| !c.is_control() && !is_invisible(*c);
    let text: String = raw.chars().filter(shown).take(TEXT_MAX).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Marks of direction and zero-width characters: they make one text look like another (Unicode TR 36, 2.5).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A hexadecimal number without prefix, as `idVendor` has it.
pub(crate) fn hex(path: &Path) -> Option<u16> {
    let text = text(path)?;
    (text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(())?;
    u16::from_str_radix(&text, 16).ok()
}

/// A hexadecimal number of one byte.
pub(crate) fn hex_byte(path: &Path) -> Option<u8> {
    hex(path)?.try_into().ok()
}

/// A decimal number of one byte, as `busnum` has it.
pub(crate) fn number(path: &Path) -> Option<u8> {
    text(path)?.parse().ok()
}

/// The name that a link points to, for example the driver of an interface.
pub(crate) fn link_name(path: &Path) -> Option<String> {
    cleaned(&std::fs::read_link(path).ok()?.file_name()?.to_string_lossy())
}

/// A folder's entries whose names are text: name and path, not more than the cap, in no order.
pub(crate) fn entries(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .take(ENTRIES_MAX)
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

/// For sorting names as people do: `video2` before `video10`, `1-2` before `1-10`.
pub(crate) fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(digits);
        let (number, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len()));
        parts.push((word.to_owned(), number.parse().unwrap_or(u64::MAX)));
        rest = tail;
    }
    parts
}
