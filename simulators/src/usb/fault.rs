//! The faults that every USB device can be given, whatever it is.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// Which endpoints a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// All to the host.
    In,
    /// All from the host.
    Out,
    /// Endpoint 0: class and vendor requests.
    Control,
    /// All but endpoint 0.
    #[default]
    Data,
    /// All.
    All,
}

impl Which {
    /// True for endpoint 0.
    #[must_use]
    pub fn is_control(self) -> bool {
        matches!(self, Which::Control | Which::All)
    }

    /// True for an endpoint other than 0, by its address.
    #[must_use]
    pub fn is_data(self, address: u8) -> bool {
        match self {
            Which::In => address & 0x80 != 0,
            Which::Out => address & 0x80 == 0,
            Which::Data | Which::All => true,
            Which::Control => false,
        }
    }
}

/// Which descriptor is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// The device descriptor ends after 8 bytes.
    Device,
    /// The configuration says that it is longer than it is, and an endpoint descriptor has length 0.
    Configuration,
    /// Strings are stalled.
    Strings,
    /// The class's own descriptors (HID report descriptor, device ID) are random bytes.
    Class,
}

/// A fault of the bus, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Stall {
        /// Where.
        #[serde(default)]
        on: Which,
        /// True: halted again as soon as the host has cleared the halt.
        #[serde(default)]
        again: bool,
    },
    /// See [`KNOBS`].
    #[serde(alias = "silence")]
    Nak {
        /// Where.
        #[serde(default = "all")]
        on: Which,
    },
    /// See [`KNOBS`].
    ShortPacket {
        /// Bytes that come.
        #[serde(default = "one")]
        bytes: u32,
    },
    /// See [`KNOBS`].
    WrongLength {
        /// Bytes too many, or, below zero, too few.
        #[serde(default = "three")]
        by: i16,
    },
    /// See [`KNOBS`].
    #[serde(alias = "garbage")]
    Noise {
        /// Where.
        #[serde(default = "all")]
        on: Which,
    },
    /// See [`KNOBS`].
    #[serde(alias = "slow")]
    Throttle {
        /// Rate of all data.
        #[serde(default = "slow_rate")]
        bytes_per_second: NonZeroU32,
    },
    /// See [`KNOBS`].
    PullAfter {
        /// Bytes, both ways, that still go.
        bytes: u64,
        /// True: the cable is back at once.
        #[serde(default)]
        replug: bool,
    },
    /// See [`KNOBS`].
    Descriptor {
        /// Another serial number; `""`: none.
        #[serde(default)]
        serial: Option<String>,
        /// Another name.
        #[serde(default)]
        name: Option<String>,
        /// Another maker.
        #[serde(default)]
        maker: Option<String>,
        /// Other ids, `VVVV:PPPP`.
        #[serde(default)]
        id: Option<String>,
    },
    /// See [`KNOBS`].
    BadDescriptor {
        /// Which one.
        of: Broken,
    },
    /// See [`KNOBS`].
    ExtraKeyboard {
        /// What is typed on it now, if it is plugged in.
        #[serde(default)]
        types: Option<String>,
    },
}

fn all() -> Which {
    Which::All
}

fn one() -> u32 {
    1
}

fn three() -> i16 {
    3
}

fn slow_rate() -> NonZeroU32 {
    NonZeroU32::new(2000).expect("it is not zero")
}

/// The bus's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob {
        name: "stall",
        parameters: "on=data|in|out|control|all again=false",
        what: "endpoints are halted until the host clears them; class requests are stalled until the fault is cleared",
    },
    Knob {
        name: "nak",
        parameters: "on=all|data|in|out|control",
        what: "the device answers nothing and takes nothing; also called silence where the device has none of its own",
    },
    Knob { name: "short_packet", parameters: "bytes=1", what: "of all data to the host only so many bytes come" },
    Knob {
        name: "wrong_length",
        parameters: "by=3",
        what: "data to the host is so many bytes too long (or too short)",
    },
    Knob {
        name: "noise",
        parameters: "on=all|data|in|control",
        what: "data to the host is random; also called garbage where the device has none of its own",
    },
    Knob {
        name: "throttle",
        parameters: "bytes_per_second=2000",
        what: "data goes at this rate; also called slow where the device has none of its own",
    },
    Knob {
        name: "pull_after",
        parameters: "bytes=N (required) replug=false",
        what: "the cable is pulled once, after so many more bytes; and put back at once",
    },
    Knob {
        name: "descriptor",
        parameters: "serial=S name=TEXT maker=TEXT id=VVVV:PPPP",
        what: "from the next plug on the device calls itself otherwise (serial \"\": no serial number)",
    },
    Knob {
        name: "bad_descriptor",
        parameters: "of=device|configuration|strings|class (required)",
        what: "from the next plug on a descriptor is broken",
    },
    Knob {
        name: "extra_keyboard",
        parameters: "types=TEXT",
        what: "from the next plug on the device has a keyboard interface more; once it has, the text is typed on it now",
    },
];

/// The name a fault has here, when it may also be called otherwise.
#[must_use]
pub fn canonical(name: &str) -> &str {
    match name {
        "silence" => "nak",
        "garbage" => "noise",
        "slow" => "throttle",
        name => name,
    }
}
