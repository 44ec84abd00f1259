//! The signer: the process that owns cases, the register, documents and keys. Its calls are those of [`crate::case`],
//! [`crate::approval`], [`crate::register`] and [`crate::copy`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{SignatureLevel, WaitsFor};
use crate::device::{DeviceKind, Kind};
use crate::session::Empty;
use crate::ups::NoEvent;
use crate::{approval, case, copy, register};

/// The kind of the process that owns cases and keys.
pub struct Signer;

impl DeviceKind for Signer {
    const KIND: Kind = Kind::Signer;
    type Request = SignerRequest;
    type Reply = serde_json::Value;
    type Event = NoEvent;
    type Status = SignerStatus;
    type Capabilities = SignerCapabilities;
}

/// What the signer may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
#[expect(missing_docs, reason = "each is the call of its name")]
pub enum SignerRequest {
    #[serde(rename = "case.open")]
    Open(case::OpenCase),
    #[serde(rename = "case.pages")]
    Pages(case::AddPages),
    #[serde(rename = "case.recognise")]
    Recognise(case::RecogniseCase),
    #[serde(rename = "case.second_scan")]
    SecondScan(case::AddPages),
    #[serde(rename = "case.identify")]
    Identify(case::OfCase),
    #[serde(rename = "case.prepare")]
    Prepare(case::PrepareCase),
    #[serde(rename = "case.status")]
    Status(case::OfCase),
    #[serde(rename = "case.withdraw")]
    Withdraw(case::OfCase),
    #[serde(rename = "case.copy")]
    Copy(case::OfCase),
    #[serde(rename = "case.mail")]
    Mail(case::MailCopy),
    /// From the gateway only, for `case.print`.
    #[serde(rename = "case.print_started")]
    PrintStarted(case::PrintCopy),
    /// From the gateway only, for `case.print`.
    #[serde(rename = "case.delivery_ended")]
    DeliveryEnded(case::DeliveryEnded),
    #[serde(rename = "approval.challenge")]
    Challenge(Empty),
    #[serde(rename = "approval.enrol")]
    Enrol(approval::Enrol),
    #[serde(rename = "approval.sign_in")]
    SignIn(approval::SignIn),
    #[serde(rename = "approval.list")]
    List(approval::OfOfficer),
    #[serde(rename = "approval.case")]
    Case(approval::CaseOfOfficer),
    #[serde(rename = "approval.decide")]
    Decide(approval::Decide),
    #[serde(rename = "approval.settle")]
    Settle(approval::Settle),
    #[serde(rename = "register.search")]
    Search(register::SearchRegister),
    #[serde(rename = "register.statistics")]
    Statistics(register::CountRegister),
    #[serde(rename = "register.export")]
    Export(register::ExportRegister),
    #[serde(rename = "register.revoke")]
    Revoke(register::Revoke),
    #[serde(rename = "copy.verify")]
    Verify(copy::VerifyCode),
    /// From the gateway only, for the page `/verify`.
    #[serde(rename = "copy.verify_file")]
    VerifyFile(copy::VerifyFile),
    #[serde(rename = "copy.fetch")]
    Fetch(copy::FetchCopy),
}

/// What the signer can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignerCapabilities {
    /// The agency's name.
    pub agency: String,
    /// The procedures that copies can be certified for.
    pub procedures: Vec<String>,
    /// It can send mail.
    pub mail: bool,
    /// The PAdES level that it aims for.
    pub level: SignatureLevel,
    /// The transparency log's public key, as a line (c2sp.org/signed-note).
    pub log_key: String,
    /// The public key of the claims in QR codes and of the status list: an uncompressed point of P-256, base64url without padding.
    pub claims_key: String,
}

/// How the signer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignerStatus {
    /// Another number whenever a case has gone on: ask for it again.
    pub turn: u64,
    /// Cases that wait for an officer.
    pub awaiting_officer: u32,
    /// Cases that an officer has approved and that are not signed yet.
    pub being_signed: u32,
    /// Cases that a person must look at.
    pub parked: u32,
    /// What signing waits for, if it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WaitsFor>,
    /// More about it, in English, for the technician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}
