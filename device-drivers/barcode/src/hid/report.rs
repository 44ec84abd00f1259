//! The scanned data report of HID POS scanners (HID Point of Sale Usage Tables 1.02, section 3: bar code scanner page), and
//! long codes put together that come in several of them.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use kiosk_hid_reports::{Description, Field, Kind};

use crate::code::{BYTES_MAX, Garbled, Heard, Raw, text_of_bytes};

/// Symbology identifiers 1 to 3: `]`, code character, modifier.
const SYMBOLOGY: [u32; 3] = [0x008c_00fb, 0x008c_00fc, 0x008c_00fd];
/// Decoded data.
const DATA: u32 = 0x008c_00fe;
/// Decode data continued: more of the same code comes in the next report.
const CONTINUED: u32 = 0x008c_00ff;
/// Byte count (HID Usage Tables 1.12, generic desktop page): how much of the data is used.
const BYTE_COUNT: u32 = 0x0001_003b;

/// Where everything is in the scanned data report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    report: Option<u8>,
    data: Field,
    count: Option<Field>,
    continued: Option<Field>,
    symbology: Option<[Field; 3]>,
}

impl Layout {
    /// Finds the report; none if the device has none.
    pub(crate) fn of(description: &Description) -> Option<Self> {
        let fields: Vec<Field> = description.fields.iter().copied().filter(|field| field.kind == Kind::Input).collect();
        let data = *fields.iter().find(|field| field.usage == DATA && field.size == 8)?;
        let find =
            |usage: u32| fields.iter().find(|field| (field.report, field.usage) == (data.report, usage)).copied();
        let symbology = match SYMBOLOGY.map(find) {
            [Some(first), Some(second), Some(third)] => Some([first, second, third]),
            _ => None,
        };
        Some(Self { report: data.report, data, count: find(BYTE_COUNT), continued: find(CONTINUED), symbology })
    }

    /// It has a place for the kind of code.
    pub(crate) fn tells_symbology(&self) -> bool {
        self.symbology.is_some()
    }

    /// One report as it came, with its number if it has one; `None` if it is another one.
    fn read(&self, report: &[u8]) -> Option<Result<Piece, Garbled>> {
        let report = match (self.report, report.split_first()) {
            (None, _) => report,
            (Some(number), Some((own, rest))) if *own == number => rest,
            (Some(_), _) => return None,
        };
        Some(self.piece(report).ok_or(Garbled::Wrong))
    }

    fn piece(&self, report: &[u8]) -> Option<Piece> {
        let room = self.data.count;
        let used = match &self.count {
            Some(count) => count.raw(report, 0)?,
            None => room,
        };
        if used > room {
            return None;
        }
        let bytes = (0..used).map(|nth| u8::try_from(self.data.raw(report, nth)?).ok());
        let mut bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        if self.count.is_none() {
            // Without a count, what is not used is zero.
            bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
        }
        let continued = match &self.continued {
            Some(field) => field.raw(report, 0)? != 0,
            None => false,
        };
        let aim = self.symbology.and_then(|fields| {
            let [first, code, modifier] = fields.map(|field| field.raw(report, 0).and_then(|it| u8::try_from(it).ok()));
            Some((first?, code?, modifier?))
        });
        let aim = aim.filter(|(first, code, _)| *first == b']' && code.is_ascii_alphabetic());
        Some(Piece { bytes, continued, aim: aim.map(|(_, code, modifier)| [code, modifier]) })
    }
}

/// What one report says.
struct Piece {
    bytes: Vec<u8>,
    continued: bool,
    aim: Option<[u8; 2]>,
}

/// Puts codes together.
pub(crate) struct Reassembler {
    layout: Layout,
    pause: Duration,
    bytes: Vec<u8>,
    aim: Option<[u8; 2]>,
    /// The last report said that more comes.
    more_since: Option<Instant>,
    /// What comes until the end of the code is thrown away.
    skipping: bool,
}

impl Reassembler {
    pub(crate) fn new(layout: Layout, pause: Duration) -> Self {
        Self { layout, pause, bytes: Vec::new(), aim: None, more_since: None, skipping: false }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Takes a report that came now.
    pub(crate) fn take(&mut self, report: &[u8], now: Instant, heard: &mut VecDeque<Heard>) {
        self.pass(now, heard);
        let piece = match self.layout.read(report) {
            None => return,
            Some(Err(garbled)) => {
                // Nobody knows what else of this code is wrong.
                self.reset();
                return heard.push_back(Err(garbled));
            }
            Some(Ok(piece)) => piece,
        };
        self.aim = self.aim.or(piece.aim);
        self.bytes.extend_from_slice(&piece.bytes);
        self.more_since = piece.continued.then_some(now);
        if self.bytes.len() > BYTES_MAX {
            self.bytes.clear();
            if !std::mem::replace(&mut self.skipping, piece.continued) {
                heard.push_back(Err(Garbled::TooLong));
            }
            return;
        }
        if !piece.continued {
            let (bytes, aim, skipped) = (std::mem::take(&mut self.bytes), self.aim, self.skipping);
            self.reset();
            if !skipped && !bytes.is_empty() {
                heard.push_back(Ok(Raw { text: text_of_bytes(&bytes), aim }));
            }
        } else if self.skipping {
            self.bytes.clear();
        }
    }

    /// Time has passed: a code whose rest does not come is given up.
    pub(crate) fn pass(&mut self, now: Instant, heard: &mut VecDeque<Heard>) {
        let waited = |since: Instant| now.saturating_duration_since(since) >= self.pause;
        if self.more_since.is_some_and(waited) {
            let skipped = self.skipping;
            self.reset();
            if !skipped {
                heard.push_back(Err(Garbled::Lost));
            }
        }
    }

    /// Forgets what it has of a code, and the rest of it when it comes.
    pub(crate) fn forget(&mut self) {
        self.skipping |= self.more_since.is_some();
        self.bytes.clear();
    }

    fn reset(&mut self) {
        self.bytes.clear();
        (self.aim, self.more_since, self.skipping) = (None, None, false);
    }
}
