//! The faults that the page printer can be given.

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// A fault of the page printer, as it stands in an order to the control port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    PaperOut {},
    /// See [`KNOBS`].
    Hold {},
    /// See [`KNOBS`].
    Abort {},
}

impl Fault {
    /// Its name, and that of the file by which the printer's command knows it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PaperOut {} => "paper_out",
            Self::Hold {} => "hold",
            Self::Abort {} => "abort",
        }
    }
}

/// The page printer's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob {
        name: "paper_out",
        parameters: "",
        what: "the next job finds no paper, says so (media-empty), and is printed when it is cleared",
    },
    Knob { name: "hold", parameters: "", what: "jobs are taken and not printed before it is cleared" },
    Knob { name: "abort", parameters: "", what: "the printer breaks jobs off, and nothing is printed" },
];
