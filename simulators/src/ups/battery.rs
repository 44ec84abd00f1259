//! The battery: energy that goes out on battery and comes in on mains. Time is handed in; nothing here reads a clock.

use std::time::Duration;

/// Watts that go into an empty battery on mains.
const CHARGER_WATTS: f64 = 40.0;
/// Charge up to which the charger gives all it can, percent; then it tapers off.
const TAPER_FROM: f64 = 90.0;
/// Watts that the UPS itself takes.
const OWN_WATTS: f64 = 6.0;
/// Longest time computed in one step, so that tapering is smooth enough.
const STEP_SECONDS: f64 = 10.0;

/// A battery and what hangs on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Battery {
    /// Energy when full, watt hours.
    pub capacity_wh: f64,
    /// Charge in percent of that, 0 to 100.
    pub charge: f64,
    /// What the outlets can give, watts.
    pub nominal_watts: f64,
    /// What is drawn, percent of that.
    pub load: f64,
    /// True while there is mains power.
    pub mains: bool,
}

impl Default for Battery {
    fn default() -> Self {
        // A small line-interactive UPS: 650 VA, 390 W, two 9 Ah batteries of 12 V would be more; one is 7 Ah at 12 V.
        Self { capacity_wh: 84.0, charge: 100.0, nominal_watts: 390.0, load: 30.0, mains: true }
    }
}

impl Battery {
    /// Watts drawn from the battery while there is no mains.
    #[must_use]
    pub fn watts(&self) -> f64 {
        OWN_WATTS + self.nominal_watts * self.load / 100.0
    }

    /// Seconds until the battery is empty at this load.
    #[must_use]
    pub fn runtime_seconds(&self) -> f64 {
        self.capacity_wh * self.charge / 100.0 / self.watts() * 3600.0
    }

    /// True while the charger works.
    #[must_use]
    pub fn is_charging(&self) -> bool {
        self.mains && self.charge < 100.0
    }

    /// Volts at the terminals: falls with the charge, rises while charging.
    #[must_use]
    pub fn volts(&self) -> f64 {
        11.0 + 1.8 * self.charge / 100.0 + if self.mains { 0.8 } else { 0.0 }
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        // A day is more than either direction takes.
        let mut left = time.as_secs_f64().min(86_400.0);
        while left > 0.0 {
            let step = left.min(STEP_SECONDS);
            left -= step;
            let watts = if self.mains { self.charger_watts() } else { -self.watts() };
            self.charge = (self.charge + watts * step / 3600.0 / self.capacity_wh * 100.0).clamp(0.0, 100.0);
            // The taper never quite arrives.
            if self.mains && self.charge > 99.95 {
                self.charge = 100.0;
            }
        }
    }

    fn charger_watts(&self) -> f64 {
        let taper = (100.0 - self.charge) / (100.0 - TAPER_FROM);
        CHARGER_WATTS * taper.clamp(0.02, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Battery;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn on_battery_the_charge_is_gone_when_the_runtime_is_over() {
        let mut battery = Battery { mains: false, ..Battery::default() };
        let runtime = battery.runtime_seconds();
        battery.pass(Duration::from_secs_f64(runtime / 2.0));
        assert!((battery.charge - 50.0).abs() < 0.1, "{}", battery.charge);
        battery.pass(Duration::from_secs_f64(runtime / 2.0 + 1.0));
        assert_eq!(battery.charge, 0.0);
    }

    #[test]
    fn on_mains_an_empty_battery_fills_within_a_day() {
        let mut battery = Battery { charge: 0.0, ..Battery::default() };
        battery.pass(Duration::from_secs(3600));
        assert!(battery.charge > 20.0 && battery.charge < 60.0, "{}", battery.charge);
        battery.pass(Duration::from_secs(86_400));
        assert_eq!(battery.charge, 100.0);
        assert!(!battery.is_charging());
    }

    proptest! {
        #[test]
        fn the_charge_stays_within_bounds(
            mains: bool, charge in 0.0..=100.0f64, load in 0.0..=200.0f64, seconds in 0u64..u64::MAX / 2
        ) {
            let mut battery = Battery { mains, charge, load, ..Battery::default() };
            battery.pass(Duration::from_secs(seconds));
            prop_assert!((0.0..=100.0).contains(&battery.charge));
            prop_assert!(battery.runtime_seconds() >= 0.0);
        }
    }
}
