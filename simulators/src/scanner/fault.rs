//! The faults a scanner can be given.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// Which answers are garbage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Capabilities and status are XML that breaks off in the middle of a tag.
    #[default]
    Xml,
    /// Every connection gets random bytes where HTTP should be.
    Http,
    /// Pages are random bytes called image/jpeg.
    Page,
}

/// How the status says that a cover is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// ScannerAdfHatchOpen, as the standard has it.
    #[default]
    Hatch,
    /// ScannerAdfDoorOpen, as some scanners say and sane-airscan expects.
    Door,
}

/// How a page that is cut short ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The connection closes without the last chunk: HTTP can tell that something is missing.
    #[default]
    Close,
    /// The last chunk comes as if the page were whole: only the JPEG can tell.
    Clean,
    /// The cable is out from then on.
    Unplug,
}

/// A fault of the scanner, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Jam {
        /// Page of a job at which the feeder jams, from 1.
        #[serde(default = "first")]
        page: NonZeroU32,
    },
    /// See [`KNOBS`].
    AdfEmpty {},
    /// See [`KNOBS`].
    CoverOpen {
        /// How the status says it.
        #[serde(default)]
        word: Word,
    },
    /// See [`KNOBS`].
    Busy {
        /// Refusals before the fault ends by itself; none: until it is cleared.
        #[serde(default)]
        times: Option<NonZeroU32>,
    },
    /// See [`KNOBS`].
    Silence {
        /// Bytes of a page that still come; none: no request is answered at all.
        #[serde(default)]
        after: Option<u64>,
    },
    /// See [`KNOBS`].
    Slow {
        /// Rate of every answer's body.
        #[serde(default = "slow_rate")]
        bytes_per_second: NonZeroU32,
    },
    /// See [`KNOBS`].
    Garbage {
        /// Which answers.
        #[serde(default)]
        of: Garbage,
    },
    /// See [`KNOBS`].
    Truncate {
        /// Bytes of the page that still come; none: half of it.
        #[serde(default)]
        after: Option<u64>,
        /// What follows them.
        #[serde(default)]
        ending: Ending,
    },
    /// See [`KNOBS`].
    BadJpeg {},
    /// See [`KNOBS`].
    Endless {},
}

fn first() -> NonZeroU32 {
    NonZeroU32::MIN
}

fn slow_rate() -> NonZeroU32 {
    NonZeroU32::new(100_000).expect("it is not zero")
}

/// The scanner's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "jam", parameters: "page=1", what: "the feeder jams when this page of a job is asked for" },
    Knob { name: "adf_empty", parameters: "", what: "the feeder says that it holds no paper" },
    Knob { name: "cover_open", parameters: "word=hatch|door", what: "the feeder's hatch is open; the scanner stops" },
    Knob { name: "busy", parameters: "times=N (for ever)", what: "new jobs get 503 Service Unavailable" },
    Knob {
        name: "silence",
        parameters: "after=BYTES (of a page; without it: of everything)",
        what: "requests are taken and never answered, or a page stops coming and stays open",
    },
    Knob { name: "slow", parameters: "bytes_per_second=100000", what: "bodies come at this rate" },
    Knob { name: "garbage", parameters: "of=xml|http|page", what: "broken XML, no HTTP at all, or no image" },
    Knob {
        name: "truncate",
        parameters: "after=BYTES (half the page) ending=close|clean|unplug",
        what: "a page breaks off: connection closed, ended as if whole, or cable pulled",
    },
    Knob { name: "bad_jpeg", parameters: "", what: "pages are JPEG files with spoiled tables" },
    Knob { name: "endless", parameters: "", what: "a page's data never ends" },
];
