//! A command as the card's own rooms see it: without protection.

/// How much of an answer is wanted (ISO/IEC 7816-4:2020, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) most: usize,
    /// All that there is, up to `most`: Le was zeros.
    pub(super) all: bool,
}

impl Expected {
    pub(super) fn short(le: u8) -> Self {
        Self { most: if le == 0 { 256 } else { le.into() }, all: le == 0 }
    }

    pub(super) fn extended(high: u8, low: u8) -> Self {
        let le = u16::from_be_bytes([high, low]);
        Self { most: if le == 0 { 65_536 } else { le.into() }, all: le == 0 }
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Without the bits of secure messaging.
    pub(super) class: u8,
    pub(super) instruction: u8,
    pub(super) p1: u8,
    pub(super) p2: u8,
    pub(super) data: Vec<u8>,
    pub(super) expected: Option<Expected>,
}

impl Command {
    pub(super) fn p1_p2(&self) -> u16 {
        u16::from_be_bytes([self.p1, self.p2])
    }

    /// More commands of the same chain follow (ISO/IEC 7816-4:2020, section 5.3.3).
    pub(super) fn is_chained(&self) -> bool {
        self.class & 0x10 != 0
    }
}
