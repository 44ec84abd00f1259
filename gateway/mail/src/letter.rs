//! What is sent to a citizen.

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;

use crate::address::{Recipient, in_atom};

/// Most bytes of a key: with the domain it fits into a line of a message (RFC 5322 section 2.1.1).
const KEY_MOST: usize = 200;
/// Most bytes of the agency's name, the number, the code and the file's name.
const TEXT_MOST: usize = 256;
const URL_MOST: usize = 2_048;

/// One letter with a certified copy.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: Recipient,
    /// The delivery's key, the same for each try: 1 to 200 ASCII signs of RFC 5322's `dot-atom` (letters, digits, `-`, `_`, `.`
    /// between others, …). It becomes the `Message-ID`, so nothing personal may be in it.
    pub key: String,
    /// The language that comes first; the other one follows.
    pub language: Language,
    /// Who certifies, as "UBND phường Hoàn Kiếm".
    pub agency: String,
    /// The number in the register, as "1834/2026-SCTĐT/BS".
    pub number: String,
    /// The code by which the copy is verified and fetched.
    pub code: String,
    /// Where: `https://…`.
    pub url: String,
    /// The copy; the letter says how to fetch it where there is none.
    pub file: Option<File>,
}

/// A PDF file.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A language of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Tiếng Việt.
    Vietnamese,
    /// English.
    English,
}

/// Why a letter is not sent. It tells the field, not what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// The key.
    #[error("a delivery's key has 1 to {KEY_MOST} ASCII letters, digits and signs of a dot-atom: make another key")]
    Key,
    /// A text.
    #[error("`{field}` is empty, has more than {TEXT_MOST} bytes, or signs that break a line: correct it")]
    Text {
        /// Which.
        field: &'static str,
    },
    /// The address for fetching.
    #[error("`url` must begin with https:// and have at most {URL_MOST} visible ASCII signs: correct it")]
    Url,
    /// The file's name.
    #[error("the copy's file name is a path, or one that systems do not take: give it another name")]
    FileName,
    /// The parts cannot be put together.
    #[error("the letter cannot be put together: tell the maintainers of the kiosk")]
    Message,
}

impl Letter {
    /// Looks whether it can be sent.
    ///
    /// # Errors
    /// [`LetterError`].
    pub fn check(&self) -> Result<(), LetterError> {
        let key = &self.key;
        let atoms = key.split('.').all(|atom| !atom.is_empty() && atom.chars().all(in_atom));
        if key.len() > KEY_MOST || !key.is_ascii() || !atoms {
            return Err(LetterError::Key);
        }
        for (field, text) in [("agency", &self.agency), ("number", &self.number), ("code", &self.code)] {
            if !is_one_line(text, TEXT_MOST) {
                return Err(LetterError::Text { field });
            }
        }
        let url = &self.url;
        if !url.starts_with("https://") || url.len() > URL_MOST || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(LetterError::Url);
        }
        match &self.file {
            Some(file) if !is_one_line(&file.name, TEXT_MOST) || file.name.contains(['/', '\\', ':']) => {
                Err(LetterError::FileName)
            }
            _ => Ok(()),
        }
    }
}

/// Whether a text is neither empty nor longer, and stays in its line and direction wherever it is shown.
pub(crate) fn is_one_line(text: &str, most: usize) -> bool {
    let breaks = |sign: char| {
        // Ends of lines and paragraphs; what turns the direction of writing.
        sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !text.trim().is_empty() && text.len() <= most && !text.chars().any(breaks)
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The code opens the copy's page.
        f.debug_struct("Letter")
            .field("key", &self.key)
            .field("number", &self.number)
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.bytes.len())
    }
}
