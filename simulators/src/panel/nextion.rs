//! A Nextion panel with a QR code `qr0` and a text `t0` on page 0, as ITEAD's instruction set and its editor guide
//! describe them: instructions end with FF FF FF, level 2 of `bkcmd` is that of a start.

use super::Screen;

/// Longest texts of the two components (`txt_maxl` in the editor), bytes.
const QR_MAX: usize = 192;
const CAPTION_MAX: usize = 240;
/// Memory for what came (instruction set, 24 hex: buffer overflow), bytes.
const BUFFER: usize = 1024;

/// The panel's processor.
#[derive(Debug)]
pub(super) struct Nextion {
    buffer: Vec<u8>,
    level: u8,
}

impl Default for Nextion {
    fn default() -> Self {
        Self { buffer: Vec::new(), level: 2 }
    }
}

impl Nextion {
    /// What a panel says when it has started.
    pub(super) fn greeting() -> Vec<u8> {
        vec![0, 0, 0, 0xFF, 0xFF, 0xFF, 0x88, 0xFF, 0xFF, 0xFF]
    }

    /// Whole instructions of what came.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut whole = Vec::new();
        for byte in bytes {
            self.buffer.push(*byte);
            if self.buffer.ends_with(&[0xFF; 3]) {
                self.buffer.truncate(self.buffer.len() - 3);
                whole.push(std::mem::take(&mut self.buffer));
            } else if self.buffer.len() > BUFFER {
                self.buffer.clear();
            }
        }
        whole
    }

    /// Does one instruction; the bytes of the answer.
    pub(super) fn obey(&mut self, instruction: &[u8], screen: &mut Screen) -> Vec<u8> {
        let (code, data) = match self.run(instruction, screen) {
            Ok(data) => (1, data),
            Err(code) => (code, Vec::new()),
        };
        let told = match self.level {
            3 => true,
            2 => code != 1,
            1 => code == 1,
            _ => false,
        };
        let mut answer = Vec::new();
        // An instruction that it does not know is told at every level.
        if told || code == 0 {
            answer.extend(Self::refusal(code));
        }
        answer.extend(data);
        answer
    }

    /// A code as an answer.
    pub(super) fn refusal(code: u8) -> Vec<u8> {
        vec![code, 0xFF, 0xFF, 0xFF]
    }

    fn run(&mut self, instruction: &[u8], screen: &mut Screen) -> Result<Vec<u8>, u8> {
        let instruction = std::str::from_utf8(instruction).map_err(|_| 0)?;
        if instruction == "sendme" {
            return Ok(vec![0x66, 0, 0xFF, 0xFF, 0xFF]);
        }
        if let Some(what) = instruction.strip_prefix("vis ") {
            let visible = match what.split_once(',') {
                Some(("qr0", "1")) => true,
                Some(("qr0", "0")) => false,
                _ => return Err(2),
            };
            screen.visible = visible;
            return Ok(Vec::new());
        }
        match instruction.split_once('=') {
            Some(("bkcmd", level)) => {
                self.level = level.parse().ok().filter(|level| *level <= 3).ok_or(0x1B)?;
            }
            Some(("qr0.txt", text)) => screen.qr = unquoted(text, QR_MAX)?,
            Some(("t0.txt", text)) => screen.caption = unquoted(text, CAPTION_MAX)?,
            Some(_) => return Err(0x1A),
            None => return Err(0),
        }
        Ok(Vec::new())
    }
}

/// A text between quotes, as much of it as the component holds.
fn unquoted(text: &str, most: usize) -> Result<String, u8> {
    let mut left = text.strip_prefix('"').ok_or(0x1C)?.chars();
    let mut read = String::new();
    loop {
        let next = match left.next().ok_or(0x1C)? {
            '"' => break,
            '\\' => match left.next() {
                Some('r') => '\r',
                Some(escaped @ ('"' | '\\')) => escaped,
                _ => return Err(0x1C),
            },
            other => other,
        };
        if read.len() + next.len_utf8() <= most {
            read.push(next);
        }
    }
    if left.as_str().is_empty() { Ok(read) } else { Err(0x1C) }
}
