//! Report descriptors (HID 1.11, 6.2.2): which bits of which input report are which usage. Only what is needed to find
//! fields; collections, units and ranges of values are skipped.

#[cfg(test)]
mod tests;

/// Most fields that are told of one device.
const FIELDS_MAX: usize = 1_024;
/// Deepest stack of pushed states.
const STACK_MAX: usize = 16;
/// Most bits of one report: Linux, `HID_MAX_BUFFER_SIZE`.
const BITS_MAX: u32 = 16 * 1024 * 8;

/// Some equal bits of an input report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The report's number; none if the device numbers none.
    pub(crate) report: Option<u8>,
    /// Page in the upper half, usage in the lower.
    pub(crate) usage: u32,
    /// Where it begins, bits, without the number.
    pub(crate) at: u32,
    /// Bits of one value.
    pub(crate) size: u32,
    /// How many values.
    pub(crate) count: u32,
}

/// Global items (HID 1.11, 6.2.2.7), as far as they matter.
#[derive(Clone, Copy, Default)]
struct Globals {
    page: u32,
    size: u32,
    count: u32,
    report: Option<u8>,
}

/// The fields of all input reports, in order. What cannot be read ends the list.
pub(crate) fn input_fields(descriptor: &[u8]) -> Vec<Field> {
    let mut parser = Parser::default();
    let mut rest = descriptor;
    while let Some((item, value, after)) = next(rest) {
        rest = after;
        if parser.item(item, value).is_none() {
            break;
        }
    }
    parser.fields
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

#[derive(Clone, Copy)]
struct Value {
    number: u32,
    bytes: usize,
}

#[derive(Default)]
struct Parser {
    globals: Globals,
    stack: Vec<Globals>,
    usages: Vec<u32>,
    range: (Option<u32>, Option<u32>),
    /// Where the next field of each report begins.
    ends: Vec<(Option<u8>, u32)>,
    fields: Vec<Field>,
}

impl Parser {
    fn item(&mut self, item: u8, value: Value) -> Option<()> {
        let number = value.number;
        match item {
            // Main items (6.2.2.4): Input; all others only end the local ones.
            0x80 => {
                self.input(number)?;
                self.end_locals();
            }
            0x90 | 0xb0 | 0xa0 | 0xc0 => self.end_locals(),
            // Global items (6.2.2.7).
            0x04 => self.globals.page = number & 0xffff,
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

    fn input(&mut self, flags: u32) -> Option<()> {
        let Globals { size, count, report, .. } = self.globals;
        let bits = size.checked_mul(count).filter(|bits| *bits <= BITS_MAX)?;
        let end = match self.ends.iter().position(|(of, _)| *of == report) {
            Some(known) => &mut self.ends[known].1,
            None => {
                self.ends.push((report, 0));
                &mut self.ends.last_mut()?.1
            }
        };
        let at = *end;
        *end = at.checked_add(bits).filter(|end| *end <= BITS_MAX)?;
        // Bit 0: constant, that is, padding. Bit 1: variable, one value for each usage; an array says which are on.
        let (constant, variable) = (flags & 1 != 0, flags & 2 != 0);
        if constant || !variable || count == 0 {
            return Some(());
        }
        // One usage for each value; the last one is for all that are left (6.2.2.8).
        let (mut first, mut left) = (at, count);
        for (place, usage) in self.usages.iter().enumerate() {
            if left == 0 || self.fields.len() >= FIELDS_MAX {
                break;
            }
            let own = if place + 1 == self.usages.len() { left } else { 1 };
            self.fields.push(Field { report, usage: *usage, at: first, size, count: own });
            first += own * size;
            left -= own;
        }
        Some(())
    }
}

/// The value of a field's `nth` part in a report without its number; none if the report is too short.
pub(crate) fn value(report: &[u8], field: &Field, nth: u32) -> Option<u32> {
    let first = field.at + nth.checked_mul(field.size)?;
    let mut value = 0_u32;
    for bit in 0..field.size.min(32) {
        let at = first + bit;
        let byte = report.get(usize::try_from(at / 8).ok()?)?;
        value |= u32::from(byte >> (at % 8) & 1) << bit;
    }
    Some(value)
}
