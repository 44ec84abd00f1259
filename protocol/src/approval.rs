//! What officers do: prove who they are with a key that never leaves their browser, look at prepared copies, decide, and look
//! into the register. Answered by the signer, which itself checks each signature: the gateway only passes them on.
//!
//! Signatures are ECDSA P-256 with SHA-256 over the UTF-8 text of a statement ([`Enrol::statement`], [`SignIn::statement`],
//! [`Decide::statement`], [`Settle::statement`], [`Reprint::statement`], [`crate::register::Revoke::statement`]), r and s of 32
//! bytes each, as WebCrypto gives them; base64url without padding.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{CaseName, CaseState, CopyView, DeliveryView, FileBlob, IdentityEvidence, WaitsFor};
use crate::error::PrintOutcome;
use crate::ocr::Quad;
use crate::personal::PersonalText;

/// The reply to `approval.challenge`: to be signed within two minutes, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Challenge {
    /// 32 random hexadecimal digits.
    pub nonce: String,
}

/// `approval.enrol`: bind a browser's new key to an officer, with the one-time code of the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// Who, as the configuration calls him.
    pub officer: String,
    /// The one-time code, from `kiosk-signer invite`.
    pub invitation: PersonalText,
    /// From `approval.challenge`.
    pub nonce: String,
    /// The public key: the uncompressed point, 65 bytes, base64url without padding.
    pub public_key: String,
    /// Over [`Enrol::statement`], by this key.
    pub signature: String,
}

/// `approval.sign_in`: prove who one is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Who, as the configuration calls him.
    pub officer: String,
    /// From `approval.challenge`.
    pub nonce: String,
    /// Over [`SignIn::statement`], by the key that was enrolled.
    pub signature: String,
}

/// What lets an officer look; good for eight hours, and until the signer is started anew. It decides nothing: each decision is
/// signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pass(pub String);

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[pass]")
    }
}

/// The reply to `approval.sign_in`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// For the other calls.
    pub pass: Pass,
    /// The officer's name.
    pub name: String,
    /// The officer's title.
    pub title: String,
    /// The procedures that he may certify for.
    pub procedures: Vec<String>,
    /// The reasons to choose from.
    pub reasons: Vec<Reason>,
    /// He may ask for a second scan: send a case back with the reason `second_scan`.
    #[serde(default)]
    pub second_scan: bool,
}

/// A call of an officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfOfficer {
    /// From `approval.sign_in`.
    pub pass: Pass,
}

/// `approval.case`: all of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseOfOfficer {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Which.
    pub case: CaseName,
}

/// The reply to `approval.list`: the cases that need a person, the oldest first; at most 200.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalList {
    /// The cases.
    pub cases: Vec<ApprovalRow>,
}

/// One case in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalRow {
    /// Which.
    pub case: CaseName,
    /// Where it is.
    pub state: CaseState,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WaitsFor>,
    /// For which procedure.
    pub procedure: String,
    /// When it was opened, milliseconds since 1970.
    pub opened_ms: i64,
    /// When it last went on, milliseconds since 1970.
    pub changed_ms: i64,
    /// This officer may decide it (procedure, and not approved by himself already).
    pub may_decide: bool,
    /// Who has approved it already, of those that are needed.
    pub approved_by: Vec<String>,
}

/// The reply to `approval.case`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalCase {
    /// The row of the list.
    pub row: ApprovalRow,
    /// The hash of all that is certified and was looked at, hexadecimal digits: what the decision names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The scanned pages, in order.
    pub pages: Vec<FileBlob>,
    /// What was read on each page: an `ocr.read` reply ([`crate::ocr::DocumentText`]), JSON.
    pub readings: Vec<FileBlob>,
    /// What an officer should look at more closely.
    pub doubts: Vec<ApprovalDoubt>,
    /// The same pages, scanned a second time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondScan>,
    /// The copy as it will be, without number and code, PDF; absent before it is composed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<FileBlob>,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityEvidence>,
    /// The copy, once it is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<CopyView>,
    /// Its deliveries.
    pub deliveries: Vec<DeliveryView>,
}

/// What an officer should look at more closely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ApprovalDoubt {
    /// A line that the reader was not sure of.
    Line {
        /// Which page, from 1.
        page: u32,
        /// Which line of its reading, from 0.
        line: u32,
        /// How sure, 0 to 1.
        confidence: f32,
    },
    /// A page on which nothing was read.
    NothingRead {
        /// Which page, from 1.
        page: u32,
    },
    /// The chip was not proven genuine.
    Chip,
    /// The card has expired.
    Expired,
    /// The face was not compared, or is not surely the same.
    Face,
}

/// The same pages, scanned a second time, and where the two readings differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecondScan {
    /// The pages, in order.
    pub pages: Vec<FileBlob>,
    /// What was read on each of them, as in `readings` of the case.
    pub readings: Vec<FileBlob>,
    /// The differences, page by page; at most 200.
    pub differences: Vec<ScanDifference>,
    /// How many there are.
    pub count: u32,
}

