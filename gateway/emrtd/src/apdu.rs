//! Commands to a chip and its responses (ISO/IEC 7816-4, 5.1).

/// Most data of a short command, bytes.
pub(crate) const SHORT_DATA_MAX: usize = 255;
/// Most data of a response to a short command, bytes.
pub(crate) const SHORT_EXPECTED_MAX: usize = 256;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// CLA, INS, P1, P2.
    pub(crate) header: [u8; 4],
    pub(crate) data: Vec<u8>,
    /// Ne: how many bytes are expected at most; 0 for none.
    pub(crate) expected: usize,
}

impl Command {
    pub(crate) fn new(header: [u8; 4], data: &[u8], expected: usize) -> Self {
        Self { header, data: data.to_vec(), expected }
    }

    /// The command's bytes: with short lengths where they suffice, else with extended ones.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let extended = self.data.len() > SHORT_DATA_MAX || self.expected > SHORT_EXPECTED_MAX;
        let mut bytes = self.header.to_vec();
        let two = |length: usize| u16::try_from(length).unwrap_or(0).to_be_bytes();
        if extended {
            bytes.push(0);
        }
        if !self.data.is_empty() {
            let [high, low] = two(self.data.len());
            if extended {
                bytes.push(high);
            }
            bytes.push(low);
            bytes.extend_from_slice(&self.data);
        }
        if self.expected > 0 {
            // The most is written as zero.
            let [high, low] = two(self.expected);
            if extended {
                bytes.push(high);
            }
            bytes.push(low);
        }
        bytes
    }
}

/// SW1 and SW2 (ISO/IEC 7816-4, 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Status(pub u16);

impl Status {
    /// All went well.
    pub const OK: Self = Self(0x9000);
    /// The file ended before the bytes that were asked for.
    pub(crate) const END_OF_FILE: Self = Self(0x6282);
    /// No such file.
    pub(crate) const NOT_FOUND: Self = Self(0x6A82);

    /// The length that a chip gives data with, where another was asked for (`6Cxx`).
    pub(crate) fn right_length(self) -> Option<usize> {
        match self.0.to_be_bytes() {
            [0x6C, 0] => Some(SHORT_EXPECTED_MAX),
            [0x6C, length] => Some(usize::from(length)),
            _ => None,
        }
    }

    /// The response has what was asked for.
    pub(crate) fn has_data(self) -> bool {
        self == Self::OK || self == Self::END_OF_FILE
    }

    /// The key, or the right to do it, is missing.
    pub(crate) fn is_denied(self) -> bool {
        matches!(self.0, 0x6300 | 0x63C0..=0x63CF | 0x6982 | 0x6983 | 0x6985)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let meaning = match self.0 {
            0x6282 => "the file ended early",
            0x6300 | 0x63C0..=0x63CF => "authentication failed",
            0x6700 => "wrong length",
            0x6C00..=0x6CFF => "another length is wanted",
            0x6882 => "secure messaging is not supported",
            0x6982 => "not permitted",
            0x6983 => "blocked",
            0x6985 => "not now",
            0x6987 | 0x6988 => "secure messaging was wrong",
            0x6A80 => "wrong data",
            0x6A82 => "no such file",
            0x6A86 | 0x6B00 => "wrong parameters",
            0x6D00 => "the command is not supported",
            0x6E00 => "the class is not supported",
            0x9000 => "all went well",
            _ => "an error",
        };
        write!(f, "{:04X} ({meaning})", self.0)
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) data: Vec<u8>,
    pub(crate) status: Status,
}

impl Response {
    /// Reads a response; `None` if it has no status.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (data, status) = bytes.split_last_chunk::<2>()?;
        Some(Self { data: data.to_vec(), status: Status(u16::from_be_bytes(*status)) })
    }
}
