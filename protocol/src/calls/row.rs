//! What a row of the table of calls is.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::blob::BlobId;
use crate::device::{FieldError, Kind};
use crate::objects::objects_stay_objects;
use crate::{consent, message};

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// The gateway itself.
    Gateway,
    /// The gateway itself, about a device.
    GatewayForDevice,
    /// A device of this kind. `Access` says whether somebody else's lease is in the way.
    Device(Kind, Access),
}

/// Whether a call to a device respects leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Refused while another session has the device's lease.
    Exclusive,
    /// Open to all sessions at any time.
    Shared,
}

/// Whether doing a call twice differs from doing it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It does not matter.
    Repeatable,
    /// It does (paper comes out): the command must have an idempotency key.
    Once,
}

/// The shape of a payload: its Rust type, as functions.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Is this text a value of the type? The error names the field.
    pub check: fn(&str) -> Result<(), FieldError>,
    /// Is this value one of the type?
    pub check_value: fn(&Value) -> Result<(), FieldError>,
    /// Its JSON Schema.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Its name in the schema.
    pub type_name: fn() -> std::borrow::Cow<'static, str>,
}

impl Shape {
    const fn of<T: DeserializeOwned + Serialize + JsonSchema>() -> Self {
        Self {
            check: |text| message::read_payload::<T>(text).map(drop),
            check_value: |value| {
                let understood: T = serde_path_to_error::deserialize(value).map_err(FieldError::from_path)?;
                objects_stay_objects(value, &understood)
            },
            schema: |generator| generator.subschema_for::<T>(),
            type_name: T::schema_name,
        }
    }
}

/// An event that a call may send before its completion, or a notice.
pub struct EventRow {
    /// Its name.
    pub name: &'static str,
    /// Its payload.
    pub payload: Shape,
}

/// One row of the table.
pub struct Call {
    /// Its name.
    pub name: &'static str,
    /// What it is for, one sentence.
    pub doc: &'static str,
    /// Who answers it.
    pub answerer: Answerer,
    /// Whether doing it twice differs from doing it once.
    pub effect: Effect,
    /// The call that undoes it at the device when the session ends.
    pub undo: Option<&'static str>,
    /// How long it may take when the client does not say, milliseconds.
    pub timeout_ms: u32,
    /// What it needs.
    pub request: Shape,
    /// The blobs that a request names: their bytes go along to the device.
    pub attachments: fn(&str) -> Vec<BlobId>,
    /// What it is answered with.
    pub reply: Shape,
    /// What may come before the answer.
    pub events: &'static [EventRow],
    /// The consent that must be recorded before.
    pub consent: Option<consent::Purpose>,
}

impl Call {
    /// The call of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        super::CALLS.iter().find(|call| call.name == name)
    }

    /// Its event of this name.
    pub fn event(&self, name: &str) -> Option<&'static EventRow> {
        self.events.iter().find(|event| event.name == name)
    }
}

pub(super) const fn event<T: DeserializeOwned + Serialize + JsonSchema>(name: &'static str) -> EventRow {
    EventRow { name, payload: Shape::of::<T>() }
}

pub(super) const fn row<Request, Reply>(name: &'static str, doc: &'static str, answerer: Answerer) -> Call
where
    Request: DeserializeOwned + Serialize + JsonSchema,
    Reply: DeserializeOwned + Serialize + JsonSchema,
{
    Call {
        name,
        doc,
        answerer,
        effect: Effect::Repeatable,
        undo: None,
        timeout_ms: 10_000,
        request: Shape::of::<Request>(),
        attachments: |_| Vec::new(),
        reply: Shape::of::<Reply>(),
        events: &[],
        consent: None,
    }
}

pub(super) const fn exclusive(kind: Kind) -> Answerer {
    Answerer::Device(kind, Access::Exclusive)
}

pub(super) const fn shared(kind: Kind) -> Answerer {
    Answerer::Device(kind, Access::Shared)
}

pub(super) fn blobs_of<T: for<'de> Deserialize<'de>>(payload: &str, blobs: fn(&T) -> Vec<BlobId>) -> Vec<BlobId> {
    serde_json::from_str::<T>(payload).map(|request| blobs(&request)).unwrap_or_default()
}
