//! The faults that the authority's services can be given.

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// What a service does instead of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Takes requests and does not answer before this fault is cleared.
    Silent,
    /// Answers with random bytes under the right type.
    Broken,
    /// Says no, as its protocol does.
    Refuse,
}

/// A fault of the authority, as it stands in an order to the control port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Tsa {
        /// What.
        does: Does,
    },
    /// See [`KNOBS`].
    Ocsp {
        /// What.
        does: Does,
    },
    /// See [`KNOBS`].
    Crl {
        /// What.
        does: Does,
    },
}

const DOES: &str = "does=silent|broken|refuse";

/// The authority's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "tsa", parameters: DOES, what: "no time stamps: no answer, random bytes, or a rejection" },
    Knob {
        name: "ocsp",
        parameters: DOES,
        what: "no answers about certificates: none, random bytes, or \"try later\"",
    },
    Knob { name: "crl", parameters: DOES, what: "no revocation lists: no answer, random bytes, or HTTP 503" },
];
