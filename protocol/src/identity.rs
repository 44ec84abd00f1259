//! Reading the chip of an identity card. The whole conversation with the chip stays in the card reader's driver: neither a
//! command of it nor a key is ever in a message.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::personal::PersonalText;

/// `identity.read`: open the card in the reader with what is printed on it, read what identifies its holder, and prove that
/// it is genuine (ICAO 9303-11). Ask for the holder's consent before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadIdentity {
    /// What opens the card. If it is not this card's: `wrong_access_data`.
    pub access: CardAccess,
}

/// What opens a card; one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardAccess {
    /// The card access number, 6 to 12 digits.
    Can(PersonalText),
    /// The machine readable zone, all lines, with or without line ends: 90, 72 or 88 characters.
    Mrz(PersonalText),
    /// The parts of the machine readable zone that matter, typed.
    Printed(PrintedAccess),
    /// The text of the QR code on a Vietnamese identity card, as `barcode_reader.read` gives it.
    Qr(PersonalText),
}

/// What is printed on a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintedAccess {
    /// The document's number in the machine readable zone. Of a Vietnamese identity card also all twelve digits of the
    /// citizen's number.
    pub document_number: PersonalText,
    /// YYMMDD or YYYY-MM-DD.
    pub date_of_birth: PersonalText,
    /// YYMMDD or YYYY-MM-DD; `991231` of a card that never expires.
    pub date_of_expiry: PersonalText,
}

/// The steps of reading a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChipStage {
    /// It lets us in.
    Opened,
    /// A file of it is being read.
    Reading,
}

/// `identity.progress`: how far the reading is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChipProgress {
    /// The step.
    pub stage: ChipStage,
    /// Which file is being read, for example `DG2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Bytes of the file that are here.
    pub got_bytes: u32,
    /// Bytes of the file in all; 0 while no file is being read.
    pub total_bytes: u32,
}

/// How a chip was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChipOpened {
    /// Password Authenticated Connection Establishment.
    Pace,
    /// Basic access control.
    Bac,
}

/// What the three proofs come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChipVerdict {
    /// Signed by the state, and no copy.
    Genuine,
    /// Signed by the state, but the chip has not shown that it is no copy.
    MayBeCopy,
    /// Signed by the state, and the chip has failed to show that it is no copy.
    Copy,
    /// It could not be shown that the state signed it.
    Unproven,
    /// Not what the state signed.
    Forged,
}

/// What came of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofResult {
    /// It is as it should be.
    Passed,
    /// It is not.
    Failed,
    /// The chip does not offer it.
    NotOffered,
    /// It could not be tried.
    NotPossible,
}

/// One proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChipProof {
    /// What came of it.
    pub result: ProofResult,
    /// Why it failed or was not possible, or what else the officer should know of it, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The three proofs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChipProofs {
    /// Passive authentication: the data is what the state signed.
    pub passive: ChipProof,
    /// Active authentication: the chip signs with a key that cannot be copied.
    pub active: ChipProof,
    /// Chip authentication: the chip agrees on keys with such a key.
    pub chip: ChipProof,
}

/// What the chip says of its holder. Texts that the card does not have are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardHolder {
    /// The whole name: with its marks where the card has them, else in the 26 letters of the machine readable zone.
    pub full_name: PersonalText,
    /// The surname as in the machine readable zone.
    pub surname: PersonalText,
    /// The given names as in the machine readable zone.
    pub given_names: PersonalText,
    /// `M`, `F` or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<PersonalText>,
    /// YYYY-MM-DD; parts that are not known are left out from behind.
    pub date_of_birth: PersonalText,
    /// Three letters.
    pub nationality: PersonalText,
    /// The citizen's number of a Vietnamese card, twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizen_number: Option<PersonalText>,
    /// Where the family comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_origin: Option<PersonalText>,
    /// Where the holder lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_residence: Option<PersonalText>,
}

/// What the chip says of the card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardDocument {
    /// The number in the machine readable zone.
    pub number: PersonalText,
    /// Three letters.
    pub issuing_state: PersonalText,
    /// YYYY-MM-DD; absent if the card does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_issue: Option<PersonalText>,
    /// YYYY-MM-DD; absent if it never expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_expiry: Option<PersonalText>,
    /// It has expired, by the kiosk's clock.
    pub expired: bool,
}

/// The portrait on the chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChipPortrait {
    /// The picture, as JPEG: as it is on the chip, or made from a JPEG 2000.
    pub blob: BlobId,
    /// Width, pixels.
    pub width_px: u32,
    /// Height, pixels.
    pub height_px: u32,
}

/// The reply to `identity.read`. Look at `verdict` before believing any of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChipIdentity {
    /// What the proofs come to.
    pub verdict: ChipVerdict,
    /// The proofs.
    pub proofs: ChipProofs,
    /// How the chip was opened.
    pub opened: ChipOpened,
    /// Its holder.
    pub holder: CardHolder,
    /// The card.
    pub document: CardDocument,
    /// The portrait; absent if it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portrait: Option<ChipPortrait>,
    /// The data groups that the chip has and does not give, or that cannot be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_groups: Vec<u8>,
}
