//! Which of a UPS's reports has which figure, as its report descriptor says.

#[cfg(test)]
pub(crate) mod tests;

use kiosk_driver_sdk::protocol::ups::UpsCapabilities;
use kiosk_hid_reports::{Description, Field, Kind};

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
    /// It is true or not, and says how the power is.
    pub(crate) fn is_flag(self) -> bool {
        !matches!(self, Self::RemainingCapacity | Self::FullChargeCapacity | Self::RunTimeToEmpty | Self::PercentLoad)
    }
}

/// One figure's place in a report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) figure: Figure,
    pub(crate) field: Field,
}

/// A report that has at least one figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    /// Its number; 0 if the device has unnumbered reports.
    pub(crate) id: u8,
    /// Its length without the number, bytes.
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
    /// Its reports begin with their number.
    pub(crate) numbered: bool,
}

/// A device that is no UPS.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoUps {
    #[error("its report descriptor breaks off or is damaged")]
    Descriptor,
    #[error("it is no UPS: its reports have nothing that says where the power comes from")]
    NoPower,
}

impl Plan {
    /// Reads a report descriptor.
    pub(crate) fn of(descriptor: &[u8]) -> Result<Self, NoUps> {
        let description = Description::of(descriptor);
        if !description.whole {
            return Err(NoUps::Descriptor);
        }
        let mut plan = Self {
            features: wanted(&description, Kind::Feature),
            inputs: wanted(&description, Kind::Input),
            numbered: description.fields.iter().any(|field| field.report.is_some()),
        };
        // How the power is comes first: a device may be too slow for the rest.
        plan.features.sort_by_key(|wanted| !wanted.has_flag);
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

/// The reports of one kind that have a figure, in order.
fn wanted(description: &Description, kind: Kind) -> Vec<Wanted> {
    let mut all: Vec<Wanted> = Vec::new();
    for field in description.fields.iter().filter(|field| field.kind == kind && (1..=32).contains(&field.size)) {
        let bytes = description.bytes(kind, field.report);
        let Some((.., figure)) = USAGES.iter().find(|(page, usage, _)| usage_of(*page, *usage) == field.usage) else {
            continue;
        };
        let spot = Spot { figure: *figure, field: *field };
        let id = field.report.unwrap_or(0);
        match all.iter_mut().find(|wanted| wanted.id == id) {
            // The first of several in a report is the UPS's own; the others are of its outlets and phases.
            Some(wanted) if wanted.spots.iter().any(|known| known.figure == *figure) => {}
            Some(wanted) => wanted.spots.push(spot),
            None if bytes <= REPORT_MAX => {
                all.push(Wanted { id, bytes, spots: vec![spot], has_flag: false });
            }
            None => {}
        }
    }
    for wanted in &mut all {
        wanted.has_flag = wanted.spots.iter().any(|spot| spot.figure.is_flag());
    }
    all
}

fn usage_of(page: u16, usage: u16) -> u32 {
    u32::from(page) << 16 | u32::from(usage)
}
