//! The frozen examples: each is read and written back. If this fails, the change is wrong, not the example: a front end
//! or a driver out there speaks exactly this. Add new files; never edit or delete one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_protocol::calls::{CALLS, Call, NOTICES};
use kiosk_protocol::device::FieldError;
use kiosk_protocol::message::{ClientMessage, ServerMessage};
use kiosk_protocol::seam::{FromChild, ToChild};
use serde_json::{Value, json};

fn examples() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let mut all: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    all
}

fn written_back<T: serde::Serialize + for<'de> serde::Deserialize<'de>>(text: &str) -> Result<Value, String> {
    let value: T = kiosk_protocol::message::read(text).map_err(|error| error.to_string())?;
    Ok(serde_json::to_value(value).unwrap())
}

fn client(text: &str) -> Result<Value, String> {
    match ClientMessage::parse(text).map_err(|(_, failure)| failure.to_string())? {
        ClientMessage::Command(command) => {
            let call = Call::find(&command.name).ok_or("no such call")?;
            let payload = command.payload.as_ref().map_or("{}", |payload| payload.get());
            (call.request.check)(payload).map_err(|error: FieldError| error.to_string())?;
            let mut back = serde_json::to_value(&command).unwrap();
            back["type"] = json!("command");
            Ok(back)
        }
        ClientMessage::Cancel(cancel) => Ok(json!({ "type": "cancel", "id": cancel.id })),
    }
}

/// The payload of a message whose file name ends with what it is about fits that row of the table.
fn payload_fits(name: &str, message: &Value) -> Result<(), String> {
    let payload = &message["payload"];
    let about = |prefix: &str| name.strip_prefix(prefix).map(|rest| rest.split("--").next().unwrap().to_owned());
    let shape = if let Some(call) = about("completion.").filter(|_| !payload.is_null()) {
        Call::find(&call).map(|call| call.reply)
    } else if let Some(event) = about("event.") {
        CALLS.iter().find_map(|call| call.event(&event)).map(|event| event.payload)
    } else if let Some(notice) = about("notice.") {
        NOTICES.iter().find(|row| row.name == notice).map(|row| row.payload)
    } else {
        return Ok(());
    };
    (shape.ok_or("the table has no such row")?.check_value)(payload).map_err(|error| error.to_string())
}

#[test]
fn every_example_is_read_and_written_back() {
    for (name, text) in examples() {
        let expected: Value = serde_json::from_str(&text).unwrap();
        let back = match name.split('.').next().unwrap() {
            "command" | "cancel" => client(&text),
            "to-child" => written_back::<ToChild>(&text),
            "from-child" => written_back::<FromChild>(&text),
            "acknowledge" | "event" | "completion" | "notice" => {
                payload_fits(&name, &expected).and_then(|()| written_back::<ServerMessage>(&text))
            }
            other => panic!("{name}: what is `{other}`?"),
        };
        assert_eq!(back.unwrap_or_else(|error| panic!("{name}: {error}")), expected, "{name}");
    }
}

#[test]
fn every_call_event_and_notice_has_an_example() {
    let names: Vec<String> = examples().into_iter().map(|(name, _)| name).collect();
    let has = |wanted: String| {
        assert!(
            names.iter().any(|name| *name == wanted || name.starts_with(&format!("{wanted}--"))),
            "no example {wanted}"
        );
    };
    for call in CALLS {
        has(format!("command.{}", call.name));
        has(format!("completion.{}", call.name));
        call.events.iter().for_each(|event| has(format!("event.{}", event.name)));
    }
    NOTICES.iter().for_each(|notice| has(format!("notice.{}", notice.name)));
}
