//! The faults a network camera can be given.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// What is garbage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Random bytes in the place of each picture.
    #[default]
    Picture,
    /// Random bytes in the place of parts, boundaries and all.
    Stream,
    /// Random bytes in the place of HTTP.
    Http,
}

/// A fault of the camera, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Freeze {},
    /// See [`KNOBS`].
    Silence {},
    /// See [`KNOBS`].
    Slow {
        /// Rate of every stream and picture.
        #[serde(default = "slow_rate")]
        bytes_per_second: NonZeroU32,
    },
    /// See [`KNOBS`].
    Garbage {
        /// Of what.
        #[serde(default)]
        of: Garbage,
    },
    /// See [`KNOBS`].
    WrongLength {
        /// So many bytes too many, or too few.
        by: i64,
    },
    /// See [`KNOBS`].
    CutFrame {},
    /// See [`KNOBS`].
    Drop {
        /// Pictures of a stream before it ends.
        #[serde(default)]
        after: u32,
    },
    /// See [`KNOBS`].
    Refuse {
        /// The status.
        #[serde(default = "busy")]
        status: u16,
    },
    /// See [`KNOBS`].
    Endless {},
}

fn slow_rate() -> NonZeroU32 {
    NonZeroU32::new(20_000).expect("it is not zero")
}

fn busy() -> u16 {
    503
}

/// The camera's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "freeze", parameters: "", what: "streams stay open and no picture comes" },
    Knob { name: "silence", parameters: "", what: "requests are taken and never answered" },
    Knob { name: "slow", parameters: "bytes_per_second=20000", what: "pictures come at this rate" },
    Knob { name: "garbage", parameters: "of=picture|stream|http", what: "random bytes in the place of it" },
    Knob { name: "wrong_length", parameters: "by=N", what: "each part says a length that is wrong by so much" },
    Knob { name: "cut_frame", parameters: "", what: "each picture ends in its middle, and the next part follows" },
    Knob { name: "drop", parameters: "after=0", what: "streams end after so many pictures, in the middle of the next" },
    Knob { name: "refuse", parameters: "status=503", what: "requests get this HTTP status" },
    Knob { name: "endless", parameters: "", what: "a picture's data never ends" },
];
