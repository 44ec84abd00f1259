//! The faults a camera can be given.

use serde::{Deserialize, Serialize};

use crate::device::Knob;

/// A fault of the camera, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    Freeze {},
    /// See [`KNOBS`].
    SamePicture {},
    /// See [`KNOBS`].
    BadJpeg {},
    /// See [`KNOBS`].
    ShortFrame {},
    /// See [`KNOBS`].
    WrongSize {},
    /// See [`KNOBS`].
    ErrorBit {},
    /// See [`KNOBS`].
    NoEnd {},
    /// See [`KNOBS`].
    Endless {},
    /// See [`KNOBS`].
    BadHeader {
        /// What the header says its length is.
        #[serde(default)]
        length: u8,
    },
}

/// The camera's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "freeze", parameters: "", what: "no frame comes any more, without an error" },
    Knob { name: "same_picture", parameters: "", what: "frames come, always the same" },
    Knob { name: "bad_jpeg", parameters: "", what: "the second half of each JPEG is rubbish" },
    Knob {
        name: "short_frame",
        parameters: "",
        what: "of each frame only the first half comes, and it ends as if whole",
    },
    Knob { name: "wrong_size", parameters: "", what: "frames have another size than agreed" },
    Knob { name: "error_bit", parameters: "", what: "each frame is marked as damaged" },
    Knob { name: "no_end", parameters: "", what: "no frame is marked as ended; only the next one's beginning tells" },
    Knob {
        name: "endless",
        parameters: "",
        what: "a frame's data never end: neither its end nor a next one is marked",
    },
    Knob { name: "bad_header", parameters: "length=0", what: "the header of each piece has a length that cannot be" },
];
