//! The faults a UPS, its driver and its server can be given.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// A fault of the UPS, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    MainsOff {},
    /// See [`KNOBS`].
    LowBattery {},
    /// See [`KNOBS`].
    ReplaceBattery {},
    /// See [`KNOBS`].
    Stale {},
    /// See [`KNOBS`].
    DriverDead {},
    /// See [`KNOBS`].
    Silence {},
    /// See [`KNOBS`].
    Slow {
        /// Rate of the answers.
        #[serde(default = "slow_rate")]
        bytes_per_second: NonZeroU32,
    },
    /// See [`KNOBS`].
    Garbage {},
}

fn slow_rate() -> NonZeroU32 {
    NonZeroU32::new(20).expect("it is not zero")
}

/// So many of [`KNOBS`], from the first, are about the battery; the others are about the server and its wire.
pub const OF_BATTERY: usize = 3;

/// The UPS's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "mains_off", parameters: "", what: "the mains fail (as `set mains=off`); cleared, they are back" },
    Knob { name: "low_battery", parameters: "", what: "the status has LB whatever the charge is" },
    Knob { name: "replace_battery", parameters: "", what: "the status has RB" },
    Knob { name: "stale", parameters: "", what: "every question about the UPS is answered ERR DATA-STALE" },
    Knob {
        name: "driver_dead",
        parameters: "",
        what: "every question about the UPS is answered ERR DRIVER-NOT-CONNECTED",
    },
    Knob { name: "silence", parameters: "", what: "lines are read and nothing is answered" },
    Knob { name: "slow", parameters: "bytes_per_second=20", what: "answers come at this rate" },
    Knob { name: "garbage", parameters: "", what: "answers are random bytes, with line ends" },
];
