//! UPower's properties of a device as a status. Values: UPower's D-Bus reference, `org.freedesktop.UPower.Device`.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kiosk_driver_sdk::protocol::ups::{PowerSource, UpsStatus};
use zbus::{OwnedVariant, Variant};

/// `Type`.
const TYPE_UPS: u32 = 3;
/// `State`.
const CHARGING: u32 = 1;
const DISCHARGING: u32 = 2;
const EMPTY: u32 = 3;
const FULLY_CHARGED: u32 = 4;
const PENDING_CHARGE: u32 = 5;
/// `WarningLevel`: 3 low, 4 critical, 5 action.
const WARNING_LOW: u32 = 3;
/// Longest text that is passed on, characters.
const TEXT_MAX: usize = 64;

/// What UPower says of a device.
pub(crate) struct Properties(HashMap<String, OwnedVariant>);

impl Properties {
    pub(crate) fn new(properties: HashMap<String, OwnedVariant>) -> Self {
        Self(properties)
    }

    /// It is a UPS, and it is there.
    pub(crate) fn is_ups(&self) -> bool {
        self.number("Type") == Some(TYPE_UPS) && self.flag("IsPresent") != Some(false)
    }

    /// A text without control characters; `None` if it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let Variant::Str(text) = &**self.0.get(name)? else { return None };
        let text: String = text.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect();
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// How long ago UPower asked the device; `None` where it does not tell, or the clock was set back since.
    pub(crate) fn age(&self, now: SystemTime) -> Option<Duration> {
        let Variant::U64(updated @ 1..) = &**self.0.get("UpdateTime")? else { return None };
        now.duration_since(UNIX_EPOCH).ok()?.checked_sub(Duration::from_secs(*updated))
    }

    pub(crate) fn status(&self) -> UpsStatus {
        let power = match self.number("State") {
            Some(DISCHARGING | EMPTY) => PowerSource::Battery,
            Some(CHARGING | FULLY_CHARGED | PENDING_CHARGE) => PowerSource::Mains,
            // Unknown, pending discharge, and what later versions may add.
            _ => PowerSource::Unknown,
        };
        let low = self.number("State") == Some(EMPTY)
            || self.number("WarningLevel").is_some_and(|level| level >= WARNING_LOW);
        let seconds = match self.0.get("TimeToEmpty").map(|value| &**value) {
            Some(Variant::I64(seconds @ 1..)) => u32::try_from(*seconds).ok(),
            _ => None,
        };
        UpsStatus {
            power,
            battery_low: low && power != PowerSource::Mains,
            replace_battery: false,
            charge_percent: self.percentage(),
            runtime_s: seconds,
            load_percent: None,
        }
    }

    fn percentage(&self) -> Option<f32> {
        let Variant::F64(percentage) = &**self.0.get("Percentage")? else { return None };
        #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
        (0.0..=100.0).contains(percentage).then_some(*percentage as f32)
    }

    fn number(&self, name: &str) -> Option<u32> {
        match &**self.0.get(name)? {
            Variant::U32(number) => Some(*number),
            _ => None,
        }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match &**self.0.get(name)? {
            Variant::Bool(flag) => Some(*flag),
            _ => None,
        }
    }
}
