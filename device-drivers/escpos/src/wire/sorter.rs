//! Sorts what the printer sends. Several kinds of answer share one stream; fixed bits tell them apart ("Status
//! identification" of the command reference):
//!
//! ```text
//! 0xx1xx10             answer to DLE EOT
//! 0xx1xx00 + 3 bytes   automatic status, the three being 0xx0xxxx
//! 0xx0xxxx             answer to GS r
//! 37h 22h … 00h        process id (GS ( H)          37h 25h 00h   buffers cleared (DLE DC4)
//! 5Fh … 00h            printer information (GS I)   11h, 13h      flow control, may stand anywhere
//! ```

/// Longest text of printer information ("GS I": up to 80 bytes).
const TEXT_MAX: usize = 80;

const XON: u8 = 0x11;
const XOFF: u8 = 0x13;
const BLOCK: u8 = 0x37;
const INFORMATION: u8 = 0x5F;
const PROCESS_ID: u8 = 0x22;
const CLEARED: u8 = 0x25;

/// One message of the printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// An answer to DLE EOT.
    RealTime(u8),
    /// Automatic status.
    Automatic(Asb),
    /// A process id, given back.
    ProcessId([u8; 4]),
    /// The buffers are empty.
    Cleared,
    /// Printer information.
    Text(String),
    /// An answer to GS r.
    Plain(u8),
    /// A byte that the protocol does not allow here.
    Stray(u8),
}

/// The four bytes of automatic status ("GS a").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asb(pub(crate) [u8; 4]);

impl Asb {
    pub(crate) fn online(self) -> bool {
        self.0[0] & 0x08 == 0
    }
    pub(crate) fn cover_open(self) -> bool {
        self.0[0] & 0x20 != 0
    }
    pub(crate) fn recoverable(self) -> bool {
        self.0[1] & 0x04 != 0
    }
    pub(crate) fn cutter(self) -> bool {
        self.0[1] & 0x08 != 0
    }
    pub(crate) fn unrecoverable(self) -> bool {
        self.0[1] & 0x20 != 0
    }
    pub(crate) fn auto_recoverable(self) -> bool {
        self.0[1] & 0x40 != 0
    }
    pub(crate) fn paper_near_end(self) -> bool {
        self.0[2] & 0x03 != 0
    }
    pub(crate) fn paper_end(self) -> bool {
        self.0[2] & 0x0C != 0
    }
}

/// "GS r": bits 4 and 7 are 0, and each of the two sensors sets both of its bits or none.
fn is_sensor(byte: u8) -> bool {
    byte & 0x90 == 0 && matches!(byte & 0x03, 0 | 0x03) && matches!(byte & 0x0C, 0 | 0x0C)
}

/// Takes bytes one by one, gives messages.
#[derive(Debug, Default)]
pub(crate) struct Sorter {
    /// The message that is not complete yet; empty between messages.
    open: Vec<u8>,
}

impl Sorter {
    /// Takes one byte; a message that it completes, and before it a stray one if it ended an incomplete message.
    pub(crate) fn push(&mut self, byte: u8) -> impl Iterator<Item = Message> + use<> {
        let (before, now) = self.step(byte);
        before.into_iter().chain(now)
    }

    fn step(&mut self, byte: u8) -> (Option<Message>, Option<Message>) {
        // Flow control interrupts anything, also the four bytes of automatic status.
        if byte == XON || byte == XOFF {
            return (None, None);
        }
        match self.open.first().copied() {
            None => (None, self.begin(byte)),
            Some(first) => {
                if self.fits(byte) {
                    self.open.push(byte);
                    (None, self.complete())
                } else {
                    self.open.clear();
                    (Some(Message::Stray(first)), self.begin(byte))
                }
            }
        }
    }

    fn begin(&mut self, byte: u8) -> Option<Message> {
        match byte {
            BLOCK | INFORMATION => self.open.push(byte),
            _ if byte & 0x93 == 0x10 => self.open.push(byte),
            _ if byte & 0x93 == 0x12 => return Some(Message::RealTime(byte)),
            _ if is_sensor(byte) => return Some(Message::Plain(byte)),
            _ => return Some(Message::Stray(byte)),
        }
        None
    }

    /// May this byte follow those of the open message? A byte that may not begins a message of its own, so that one
    /// lost byte does not swallow the answers after it.
    fn fits(&self, byte: u8) -> bool {
        match self.open[..] {
            [BLOCK] => byte == PROCESS_ID || byte == CLEARED,
            [BLOCK, CLEARED] | [BLOCK, PROCESS_ID, _, _, _, _] => byte == 0,
            [BLOCK, ..] => (0x20..=0x7E).contains(&byte),
            [INFORMATION, ref text @ ..] => byte == 0 || (byte >= 0x20 && text.len() < TEXT_MAX),
            _ => byte & 0x90 == 0,
        }
    }

    fn complete(&mut self) -> Option<Message> {
        let message = match self.open[..] {
            [BLOCK, CLEARED, 0] => Message::Cleared,
            [BLOCK, PROCESS_ID, a, b, c, d, 0] => Message::ProcessId([a, b, c, d]),
            [INFORMATION, ref text @ .., 0] => Message::Text(String::from_utf8_lossy(text).into_owned()),
            [a, b, c, d] if a & 0x93 == 0x10 => Message::Automatic(Asb([a, b, c, d])),
            _ => return None,
        };
        self.open.clear();
        Some(message)
    }
}
