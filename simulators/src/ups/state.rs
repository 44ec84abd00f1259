//! The UPS's state: battery, settings, faults, logins. Time passes only when it is looked at.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::battery::Battery;
use super::fault::Fault;
use super::variables::{self, Kind};
use crate::device::Active;

/// Below this runtime the status has LB, seconds.
pub const RUNTIME_LOW_SECONDS: u32 = 120;

/// Everything that changes in a UPS.
#[derive(Debug)]
pub struct State {
    /// The battery, as of the last [`State::pass`].
    pub battery: Battery,
    /// Faults that are on.
    pub faults: Active<Fault>,
    /// How many seconds of the battery's pass in one of ours.
    pub acceleration: f64,
    /// Charge below which the status has LB, percent.
    pub charge_low: u32,
    /// `ups.beeper.status`
    pub beeper: String,
    /// `ups.id`
    pub id: String,
    /// `ups.delay.shutdown`
    pub delay_shutdown: u32,
    /// `ups.test.result`
    pub test_result: &'static str,
    /// True once a primary has said FSD; stays, as at upsd.
    pub forced_shutdown: bool,
    /// Clients that are logged in: a shutdown master waits for them.
    pub logins: Vec<std::net::IpAddr>,
    /// Lines answered since the start.
    pub lines: u64,
    looked: Instant,
}

/// Why a variable was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetError {
    /// Cannot be set at all.
    ReadOnly,
    /// Longer than its room.
    TooLong,
    /// Not one of its values.
    Invalid,
}

impl State {
    /// A full battery on mains.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            battery: Battery::default(),
            faults: Active::default(),
            acceleration: 1.0,
            charge_low: 20,
            beeper: "enabled".into(),
            id: "kiosk".into(),
            delay_shutdown: 20,
            test_result: "No test initiated",
            forced_shutdown: false,
            logins: Vec::new(),
            lines: 0,
            looked: now,
        }
    }

    /// Lets the time since the last look pass, times the acceleration.
    pub fn pass(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.looked).as_secs_f64();
        self.looked = now;
        let mains = self.battery.mains;
        self.battery.mains = !self.is_on_battery();
        self.battery.pass(Duration::try_from_secs_f64(elapsed * self.acceleration).unwrap_or(Duration::MAX));
        self.battery.mains = mains;
    }

    /// True when there is no mains power, set so or by a fault.
    #[must_use]
    pub fn is_on_battery(&self) -> bool {
        !self.battery.mains || self.faults.any(|fault| matches!(fault, Fault::MainsOff {}))
    }

    /// `ups.status`: the flags of NUT, parted by spaces.
    #[must_use]
    pub fn status(&self) -> String {
        let on_battery = self.is_on_battery();
        let mut flags = vec![if on_battery { "OB" } else { "OL" }];
        if on_battery {
            flags.push("DISCHRG");
        } else if self.battery.charge < 100.0 {
            flags.push("CHRG");
        }
        let low = self.battery.charge <= f64::from(self.charge_low)
            || self.battery.runtime_seconds() <= f64::from(RUNTIME_LOW_SECONDS);
        if low || self.faults.any(|fault| matches!(fault, Fault::LowBattery {})) {
            flags.push("LB");
        }
        if self.faults.any(|fault| matches!(fault, Fault::ReplaceBattery {})) {
            flags.push("RB");
        }
        if self.forced_shutdown {
            flags.insert(0, "FSD");
        }
        flags.join(" ")
    }

    /// Sets a variable from the wire.
    ///
    /// # Errors
    /// When it cannot be set, or not to this.
    pub fn set_variable(&mut self, name: &str, value: &str) -> Result<(), SetError> {
        let kind = variables::find(name).map_or(Kind::Text, |(_, _, kind)| *kind);
        match kind {
            Kind::Number | Kind::Text => return Err(SetError::ReadOnly),
            Kind::WritableText(most) if value.len() > most => return Err(SetError::TooLong),
            Kind::WritableText(_) => self.id = value.to_owned(),
            Kind::WritableChoice(choices) if !choices.contains(&value) => return Err(SetError::Invalid),
            Kind::WritableChoice(_) => self.beeper = value.to_owned(),
            Kind::WritableRange(low, high) => {
                let number = value.parse().ok().filter(|number| (low..=high).contains(number));
                let number = number.ok_or(SetError::Invalid)?;
                if name == "battery.charge.low" { self.charge_low = number } else { self.delay_shutdown = number }
            }
        }
        Ok(())
    }

    /// Carries out an instant command of [`variables::COMMANDS`]; false when there is no such.
    pub fn command(&mut self, name: &str) -> bool {
        match name {
            "beeper.enable" => self.beeper = "enabled".into(),
            "beeper.disable" => self.beeper = "disabled".into(),
            "beeper.mute" => self.beeper = "muted".into(),
            "test.battery.start.quick" => self.test_result = "Done and passed",
            "test.battery.stop" => self.test_result = "Aborted",
            _ => return false,
        }
        true
    }

    /// For the control port.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "status": self.status(), "faults": self.faults.to_json(), "mains": !self.is_on_battery(),
            "charge": self.battery.charge, "runtime_s": self.battery.runtime_seconds(), "load": self.battery.load,
            "capacity_wh": self.battery.capacity_wh, "charge_low": self.charge_low,
            "acceleration": self.acceleration, "logins": self.logins.len(), "lines_answered": self.lines,
        })
    }
}
