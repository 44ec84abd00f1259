//! One JSON Schema document with every type, and the messages of the client call by call.

use kiosk_protocol::calls::{Answerer, CALLS, NOTICES};
use kiosk_protocol::error::ErrorBody;
use kiosk_protocol::message::{Cancel, Command, ServerMessage};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

pub(crate) fn document() -> Value {
    let mut generator = SchemaGenerator::default();
    let command = generator.subschema_for::<Command>();
    generator.subschema_for::<Cancel>();
    generator.subschema_for::<ServerMessage>();
    generator.subschema_for::<ErrorBody>();
    drop(command);
    let mut calls = Map::new();
    for call in CALLS {
        let events: Map<String, Value> = call
            .events
            .iter()
            .map(|event| (event.name.to_owned(), (event.payload.schema)(&mut generator).to_value()))
            .collect();
        let row = json!({
            "description": call.doc,
            "answerer": match call.answerer {
                Answerer::Gateway | Answerer::GatewayForDevice => Value::from("gateway"),
                Answerer::Device(kind, _) => json!(kind),
            },
            "access": match call.answerer {
                Answerer::Device(_, access) => format!("{access:?}").to_lowercase(),
                _ => "shared".into(),
            },
            "needs_key": call.effect == kiosk_protocol::calls::Effect::Once,
            "timeout_ms": call.timeout_ms,
            "request": (call.request.schema)(&mut generator),
            "reply": (call.reply.schema)(&mut generator),
            "events": events,
        });
        calls.insert(call.name.to_owned(), row);
    }
    let notices: Map<String, Value> = NOTICES
        .iter()
        .map(|notice| (notice.name.to_owned(), (notice.payload.schema)(&mut generator).to_value()))
        .collect();
    let mut defs: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    let from_client: Vec<Value> = calls
        .iter()
        .map(|(name, row)| {
            let mut command = defs["Command"].clone();
            command["properties"]["type"] = json!({ "const": "command" });
            command["properties"]["name"] = json!({ "const": name });
            command["properties"]["payload"] = row["request"].clone();
            let required: &[&str] = if row["needs_key"] == true {
                &["type", "id", "name", "key", "payload"]
            } else {
                &["type", "id", "name"]
            };
            command["required"] = json!(required);
            command["title"] = json!(format!("command {name}"));
            command
        })
        .collect();
    let mut cancel = defs["Cancel"].clone();
    cancel["properties"]["type"] = json!({ "const": "cancel" });
    cancel["required"] = json!(["type", "id"]);
    defs.insert("ClientMessage".into(), json!({ "oneOf": from_client, "description": "A message from the client." }));
    defs.insert("Cancel".into(), cancel.clone());
    defs["ClientMessage"]["oneOf"].as_array_mut().unwrap().push(json!({ "$ref": "#/$defs/Cancel" }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Kiosk gateway front-end protocol, version 1",
        "oneOf": [{ "$ref": "#/$defs/ClientMessage" }, { "$ref": "#/$defs/ServerMessage" }],
        "calls": calls,
        "notices": notices,
        "$defs": defs,
    })
}
