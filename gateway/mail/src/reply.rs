//! What a server answers, read line by line without I/O: RFC 5321 section 4.2, RFC 3463 for the finer numbers.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::outcome::BadAnswer;

/// Longest line, bytes. RFC 5321 section 4.5.3.1.5 allows 512; some servers write more.
pub(crate) const LINE_MOST: usize = 2_048;
/// Most lines of an answer. What servers say after `EHLO` has 10 to 20.
pub(crate) const LINES_MOST: usize = 128;

/// The numbers of an answer. Its words are not kept: they often repeat the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits: 2xx yes, 3xx go on, 4xx not now, 5xx no.
    pub code: u16,
    /// The finer numbers (RFC 3463), as `5.1.1` for an unknown mailbox, where the server tells them.
    pub enhanced: Option<(u16, u16, u16)>,
}

impl Reply {
    pub(crate) fn refuses(self) -> bool {
        self.code >= 400
    }

    /// Whether the same may be taken later: 4xx.
    pub(crate) fn is_transient(self) -> bool {
        self.code / 100 == 4
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match self.enhanced {
            Some((class, subject, detail)) => write!(f, " {class}.{subject}.{detail}"),
            None => Ok(()),
        }
    }
}

/// A whole answer; no `Debug`, since its words may be personal.
#[derive(Default)]
pub(crate) struct Answer {
    code: u16,
    /// What stands behind the code, line by line, without its end.
    lines: Vec<Vec<u8>>,
}

impl Answer {
    /// Takes one more line, without its end; tells whether it was the last.
    pub(crate) fn take(&mut self, line: &[u8]) -> Result<bool, BadAnswer> {
        let (code, rest) = line.split_at_checked(3).ok_or(BadAnswer::NotSmtp)?;
        let digits = matches!(code, [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']);
        let last = match rest.first() {
            None | Some(b' ') => true,
            Some(b'-') => false,
            Some(_) => return Err(BadAnswer::NotSmtp),
        };
        if !digits {
            return Err(BadAnswer::NotSmtp);
        }
        let code = code.iter().fold(0, |code, digit| 10 * code + u16::from(digit - b'0'));
        if !self.lines.is_empty() && code != self.code {
            return Err(BadAnswer::NotSmtp);
        }
        if self.lines.len() == LINES_MOST {
            return Err(BadAnswer::TooLong);
        }
        self.code = code;
        self.lines.push(rest.get(1..).unwrap_or_default().to_vec());
        Ok(last)
    }

    pub(crate) fn reply(&self) -> Reply {
        let last = self.lines.last().map_or(&[][..], Vec::as_slice);
        Reply { code: self.code, enhanced: enhanced(last).filter(|(class, ..)| *class == self.code / 100) }
    }

    /// What the server can do: the lines after the first of an answer to `EHLO`.
    pub(crate) fn offers(&self) -> Offers {
        let mut offers = Offers::default();
        for line in self.lines.iter().skip(1) {
            let line = String::from_utf8_lossy(line).to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("STARTTLS") => offers.starttls = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                // Without a number, or with 0: it has a limit that it does not tell (RFC 1870 section 4).
                Some("SIZE") => offers.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0)),
                Some("AUTH") => {
                    for mechanism in words {
                        offers.plain |= mechanism == "PLAIN";
                        offers.login |= mechanism == "LOGIN";
                    }
                }
                _ => {}
            }
        }
        offers
    }
}

/// What a server says that it can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offers {
    pub(crate) starttls: bool,
    pub(crate) eight_bit: bool,
    pub(crate) utf8: bool,
    /// Most bytes of a message that it takes, 0 if it does not tell; nothing if it does not want to know a message's size.
    pub(crate) size: Option<u64>,
    pub(crate) plain: bool,
    pub(crate) login: bool,
}

/// `5.1.1` at the beginning of a text, alone or with a space behind it.
fn enhanced(text: &[u8]) -> Option<(u16, u16, u16)> {
    let word = text.split(|byte| *byte == b' ').next()?;
    let word = std::str::from_utf8(word).ok()?;
    let number = |part: &str| {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let mut parts = word.split('.').map(number);
    let numbers = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(numbers)
}
