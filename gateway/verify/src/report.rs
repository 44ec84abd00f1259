//! What is said of a copy.

use serde::Serialize;

use crate::finding::{Finding, Weight};
use crate::time::Time;
use crate::words::{Language, Words};

/// Why a copy is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The file is damaged, encrypted, or more than is looked at.
    Unreadable,
    /// Fewer people have signed than a certified copy needs.
    TooFewSignatures,
    /// A signer is not trusted.
    UntrustedSigner,
    /// Nobody could say whether a certificate was revoked.
    NoRevocationData,
    /// A signature is of a kind that is not judged.
    UnsupportedSignature,
    /// A picture of somebody who is not trusted may cover something.
    DrawnOver,
    /// A proof of the log proves nothing, or something else.
    NotInLog,
    /// Whether the copy was withdrawn is not known.
    WithdrawalUnknown,
    /// The register does not have this file.
    NotInRegister,
    /// The code is not this copy's.
    CodeDiffers,
}

/// What came later and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "update", rename_all = "snake_case")]
pub enum Update {
    /// Certificates and statements about them.
    ValidationData,
    /// A time stamp of the whole file.
    ArchiveTimeStamp {
        /// Whose.
        authority: String,
        /// When.
        time: Option<Time>,
    },
    /// Another signature, which holds.
    Signature {
        /// Whose.
        signer: String,
        /// It draws on a page: [`Finding::Drawing`].
        draws: bool,
    },
}

/// Since when something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// The copy was issued, as log or register know.
    Issue,
    /// The expected signatures were made: what was issued is not known.
    Signing,
}

/// What was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawn {
    /// The copy.
    Copy,
    /// A signer's certificate, before it signed.
    Certificate,
}

/// The short answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Genuine.
    Genuine,
    /// Genuine, and what came later changes nothing.
    GenuineUpdated {
        /// Later than what.
        since: Since,
        /// What came, in its order.
        updates: Vec<Update>,
    },
    /// Changed after it was signed.
    Altered,
    /// Withdrawn.
    Revoked {
        /// What.
        what: Withdrawn,
    },
    /// Nothing speaks against it, but not all is proven.
    NotProven {
        /// Why; each once.
        reasons: Vec<Reason>,
    },
    /// It is no certified copy: no PDF file, or nobody has signed it.
    NoCertifiedCopy,
    /// Only the QR code of the paper was judged: the agency has issued such a copy. What is on the paper, people compare.
    Issued,
}

impl Verdict {
    /// It is genuine, with or without later updates.
    pub fn is_genuine(&self) -> bool {
        matches!(self, Self::Genuine | Self::GenuineUpdated { .. })
    }

    /// All that was asked is proven: the exit status of the command line.
    pub fn is_proven(&self) -> bool {
        self.is_genuine() || *self == Self::Issued
    }
}

/// What is said of a copy. It may name the person it is about, masked: not for logs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The short answer.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// For which time.
    pub judged_at: Time,
    /// Authorities were asked; else it is what the file itself proves.
    pub asked_online: bool,
    /// SHA-256 of the file, hexadecimal; `None` for one that is too large to be looked at.
    pub file_sha256: Option<String>,
    /// Pages, if they can be counted.
    pub pages: Option<usize>,
    /// All that was found, in the order in which people read it.
    pub findings: Vec<Finding>,
}

/// A report with its words, for a page to show as it is. As JSON: `genuine`, `vi`, `en`, and the report's own members.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer<'r> {
    /// Whether it is genuine.
    pub genuine: bool,
    /// In Vietnamese.
    pub vi: Words,
    /// In English.
    pub en: Words,
    /// The report.
    #[serde(flatten)]
    pub report: &'r Report,
}

impl Report {
    /// With its words in both languages.
    pub fn answer(&self) -> Answer<'_> {
        Answer {
            genuine: self.verdict.is_genuine(),
            vi: self.words(Language::Vietnamese),
            en: self.words(Language::English),
            report: self,
        }
    }

    /// The heaviest of all findings; nothing if there is none.
    pub fn weight(&self) -> Option<Weight> {
        self.findings.iter().map(Finding::weight).max()
    }
}
