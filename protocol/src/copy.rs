//! What anybody may ask about a certified copy who has its verification code.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::personal::PersonalText;

/// `copy.verify`: what the register says of a verification code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyCode {
    /// The code, as it was typed or scanned.
    pub code: PersonalText,
}

/// `copy.verify_file`: what the register says of a file. Of the gateway only, for who hands it in on the page `/verify`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyFile {
    /// SHA-256 of the file's states, hexadecimal digits, the oldest first: a copy that was updated since begins with the one that
    /// the register has. At most [`FILE_STATES_MAX`].
    pub states: Vec<String>,
}

/// Most states of a file that the register is asked for.
pub const FILE_STATES_MAX: usize = 256;

/// The reply to `copy.verify`: what anybody may know who has the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerifiedCode {
    /// Whether the copy holds.
    pub standing: CopyStanding,
    /// Its number in the register.
    pub number: String,
    /// The number alone.
    pub register_number: u64,
    /// The book, as QR codes and the log name it: volume and year, such as `1/2026`.
    pub book: String,
    /// When it was certified, milliseconds since 1970.
    pub certified_ms: i64,
    /// When it was revoked, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_ms: Option<i64>,
    /// The agency.
    pub agency: String,
    /// The procedure.
    pub procedure: String,
    /// The holder's name, all but the first letters hidden; absent when the case is purged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<PersonalText>,
    /// Pages of the paper.
    pub pages: u32,
    /// SHA-256 of the signed file, hexadecimal digits, the newest last (later time stamps are added to the file).
    pub file_sha256: Vec<String>,
    /// Place of the copy's status in the status list.
    pub log_index: u64,
}

/// Whether a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyStanding {
    /// It holds.
    Valid,
    /// It is withdrawn.
    Revoked,
    /// It has its number and is not signed yet.
    NotSignedYet,
}

/// `copy.fetch`: get the file again, by its code and the proof that one is its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchCopy {
    /// The code, as it was typed or scanned.
    pub code: PersonalText,
    /// All twelve digits of the holder's citizen number.
    pub citizen_number: PersonalText,
}
