//! A citizen's case: from the scanned pages to the certified copy in hand. Answered by the signer, the process that owns the
//! journal, the register, the documents and the keys; the gateway adds what it has itself seen in the session (readings,
//! identity, face), so that no page can claim any of it.
//!
//! ```text
//! case.open → scanner.scan → case.pages → ocr.read … → case.recognise → identity.read, face.match → case.identify
//!   → case.prepare ─► an officer decides (approval.*) ─► numbered ─► logged ─► signed ─► case.print, case.mail, case.copy
//! ```
//!
//! An officer may ask for a second scan of the same paper: the case comes back with `second_scan: asked`, the pages are scanned and
//! read again, then `case.second_scan` and `case.prepare`. He sees where the two readings differ.
//!
//! A case goes on without the session that opened it: who has its id may ask for it (`case.status`). Whenever a case has gone
//! on, the signer's `device.changed` notice has another [`crate::signer::SignerStatus::turn`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::approval;
use crate::blob::BlobId;
use crate::error::PrintOutcome;
use crate::face::FaceMatch;
use crate::identity::ChipIdentity;
use crate::personal::PersonalText;

/// The name of a case: 32 random hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CaseName(pub String);

/// Where a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// It has no pages yet.
    Opened,
    /// It has its pages.
    Captured,
    /// Their text is read.
    Recognised,
    /// The person is identified.
    Identified,
    /// The copy is composed.
    Prepared,
    /// An officer is to look at it.
    AwaitingOfficer,
    /// An officer certifies it; what follows goes by itself.
    Approved,
    /// An officer does not.
    Refused,
    /// An officer wants it scanned or prepared anew.
    SentBack,
    /// It has its number in the register.
    Numbered,
    /// It is in the transparency log.
    Logged,
    /// It is signed: the copy can be had.
    Signed,
    /// The citizen has it.
    Delivered,
    /// It is kept for its time.
    Stored,
}

/// Why a case does not go on by itself; told to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// An officer's decision.
    Officer,
    /// A second officer's decision.
    SecondOfficer,
    /// The clock cannot be believed.
    Clock,
    /// The token with the keys.
    Token,
    /// The officer's or the agency's certificate does not hold.
    Certificate,
    /// The time stamp authority.
    TimeStamp,
    /// What says whether certificates were revoked.
    RevocationData,
    /// Room on the disk, or the disk itself.
    Disk,
    /// A person must look: what became of a step is not known, or a record is damaged.
    Person,
}

/// `case.open`: begin a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCase {
    /// Which procedure it is for, one of the signer's `procedures`.
    pub procedure: String,
    /// In which languages it is certified.
    #[serde(default)]
    pub language: CopyLanguage,
}

/// Whether the pages are to be scanned a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondScanState {
    /// An officer or the policy asks for it: `case.second_scan` must come before `case.prepare`.
    Asked,
    /// It is there.
    Done,
}

/// In which languages a copy is certified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyLanguage {
    /// Vietnamese.
    #[default]
    Vi,
    /// Vietnamese, with English below it.
    ViEn,
}

/// A call about one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfCase {
    /// Which.
    pub case: CaseName,
}

/// `case.pages`: the scanned pages, all of them, in order. Again after an officer has sent the case back.
///
/// `case.second_scan`: the same pages, scanned again and read (`ocr.read`) in this session, as many and in the same order. Good
/// from `case.recognise` until `case.prepare`, and when an officer has sent the case back to ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPages {
    /// Which case.
    pub case: CaseName,
    /// The pages, 1 to 60.
    #[schemars(length(min = 1, max = 60))]
    pub pages: Vec<CasePage>,
}

impl AddPages {
    /// The blobs that it names.
    pub fn blobs(&self) -> Vec<BlobId> {
        self.pages.iter().map(|page| page.image.clone()).collect()
    }
}

/// One scanned page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CasePage {
    /// Its picture, a JPEG or PNG blob of this session.
    pub image: BlobId,
    /// Dots per inch that it was scanned with: 200 or more.
    #[schemars(range(min = 200, max = 1200))]
    pub resolution_dpi: u16,
}

/// `case.recognise`: take the readings of the pages (`ocr.read` of each of them, in this session).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecogniseCase {
    /// Which case.
    pub case: CaseName,
    /// The blobs of `case.pages`, in the same order.
    #[schemars(length(min = 1, max = 60))]
    pub pages: Vec<BlobId>,
}

