//! What can be wrong with a card: the table `[faults]` of its file. None of it can be changed while the card is in use.

use serde::{Deserialize, Serialize};

/// A file of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum File {
    /// EF.COM.
    Com,
    /// EF.SOD.
    Sod,
    /// Data group 1.
    Dg1,
    /// Data group 2.
    Dg2,
    /// Data group 11, if the card has it.
    Dg11,
    /// Data group 12, if the card has it.
    Dg12,
    /// Data group 13.
    Dg13,
    /// Data group 14.
    Dg14,
    /// Data group 15.
    Dg15,
    /// Data group 16, if the card has it.
    Dg16,
}

impl File {
    /// Its identifier (ICAO Doc 9303-10, section 4.7.3).
    pub(super) fn id(self) -> u16 {
        match self {
            Self::Com => 0x011e,
            Self::Sod => 0x011d,
            Self::Dg1 => 0x0101,
            Self::Dg2 => 0x0102,
            Self::Dg11 => 0x010b,
            Self::Dg12 => 0x010c,
            Self::Dg13 => 0x010d,
            Self::Dg14 => 0x010e,
            Self::Dg15 => 0x010f,
            Self::Dg16 => 0x0110,
        }
    }
}

/// Whose certificate is in the document security object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    /// Valid until the end of 2049.
    #[default]
    Valid,
    /// Valid until the end of 2021.
    Expired,
    /// On the revocation list.
    Revoked,
}

/// What somebody between the card and the reader makes of PACE, or the card itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaceFault {
    /// Nothing.
    #[default]
    None,
    /// EF.CardAccess is not there; data group 14, which is signed, still lists PACE.
    Hidden,
    /// EF.CardAccess lists nothing; data group 14 does.
    Emptied,
    /// It is offered, and refused when it begins.
    Refused,
}

/// The faults of a card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// This data group was changed after the signature.
    pub wrong_sod: Option<File>,
    /// The signature is by another key than the certificate's.
    pub wrong_key: bool,
    /// The signer's certificate.
    pub signer: Signer,
    /// There is no EF.CardAccess and no PACE.
    pub no_pace: bool,
    /// PACE is not offered as it is signed, or refused.
    pub pace: PaceFault,
    /// The chip's private keys are not those of data groups 14 and 15.
    pub cloned: bool,
    /// From this APDU on (the first is 1) nothing is answered.
    pub mute_at: Option<u64>,
    /// Every answer takes so many milliseconds.
    pub slow_ms: u64,
    /// Every answer is 61xx, and more bytes never end.
    pub endless_61: bool,
    /// This file says that it has 0x7FFFFFFF bytes, and gives zeros without end.
    pub endless_file: Option<File>,
    /// This file says that it has 1000 bytes more than it gives.
    pub short_file: Option<File>,
    /// This data group was signed, and is neither in EF.COM nor given: what a copy would do with those of its missing keys.
    pub hidden: Option<File>,
    /// After so many APDUs the card is gone.
    pub removed_at: Option<u64>,
}
