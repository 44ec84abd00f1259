//! The JSON Schema and a validator that is not ours: the frozen examples and a real session are valid, wrong messages
//! are not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;

use futures_util::{SinkExt, StreamExt};
use kiosk_protocol::calls::CALLS;
use kiosk_tests::peers::schema::{Item, assert_valid, problems};
use kiosk_tests::rig::{PATIENCE, Parts, Rig, RigOptions, programs};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

fn item(name: &str, message: Value) -> Item {
    Item { name: name.to_owned(), call: None, message }
}

#[tokio::test]
async fn all_frozen_examples_of_the_front_end_protocol_are_valid() {
    let mut items = Vec::new();
    for entry in std::fs::read_dir(programs::source_tree().join("protocol/examples")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let (kind, rest) = name.split_once('.').unwrap_or((&name, ""));
        if !["command", "acknowledge", "event", "completion", "notice", "cancel"].contains(&kind) {
            // The seam between gateway and drivers is not this schema's.
            assert!(["to-child", "from-child"].contains(&kind), "{name} is of no known kind");
            continue;
        }
        let rest = rest.split("--").next().unwrap();
        let call = match (kind, rest) {
            ("completion", call) => Some(call.to_owned()),
            ("event", event) => {
                let call = CALLS.iter().find(|call| call.event(event).is_some());
                Some(call.unwrap_or_else(|| panic!("no call has the event {event}")).name.to_owned())
            }
            _ => None,
        };
        let message = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        items.push(Item { name: name.clone(), call, message });
    }
    assert!(items.len() >= 35, "the examples were found: {}", items.len());
    assert_valid(&items).await;
}

#[tokio::test]
async fn wrong_messages_are_not_valid() {
    let command = |name: &str, payload: Value| json!({ "type": "command", "id": 7, "name": name, "payload": payload });
    let scan = |payload: Value| command("scanner.scan", payload);
    let print = |element: Value| command("receipt_printer.print", json!({ "elements": [element] }));
    let with = |field: &str, value: Value| {
        let mut message = scan(json!({}));
        message[field] = value;
        message
    };
    let view = |state: &str| json!({ "device": "ups", "driver": "nut", "state": state, "kind": "ups" });
    let wrong = [
        ("no object", json!([])),
        ("nothing", json!({})),
        ("an unknown type", with("type", "order".into())),
        ("no type", json!({ "id": 7, "name": "scanner.scan" })),
        ("no id", json!({ "type": "command", "name": "scanner.scan" })),
        ("a negative id", with("id", (-1).into())),
        ("an id as text", with("id", "7".into())),
        ("a half id", with("id", 7.5.into())),
        ("an unknown call", command("scanner.scam", json!({}))),
        ("an unknown field", with("timeout", 1000.into())),
        ("a short time", with("timeout_ms", 99.into())),
        ("a long time", with("timeout_ms", 600_001.into())),
        ("a short key", with("key", "1234567".into())),
        ("a long key", with("key", "k".repeat(65).into())),
        ("an unknown source", scan(json!({ "source": "ceiling" }))),
        ("no pages", scan(json!({ "max_pages": 0 }))),
        ("too few dots", scan(json!({ "resolution_dpi": 49 }))),
        ("half an area", scan(json!({ "area": { "width_mm": 10.0 } }))),
        ("an unknown field in the payload", scan(json!({ "colour": "gray" }))),
        ("an empty receipt", command("receipt_printer.print", json!({ "elements": [] }))),
        ("a receipt without elements", command("receipt_printer.print", json!({}))),
        ("201 elements", command("receipt_printer.print", json!({ "elements": vec![json!({ "type": "rule" }); 201] }))),
        ("an unknown element", print(json!({ "type": "drawer" }))),
        ("a text without text", print(json!({ "type": "text" }))),
        ("a text of a number", print(json!({ "type": "text", "text": 4 }))),
        ("a wide code", print(json!({ "type": "qr", "data": "x", "width_mm": 71 }))),
        ("an unknown alignment", print(json!({ "type": "text", "text": "x", "align": "justify" }))),
        ("a hello without versions", command("session.hello", json!({ "client": { "name": "x", "version": "1" } }))),
        ("a payload where none belongs", command("ups.status", json!({ "now": true }))),
        ("a cancel of nothing", json!({ "type": "cancel" })),
        ("a cancel of more", json!({ "type": "cancel", "id": 7, "why": "bored" })),
        ("an event without a number", json!({ "type": "event", "id": 7, "name": "scanner.page", "payload": {} })),
        ("a notice without a name", json!({ "type": "notice", "seq": 3, "payload": {} })),
        (
            "a device in no known state",
            json!({ "type": "notice", "seq": 3, "name": "device.changed", "payload": view("fine") }),
        ),
        ("an error of no known code", json!({ "type": "completion", "seq": 3, "id": 7, "error": { "code": "oops" } })),
    ];
    let items: Vec<Item> = wrong.into_iter().map(|(name, message)| item(name, message)).collect();
    for (item, problems) in items.iter().zip(problems(&items).await) {
        assert!(!problems.is_empty(), "{} should not be valid: {}", item.name, item.message);
    }
    // A payload of another call is found by the call's own schema.
    let reply = json!({ "type": "completion", "seq": 3, "id": 7, "payload": { "power": "mains" } });
    let swapped = Item { call: Some("scanner.status".into()), ..item("a reply of another call", reply) };
    assert!(!problems(&[swapped]).await[0].is_empty());
}

