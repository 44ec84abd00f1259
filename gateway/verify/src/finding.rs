//! What was found, one by one.

use serde::Serialize;

use crate::report::Reason;
use crate::time::Time;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It speaks for the copy.
    Good,
    /// Worth knowing; it does not change the verdict.
    Note,
    /// It leaves a doubt.
    Doubt,
    /// It speaks against the copy.
    Bad,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// The file cannot be judged.
    Unreadable {
        /// It is a PDF file, or begins like one.
        is_pdf: bool,
        /// Why.
        detail: String,
    },
    /// Somebody's signature.
    Signature(SignatureFinding),
    /// A time stamp of the whole file.
    TimeStamp(TimeStampFinding),
    /// A picture that a later signature has put over a page: it may cover what was there.
    Drawing(Drawing),
    /// Too few different people have signed.
    Signers {
        /// Whose signatures hold.
        found: usize,
        /// How many are expected.
        expected: usize,
    },
    /// A proof of the log.
    Log(LogFinding),
    /// There are more proofs than are looked at.
    TooManyProofs,
    /// The list of revocations.
    Withdrawn(WithdrawnFinding),
    /// The register.
    Register(RegisterFinding),
    /// The code or QR code of the paper.
    Printed(CodeFinding),
    /// Neither register nor list of revocations was asked whether the copy was withdrawn.
    NotAskedWithdrawn,
}

/// Whether a signature or time stamp holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Holds {
    /// By somebody who is trusted, and what was signed is as it was.
    Intact,
    /// What was signed, or the signature, was changed, or something came behind it that may not.
    Altered {
        /// What.
        detail: String,
    },
    /// A certificate was revoked before it signed.
    CertificateRevoked {
        /// Whose.
        subject: String,
        /// Since when.
        since: Time,
    },
    /// It comes from no root that is trusted, or may not sign.
    Untrusted {
        /// Why.
        detail: String,
    },
    /// Nobody could say whether the certificate was revoked.
    RevocationUnknown {
        /// Whose.
        subject: String,
        /// Why not, if there is more to say.
        detail: Option<String>,
    },
    /// Of a kind, or with algorithms, that are not judged here.
    Unsupported {
        /// Which.
        detail: String,
    },
    /// A later signature that does not hold draws over it.
    DrawnOver,
}

/// How well a signature keeps (ETSI EN 319 142-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum SignatureLevel {
    /// A signature.
    #[serde(rename = "B-B")]
    B,
    /// With a time stamp.
    #[serde(rename = "B-T")]
    T,
    /// With all that is needed to judge it offline.
    #[serde(rename = "B-LT")]
    LT,
    /// With a time stamp over that.
    #[serde(rename = "B-LTA")]
    LTA,
}

/// Somebody's signature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignatureFinding {
    /// Whose, as the certificate says. Believe it only of one that is not [`Holds::Untrusted`].
    pub signer: String,
    /// The whole subject (RFC 4514).
    pub subject: String,
    /// The log names this certificate as that of the officer who certified.
    pub is_certifying_officer: bool,
    /// When, as the signer says.
    pub claimed: Option<Time>,
    /// When at the latest, as a time stamp proves.
    pub proven: Option<Time>,
    /// How well it keeps.
    pub level: Option<SignatureLevel>,
    /// Whether it holds.
    #[serde(flatten)]
    pub holds: Holds,
}

/// A time stamp of the whole file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeStampFinding {
    /// Whose.
    pub authority: String,
    /// The time.
    pub time: Option<Time>,
    /// Whether it holds.
    #[serde(flatten)]
    pub holds: Holds,
}

/// A picture over a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drawing {
    /// Who signed it.
    pub signer: String,
    /// The page; the first is 1.
    pub page: usize,
    /// Left, lower, right and upper edge, points (1/72 inch), from the page's lower left corner.
    pub rect: [f32; 4],
    /// The signature that it belongs to holds.
    pub is_trusted: bool,
}

