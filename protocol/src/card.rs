//! Readers of chip cards. What a card says stays between its driver and the gateway's own reading of identity chips; a
//! page sees that a card is there, and speaks to it only where the kiosk's configuration allows that.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{DeviceKind, Kind};
use crate::identity::{ChipIdentity, ChipProgress, ReadIdentity};
use crate::personal::PersonalText;
use crate::session::Empty;

/// The card reader kind.
pub struct CardReader;

impl DeviceKind for CardReader {
    const KIND: Kind = Kind::CardReader;
    type Request = CardRequest;
    type Reply = CardReply;
    type Event = CardEvent;
    type Status = CardReaderStatus;
    type Capabilities = CardReaderCapabilities;
}

/// What a card reader may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum CardRequest {
    /// Wait until a card is in, or out.
    #[serde(rename = "card_reader.wait")]
    Wait(WaitRequest),
    /// Speak to the card.
    #[serde(rename = "card_reader.transmit")]
    Transmit(TransmitRequest),
    /// Ask the device for its status now.
    #[serde(rename = "card_reader.status")]
    Status(Empty),
    /// Read the chip of an identity card.
    #[serde(rename = "identity.read")]
    ReadIdentity(ReadIdentity),
}

/// What a card reader says while it works.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "name", content = "payload")]
pub enum CardEvent {
    /// How far the reading of a chip is.
    #[serde(rename = "identity.progress")]
    Progress(ChipProgress),
}

/// What a card reader answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CardReply {
    /// To a wait, and to a status request.
    Status(CardReaderStatus),
    /// To a transmit.
    Transmit(TransmitReport),
    /// To the reading of an identity card.
    Identity(Box<ChipIdentity>),
}

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardMove {
    /// A card that can be spoken to.
    Inserted,
    /// No card.
    Removed,
}

/// `card_reader.wait`: wait until a card is in, or out. Answers at once if it is so already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitRequest {
    /// What to wait for.
    pub until: CardMove,
}

/// `card_reader.transmit`: speak to the card, one command APDU after the other, without anybody in between. Refused
/// with `not_permitted` unless the reader's configuration says `allow_transmit = true`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransmitRequest {
    /// Command APDUs (ISO 7816-3, 12.1), each as hexadecimal digits: 4 to 32,000 bytes, short or extended. 1 to 64 of
    /// them, all in one message.
    #[schemars(length(min = 1, max = 64))]
    pub commands: Vec<PersonalText>,
    /// Stop after the first response that does not end in `9000`.
    #[serde(default)]
    pub stop_on_error: bool,
    /// Reset the card before the first command.
    #[serde(default)]
    pub reset: bool,
}

/// The reply to `card_reader.transmit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransmitReport {
    /// Response APDUs in the order of the commands, hexadecimal digits, status word at the end of each.
    pub responses: Vec<PersonalText>,
}

/// What is in the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// No card.
    Absent,
    /// A card that can be spoken to.
    Present,
    /// A card that does not answer to reset: upside down, dirty or broken.
    Mute,
    /// A card that another program has for itself.
    InUse,
}

/// How a card reader is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardReaderStatus {
    /// What is in the slot.
    pub card: CardState,
    /// The card's answer to reset, hexadecimal digits (ISO 7816-3, 8.2): which kind of card it is, not whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atr: Option<String>,
}

/// What a card reader can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CardReaderCapabilities {
    /// `card_reader.transmit` is allowed by the configuration.
    pub transmit: bool,
    /// How many signing authorities of identity cards (CSCA) the operator trusts here; without any, no card is proven
    /// genuine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorities: Option<u32>,
}
