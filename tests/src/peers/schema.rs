//! The project's JSON Schema and a validator that is not ours: python-jsonschema.

use serde_json::{Value, json};

use super::Peer;
use crate::rig::{PATIENCE, programs};

/// A message that is to be looked at.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the test calls it.
    pub name: String,
    /// The call that an event or a completion belongs to; its own schema is looked at as well.
    pub call: Option<String>,
    /// The message.
    pub message: Value,
}

/// What is wrong with each message, in order; nothing: it is valid.
pub async fn problems(items: &[Item]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("messages");
    let line = |item: &Item| json!({ "name": item.name, "call": item.call, "message": item.message }).to_string();
    let lines = items.iter().map(line).collect::<Vec<_>>().join("\n");
    std::fs::write(&file, lines).expect("a temporary folder can be written");
    let schema = programs::source_tree().join("protocol/schema/kiosk-v1.schema.json");
    let said = Peer::script("validate.py").args([schema, file]).run(PATIENCE).await.ok();
    let problems = |line: &str| {
        let found: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let problems = found["problems"].as_array().unwrap_or_else(|| panic!("no list of problems: {line}"));
        problems.iter().map(Value::to_string).collect()
    };
    let found: Vec<Vec<String>> = said.lines().map(problems).collect();
    assert_eq!(found.len(), items.len(), "the validator looks at each");
    found
}

/// Panics with the wrong ones if not all are valid.
pub async fn assert_valid(items: &[Item]) {
    let found = problems(items).await;
    let wrong: Vec<_> = items.iter().zip(found).filter(|(_, problems)| !problems.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