/// A client that keeps the very text of all messages, both ways.
struct Recorder {
    socket: WebSocketStream<TcpStream>,
    calls: HashMap<u64, String>,
    said: Vec<Item>,
    last_id: u64,
}

impl Recorder {
    async fn connect(rig: &Rig) -> Self {
        let mut request = format!("ws://{}/v1", rig.address).into_client_request().expect("the address is well formed");
        let origin = format!("http://{}", rig.address).parse().expect("an origin is a header value");
        request.headers_mut().insert("origin", origin);
        let stream = TcpStream::connect(rig.address).await.expect("the gateway takes connections");
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("the gateway takes upgrades");
        Self { socket, calls: HashMap::new(), said: Vec::new(), last_id: 0 }
    }

    async fn say(&mut self, message: Value) {
        self.said.push(item("client", message.clone()));
        self.socket.send(Message::text(message.to_string())).await.expect("the gateway takes messages");
    }

    /// Sends a command, to the scanner if it is one about leases; returns its number.
    async fn order(&mut self, name: &str, payload: Value) -> u64 {
        let id = self.last_id;
        self.last_id += 1;
        self.calls.insert(id, name.into());
        let key = (name == "receipt_printer.print").then(|| format!("recorded-{id}"));
        let device = name.starts_with("lease.").then_some("scanner");
        let command =
            json!({ "type": "command", "id": id, "name": name, "device": device, "payload": payload, "key": key });
        self.say(command).await;
        id
    }

    /// Hears messages until one of this kind belongs to the command.
    async fn hear(&mut self, kind: &str, id: Option<u64>) -> Value {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let heard = tokio::time::timeout_at(deadline, self.socket.next()).await;
            let heard = heard.unwrap_or_else(|_| panic!("no {kind} of {id:?}; the last is {:?}", self.said.last()));
            let Message::Text(text) = heard.expect("the connection is open").expect("and whole") else { continue };
            let message: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
            let of = message["id"].as_u64();
            let call = of.and_then(|id| self.calls.get(&id).cloned());
            self.said.push(Item { call, ..item("gateway", message.clone()) });
            if message["type"] == kind && of == id {
                return message;
            }
        }
    }

    async fn done(&mut self, name: &str, payload: Value) -> Value {
        let id = self.order(name, payload).await;
        let completion = self.hear("completion", Some(id)).await;
        assert!(completion["payload"].is_object(), "{name}: {completion}");
        completion["payload"].clone()
    }
}

#[tokio::test]
async fn all_messages_of_a_real_session_are_valid() {
    let (rig, _first) = Rig::ready(RigOptions { parts: Parts::DevicesAndReader, ..RigOptions::default() }).await;
    let mut kiosk = Recorder::connect(&rig).await;
    let client = json!({ "name": "recorder", "version": "1" });
    kiosk.done("session.hello", json!({ "versions": { "min": 1, "max": 1 }, "client": client })).await;
    for name in ["scanner.status", "receipt_printer.status", "ups.status"] {
        kiosk.done(name, json!({})).await;
    }
    let scanned = kiosk.done("scanner.scan", json!({ "source": "flatbed", "resolution_dpi": 150 })).await;
    let text = kiosk.done("ocr.read", json!({ "blob": scanned["pages"][0]["blob"] })).await;
    assert!(!text["lines"].as_array().unwrap().is_empty());
    let receipt = json!([
        { "type": "text", "text": "Biên nhận", "align": "center", "size": "large" },
        { "type": "qr", "data": "https://kiosk.example/verify/DEMO" },
    ]);
    kiosk.done("receipt_printer.print", json!({ "elements": receipt })).await;

    // A jam, a cancelled scan, a refused command, a message that is none, and a device that goes and comes.
    rig.simulators.fault("scanner", "jam", json!({})).await;
    let jammed = kiosk.order("scanner.scan", json!({ "source": "adf" })).await;
    assert_eq!(kiosk.hear("completion", Some(jammed)).await["error"]["code"], "jam");
    rig.simulators.clear("scanner").await;
    rig.simulators.fault("scanner", "slow", json!({ "bytes_per_second": 20_000 })).await;
    let slow = kiosk.order("scanner.scan", json!({})).await;
    kiosk.hear("event", Some(slow)).await;
    kiosk.say(json!({ "type": "cancel", "id": slow })).await;
    assert_eq!(kiosk.hear("completion", Some(slow)).await["error"]["code"], "cancelled");
    rig.simulators.clear("scanner").await;
    let refused = kiosk.order("scanner.scan", json!({ "source": "ceiling" })).await;
    // The client's message is wrong on purpose; the gateway's answer must be right.
    kiosk.said.pop();
    let answer = kiosk.hear("acknowledge", Some(refused)).await;
    assert!(answer["error"].is_object(), "{answer}");
    kiosk.socket.send(Message::text("{\"type\":")).await.unwrap();
    assert!(kiosk.hear("acknowledge", None).await["error"].is_object());
    rig.simulators.unplug("ups").await;
    kiosk.hear("notice", None).await;
    rig.simulators.plug("ups").await;
    kiosk.done("lease.acquire", json!({ "ttl_ms": 60_000 })).await;
    kiosk.done("lease.release", json!({})).await;
    kiosk.done("session.end", json!({})).await;

    for kind in ["command", "cancel", "acknowledge", "event", "completion", "notice"] {
        assert!(kiosk.said.iter().any(|said| said.message["type"] == kind), "the session has a {kind}");
    }
    assert!(kiosk.said.len() > 30, "{} messages", kiosk.said.len());
    assert_valid(&kiosk.said).await;
}
