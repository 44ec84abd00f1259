//! What goes over the WebSocket: one JSON object per text message.
//!
//! A message from the client is read in two steps, [`ClientMessage::parse`] and then the call's own
//! [`check`](crate::calls::Shape::check), so that a mistake is answered with the field that is wrong and not with a
//! closed connection.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::device::{DeviceId, FieldError};
use crate::error::{ErrorBody, Failure};
use crate::objects::objects_stay_objects;

/// The client's number for a command: any number it has not used before in this session.
pub type CommandId = u64;

/// Ask for something.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The client's number for it. The same command sent twice with the same number (after a reconnect) is done once.
    pub id: CommandId,
    /// One of the calls, for example `scanner.scan`.
    pub name: String,
    /// Which device; may be left out where there is only one of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// The answer is wanted within this time, milliseconds (100 to 600,000); absent: the call's usual time. What the signer has
    /// begun (`case.*`, `approval.*`, `register.*`, `copy.*`) it ends all the same: ask for the case's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 100, max = 600_000))]
    pub timeout_ms: Option<u32>,
    /// Idempotency key: 8 to 64 characters, chosen at random by the client. The same key within 10 minutes is the same
    /// command: it is not done again, its result is given again. Required for calls with a side effect, refused for
    /// others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 8, max = 64))]
    pub key: Option<String>,
    /// What the call needs; absent is the same as `{}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Value>")]
    pub payload: Option<Box<RawValue>>,
}

/// Give up a command. It still gets its completion, usually `cancelled`.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// The command's number.
    pub id: CommandId,
}

/// A message from the client.
#[derive(Debug)]
pub enum ClientMessage {
    /// Ask for something.
    Command(Command),
    /// Give up a command.
    Cancel(Cancel),
}

impl ClientMessage {
    /// Reads one text message. The error names the field; the id is given where it could be read, so that the answer
    /// reaches the command it belongs to.
    pub fn parse(text: &str) -> Result<Self, (Option<CommandId>, Failure)> {
        #[derive(Deserialize)]
        struct Peek {
            #[serde(rename = "type")]
            kind: String,
        }
        #[derive(Deserialize)]
        struct PeekId {
            id: CommandId,
        }
        let id = serde_json::from_str::<PeekId>(text).ok().map(|peek| peek.id);
        let refuse = |error: FieldError| (id, Failure::invalid(error.field, error.problem));
        // serde takes an array for a struct's fields in order.
        if text.trim_start().starts_with('[') {
            return Err((None, Failure::invalid("", "a message is a JSON object with a `type`, not an array")));
        }
        let peek: Peek = read(text).map_err(refuse)?;
        // The type was read; the rest is read without it, so that unknown fields can be refused.
        match peek.kind.as_str() {
            "command" => read::<Typed<Command>>(text).map(|m| Self::Command(m.body)).map_err(refuse),
            "cancel" => read::<Typed<Cancel>>(text).map(|m| Self::Cancel(m.body)).map_err(refuse),
            other => Err((
                id,
                Failure::invalid(
                    "type",
                    format!("unknown message type `{}`, expected `command` or `cancel`", clip(other)),
                ),
            )),
        }
    }
}

/// At most the first 40 characters: what came from outside is quoted, not repeated.
pub fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Reads a value, naming the field that is wrong. Fields that occur twice are refused.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, FieldError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(FieldError::from_path)?;
    reader.end().map_err(|_| FieldError { field: String::new(), problem: "text after the end of the value".into() })?;
    Ok(value)
}

/// Reads a payload: as [`read`] does, and arrays do not stand for objects in it.
///
/// # Errors
/// The first field that is wrong.
pub fn read_payload<T: DeserializeOwned + Serialize>(text: &str) -> Result<T, FieldError> {
    let payload: T = read(text)?;
    objects_stay_objects(&read(text)?, &payload)?;
    Ok(payload)
}

/// A message body together with its `type`. serde's internally tagged enums buffer the whole value and would lose both
/// raw payloads and the refusal of unknown fields; this keeps them.
struct Typed<T> {
    body: T,
}

impl<'de, T: FieldsWithType<'de>> Deserialize<'de> for Typed<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::with_type(deserializer).map(|body| Self { body })
    }
}

trait FieldsWithType<'de>: Sized {
    fn with_type<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl<'de> FieldsWithType<'de> for Command {
    fn with_type<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            #[serde(rename = "type")]
            _type: serde::de::IgnoredAny,
            id: CommandId,
            name: String,
            device: Option<DeviceId>,
            timeout_ms: Option<u32>,
            key: Option<String>,
            payload: Option<Box<RawValue>>,
        }
        let Wire { _type, id, name, device, timeout_ms, key, payload } = Wire::deserialize(deserializer)?;
        Ok(Self { id, name, device, timeout_ms, key, payload })
    }
}

impl<'de> FieldsWithType<'de> for Cancel {
    fn with_type<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Wire {
            #[serde(rename = "type")]
            _type: serde::de::IgnoredAny,
            id: CommandId,
        }
        Wire::deserialize(deserializer).map(|wire| Self { id: wire.id })
    }
}

/// A message from the gateway.
///
/// `seq` numbers the messages of a session from 1. A client that comes back says the last `seq` it saw and gets all
/// that followed, once and in order. Only the answer to `session.hello`, and to messages before it, has no `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The command was taken, or refused: after a refusal nothing more comes for this id.
    Acknowledge {
        /// Its place in the session's messages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// The command's number; `null` if the message had none that could be read.
        id: Option<CommandId>,
        /// How many commands wait before it at this device, the one that runs not counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queued: Option<u16>,
        /// Why it was refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorBody>,
    },
    /// Something happened on the way.
    Event {
        /// Its place in the session's messages.
        seq: u64,
        /// The command's number.
        id: CommandId,
        /// The event, for example `scanner.page`.
        name: String,
        /// What it says.
        payload: Value,
    },
    /// The command is over. Exactly one for each command that was taken.
    Completion {
        /// Its place in the session's messages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
        /// The command's number.
        id: CommandId,
        /// The reply, if it went well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
        /// The failure, if it did not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorBody>,
    },
    /// Something changed that nobody asked for: `device.changed`, `lease.lost`, `gateway.stopping`.
    Notice {
        /// Its place in the session's messages.
        seq: u64,
        /// What changed.
        name: String,
        /// The thing as it is now.
        payload: Value,
    },
}
