//! What a UPS's reports say, as a status.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use kiosk_driver_sdk::protocol::ups::{PowerSource, UpsStatus};

use crate::descriptor::{Figure, Wanted};

/// The figures as they were said last.
#[derive(Debug, Default)]
pub(crate) struct Power(HashMap<Figure, f64>);

impl Power {
    /// Takes a report, its number first. What it told: none if it is no report of these or too short for any of its
    /// figures, else whether there was a flag among them.
    pub(crate) fn take(&mut self, known: &[Wanted], report: &[u8]) -> Option<bool> {
        let (id, data) = report.split_first()?;
        let wanted = known.iter().find(|wanted| wanted.id == *id)?;
        let mut told = None;
        for spot in &wanted.spots {
            if let Some(value) = spot.field.value(data, 0) {
                self.0.insert(spot.figure, value);
                told = Some(told.unwrap_or(false) | spot.figure.is_flag());
            }
        }
        told
    }

    /// What a report told is no longer true: the device does not give it any more.
    pub(crate) fn forget(&mut self, wanted: &Wanted) {
        for spot in &wanted.spots {
            self.0.remove(&spot.figure);
        }
    }

    /// How the UPS is.
    pub(crate) fn status(&self) -> UpsStatus {
        let flag = |figure| self.0.get(&figure).map(|value| *value != 0.0);
        let power = match (flag(Figure::Discharging), flag(Figure::AcPresent), flag(Figure::Charging)) {
            (Some(true), _, _) | (_, Some(false), _) => PowerSource::Battery,
            (_, Some(true), _) | (_, None, Some(true)) => PowerSource::Mains,
            // "Not discharging" alone is not to be taken for mains.
            (_, None, _) => PowerSource::Unknown,
        };
        let is = |figure| flag(figure) == Some(true);
        let low = [Figure::BelowLimit, Figure::TimeLimitExpired, Figure::ShutdownImminent];
        UpsStatus {
            power,
            battery_low: low.into_iter().any(is),
            replace_battery: is(Figure::NeedReplacement),
            charge_percent: self.charge(),
            runtime_s: self.seconds(),
            load_percent: self.0.get(&Figure::PercentLoad).copied().and_then(|load| percent(load, 999.0)),
        }
    }

    /// The charge is in per cent, or in whatever the full charge is in (Usage Tables, 4.2.3, `CapacityMode`).
    fn charge(&self) -> Option<f32> {
        let remaining = *self.0.get(&Figure::RemainingCapacity)?;
        match self.0.get(&Figure::FullChargeCapacity) {
            Some(full) if *full > 0.0 && remaining <= *full => percent(remaining / full * 100.0, 100.0),
            _ => percent(remaining, 100.0),
        }
    }

    fn seconds(&self) -> Option<u32> {
        let seconds = *self.0.get(&Figure::RunTimeToEmpty)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range")]
        // 65,535 s and more is what devices say that do not know.
        (0.0..65_535.0).contains(&seconds).then_some(seconds as u32)
    }
}

fn percent(value: f64, most: f64) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    (0.0..=most).contains(&value).then_some(value as f32)
}
