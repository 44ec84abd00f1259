//! Items one after the other (HID 1.11, 6.2.2.2), and the state that they build up.

use crate::{Description, Field, Kind};

/// Most fields that are told of one device.
const FIELDS_MAX: usize = 1_024;
/// Deepest stack of pushed states.
const STACK_MAX: usize = 16;
/// Most bits of one report: Linux, `HID_MAX_BUFFER_SIZE`.
const BITS_MAX: u32 = 16 * 1024 * 8;

pub(super) fn description(descriptor: &[u8]) -> Description {
    let mut parser = Parser::default();
    let mut rest = descriptor;
    while !rest.is_empty() {
        let Some((item, value, after)) = next(rest) else { return parser.found };
        rest = after;
        if parser.item(item, value).is_none() {
            return parser.found;
        }
    }
    parser.found.whole = true;
    parser.found
}

/// One item: its tag and type, its value, and what comes after it (HID 1.11, 6.2.2.2 and 6.2.2.3).
fn next(bytes: &[u8]) -> Option<(u8, Value, &[u8])> {
    let (&prefix, rest) = bytes.split_first()?;
    if prefix == 0xfe {
        let (&length, rest) = rest.split_first()?;
        // Its tag, then so many bytes. No long item is defined.
        let rest = rest.get(1 + usize::from(length)..)?;
        return Some((prefix, Value { number: 0, bytes: 0 }, rest));
    }
    let length = [0, 1, 2, 4][usize::from(prefix & 3)];
    let (value, rest) = rest.split_at_checked(length)?;
    let number = value.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
    Some((prefix & 0xfc, Value { number, bytes: length }, rest))
}

#[derive(Clone, Copy, Default)]
struct Value {
    number: u32,
    bytes: usize,
}

impl Value {
    /// In two's complement of its own length.
    fn signed(self) -> i64 {
        let number = i64::from(self.number);
        let sign = (self.bytes * 8).checked_sub(1).is_some_and(|sign| number >> sign & 1 == 1);
        if sign { number - (1 << (self.bytes * 8)) } else { number }
    }

    /// The greater end of an extent: one that does not begin below zero has none that is negative (so Linux reads it, too;
    /// many devices say 0 to 255 with a single byte).
    fn end_of(self, least: i64) -> i64 {
        if least < 0 { self.signed() } else { i64::from(self.number) }
    }
}

/// Global items (HID 1.11, 6.2.2.7), as far as they matter.
#[derive(Clone, Copy, Default)]
struct Globals {
    page: u32,
    size: u32,
    count: u32,
    report: Option<u8>,
    logical: (Value, Value),
    physical: (Value, Value),
}

#[derive(Default)]
struct Parser {
    globals: Globals,
    stack: Vec<Globals>,
    usages: Vec<u32>,
    range: (Option<u32>, Option<u32>),
    found: Description,
}

impl Parser {
    fn item(&mut self, item: u8, value: Value) -> Option<()> {
        let number = value.number;
        match item {
            // Main items (6.2.2.4); Output and collections only end the local ones.
            0x80 => {
                self.main(Kind::Input, number)?;
                self.end_locals();
            }
            0xb0 => {
                self.main(Kind::Feature, number)?;
                self.end_locals();
            }
            0x90 | 0xa0 | 0xc0 => self.end_locals(),
            // Global items (6.2.2.7).
            0x04 => self.globals.page = number & 0xffff,
            0x14 => self.globals.logical.0 = value,
            0x24 => self.globals.logical.1 = value,
            0x34 => self.globals.physical.0 = value,
            0x44 => self.globals.physical.1 = value,
            0x74 => self.globals.size = number,
            0x84 => self.globals.report = Some(u8::try_from(number).ok()?),
            0x94 => self.globals.count = number,
            0xa4 if self.stack.len() < STACK_MAX => self.stack.push(self.globals),
            0xa4 => return None,
            0xb4 => self.globals = self.stack.pop()?,
            // Local items (6.2.2.8). A usage of four bytes has its page with it.
            0x08 if self.usages.len() < FIELDS_MAX => self.usages.push(self.usage(value)),
            0x18 => self.range.0 = Some(self.usage(value)),
            0x28 => self.range.1 = Some(self.usage(value)),
            _ => {}
        }
        if let (Some(first), Some(last)) = self.range {
            let room = FIELDS_MAX.saturating_sub(self.usages.len());
            self.usages.extend((first..=last).take(room));
            self.range = (None, None);
        }
        Some(())
    }

    fn usage(&self, value: Value) -> u32 {
        if value.bytes == 4 { value.number } else { self.globals.page << 16 | value.number }
    }

    fn end_locals(&mut self) {
        self.usages.clear();
        self.range = (None, None);
    }

    fn main(&mut self, kind: Kind, flags: u32) -> Option<()> {
        let Globals { size, count, report, .. } = self.globals;
        let bits = size.checked_mul(count).filter(|bits| *bits <= BITS_MAX)?;
        let lengths = &mut self.found.lengths;
        let known = lengths.iter().position(|(of, number, _)| (*of, *number) == (kind, report));
        let place = known.unwrap_or_else(|| {
            lengths.push((kind, report, 0));
            lengths.len() - 1
        });
        let at = lengths[place].2;
        lengths[place].2 = at.checked_add(bits).filter(|end| *end <= BITS_MAX)?;
        // Bit 0: constant, that is, padding. Bit 1: variable, one value for each usage; an array says which are on.
        let (constant, variable) = (flags & 1 != 0, flags & 2 != 0);
        if constant || !variable || count == 0 {
            return Some(());
        }
        let (logical, physical) = self.extents();
        // One usage for each value; the last one is for all that are left (6.2.2.8).
        let (mut first, mut left) = (at, count);
        for (place, usage) in self.usages.iter().enumerate() {
            if left == 0 || self.found.fields.len() >= FIELDS_MAX {
                break;
            }
            let own = if place + 1 == self.usages.len() { left } else { 1 };
            let field = Field { kind, report, usage: *usage, at: first, size, count: own, logical, physical };
            self.found.fields.push(field);
            first += own * size;
            left -= own;
        }
        Some(())
    }

    /// Logical, and physical where it is another (6.2.2.7: both ends zero means that it is not).
    fn extents(&self) -> ((i64, i64), Option<(i64, i64)>) {
        let extent = |(least, most): (Value, Value)| (least.signed(), most.end_of(least.signed()));
        let physical = extent(self.globals.physical);
        (extent(self.globals.logical), (physical != (0, 0)).then_some(physical))
    }
}
