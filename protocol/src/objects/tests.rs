use serde_json::json;

use crate::calls::Call;
use crate::message;
use crate::session::Hello;

/// What a request's check says is wrong where.
fn wrong(call: &str, payload: &serde_json::Value) -> Option<String> {
    let check = Call::find(call).expect("it is in the table").request;
    let by_text = (check.check)(&payload.to_string()).err().map(|error| error.field);
    assert_eq!((check.check_value)(payload).err().map(|error| error.field), by_text, "as text and as value");
    by_text
}

#[test]
fn an_array_is_no_object_at_any_depth() {
    let area = json!({ "x_mm": 0.0, "y_mm": 0.0, "width_mm": 10.0, "height_mm": 10.0 });
    assert_eq!(wrong("scanner.scan", &json!({ "area": area })), None);
    assert_eq!(wrong("scanner.scan", &json!({ "area": [0, 0, 10, 10] })).as_deref(), Some("area"));
    assert_eq!(wrong("ups.status", &json!([])).as_deref(), Some(""));
    let columns = json!({ "type": "columns", "left": "a", "right": "b" });
    assert_eq!(wrong("receipt_printer.print", &json!({ "elements": [columns] })), None);
    let second = wrong("receipt_printer.print", &json!({ "elements": [columns, ["rule"]] }));
    assert_eq!(second.as_deref(), Some("elements[1]"));
}

#[test]
fn a_greeting_is_no_array_either() {
    let hello = json!({ "versions": { "min": 1, "max": 1 }, "client": { "name": "page", "version": "1" } });
    message::read_payload::<Hello>(&hello.to_string()).expect("a greeting as it should be");
    let mut client = hello.clone();
    client["client"] = json!(["page", "1"]);
    let error = message::read_payload::<Hello>(&client.to_string()).expect_err("an array");
    assert_eq!(error.field, "client");
}
