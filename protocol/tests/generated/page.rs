//! The reference page, for people.

use std::fmt::Write;

use kiosk_protocol::error::ErrorCode;
use serde_json::Value;

const HEAD: &str = "\
# The front-end protocol, version 1

Made from the Rust types of `kiosk-protocol`; do not edit. The same as [JSON Schema](schema/kiosk-v1.schema.json) and as
[TypeScript types](client/types.d.ts). Examples that will never change: [examples](examples/).

One WebSocket, `ws://127.0.0.1:7180/v1`, one JSON object per text message. The first message is `session.hello`.

```text
→ {\"type\":\"command\",\"id\":7,\"name\":\"scanner.scan\",\"payload\":{\"source\":\"adf\"}}
← {\"type\":\"acknowledge\",\"seq\":12,\"id\":7,\"queued\":0}             or with \"error\": refused, then nothing more
← {\"type\":\"event\",\"seq\":13,\"id\":7,\"name\":\"scanner.page\",\"payload\":{…}}
← {\"type\":\"completion\",\"seq\":14,\"id\":7,\"payload\":{…}}           exactly one; or with \"error\"
→ {\"type\":\"cancel\",\"id\":7}
← {\"type\":\"notice\",\"seq\":15,\"name\":\"device.changed\",\"payload\":{…}}
```

Every message of a session has a `seq`. A client that lost its connection says `session.hello` with `resume`: the
session's token and the last `seq` it saw. It gets what it missed, once and in order, for 60 seconds. Then it sends again,
with the same ids, the commands that were not acknowledged: a command with the same id and content is done once.

Images are blobs: `GET /v1/blobs/{id}` with `Authorization: Bearer {token}`, also while the blob is still growing.

The connection is refused unless `Host` is the gateway's own and `Origin` is its own or a configured one, byte for byte.
Close codes: 1003 binary message, 1007 text that is not UTF-8, 1009 message over 64 KiB, 1002 other breaches of
RFC 6455; 4401 no `session.hello`, 4408 the client reads too slowly, 4409 another connection resumed the session, 1000
the session is over.

";

pub(crate) fn markdown(document: &Value) -> String {
    let mut out = String::from(HEAD);
    out.push_str(
        "## Calls\n\n| call | answered by | access | key | time | what it does |\n|---|---|---|---|---|---|\n",
    );
    let calls = document["calls"].as_object().unwrap();
    for (name, row) in calls {
        let key = if row["needs_key"] == true { "required" } else { "–" };
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        writeln!(
            out,
            "| [`{name}`](#{}) | {} | {} | {key} | {} s | {} |",
            name.replace('.', ""),
            text("answerer"),
            text("access"),
            row["timeout_ms"].as_u64().unwrap() / 1000,
            text("description")
        )
        .unwrap();
    }
    for (name, row) in calls {
        writeln!(out, "\n### {name}\n\n{}\n", row["description"].as_str().unwrap()).unwrap();
        writeln!(out, "Request: {} · Reply: {}", link(&row["request"]), link(&row["reply"])).unwrap();
        for (event, schema) in row["events"].as_object().unwrap() {
            writeln!(out, " · Event `{event}`: {}", link(schema)).unwrap();
        }
    }
    out.push_str("\n## Notices\n\n");
    for (name, schema) in document["notices"].as_object().unwrap() {
        writeln!(out, "- `{name}`: {}", link(schema)).unwrap();
    }
    errors(&mut out, document);
    out.push_str("\n## Types\n");
    for (name, schema) in document["$defs"].as_object().unwrap() {
        if name != "ClientMessage" {
            describe(&mut out, name, schema);
        }
    }
    out
}

fn errors(out: &mut String, document: &Value) {
    out.push_str("\n## Errors\n\n| code | meaning | usual retry | Tiếng Việt | English |\n|---|---|---|---|---|\n");
    for variant in document["$defs"]["ErrorCode"]["oneOf"].as_array().unwrap() {
        let code: ErrorCode = serde_json::from_value(variant["const"].clone()).unwrap();
        let words = code.message();
        let retry = serde_json::to_value(code.usual_retry()).unwrap();
        writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            code.as_str(),
            one_line(variant),
            retry.as_str().unwrap(),
            words.vi,
            words.en
        )
        .unwrap();
    }
}

fn one_line(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

fn describe(out: &mut String, name: &str, schema: &Value) {
    writeln!(out, "\n### {name}\n\n{}", schema["description"].as_str().unwrap_or_default()).unwrap();
    fields(out, schema);
    for variant in ["oneOf", "anyOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
        if let Some(constant) = variant["const"].as_str() {
            writeln!(out, "- `{constant}`: {}", one_line(variant)).unwrap();
        } else if variant["properties"].is_object() {
            writeln!(out, "\n{}", one_line(variant)).unwrap();
            fields(out, variant);
        }
    }
}

fn fields(out: &mut String, schema: &Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    out.push_str("\n| field | type | |\n|---|---|---|\n");
    for (name, property) in properties {
        let optional = if required.iter().any(|field| field == name) { "" } else { " (optional)" };
        writeln!(out, "| `{name}`{optional} | {} | {} |", link(property).replace('|', "\\|"), one_line(property))
            .unwrap();
    }
}

/// The type in a few words, with a link where it has a section of its own.
fn link(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(constant) = schema.get("const") {
        return format!("`{constant}`");
    }
    if let Some(variants) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        return variants.iter().map(link).collect::<Vec<_>>().join(" or ");
    }
    let range = match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(low), Value::Number(high)) => format!(" {low} to {high}"),
        _ => String::new(),
    };
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", link(&schema["items"])),
        Value::String(name) => format!("{name}{range}"),
        Value::Array(names) => {
            let list: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            format!("{}{range}", list.join(" or "))
        }
        _ => "anything".into(),
    }
}
