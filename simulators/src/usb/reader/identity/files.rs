//! Choosing and reading files (ICAO Doc 9303-10, sections 3.6 and 3.7; ISO/IEC 7816-4:2020, sections 11.2 and 11.3).

use std::collections::BTreeMap;

use super::command::{Command, Expected};
use super::status::{
    DONE, END_OF_FILE, NO_ACCESS, NO_FILE_CHOSEN, NO_SUCH_FILE, Status, UNKNOWN_INSTRUCTION, WRONG_DATA, WRONG_LENGTH,
    WRONG_OFFSET, WRONG_P1_P2,
};
use super::tlv;

/// The application of travel documents (Doc 9303-10, section 4.1).
pub(super) const APPLICATION: &[u8] = &[0xa0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01];
/// EF.CardAccess and data group 3 (section 4.7.3).
pub(super) const CARD_ACCESS: u16 = 0x011c;
pub(super) const FINGERS: u16 = 0x0103;
/// Objects of READ BINARY with an odd instruction (Doc 9303-10, section 3.7.2): offset, data.
const OFFSET: u32 = 0x54;
const DATA: u32 = 0x53;

/// Data or none, and the status bytes.
pub(super) type Answer = (Vec<u8>, Status);

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// Behind its bytes come zeros, for ever.
    pub(super) is_endless: bool,
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, is_endless: false }
    }
}

impl Content {
    /// So many bytes from here, or all that there are; none behind the end.
    fn part(&self, offset: usize, most: usize) -> Option<Vec<u8>> {
        let rest = match self.bytes.get(offset..) {
            Some([]) | None if !self.is_endless => return None,
            rest => rest.unwrap_or_default(),
        };
        let mut part = rest[..most.min(rest.len())].to_vec();
        if self.is_endless {
            part.resize(most, 0);
        }
        Some(part)
    }
}

/// The files of a card, and what is chosen.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) all: BTreeMap<u16, Content>,
    pub(super) in_application: bool,
    current: Option<u16>,
}

impl Files {
    pub(super) fn new(all: BTreeMap<u16, Content>) -> Self {
        Self { all, ..Self::default() }
    }

    pub(super) fn reset(&mut self) {
        self.in_application = false;
        self.current = None;
    }

    /// No file is chosen any more; the application still is.
    pub(super) fn close(&mut self) {
        self.current = None;
    }

    /// SELECT.
    pub(super) fn select(&mut self, command: &Command, access: bool) -> Answer {
        match (command.p1, command.p2, command.data.as_slice()) {
            (4, 0x00 | 0x0c, APPLICATION) => {
                self.in_application = true;
                self.current = None;
                (control(command, &tlv::tlv(0x84, APPLICATION)), DONE)
            }
            (4, 0x00 | 0x0c, _) => (Vec::new(), NO_SUCH_FILE),
            (2, 0x00 | 0x0c, [high, low]) => {
                let id = u16::from_be_bytes([*high, *low]);
                match self.open(id, access) {
                    Ok(content) => {
                        let size = u16::try_from(content.bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
                        let about = [tlv::tlv(0x80, &size), tlv::tlv(0x83, &[*high, *low])].concat();
                        self.current = Some(id);
                        (control(command, &about), DONE)
                    }
                    Err(status) => (Vec::new(), status),
                }
            }
            (2, 0x00 | 0x0c, _) => (Vec::new(), WRONG_LENGTH),
            // The master file: Vietnamese cards do not know the command in this form.
            (0, _, [] | [0x3f, 0x00]) => (Vec::new(), UNKNOWN_INSTRUCTION),
            _ => (Vec::new(), WRONG_P1_P2),
        }
    }

    /// EF.CardAccess is outside of the application and free; all others are inside and want a session.
    fn open(&self, id: u16, access: bool) -> Result<&Content, Status> {
        let content = self.all.get(&id).filter(|_| self.in_application == (id != CARD_ACCESS)).ok_or(NO_SUCH_FILE)?;
        if id != CARD_ACCESS && (id == FINGERS || !access) {
            return Err(NO_ACCESS);
        }
        Ok(content)
    }

    /// READ BINARY; `room` is what fits into an answer.
    pub(super) fn read(&mut self, command: &Command, access: bool, room: usize) -> Answer {
        let read = match (command.instruction, command.p1) {
            (0xb1, _) => self.read_far(command, access, room),
            (_, 0x80..) if command.p1 & 0x60 != 0 => Err(WRONG_P1_P2),
            (_, 0x80..) => self.read_at(short_id(command.p1), command.p2.into(), command.expected, access, room),
            _ => match self.current {
                Some(id) => self.read_at(id, command.p1_p2().into(), command.expected, access, room),
                None => Err(NO_FILE_CHOSEN),
            },
        };
        read.unwrap_or_else(|status| (Vec::new(), status))
    }

    fn read_at(
        &mut self,
        id: u16,
        offset: usize,
        expected: Option<Expected>,
        access: bool,
        room: usize,
    ) -> Result<Answer, Status> {
        let Expected { most, all } = expected.ok_or(WRONG_LENGTH)?;
        let wanted = most.min(room);
        let part = self.open(id, access)?.part(offset, wanted).ok_or(WRONG_OFFSET)?;
        self.current = Some(id);
        let status = if part.len() < wanted && !all { END_OF_FILE } else { DONE };
        Ok((part, status))
    }

    /// With an odd instruction: P1 and P2 are zero, a short identifier or an identifier; Le counts the object around the
    /// data, too.
    fn read_far(&mut self, command: &Command, access: bool, room: usize) -> Result<Answer, Status> {
        let id = match command.p1_p2() {
            0 => self.current.ok_or(NO_FILE_CHOSEN)?,
            _ if command.p1 == 0 && command.p2 <= 0x1e => short_id(command.p2),
            id => id,
        };
        let objects = tlv::read_all(&command.data).ok_or(WRONG_DATA)?;
        let offset = tlv::find(&objects, OFFSET).filter(|offset| (1..=4).contains(&offset.len())).ok_or(WRONG_DATA)?;
        let offset = offset.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let Expected { most, all } = command.expected.ok_or(WRONG_LENGTH)?;
        let wanted = most.min(room);
        let head = match wanted {
            0..130 => 2,
            130..259 => 3,
            _ => 4,
        };
        let wanted = Expected { most: wanted.saturating_sub(head), all };
        let (part, status) = self.read_at(id, offset, Some(wanted), access, room)?;
        Ok((tlv::tlv(DATA, &part), status))
    }
}

/// Of all files, the short identifier is the end of the long one (Doc 9303-10, section 4.7.3).
fn short_id(short: u8) -> u16 {
    0x0100 | u16::from(short & 0x1f)
}

/// File control information (ISO/IEC 7816-4:2020, section 7.4), when it is asked for.
fn control(command: &Command, about: &[u8]) -> Vec<u8> {
    if command.p2 == 0 && command.expected.is_some() { tlv::tlv(0x6f, about) } else { Vec::new() }
}
