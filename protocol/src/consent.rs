//! What a citizen agrees to. The gateway does nothing that needs it before it is recorded in the same session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What consent is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Look at the face and compare it with the portrait on the card (`face.*`).
    FaceMatch,
}

impl Purpose {
    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FaceMatch => "face_match",
        }
    }
}

/// `consent.record`: what the citizen answered to a text on the screen. It holds for this session, until it is recorded
/// otherwise; the gateway notes purpose, text, language, time and session, and nothing of the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRecord {
    /// What was asked for.
    pub purpose: Purpose,
    /// `false`: refused, or withdrawn. The way at the counter must be open then.
    pub given: bool,
    /// Which text was shown, for example `face-2026-11`: 1 to 64 letters, digits, `.`, `-` and `_`.
    #[schemars(length(min = 1, max = 64))]
    pub text_version: String,
    /// The language it was shown in, for example `vi`: 2 to 8 letters and `-`.
    #[schemars(length(min = 2, max = 8))]
    pub language: String,
}
