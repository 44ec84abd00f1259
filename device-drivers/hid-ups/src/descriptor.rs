//! Which of a UPS's reports has which figure, as its report descriptor says.

#[cfg(test)]
pub(crate) mod tests;

use hidreport::{Field, Report, ReportDescriptor};
use kiosk_driver_sdk::protocol::ups::UpsCapabilities;

/// Longest report that is read, bytes (Linux's own limit for HID reports is 16 KiB; a UPS's have under 64).
const REPORT_MAX: usize = 1024;

/// What a UPS can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Figure {
    AcPresent,
    Charging,
    Discharging,
    BelowLimit,
    TimeLimitExpired,
    ShutdownImminent,
    NeedReplacement,
    RemainingCapacity,
    FullChargeCapacity,
    RunTimeToEmpty,
    PercentLoad,
}

/// Usage page and usage of each (Usage Tables for HID Power Devices, 4.1 and 4.2; page 0x84 is Power Device, 0x85 is
/// Battery System).
const USAGES: [(u16, u16, Figure); 11] = [
    (0x84, 0x35, Figure::PercentLoad),
    (0x84, 0x69, Figure::ShutdownImminent),
    (0x85, 0x42, Figure::BelowLimit),
    (0x85, 0x43, Figure::TimeLimitExpired),
    (0x85, 0x44, Figure::Charging),
    (0x85, 0x45, Figure::Discharging),
    (0x85, 0x4B, Figure::NeedReplacement),
    (0x85, 0x66, Figure::RemainingCapacity),
    (0x85, 0x67, Figure::FullChargeCapacity),
    (0x85, 0x68, Figure::RunTimeToEmpty),
    (0x85, 0xD0, Figure::AcPresent),
];

impl Figure {
    fn is_flag(self) -> bool {
        !matches!(self, Self::RemainingCapacity | Self::FullChargeCapacity | Self::RunTimeToEmpty | Self::PercentLoad)
    }
}

/// One figure's place in a report.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) figure: Figure,
    /// First bit, the report's number (if it has one) included.
    pub(crate) bit: usize,
    /// How many bits, 1 to 32.
    pub(crate) bits: usize,
    /// Negative values are possible.
    pub(crate) signed: bool,
    /// Logical minimum, and what one step is worth.
    pub(crate) lowest: f64,
    pub(crate) step: f64,
    pub(crate) offset: f64,
}

/// A report that has at least one figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    /// Its number; 0 if the device has unnumbered reports.
    pub(crate) id: u8,
    /// Its length with the number, bytes.
    pub(crate) bytes: usize,
    pub(crate) spots: Vec<Spot>,
    pub(crate) has_flag: bool,
}

/// What to ask for, and what to hear.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// Reports that are asked for.
    pub(crate) features: Vec<Wanted>,
    /// Reports that the device sends by itself.
    pub(crate) inputs: Vec<Wanted>,
}

/// A device that is no UPS.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoUps {
    #[error("its report descriptor cannot be read: {0}")]
    Descriptor(String),
    #[error("it is no UPS: its reports have nothing that says where the power comes from")]
    NoPower,
}

impl Plan {
    /// Reads a report descriptor.
    pub(crate) fn of(descriptor: &[u8]) -> Result<Self, NoUps> {
        // hidreport 0.6 panics on some damaged descriptors (`Option::unwrap` on a missing usage); a test finds them.
        let parsed = std::panic::catch_unwind(|| ReportDescriptor::try_from(descriptor))
            .map_err(|_| NoUps::Descriptor("it is not well formed".into()))?
            .map_err(|error| NoUps::Descriptor(error.to_string()))?;
        let plan = Self {
            features: parsed.feature_reports().iter().filter_map(wanted).collect(),
            inputs: parsed.input_reports().iter().filter_map(wanted).collect(),
        };
        let says_power = |figure| matches!(figure, Figure::AcPresent | Figure::Discharging);
        if plan.figures().any(says_power) { Ok(plan) } else { Err(NoUps::NoPower) }
    }

    /// What it can tell.
    pub(crate) fn capabilities(&self) -> UpsCapabilities {
        let has = |wanted| self.figures().any(|figure| figure == wanted);
        UpsCapabilities {
            charge: has(Figure::RemainingCapacity),
            runtime: has(Figure::RunTimeToEmpty),
            load: has(Figure::PercentLoad),
        }
    }

    fn figures(&self) -> impl Iterator<Item = Figure> {
        self.features.iter().chain(&self.inputs).flat_map(|wanted| &wanted.spots).map(|spot| spot.figure)
    }
}

fn wanted(report: &impl Report) -> Option<Wanted> {
    let bytes = report.size_in_bytes();
    if bytes > REPORT_MAX {
        return None;
    }
    let mut spots: Vec<Spot> = Vec::new();
    for spot in report.fields().iter().filter_map(spot) {
        // The first of several is the UPS's own; the others are of its outlets and phases.
        if spots.iter().all(|known| known.figure != spot.figure) {
            spots.push(spot);
        }
    }
    let has_flag = spots.iter().any(|spot| spot.figure.is_flag());
    let id = report.report_id().as_ref().map_or(0, u8::from);
    (!spots.is_empty()).then_some(Wanted { id, bytes, spots, has_flag })
}

fn spot(field: &Field) -> Option<Spot> {
    let Field::Variable(field) = field else { return None };
    let (page, usage) = (u16::from(field.usage.usage_page), u16::from(field.usage.usage_id));
    let (_, _, figure) = USAGES.iter().find(|(of, id, _)| (*of, *id) == (page, usage))?;
    if !(1..=32).contains(&field.bits.len()) {
        return None;
    }
    let (low, high) = (f64::from(i32::from(field.logical_minimum)), f64::from(i32::from(field.logical_maximum)));
    // HID 1.11, 6.2.2.7: both physical extents zero or absent means that they are the logical ones.
    let extents = field.physical_minimum.map(i32::from).zip(field.physical_maximum.map(i32::from));
    let (offset, step) = match extents.filter(|extents| *extents != (0, 0)) {
        Some((from, to)) if high > low => (f64::from(from), (f64::from(to) - f64::from(from)) / (high - low)),
        _ => (low, 1.0),
    };
    Some(Spot {
        figure: *figure,
        bit: field.bits.start,
        bits: field.bits.len(),
        signed: low < 0.0,
        lowest: low,
        step,
        offset,
    })
}
