//! What the variables of a UPS mean. Document: Network UPS Tools, `docs/nut-names.txt` (variables) and
//! `docs/new-drivers.txt`, "Status data" (the words of `ups.status`).

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::ups::{PowerSource, UpsCapabilities, UpsStatus};

/// Longest text of an identity that is kept, characters.
const TEXT_MAX: usize = 100;

/// The variables that this driver uses; all others are dropped as they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Vars {
    status: Option<String>,
    charge: Option<String>,
    runtime: Option<String>,
    load: Option<String>,
    maker: Named,
    model: Named,
    serial: Named,
    firmware: Option<String>,
}

/// A text that old drivers call `ups.*` and new ones `device.*`.
#[derive(Clone, Debug, Default, PartialEq)]
struct Named {
    device: Option<String>,
    ups: Option<String>,
}

impl Named {
    fn text(&self) -> Option<String> {
        text(self.device.as_deref()).or_else(|| text(self.ups.as_deref()))
    }
}

impl Vars {
    /// Keeps a variable if it is one of those that are used.
    pub(crate) fn take(&mut self, name: &str, value: &str) {
        let slot = match name {
            "ups.status" => &mut self.status,
            "battery.charge" => &mut self.charge,
            "battery.runtime" => &mut self.runtime,
            "ups.load" => &mut self.load,
            "device.mfr" => &mut self.maker.device,
            "ups.mfr" => &mut self.maker.ups,
            "device.model" => &mut self.model.device,
            "ups.model" => &mut self.model.ups,
            "device.serial" => &mut self.serial.device,
            "ups.serial" => &mut self.serial.ups,
            "ups.firmware" => &mut self.firmware,
            _ => return,
        };
        *slot = Some(value.to_owned());
    }

    /// What the UPS says it is.
    pub(crate) fn identity(&self) -> Identity {
        Identity {
            maker: self.maker.text(),
            model: self.model.text(),
            serial: self.serial.text(),
            firmware: text(self.firmware.as_deref()),
        }
    }

    /// Which figures it tells.
    pub(crate) fn capabilities(&self) -> UpsCapabilities {
        UpsCapabilities { charge: self.charge.is_some(), runtime: self.runtime.is_some(), load: self.load.is_some() }
    }

    /// How it is. A figure that makes no sense is absent.
    pub(crate) fn status(&self) -> UpsStatus {
        let flags = Flags::of(self.status.as_deref().unwrap_or(""));
        UpsStatus {
            power: flags.power(),
            battery_low: flags.low || flags.shutdown,
            replace_battery: flags.replace,
            charge_percent: number(self.charge.as_deref(), 100.0),
            runtime_s: number(self.runtime.as_deref(), RUNTIME_MAX_S).map(whole),
            // More than 100 % is an overload and true.
            load_percent: number(self.load.as_deref(), 1000.0),
        }
    }
}

/// The words of `ups.status` that matter here.
#[derive(Default)]
struct Flags {
    /// `OL`: on line, that is, on mains.
    on_line: bool,
    /// `OB`: on battery.
    on_battery: bool,
    /// `LB`: battery low.
    low: bool,
    /// `RB`: replace the battery.
    replace: bool,
    /// `FSD`: the power is about to be cut; to be treated like `OB LB` (`net-protocol.txt`, "FSD").
    shutdown: bool,
}

impl Flags {
    fn of(status: &str) -> Self {
        let mut flags = Self::default();
        for word in status.split_whitespace() {
            match word {
                "OL" => flags.on_line = true,
                "OB" => flags.on_battery = true,
                "LB" => flags.low = true,
                "RB" => flags.replace = true,
                "FSD" => flags.shutdown = true,
                // CHRG, BOOST, TRIM, BYPASS, CAL, OVER, OFF and the like do not say where the power comes from.
                _ => {}
            }
        }
        flags
    }

    /// Mains only where the UPS says so and nothing speaks against it.
    fn power(&self) -> PowerSource {
        match (self.on_line, self.on_battery || self.shutdown && !self.on_line) {
            (_, true) => PowerSource::Battery,
            (true, false) => PowerSource::Mains,
            (false, false) => PowerSource::Unknown,
        }
    }
}

/// Longest runtime that is believed: ten years of seconds, which a `u32` holds.
const RUNTIME_MAX_S: f32 = 315_360_000.0;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and RUNTIME_MAX_S")]
fn whole(seconds: f32) -> u32 {
    seconds as u32
}

/// A decimal number from 0 to `max` ("TYPE": with a dot, without exponents or separators).
fn number(value: Option<&str>, max: f32) -> Option<f32> {
    let value = value?.trim();
    if !value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    value.parse().ok().filter(|number| (0.0..=max).contains(number))
}

fn text(value: Option<&str>) -> Option<String> {
    let kept: String = value?.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}