/// What the log says that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogEvent {
    /// It is about to be signed.
    Issue,
    /// It is signed.
    Final,
    /// It was revoked.
    Revoke,
}

/// What a proof of the log shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LogState {
    /// It is in the log, and it is about this copy as it is now.
    Proven,
    /// The same of the copy as it was before later updates.
    ProvenEarlier,
    /// It is in the log, but nothing ties it to this file.
    NotTied,
    /// It is in the log, but is about another file or another copy.
    OtherCopy,
    /// It is in the log, but names another officer than those who signed.
    OtherOfficer,
    /// The copy was logged only after it was signed.
    AfterSigning,
    /// The copy was revoked.
    Revoked,
    /// It proves nothing.
    NotProven {
        /// Why.
        detail: String,
    },
    /// No log is trusted here.
    NoKey,
}

/// A proof of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogFinding {
    /// What was logged; `None` if it is not known.
    pub event: Option<LogEvent>,
    /// Number in the register.
    pub number: Option<u64>,
    /// The book.
    pub book: Option<String>,
    /// When, as the agency says.
    pub time: Option<Time>,
    /// Place in the log.
    pub index: Option<u64>,
    /// What it shows.
    #[serde(flatten)]
    pub state: LogState,
}

/// What the list of revocations says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WithdrawnState {
    /// The copy was not revoked by then.
    Valid,
    /// It was.
    Revoked,
    /// It is not to be relied on for now, or for a reason that is not known here.
    Suspended,
    /// The list is too old to say that it is valid.
    TooOld {
        /// Until when it was good.
        good_until: Time,
    },
    /// The copy came after the list.
    NoPlace,
    /// Neither log nor QR code say which place is the copy's.
    PlaceUnknown,
    /// It is not to be believed.
    NotBelieved {
        /// Why.
        detail: String,
    },
    /// No key or address of a list is trusted here.
    NoKey,
}

/// The list of revocations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithdrawnFinding {
    /// When it was made.
    pub issued_at: Option<Time>,
    /// The copy's place in it.
    pub index: Option<u64>,
    /// What it says.
    #[serde(flatten)]
    pub state: WithdrawnState,
}

/// How the register fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RegisterFit {
    /// It has this file.
    Matches,
    /// It has this file as it was before later updates.
    MatchesEarlier,
    /// It says that the copy was revoked.
    Revoked {
        /// Since when, if it says so.
        since: Option<Time>,
    },
    /// It has another file under this number.
    OtherFile,
    /// It has another number than the log or the QR code.
    OtherNumber,
    /// It has no file yet.
    NoFile,
    /// It has no such copy.
    NotFound,
}

/// What the register says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegisterFinding {
    /// Number in the book.
    pub number: Option<u64>,
    /// The book.
    pub book: Option<String>,
    /// When it was certified.
    pub certified_at: Option<Time>,
    /// By which agency.
    pub agency: Option<String>,
    /// Pages of the paper.
    pub pages: Option<u32>,
    /// Of the person on it, what may be shown.
    pub masked_name: Option<String>,
    /// How it fits.
    #[serde(flatten)]
    pub state: RegisterFit,
}

/// What the printed code or QR code shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CodeState {
    /// It is of this file.
    Matches,
    /// It is right, but nothing ties it to this file.
    NotTied,
    /// The agency has signed it; there is no file to hold it against.
    Signed,
    /// It is of another copy.
    OtherCopy,
    /// The file has another number of pages.
    OtherPages {
        /// Pages of the file.
        found: usize,
    },
    /// It was mistyped or misread.
    Mistyped {
        /// Which sign to look at first, if that is known; the first is 1.
        position: Option<usize>,
    },
    /// It is another agency's, or leads elsewhere.
    Elsewhere,
    /// It is no code of a copy.
    NoCode,
    /// Its claims are not to be believed.
    NotBelieved {
        /// Why.
        detail: String,
    },
    /// No prefix, host or key is known here.
    NoKey,
}

