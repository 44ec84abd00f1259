//! What is said of a file's signatures.

use std::time::SystemTime;

use crate::chain::ChainError;
use crate::cms::CmsError;
use crate::revocation::Revocation;
use crate::timestamp::TimeStampError;

/// Why a signature does not sign what it seems to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// Its dictionary, or what it covers, cannot be read.
    #[error("the signature's dictionary is not one: {0}")]
    Dictionary(&'static str),
    /// It does not cover all of the file but its own place.
    #[error("the signature does not cover the whole file as it was when it was made")]
    Coverage,
    /// Its kind is not known here.
    #[error("a signature of the kind `{0}` is not known")]
    Kind(String),
    /// Its message.
    #[error("the signature is not right: {0}")]
    Message(#[from] CmsError),
    /// Its message, for a time stamp.
    #[error("the time stamp is not right: {0}")]
    TimeStamp(#[from] TimeStampError),
}

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Someone's signature.
    Signature,
    /// A time stamp of the whole file.
    DocumentTimeStamp,
}

/// How well a signature keeps (ETSI EN 319 142-1, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A signature.
    BB,
    /// With a time stamp that is trusted.
    BT,
    /// With all that is needed to judge it offline.
    BLT,
    /// With a time stamp over that.
    BLTA,
}

/// What came behind the revision that was signed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum After {
    /// Nothing.
    Nothing,
    /// Only certificates, statements about them, and time stamps of the whole file.
    ValidationData,
    /// Also another signature, which has its own report and draws nothing.
    AnotherSignature,
    /// Also another signature that draws something on a page: [`SignatureReport::shown`] says where, and whoever shows the
    /// report should show it there too.
    ShownSignature,
    /// Something else; what that is.
    ContentChanged(String),
}

/// A picture that a later signature has put over a page. It may cover what was signed before.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The later signature's field.
    pub field: String,
    /// The page, from 0.
    pub page: usize,
    /// Left, lower, right and upper edge, points (1/72 inch) in the page's own system of coordinates.
    pub rect: [f32; 4],
    /// The later signature is valid itself, so that somebody who is trusted answers for it.
    pub is_valid: bool,
}

/// What is said of a time stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStampReport {
    /// The time, as the authority says.
    pub time: SystemTime,
    /// The authority.
    pub authority: String,
    /// Whether the authority is trusted.
    pub trust: Result<(), ChainError>,
    /// Whether its certificate was revoked.
    pub revocation: Revocation,
}

impl TimeStampReport {
    /// Its time counts: the authority is trusted, and it is known that it was not revoked.
    pub fn is_sound(&self) -> bool {
        self.trust.is_ok() && self.revocation == Revocation::Good
    }
}

/// What is said of a signature or of a time stamp of the whole file.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureReport {
    /// The name of its field.
    pub field: String,
    /// What it is.
    pub kind: Kind,
    /// Who signed (RFC 4514), as far as that can be read.
    pub signer: Option<String>,
    /// The signer's certificate, DER.
    pub certificate: Option<Vec<u8>>,
    /// When, as the signer claims.
    pub claimed: Option<SystemTime>,
    /// The time stamp of the signature, or what a time stamp of the whole file says.
    pub time_stamp: Option<TimeStampReport>,
    /// Why a time stamp of the signature is none.
    pub time_stamp_fault: Option<TimeStampError>,
    /// The time that is proven for it: its own time stamp's, or a later one's of the whole file.
    pub proven: Option<SystemTime>,
    /// What was signed is as it was.
    pub intact: Result<(), SignatureFault>,
    /// Whether the certificate comes from a trusted root, at the time that is proven or else now.
    pub trust: Result<(), ChainError>,
    /// Whether the certificate was revoked at that time.
    pub revocation: Revocation,
    /// How well it keeps; `None` for what is not PAdES, for what is not intact, and for time stamps of the whole file.
    pub level: Option<Level>,
    /// It covers the whole file as it is now.
    pub covers_all: bool,
    /// How many bytes the file had when it was signed; `None` if that cannot be told.
    pub end: Option<usize>,
    /// What came behind the revision that was signed.
    pub after: After,
    /// What later signatures draw on the pages.
    pub shown: Vec<Shown>,
}

/// The short answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Signed by who it says, with a certificate that held, and not changed since.
    Valid,
    /// Nothing speaks against it, but not everything could be proven.
    Unproven,
    /// Changed, wrong, or signed with a certificate that was revoked.
    Invalid,
}

impl SignatureReport {
    /// The short answer.
    pub fn verdict(&self) -> Verdict {
        let changed = matches!(self.after, After::ContentChanged(_));
        let revoked = matches!(self.revocation, Revocation::Revoked { .. });
        let is_known = self.revocation == Revocation::Good;
        if self.intact.is_err() || changed || revoked {
            Verdict::Invalid
        } else if self.trust.is_err() || !is_known || self.shown.iter().any(|shown| !shown.is_valid) {
            Verdict::Unproven
        } else {
            Verdict::Valid
        }
    }
}

/// What one revision has changed in the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where its cross references begin, bytes: between the end of the revision before and its own.
    pub at: usize,
    /// What it has changed; a signature counts here, not only behind itself.
    pub change: After,
}

/// What is said of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its signatures and time stamps, in the order in which they were made.
    pub signatures: Vec<SignatureReport>,
    /// The revisions behind the first signature, the oldest first.
    pub steps: Vec<Step>,
    /// Pages; `None` if they cannot be counted.
    pub pages: Option<usize>,
}

impl Report {
    /// The worst of all signatures; `None`, if there is none.
    pub fn verdict(&self) -> Option<Verdict> {
        self.signatures.iter().map(SignatureReport::verdict).max()
    }
}
