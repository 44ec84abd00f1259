//! Commands as values.

use serde_json::{Value, json};

/// A command that is to be sent.
#[derive(Clone, Debug)]
pub struct Order {
    /// The call.
    pub name: &'static str,
    fields: Value,
}

impl Order {
    /// A call with its payload.
    pub fn new(name: &'static str, payload: Value) -> Self {
        Self { name, fields: json!({ "type": "command", "name": name, "payload": payload }) }
    }

    /// To this device.
    pub fn device(self, device: &str) -> Self {
        self.with("device", device.into())
    }

    /// To be answered within this time.
    pub fn timeout_ms(self, timeout_ms: u64) -> Self {
        self.with("timeout_ms", timeout_ms.into())
    }

    /// With this idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.with("key", key.into())
    }

    fn with(mut self, field: &str, value: Value) -> Self {
        self.fields[field] = value;
        self
    }

    pub(super) fn text(mut self, id: u64) -> String {
        self.fields["id"] = id.into();
        self.fields.to_string()
    }
}

impl From<&'static str> for Order {
    fn from(name: &'static str) -> Self {
        Self::new(name, json!({}))
    }
}

impl From<(&'static str, Value)> for Order {
    fn from((name, payload): (&'static str, Value)) -> Self {
        Self::new(name, payload)
    }
}
