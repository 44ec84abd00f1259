//! Whatever a client sends that is no message of the protocol gets a typed error that names the field, or the right
//! close code; and the gateway works on for everybody else.

use kiosk_protocol::error::{ErrorBody, ErrorCode as E};
use kiosk_protocol::message::ServerMessage;
use kiosk_tests::rig::client::{Ended, Socket, hello};
use kiosk_tests::rig::{Client, PATIENCE, Rig, RigOptions};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// The refusal that the next message must be.
async fn refusal(client: &mut Client, sent: &str) -> (Option<u64>, ErrorBody) {
    let sent: String = sent.chars().take(200).collect();
    loop {
        match client.next_message(PATIENCE).await {
            ServerMessage::Acknowledge { id, error: Some(error), .. } => return (id, error),
            ServerMessage::Notice { .. } => {}
            other => panic!("{sent:?} was not refused: {other:?}"),
        }
    }
}

#[tokio::test]
async fn each_mistake_is_answered_with_the_field_that_is_wrong() {
    let (_rig, mut client) = Rig::ready(RigOptions::default()).await;
    let deep = format!(
        r#"{{"type":"command","id":90,"name":"scanner.scan","payload":{{"area":{}{}}}}}"#,
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let long = format!(r#"{{"type":"command","id":91,"name":"{}"}}"#, "x".repeat(60_000));
    let scan =
        |id: u32, payload: &str| format!(r#"{{"type":"command","id":{id},"name":"scanner.scan","payload":{payload}}}"#);
    let cases: Vec<(String, Option<u64>, E, &str)> = vec![
        (String::new(), None, E::InvalidRequest, ""),
        ("{".into(), None, E::InvalidRequest, ""),
        ("[1,2]".into(), None, E::InvalidRequest, ""),
        (r#"["command",27,"ups.status"]"#.into(), None, E::InvalidRequest, "object"),
        ("\"hello\"".into(), None, E::InvalidRequest, ""),
        ("null".into(), None, E::InvalidRequest, ""),
        ("{}".into(), None, E::InvalidRequest, ""),
        (r#"{"type":7,"id":1}"#.into(), Some(1), E::InvalidRequest, "type"),
        (r#"{"type":"order","id":2}"#.into(), Some(2), E::InvalidRequest, "type"),
        (r#"{"type":"command","id":"3","name":"ups.status"}"#.into(), None, E::InvalidRequest, "id"),
        (r#"{"type":"command","id":-4,"name":"ups.status"}"#.into(), None, E::InvalidRequest, "id"),
        (r#"{"type":"command","id":1e400,"name":"ups.status"}"#.into(), None, E::InvalidRequest, ""),
        (r#"{"type":"command","id":99999999999999999999,"name":"ups.status"}"#.into(), None, E::InvalidRequest, "id"),
        (r#"{"type":"command","id":5}"#.into(), Some(5), E::InvalidRequest, "name"),
        (r#"{"type":"command","name":"ups.status"}"#.into(), None, E::InvalidRequest, "id"),
        (r#"{"type":"command","id":6,"name":["ups.status"]}"#.into(), Some(6), E::InvalidRequest, "name"),
        (
            r#"{"type":"command","id":7,"name":"ups.status","colour":"red"}"#.into(),
            Some(7),
            E::InvalidRequest,
            "colour",
        ),
        (r#"{"type":"command","id":8,"id":8,"name":"ups.status"}"#.into(), None, E::InvalidRequest, "id"),
        (r#"{"type":"command","id":9,"name":"ups.status"} x"#.into(), None, E::InvalidRequest, ""),
        (r#"{"type":"command","id":10,"name":"ups.statsu"}"#.into(), Some(10), E::UnknownCall, "ups.status"),
        (
            r#"{"type":"command","id":11,"name":"ups.status","timeout_ms":5}"#.into(),
            Some(11),
            E::InvalidRequest,
            "timeout_ms",
        ),
        (
            r#"{"type":"command","id":12,"name":"ups.status","device":"upps"}"#.into(),
            Some(12),
            E::UnknownDevice,
            "device",
        ),
        (
            r#"{"type":"command","id":13,"name":"ups.status","device":"scanner"}"#.into(),
            Some(13),
            E::UnknownDevice,
            "device",
        ),
        (r#"{"type":"command","id":14,"name":"ups.status","key":"short"}"#.into(), Some(14), E::InvalidRequest, "key"),
        (
            r#"{"type":"command","id":15,"name":"receipt_printer.print","payload":{"elements":[]}}"#.into(),
            Some(15),
            E::InvalidRequest,
            "key",
        ),
        (scan(16, r#"{"resolution_dpi":"300"}"#), Some(16), E::InvalidRequest, "payload.resolution_dpi"),
        (scan(17, r#"{"resolution_dpi":70000}"#), Some(17), E::InvalidRequest, "payload.resolution_dpi"),
        (scan(18, r#"{"source":"roof"}"#), Some(18), E::InvalidRequest, "payload.source"),
        (scan(19, r#"{"area":{"width_mm":10}}"#), Some(19), E::InvalidRequest, "height_mm"),
        (scan(25, r#"{"area":[0,0,10,10]}"#), Some(25), E::InvalidRequest, "payload.area"),
        (
            r#"{"type":"command","id":26,"name":"receipt_printer.print","key":"an-array","payload":{"elements":[["rule"]]}}"#.into(),
            Some(26),
            E::InvalidRequest,
            "payload.elements[0]",
        ),
        (scan(20, r#"{"dpi":300}"#), Some(20), E::InvalidRequest, "dpi"),
        (scan(21, "[]"), Some(21), E::InvalidRequest, "payload"),
        (scan(22, r#"{"source":"adf","source":"flatbed"}"#), Some(22), E::InvalidRequest, "source"),
        (
            r#"{"type":"command","id":23,"name":"session.hello","payload":{}}"#.into(),
            Some(23),
            E::InvalidRequest,
            "payload",
        ),
        (r#"{"type":"cancel"}"#.into(), None, E::InvalidRequest, "id"),
        (r#"{"type":"cancel","id":24,"why":"so"}"#.into(), Some(24), E::InvalidRequest, "why"),
        (deep, Some(90), E::InvalidRequest, "payload"),
        (long, Some(91), E::UnknownCall, ""),
    ];
    for (text, id, code, field) in cases {
        client.send_text(&text).await;
        let (answered, error) = refusal(&mut client, &text).await;
        let failure = &error.failure;
        let said = format!("{} {}", failure.field.as_deref().unwrap_or_default(), failure.detail);
        assert_eq!((answered, failure.code), (id, code), "{text:.200}: {said}");
        assert!(said.contains(field), "{text:.200} is wrong at {field:?}: {said}");
        assert!(said.len() < 1_000, "what came is quoted, not repeated: {} bytes", said.len());
        assert!(!error.message.vi.is_empty() && !error.message.en.is_empty());
    }
    client.start_as(1_000, "ups.status").await;
    client.finish(1_000).await.expect("the session goes on");
}

#[tokio::test]
async fn a_second_hello_is_refused_and_the_session_goes_on() {
    let (_rig, mut client) = Rig::ready(RigOptions::default()).await;
    client.send_text(&hello(None)).await;
    let (_, error) = refusal(&mut client, "a second hello").await;
    assert_eq!((error.failure.code, error.failure.field.as_deref()), (E::InvalidRequest, Some("name")));
    client.done("ups.status").await;
}

/// Pieces that messages are made of, right and wrong ones mixed.
fn pieces() -> impl Strategy<Value = String> {
    let values = prop_oneof![
        Just("1".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("{}".to_owned()),
        Just("[[[[]]]]".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("\"scanner.scan\"".to_owned()),
        Just("\"command\"".to_owned()),
        Just("\"cancel\"".to_owned()),
        Just("{\"source\":\"adf\",\"max_pages\":0}".to_owned()),
        ".{0,40}".prop_map(|text| json!(text).to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| number.to_string()),
    ];
    let names = prop::sample::select(vec!["type", "id", "name", "device", "timeout_ms", "key", "payload", "seq", ""]);
    let object = prop::collection::vec((names, values), 0..8).prop_map(|fields| {
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", fields.join(","))
    });
    // Some of them with a byte more or less, some nothing of the kind.
    prop_oneof![
        6 => object.clone(),
        2 => (object, any::<prop::sample::Index>(), ".{0,3}").prop_map(|(text, at, put)| {
            let mut text: Vec<char> = text.chars().collect();
            let at = at.index(text.len());
            text.splice(at..=at, put.chars());
            text.into_iter().collect()
        }),
        1 => ".{0,200}",
    ]
}

#[tokio::test]
async fn generated_nonsense_is_answered_message_by_message() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let mut runner = TestRunner::deterministic();
    let strategy = pieces();
    for case in 0..600 {
        let text = strategy.new_tree(&mut runner).expect("the strategy makes values").current();
        client.send_text(&text).await;
        // A marker behind it: whatever the text means, the connection lives and the marker is answered.
        let marker = 1_000_000 + case;
        client.cancel(marker).await;
        let mut answers = 0;
        loop {
            match client.next_message(PATIENCE).await {
                ServerMessage::Acknowledge { id: Some(id), error: Some(error), .. } if id == marker => {
                    assert_eq!(error.failure.code, E::NotFound);
                    break;
                }
                ServerMessage::Acknowledge { error: Some(error), .. } => {
                    assert_ne!(error.failure.code, E::Internal, "{text:?}");
                    answers += 1;
                }
                _ => {}
            }
        }
        assert!(answers <= 1, "{text:?} has {answers} answers");
    }
    rig.client().await.done("ups.status").await;
    rig.assert_healthy().await;
}

/// Opens a session by hand, sends one message, and says how the gateway ends the connection.
async fn ended_by(rig: &Rig, message: Message) -> Ended {
    let mut socket = Socket::open(rig.address).await;
    socket.send(&hello(None)).await;
    socket.next(Instant::now() + PATIENCE).await.expect("a welcome");
    // The gateway may close before all of it was taken.
    let _ = socket.send_message(message).await;
    loop {
        if let Err(ended) = socket.next(Instant::now() + PATIENCE).await {
            return ended;
        }
    }
}

#[tokio::test]
async fn what_is_no_text_of_the_right_size_closes_the_connection_with_the_code_that_says_why() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    assert_eq!(ended_by(&rig, Message::binary(vec![1, 2, 3])).await, Ended::Closed(1003));
    let largest = " ".repeat(65_534) + "{}";
    assert_eq!(largest.len(), 65_536);
    client.send_text(&largest).await;
    refusal(&mut client, "64 KiB").await;
    assert_eq!(ended_by(&rig, Message::text("x".repeat(65_537))).await, Ended::Closed(1009));
    let invalid = Frame::message(vec![0xC3, 0x28], OpCode::Data(Data::Text), true);
    assert_eq!(ended_by(&rig, Message::Frame(invalid)).await, Ended::Closed(1007));
    let reserved = Frame::message(vec![1], OpCode::Data(Data::Reserved(5)), true);
    assert_eq!(ended_by(&rig, Message::Frame(reserved)).await, Ended::Closed(1002));
    let unopened = Frame::message(vec![b'x'], OpCode::Data(Data::Continue), true);
    assert_eq!(ended_by(&rig, Message::Frame(unopened)).await, Ended::Closed(1002));
    client.done("ups.status").await;
}

#[tokio::test]
async fn a_wrong_first_message_is_answered_and_the_connection_closed() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let other_version = hello(None).replace("\"max\":1,\"min\":1", "\"max\":9,\"min\":8");
    let nameless = hello(None).replace("kiosk-tests", "");
    for (first, code, field) in [
        (Message::text(r#"{"type":"command","id":1,"name":"ups.status"}"#), E::NotPermitted, "name"),
        (Message::text(r#"{"type":"cancel","id":1}"#), E::InvalidRequest, "type"),
        (Message::text("{"), E::InvalidRequest, ""),
        (Message::text(r#"{"type":"command","id":1,"name":"session.hello"}"#), E::InvalidRequest, "payload"),
        (Message::text(other_version), E::InvalidRequest, "payload.versions"),
        (Message::text(nameless), E::InvalidRequest, "payload.client.name"),
        (Message::binary(vec![0]), E::InvalidRequest, ""),
    ] {
        let mut socket = Socket::open(rig.address).await;
        socket.send_message(first.clone()).await.expect("the socket is open");
        let answer = socket.next(Instant::now() + PATIENCE).await;
        let Ok(ServerMessage::Acknowledge { seq: None, error: Some(error), .. }) = answer else {
            panic!("{first:?} is answered with {answer:?}")
        };
        assert_eq!(error.failure.code, code, "{first:?}: {error:?}");
        assert!(error.failure.field.as_deref().unwrap_or_default().contains(field), "{first:?}: {error:?}");
        assert_eq!(socket.next(Instant::now() + PATIENCE).await, Err(Ended::Closed(4401)));
    }
    client.done("ups.status").await;
}

#[tokio::test]
async fn who_does_not_say_hello_is_told_and_closed_after_a_while() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let since = Instant::now();
    let mut socket = Socket::open(rig.address).await;
    let answer = socket.next(Instant::now() + PATIENCE).await;
    assert!(
        matches!(&answer, Ok(ServerMessage::Acknowledge { id: None, error: Some(error), .. }) if error.failure.code == E::Timeout),
        "{answer:?}"
    );
    assert_eq!(socket.next(Instant::now() + PATIENCE).await, Err(Ended::Closed(4401)));
    assert!(since.elapsed().as_secs() >= 4, "it has time to say it: {:?}", since.elapsed());
    client.done("ups.status").await;
}
