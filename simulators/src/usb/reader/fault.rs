//! The faults a reader and its card can be given.

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// When the card is mute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mute {
    /// When it gets power.
    #[default]
    Atr,
    /// When it gets a command.
    Apdu,
}

/// A fault of the reader, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Mute {
        /// When.
        #[serde(default)]
        at: Mute,
    },
    /// See [`KNOBS`].
    SlowCard {
        /// Milliseconds.
        #[serde(default = "slow")]
        ms: u64,
        /// The reader asks for patience meanwhile.
        #[serde(default = "yes")]
        extensions: bool,
    },
    /// See [`KNOBS`].
    Wedged {},
    /// See [`KNOBS`].
    Parity {},
    /// See [`KNOBS`].
    Hardware {},
    /// See [`KNOBS`].
    ShortAnswer {},
    /// See [`KNOBS`].
    WrongSequence {},
    /// See [`KNOBS`].
    BadLength {
        /// Bytes too many, or, below zero, too few.
        #[serde(default = "slow_by")]
        by: i32,
    },
}

fn slow() -> u64 {
    3000
}

fn yes() -> bool {
    true
}

fn slow_by() -> i32 {
    3
}

/// The reader's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "mute", parameters: "at=atr|apdu", what: "the card does not answer" },
    Knob {
        name: "slow_card",
        parameters: "ms=3000 extensions=true",
        what: "the card takes so long; the reader asks the host for patience meanwhile, or does not",
    },
    Knob { name: "wedged", parameters: "", what: "the reader takes commands and never answers" },
    Knob { name: "parity", parameters: "", what: "every transfer to the card ends with a parity error" },
    Knob { name: "hardware", parameters: "", what: "the reader says that it is broken" },
    Knob { name: "short_answer", parameters: "", what: "answers of the card are one byte long, without status words" },
    Knob { name: "wrong_sequence", parameters: "", what: "answers carry another number than the question" },
    Knob { name: "bad_length", parameters: "by=3", what: "answers say that they are so much longer than they are" },
];