/// The code or QR code of the paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeFinding {
    /// It is a QR code.
    pub is_qr: bool,
    /// Number in the register, as the QR code says.
    pub number: Option<u64>,
    /// The book.
    pub book: Option<String>,
    /// Pages of the paper.
    pub pages: Option<u16>,
    /// When it was issued.
    pub issued_at: Option<Time>,
    /// What it shows.
    #[serde(flatten)]
    pub state: CodeState,
}

impl Holds {
    fn detail(&self) -> Option<&str> {
        match self {
            Self::Altered { detail } | Self::Untrusted { detail } | Self::Unsupported { detail } => Some(detail),
            Self::RevocationUnknown { detail, .. } => detail.as_deref(),
            Self::Intact | Self::CertificateRevoked { .. } | Self::DrawnOver => None,
        }
    }

    fn judged(&self) -> (Weight, Option<Reason>) {
        match self {
            Self::Intact => (Weight::Good, None),
            Self::Altered { .. } | Self::CertificateRevoked { .. } => (Weight::Bad, None),
            Self::Untrusted { .. } => (Weight::Doubt, Some(Reason::UntrustedSigner)),
            Self::RevocationUnknown { .. } => (Weight::Doubt, Some(Reason::NoRevocationData)),
            Self::Unsupported { .. } => (Weight::Doubt, Some(Reason::UnsupportedSignature)),
            Self::DrawnOver => (Weight::Doubt, Some(Reason::DrawnOver)),
        }
    }
}

impl Finding {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        self.judged().0
    }

    /// Why it leaves a doubt, if it does.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.judged().1
    }

    /// Why, as programs say it.
    pub(crate) fn detail(&self) -> Option<&str> {
        match self {
            Self::Unreadable { detail, .. }
            | Self::Log(LogFinding { state: LogState::NotProven { detail }, .. })
            | Self::Withdrawn(WithdrawnFinding { state: WithdrawnState::NotBelieved { detail }, .. })
            | Self::Printed(CodeFinding { state: CodeState::NotBelieved { detail }, .. }) => Some(detail),
            Self::Signature(SignatureFinding { holds, .. }) | Self::TimeStamp(TimeStampFinding { holds, .. }) => {
                holds.detail()
            }
            _ => None,
        }
    }

    fn judged(&self) -> (Weight, Option<Reason>) {
        let doubt = |reason| (Weight::Doubt, Some(reason));
        let (good, note, bad) = ((Weight::Good, None), (Weight::Note, None), (Weight::Bad, None));
        match self {
            Self::Unreadable { .. } => doubt(Reason::Unreadable),
            Self::Signature(one) => one.holds.judged(),
            Self::TimeStamp(one) => one.holds.judged(),
            // The signature that it covers is told as drawn over.
            Self::Drawing(_) | Self::NotAskedWithdrawn => note,
            Self::Signers { .. } => doubt(Reason::TooFewSignatures),
            Self::TooManyProofs => doubt(Reason::NotInLog),
            Self::Log(one) => match one.state {
                LogState::Proven | LogState::ProvenEarlier => good,
                LogState::NotTied => note,
                LogState::Revoked => bad,
                _ => doubt(Reason::NotInLog),
            },
            Self::Withdrawn(one) => match one.state {
                WithdrawnState::Valid => good,
                WithdrawnState::Revoked => bad,
                WithdrawnState::PlaceUnknown => note,
                _ => doubt(Reason::WithdrawalUnknown),
            },
            Self::Register(one) => match one.state {
                RegisterFit::Matches | RegisterFit::MatchesEarlier => good,
                RegisterFit::Revoked { .. } => bad,
                _ => doubt(Reason::NotInRegister),
            },
            Self::Printed(one) => match one.state {
                CodeState::Matches | CodeState::Signed => good,
                CodeState::NotTied => note,
                _ => doubt(Reason::CodeDiffers),
            },
        }
    }
}
