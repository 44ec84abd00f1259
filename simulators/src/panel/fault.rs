//! The faults a panel can be given.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// A fault of the panel, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Silence {},
    /// See [`KNOBS`].
    Garbage {},
    /// See [`KNOBS`].
    Refuse {
        /// The code.
        #[serde(default = "invalid_variable")]
        code: u8,
    },
    /// See [`KNOBS`].
    Slow {
        /// Rate of the answers.
        #[serde(default = "slow_rate")]
        bytes_per_second: NonZeroU32,
    },
    /// See [`KNOBS`].
    Restart {},
}

fn invalid_variable() -> u8 {
    0x1A
}

fn slow_rate() -> NonZeroU32 {
    NonZeroU32::new(100).expect("it is not zero")
}

/// The panel's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "silence", parameters: "", what: "the panel hears nothing and answers nothing" },
    Knob { name: "garbage", parameters: "", what: "every answer is random bytes; what was asked is done" },
    Knob { name: "refuse", parameters: "code=26", what: "nothing is done, and each answer is this code" },
    Knob { name: "slow", parameters: "bytes_per_second=100", what: "answers come at this rate" },
    Knob { name: "restart", parameters: "", what: "the panel starts anew, once, when it hears something" },
];