/// What the gateway has seen of a person in a session; it goes to the signer with `case.identify`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityEvidence {
    /// What `identity.read` has given, without the portrait.
    pub identity: ChipIdentity,
    /// What `face.match` has given for the portrait of this very reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<FaceMatch>,
}

/// `case.prepare`: compose the copy and hand it to the officers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepareCase {
    /// Which case.
    pub case: CaseName,
}

/// `case.mail`: send the copy by e-mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MailCopy {
    /// Which case.
    pub case: CaseName,
    /// To whom.
    pub address: PersonalText,
}

/// `case.print`: print the copy on a page printer, once. If nobody can tell whether it was printed, an officer settles that;
/// it is never printed again silently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintCopy {
    /// Which case.
    pub case: CaseName,
    /// A reprint, which an officer has to permit. It is noted as one, and says on the paper that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reprint: Option<approval::Reprint>,
}

/// `case.print_started` is answered with this: what to print.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PrintJob {
    /// The delivery.
    pub delivery: i64,
    /// The file, PDF.
    pub blob: BlobId,
}

/// `case.delivery_ended`: what became of a print, or that a file was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryEnded {
    /// The delivery.
    pub delivery: i64,
    /// What became of it.
    pub outcome: PrintOutcome,
}

/// How a copy goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryChannel {
    /// On paper.
    Print,
    /// By e-mail.
    Mail,
    /// As a file that was fetched.
    Download,
}

/// Where a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not begun.
    Queued,
    /// Begun.
    Started,
    /// It happened.
    Done,
    /// It did not happen; it may be tried again.
    NotDone,
    /// It may have happened: an officer finds out (`approval.settle`).
    Unknown,
}

/// A delivery of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryView {
    /// Its number.
    pub delivery: i64,
    /// How it goes out.
    pub channel: DeliveryChannel,
    /// Where it is.
    pub state: DeliveryState,
    /// It is a reprint.
    pub reprint: bool,
    /// How often it was tried.
    pub attempts: u32,
}

/// What there is of a signed copy. The code lets anybody look the copy up: it is for the citizen only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CopyView {
    /// Its number in the register, such as `1834/2026-SCTĐT/BS`.
    pub number: String,
    /// Its verification code, as it is to be typed.
    pub code: PersonalText,
    /// The address where it is typed.
    pub url: String,
    /// What the QR code on the copy says.
    pub qr: PersonalText,
    /// SHA-256 of the file, hexadecimal digits.
    pub file_sha256: String,
    /// The PAdES level that its signatures have.
    pub level: SignatureLevel,
    /// Pages of the paper.
    pub pages: u32,
}

/// PAdES levels (ETSI EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum SignatureLevel {
    /// Signed.
    #[serde(rename = "B-B")]
    B,
    /// With time stamps.
    #[serde(rename = "B-T")]
    T,
    /// With what is needed to verify it later.
    #[serde(rename = "B-LT")]
    Lt,
    /// With a time stamp over all of that.
    #[serde(rename = "B-LTA")]
    Lta,
}

/// A case as the kiosk sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseView {
    /// Which.
    pub case: CaseName,
    /// Where it is.
    pub state: CaseState,
    /// What it waits for, if it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<WaitsFor>,
    /// The officer's reason, if he refused it or sent it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<approval::Reason>,
    /// Whether the pages are to be scanned a second time, or were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_scan: Option<SecondScanState>,
    /// Its copy was withdrawn, signed or not: it is not handed out (any more).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
    /// When it was opened, milliseconds since 1970.
    pub opened_ms: i64,
    /// When it last went on, milliseconds since 1970.
    pub changed_ms: i64,
    /// The copy, once it is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<CopyView>,
    /// Its deliveries, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryView>,
}

/// The reply to `case.copy`: the signed file, and its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedCopy {
    /// The file.
    pub file: FileBlob,
    /// SHA-256 of the file, hexadecimal digits.
    pub sha256: String,
    /// The proofs that the copy is in the transparency log (c2sp.org/tlog-proof): that of its issue, then those of its file.
    pub proofs: Vec<String>,
    /// The delivery that is done when the file's last byte was taken; absent if it was done before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<i64>,
}

/// A file as a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileBlob {
    /// The blob.
    pub blob: BlobId,
    /// Its media type.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
}
