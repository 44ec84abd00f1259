//! Text about a person. It serialises like a string, but `Debug` and `Display` print a fixed word, so that no log line
//! can leak it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A string that may hold personal data (recognised text, names, numbers).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PersonalText(String);

impl PersonalText {
    /// Wraps a string.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Never hand it to a log, a metric, an error or a file name.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PersonalText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[personal]")
    }
}

impl std::fmt::Display for PersonalText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[personal]")
    }
}
