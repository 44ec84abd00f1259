//! What the printer can be asked. Each question has its bytes and the parser of its own answer.

use super::sorter::Message;

/// A question to the printer.
pub(crate) trait Query {
    /// What it answers.
    type Answer;
    /// The command.
    fn bytes(&self) -> Vec<u8>;
    /// The answer, if this message is one.
    fn answer(&self, message: &Message) -> Option<Self::Answer>;
}

/// A question of the family DLE EOT. All its answers look alike, so the asker keeps count of them.
pub(crate) trait RealTime {
    /// What it answers.
    type Answer;
    /// The n of "DLE EOT n".
    const N: u8;
    /// Reads the answer's bits.
    fn parse(byte: u8) -> Self::Answer;
}

/// "DLE EOT" n.
pub(crate) fn real_time<Q: RealTime>() -> [u8; 3] {
    [0x10, 0x04, Q::N]
}

/// "DLE EOT" n = 1, printer status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Online {
    pub(crate) online: bool,
}

impl RealTime for Online {
    type Answer = Self;
    const N: u8 = 1;
    fn parse(byte: u8) -> Self {
        Self { online: byte & 0x08 == 0 }
    }
}

/// "DLE EOT" n = 2, offline cause status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OfflineCause {
    pub(crate) cover_open: bool,
    /// Printing stopped because the paper ended.
    pub(crate) paper_stop: bool,
}

impl RealTime for OfflineCause {
    type Answer = Self;
    const N: u8 = 2;
    fn parse(byte: u8) -> Self {
        Self { cover_open: byte & 0x04 != 0, paper_stop: byte & 0x20 != 0 }
    }
}

/// "DLE EOT" n = 3, error cause status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCause {
    pub(crate) recoverable: bool,
    pub(crate) cutter: bool,
    pub(crate) unrecoverable: bool,
    pub(crate) auto_recoverable: bool,
}

impl RealTime for ErrorCause {
    type Answer = Self;
    const N: u8 = 3;
    fn parse(byte: u8) -> Self {
        Self {
            recoverable: byte & 0x04 != 0,
            cutter: byte & 0x08 != 0,
            unrecoverable: byte & 0x20 != 0,
            auto_recoverable: byte & 0x40 != 0,
        }
    }
}

/// "DLE EOT" n = 4, roll paper sensor status. Each sensor has two bits that are set together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RollPaper {
    pub(crate) near_end: bool,
    pub(crate) end: bool,
}

impl RealTime for RollPaper {
    type Answer = Self;
    const N: u8 = 4;
    fn parse(byte: u8) -> Self {
        Self { near_end: byte & 0x0C != 0, end: byte & 0x60 != 0 }
    }
}

/// "GS ( H", function 48: the printer gives the id back when everything before it is on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProcessId(pub(crate) [u8; 4]);

impl ProcessId {
    /// The id with this number: four letters, which are within the command's 32 to 126.
    pub(crate) fn numbered(number: u32) -> Self {
        let mut rest = number;
        Self(std::array::from_fn(|_| {
            let letter = b'A' + (rest % 26) as u8;
            rest /= 26;
            letter
        }))
    }
}

impl Query for ProcessId {
    type Answer = ();
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0x1D, b'(', b'H', 6, 0, 48, 48];
        bytes.extend(self.0);
        bytes
    }
    fn answer(&self, message: &Message) -> Option<()> {
        (*message == Message::ProcessId(self.0)).then_some(())
    }
}

/// "GS r" n = 1: the paper sensor, answered when the printer's command processor comes to it. For printers without
/// process ids. Its answers look alike ([`Message::Plain`]), so the asker keeps count of them.
pub(crate) const PAPER_SENSOR: [u8; 3] = [0x1D, b'r', 1];

/// "DLE DC4" function 8: forgets what is in the receive and print buffers. Nothing may be sent until it has answered.
pub(crate) struct ClearBuffers;

impl Query for ClearBuffers {
    type Answer = ();
    fn bytes(&self) -> Vec<u8> {
        vec![0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8]
    }
    fn answer(&self, message: &Message) -> Option<()> {
        (*message == Message::Cleared).then_some(())
    }
}

/// "GS I", printer information B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Information {
    Firmware = 65,
    Maker = 66,
    Model = 67,
    Serial = 68,
}

impl Query for Information {
    type Answer = String;
    fn bytes(&self) -> Vec<u8> {
        vec![0x1D, b'I', *self as u8]
    }
    fn answer(&self, message: &Message) -> Option<String> {
        match message {
            Message::Text(text) => Some(text.trim().to_owned()),
            _ => None,
        }
    }
}
