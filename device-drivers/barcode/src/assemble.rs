//! Codes out of a stream of bytes, by their end.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::code::{BYTES_MAX, Garbled, Heard, Raw, text_of_bytes};
use crate::config::Suffix;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// Collects the bytes of one code after the other.
pub(crate) struct Assembler {
    suffix: Suffix,
    pause: Duration,
    bytes: Vec<u8>,
    /// STX has come.
    begun: bool,
    /// What comes until the end of the code is thrown away.
    skipping: bool,
    last: Option<Instant>,
}

impl Assembler {
    pub(crate) fn new(suffix: Suffix, pause: Duration) -> Self {
        Self { suffix, pause, bytes: Vec::new(), begun: false, skipping: false, last: None }
    }

    /// Takes bytes that came now.
    pub(crate) fn take(&mut self, bytes: &[u8], now: Instant, heard: &mut VecDeque<Heard>) {
        self.pass(now, heard);
        for byte in bytes {
            self.one(*byte, heard);
        }
        self.last = (self.in_the_middle()).then_some(now);
    }

    /// Time has passed.
    pub(crate) fn pass(&mut self, now: Instant, heard: &mut VecDeque<Heard>) {
        if self.last.is_none_or(|last| now.saturating_duration_since(last) < self.pause) {
            return;
        }
        self.last = None;
        if self.suffix == Suffix::Pause || self.skipping {
            return self.end(heard);
        }
        self.bytes.clear();
        self.begun = false;
        heard.push_back(Err(Garbled::NoEnd));
    }

    /// Forgets what it has of a code, and the rest of it when it comes.
    pub(crate) fn forget(&mut self) {
        self.skipping |= self.in_the_middle();
        // The first of two that end it may have come.
        let last = self.bytes.last().copied().filter(|_| self.suffix == Suffix::Crlf);
        self.bytes.clear();
        self.bytes.extend(last);
    }

    fn in_the_middle(&self) -> bool {
        self.begun || self.skipping || !self.bytes.is_empty()
    }

    fn one(&mut self, byte: u8, heard: &mut VecDeque<Heard>) {
        let ends = match self.suffix {
            Suffix::Line => matches!(byte, b'\r' | b'\n'),
            Suffix::Cr => byte == b'\r',
            Suffix::Lf => byte == b'\n',
            Suffix::Tab => byte == b'\t',
            Suffix::Crlf => {
                let whole = byte == b'\n' && self.bytes.last() == Some(&b'\r');
                if whole {
                    self.bytes.pop();
                }
                whole
            }
            Suffix::StxEtx => match byte {
                // Another beginning: the code before it lost its end.
                STX => {
                    (self.begun, self.skipping) = (true, false);
                    self.bytes.clear();
                    return;
                }
                _ if !self.begun => return,
                byte => byte == ETX,
            },
            Suffix::Pause => false,
        };
        if ends {
            return self.end(heard);
        }
        // Of what is skipped only the last byte is kept: it may be the first of two that end it.
        if self.skipping {
            self.bytes.clear();
        }
        self.bytes.push(byte);
        if self.bytes.len() > BYTES_MAX {
            self.bytes.clear();
            self.skipping = true;
            heard.push_back(Err(Garbled::TooLong));
        }
    }

    fn end(&mut self, heard: &mut VecDeque<Heard>) {
        let bytes = std::mem::take(&mut self.bytes);
        let skipped = std::mem::take(&mut self.skipping);
        self.begun = false;
        if !skipped && !bytes.is_empty() {
            heard.push_back(Ok(Raw { text: text_of_bytes(&bytes), aim: None }));
        }
    }
}
