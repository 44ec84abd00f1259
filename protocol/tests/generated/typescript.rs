//! TypeScript declarations from the JSON Schema.

use std::fmt::Write;

use serde_json::{Map, Value};

pub(crate) fn declarations(document: &Value) -> String {
    let mut out = String::from("// Made from the Rust types of kiosk-protocol; do not edit.\n\n");
    for (name, schema) in document["$defs"].as_object().unwrap() {
        if name == "ClientMessage" {
            continue;
        }
        comment(&mut out, schema, 0);
        writeln!(out, "export type {name} = {};\n", ty(schema, 0)).unwrap();
    }
    out.push_str("/** Every call: its request, its reply, and the events that may come before the reply. */\nexport interface Calls {\n");
    for (name, row) in document["calls"].as_object().unwrap() {
        writeln!(out, "  /** {} */", row["description"].as_str().unwrap()).unwrap();
        let events = members(row["events"].as_object().unwrap());
        writeln!(
            out,
            "  \"{name}\": {{ request: {}; reply: {}; events: {events} }};",
            ty(&row["request"], 1),
            ty(&row["reply"], 1)
        )
        .unwrap();
    }
    out.push_str("}\n\n/** Every notice and its payload. */\nexport interface Notices {\n");
    for (name, schema) in document["notices"].as_object().unwrap() {
        writeln!(out, "  \"{name}\": {};", ty(schema, 1)).unwrap();
    }
    out.push_str("}\n");
    out
}

fn members(events: &Map<String, Value>) -> String {
    if events.is_empty() {
        return "Record<never, never>".into();
    }
    let list: Vec<String> = events.iter().map(|(name, schema)| format!("\"{name}\": {}", ty(schema, 1))).collect();
    format!("{{ {} }}", list.join("; "))
}

fn comment(out: &mut String, schema: &Value, depth: usize) {
    let Some(text) = schema["description"].as_str() else { return };
    let indent = "  ".repeat(depth);
    let lines: Vec<&str> = text.lines().collect();
    match lines[..] {
        [line] => writeln!(out, "{indent}/** {line} */").unwrap(),
        _ => {
            writeln!(out, "{indent}/**").unwrap();
            for line in lines {
                writeln!(out, "{indent} * {line}").unwrap();
            }
            writeln!(out, "{indent} */").unwrap();
        }
    }
}

fn ty(schema: &Value, depth: usize) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.trim_start_matches("#/$defs/").to_owned();
    }
    if let Some(constant) = schema.get("const") {
        return constant.to_string();
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    let mut parts = Vec::new();
    if let Some(properties) = schema["properties"].as_object() {
        parts.push(object(schema, properties, depth));
    }
    for union in ["oneOf", "anyOf"] {
        if let Some(variants) = schema[union].as_array() {
            let list: Vec<String> = variants.iter().map(|variant| ty(variant, depth)).collect();
            let list = list.join(" | ");
            parts.push(if parts.is_empty() { list } else { format!("({list})") });
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        parts.extend(all.iter().map(|part| ty(part, depth)));
    }
    if !parts.is_empty() {
        return parts.join(" & ");
    }
    match &schema["type"] {
        Value::String(name) => simple(name, schema, depth),
        Value::Array(names) => {
            let list: Vec<String> = names.iter().map(|name| simple(name.as_str().unwrap(), schema, depth)).collect();
            list.join(" | ")
        }
        _ => "unknown".into(),
    }
}

fn simple(name: &str, schema: &Value, depth: usize) -> String {
    match name {
        "integer" | "number" => "number".into(),
        "string" | "boolean" | "null" => name.into(),
        "array" => {
            let item = ty(&schema["items"], depth);
            match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
                (Some(low), Some(high)) if low == high => {
                    let items = vec![item; usize::try_from(low).unwrap()];
                    format!("[{}]", items.join(", "))
                }
                _ if item.contains(' ') => format!("({item})[]"),
                _ => format!("{item}[]"),
            }
        }
        "object" => "Record<string, never>".into(),
        other => panic!("no TypeScript for the type {other}"),
    }
}

fn object(schema: &Value, properties: &Map<String, Value>, depth: usize) -> String {
    let required: Vec<&str> =
        schema["required"].as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let mut out = String::from("{\n");
    for (name, property) in properties {
        comment(&mut out, property, depth + 1);
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        writeln!(out, "{}{name}{mark}: {};", "  ".repeat(depth + 1), ty(property, depth + 1)).unwrap();
    }
    out + &"  ".repeat(depth) + "}"
}
