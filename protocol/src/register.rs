//! The register of certified copies, as officers look into it. It names no citizen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::approval::{Pass, Reason, statement};
use crate::case::{CaseName, FileBlob};

/// `register.search`: entries of the register, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRegister {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Not before this time, milliseconds since 1970.
    pub from_ms: i64,
    /// Before this time, milliseconds since 1970.
    pub until_ms: i64,
    /// Certified by this officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// Behind this `entry`: the last one of the page before; 0 for the first page.
    #[serde(default)]
    pub after: i64,
    /// At most so many, 1 to 1000.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 1000))]
    pub most: u16,
}

fn hundred() -> u16 {
    100
}

/// The reply to `register.search`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterPage {
    /// The entries.
    pub entries: Vec<RegisterEntry>,
}

/// An entry of the register. It names no citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterEntry {
    /// Its place among all entries.
    pub entry: i64,
    /// Its case, of the officer's own procedures only: who has the name may ask for the copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseName>,
    /// Its number, such as `1834/2026-SCTĐT/BS`.
    pub number: String,
    /// The book of the year.
    pub volume: u32,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// Who certified.
    pub officer: String,
    /// For which procedure.
    pub procedure: String,
    /// Pages of the paper.
    pub pages: u32,
    /// It holds no more.
    pub revoked: bool,
    /// Since when, milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_ms: Option<i64>,
}

/// `register.statistics`: how many entries of each day, officer and procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountRegister {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Not before this time, milliseconds since 1970.
    pub from_ms: i64,
    /// Before this time, milliseconds since 1970.
    pub until_ms: i64,
}

/// The reply to `register.statistics`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterCounts {
    /// The counts, by day.
    pub counts: Vec<RegisterCount>,
}

/// How many entries there are of a day, an officer and a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterCount {
    /// The day in Vietnam, YYYY-MM-DD.
    pub day: String,
    /// Who certified.
    pub officer: String,
    /// For which procedure.
    pub procedure: String,
    /// How many.
    pub entries: i64,
    /// Of these, revoked until now.
    pub revoked: i64,
}

/// `register.export`: all entries of a time as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRegister {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Not before this time, milliseconds since 1970.
    pub from_ms: i64,
    /// Before this time, milliseconds since 1970.
    pub until_ms: i64,
    /// As which file.
    #[serde(default)]
    pub format: ExportFormat,
}

/// Files of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// RFC 4180, with a head line.
    #[default]
    Csv,
    /// One JSON object on each line.
    JsonLines,
}

/// The reply to `register.export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegisterFile {
    /// The file.
    pub file: FileBlob,
}

/// `register.revoke`: withdraw a copy. The entry stays; the withdrawal is logged and goes into the status list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Which case.
    pub case: CaseName,
    /// Why.
    pub reason: Reason,
    /// Over [`Revoke::statement`].
    pub signature: String,
}

impl Revoke {
    /// What is signed: `kiosk-gateway revocation 1`, then `case`, `reason`.
    pub fn statement(&self) -> String {
        statement("revocation", &[("case", &self.case.0), ("reason", self.reason.as_str())])
    }
}