/// What one scan says otherwise than the other: a word, or words of one line that cannot be told apart. White space and the form
/// of Unicode are no difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScanDifference {
    /// Which page, from 1.
    pub page: u32,
    /// What the first scan says; absent: nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<ReadPlace>,
    /// What the second scan says; absent: nothing there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<ReadPlace>,
}

/// What was read at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadPlace {
    /// What it says; cut after 100 characters.
    pub text: PersonalText,
    /// Where it stands, in the pixels of its reading.
    pub quad: Quad,
}

/// What an officer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalDecision {
    /// The copy is true to the original: certify it.
    Approve,
    /// It is not certified.
    Refuse,
    /// It is to be scanned or prepared anew.
    SendBack,
}

/// Why it is refused or sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The original is damaged, or something on it was changed.
    OriginalDamaged,
    /// The original is no document that may be certified.
    NotAllowed,
    /// A page is missing, or not of this document.
    PagesWrong,
    /// The scan cannot be read well.
    ScanPoor,
    /// The person is not who the document or the card is for.
    IdentityDoubtful,
    /// The original must be shown at the counter.
    ShowOriginal,
    /// The copy was issued in error.
    IssuedInError,
    /// The same paper is to be scanned a second time; only for sending back.
    SecondScan,
}

/// `approval.decide`: certify, refuse, or send back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Which case.
    pub case: CaseName,
    /// The `content` of `approval.case`: what the officer has seen.
    pub content: String,
    /// What is decided.
    pub decision: ApprovalDecision,
    /// Why; needed unless it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Over [`Decide::statement`].
    pub signature: String,
}

/// `approval.settle`: say what became of a delivery of which nobody knew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// Which delivery.
    pub delivery: i64,
    /// Its `attempts`: a settlement is about this try.
    pub attempts: u32,
    /// What the officer found out: printed or not printed.
    pub outcome: PrintOutcome,
    /// Over [`Settle::statement`].
    pub signature: String,
}

/// An officer's permission to print a copy once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reprint {
    /// From `approval.sign_in`.
    pub pass: Pass,
    /// From `approval.challenge`: a permission is good once.
    pub nonce: String,
    /// Over [`Reprint::statement`].
    pub signature: String,
}

impl Reason {
    /// Those to choose from; asking for a second scan is a matter of its own.
    pub const ALL: [Self; 7] = [
        Self::OriginalDamaged,
        Self::NotAllowed,
        Self::PagesWrong,
        Self::ScanPoor,
        Self::IdentityDoubtful,
        Self::ShowOriginal,
        Self::IssuedInError,
    ];

    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OriginalDamaged => "original_damaged",
            Self::NotAllowed => "not_allowed",
            Self::PagesWrong => "pages_wrong",
            Self::ScanPoor => "scan_poor",
            Self::IdentityDoubtful => "identity_doubtful",
            Self::ShowOriginal => "show_original",
            Self::IssuedInError => "issued_in_error",
            Self::SecondScan => "second_scan",
        }
    }
}

impl ApprovalDecision {
    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::SendBack => "send_back",
        }
    }
}

/// A first line, then a line for each field: `name value`, all ended by a line feed.
pub(crate) fn statement(of: &str, fields: &[(&str, &str)]) -> String {
    let mut text = format!("kiosk-gateway {of} 1\n");
    for (name, value) in fields {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{name} {value}");
    }
    text
}

impl Enrol {
    /// What the new key signs: `kiosk-gateway enrol 1`, then `officer`, `nonce`, `key`.
    pub fn statement(&self) -> String {
        statement("enrol", &[("officer", &self.officer), ("nonce", &self.nonce), ("key", &self.public_key)])
    }
}

impl SignIn {
    /// What is signed: `kiosk-gateway sign-in 1`, then `officer`, `nonce`.
    pub fn statement(&self) -> String {
        statement("sign-in", &[("officer", &self.officer), ("nonce", &self.nonce)])
    }
}

impl Decide {
    /// What is signed: `kiosk-gateway decision 1`, then `case`, `content`, `decision`, `reason` (`-` if there is none).
    pub fn statement(&self) -> String {
        let reason = self.reason.map_or("-", Reason::as_str);
        let decision = self.decision.as_str();
        statement(
            "decision",
            &[("case", &self.case.0), ("content", &self.content), ("decision", decision), ("reason", reason)],
        )
    }
}

impl Settle {
    /// What is signed: `kiosk-gateway settlement 1`, then `delivery`, `attempts`, `outcome`.
    pub fn statement(&self) -> String {
        let (delivery, attempts) = (self.delivery.to_string(), self.attempts.to_string());
        statement("settlement", &[("delivery", &delivery), ("attempts", &attempts), ("outcome", self.outcome.as_str())])
    }
}

impl Reprint {
    /// What is signed: `kiosk-gateway reprint 1`, then `case`, `nonce`.
    pub fn statement(&self, case: &CaseName) -> String {
        statement("reprint", &[("case", &case.0), ("nonce", &self.nonce)])
    }
}
