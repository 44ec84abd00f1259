//! Report descriptors of human interface devices (HID 1.11, 6.2.2): which bits of which report are which usage. Used by the
//! drivers of scanners and UPSes. Only what is needed to find values: collections, units and designators are skipped.
//!
//! A device chooses every byte of it, so any bytes are read without a panic and in bounded memory: a field of ten thousand
//! equal values is one [`Field`].
//!
//! ```
//! use kiosk_hid_reports::{Description, Kind};
//!
//! // Report 1: one byte, the usage 0x66 (RemainingCapacity) of the page 0x85 (Battery System), 0 to 100.
//! let descriptor = [
//!     0x05, 0x85, 0x09, 0x66, 0x85, 0x01, 0x15, 0x00, 0x25, 0x64, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02,
//! ];
//! let description = Description::of(&descriptor);
//! let charge = description.fields[0];
//! assert_eq!((charge.kind, charge.report, charge.usage), (Kind::Input, Some(1), 0x0085_0066));
//! assert_eq!(charge.raw(&[87], 0), Some(87));
//! ```

mod parse;
#[cfg(test)]
mod tests;

/// Which way a report goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From the device, when it has something to say.
    Input,
    /// From the device when it is asked; some can be set.
    Feature,
}

/// Some equal values of a report, side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which way it goes.
    pub kind: Kind,
    /// The report's number; none if the device numbers none.
    pub report: Option<u8>,
    /// Page in the upper half, usage in the lower.
    pub usage: u32,
    /// Where it begins, bits, without the number.
    pub at: u32,
    /// Bits of one value.
    pub size: u32,
    /// How many values.
    pub count: u32,
    /// Least and greatest value (6.2.2.7, logical extent); negative ones are in two's complement.
    pub logical: (i64, i64),
    /// What these mean in the unit of the field; none: the same.
    pub physical: Option<(i64, i64)>,
}

/// What a report descriptor says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The values of all input and feature reports in order, without padding and arrays.
    pub fields: Vec<Field>,
    /// It was read to its end; otherwise what could not be read ended it.
    pub whole: bool,
    lengths: Vec<(Kind, Option<u8>, u32)>,
}

impl Description {
    /// Reads a descriptor.
    #[must_use]
    pub fn of(descriptor: &[u8]) -> Self {
        parse::description(descriptor)
    }

    /// Length of a report without its number, bytes; 0 if there is none.
    #[must_use]
    pub fn bytes(&self, kind: Kind, report: Option<u8>) -> usize {
        let own = self.lengths.iter().find(|(of, number, _)| (*of, *number) == (kind, report));
        own.map_or(0, |(_, _, bits)| usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX))
    }
}

impl Field {
    /// The bits of its `nth` value, at most 32, in a report without its number; none if the report is too short.
    #[must_use]
    pub fn raw(&self, report: &[u8], nth: u32) -> Option<u32> {
        let first = self.at.checked_add(nth.checked_mul(self.size)?)?;
        let mut value = 0_u32;
        for bit in 0..self.size.min(32) {
            let at = first.checked_add(bit)?;
            let byte = report.get(usize::try_from(at / 8).ok()?)?;
            value |= u32::from(byte >> (at % 8) & 1) << bit;
        }
        Some(value)
    }

    /// Its `nth` value in its unit, exponents left out: with its sign, and scaled from the logical to the physical extent
    /// (6.2.2.7). None if the report is too short, or a value has no bits or more than 32.
    #[must_use]
    pub fn value(&self, report: &[u8], nth: u32) -> Option<f64> {
        if !(1..=32).contains(&self.size) {
            return None;
        }
        let mut raw = i64::from(self.raw(report, nth)?);
        let (least, most) = self.logical;
        if least < 0 && raw >> (self.size - 1) & 1 == 1 {
            raw -= 1 << self.size;
        }
        let [raw, least, most] = [raw, least, most].map(exact);
        Some(match self.physical.map(|(from, to)| (exact(from), exact(to))) {
            Some((from, to)) if most > least => (raw - least) * (to - from) / (most - least) + from,
            _ => raw,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 33 bits")]
fn exact(number: i64) -> f64 {
    number as f64
}
