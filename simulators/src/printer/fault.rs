//! The faults a receipt printer can be given.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// A fault of the printer, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    PaperOut {
        /// Dot rows that still come out.
        #[serde(default)]
        after_rows: u32,
    },
    /// See [`KNOBS`].
    PaperLow {},
    /// See [`KNOBS`].
    CoverOpen {},
    /// See [`KNOBS`].
    CutterError {},
    /// See [`KNOBS`].
    Silence {
        /// False: it also prints nothing.
        #[serde(default = "yes")]
        printing: bool,
    },
    /// See [`KNOBS`].
    Slow {
        /// Rate at which bytes are taken and answers given.
        #[serde(default = "slow_rate")]
        bytes_per_second: NonZeroU32,
    },
    /// See [`KNOBS`].
    Garbage {},
    /// See [`KNOBS`].
    DropAfter {
        /// Bytes that are still taken.
        bytes: u64,
        /// True: the cable is out from then on.
        #[serde(default)]
        unplug: bool,
    },
}

fn yes() -> bool {
    true
}

fn slow_rate() -> NonZeroU32 {
    NonZeroU32::new(2000).expect("it is not zero")
}

/// The printer's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob {
        name: "paper_out",
        parameters: "after_rows=0",
        what: "the paper ends, now or after so many dot rows; bytes wait and the rest prints when it is cleared",
    },
    Knob { name: "paper_low", parameters: "", what: "the near-end sensor reports; printing goes on" },
    Knob { name: "cover_open", parameters: "", what: "the cover is open; printing waits until it is cleared" },
    Knob {
        name: "cutter_error",
        parameters: "",
        what: "the next cut jams the cutter; printing waits until it is cleared",
    },
    Knob {
        name: "silence",
        parameters: "printing=true",
        what: "bytes are taken (and printed) but nothing is answered",
    },
    Knob { name: "slow", parameters: "bytes_per_second=2000", what: "bytes are taken and answers given at this rate" },
    Knob { name: "garbage", parameters: "", what: "every answer byte is a random one" },
    Knob {
        name: "drop_after",
        parameters: "bytes=N (required) unplug=false",
        what: "the connection is reset once, after so many more bytes; or the cable is pulled then",
    },
];
