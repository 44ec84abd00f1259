use std::sync::{Arc, Mutex};
use std::time::Duration;

use kiosk_driver_sdk::link::scripted::{Scripted, Step};
use kiosk_driver_sdk::protocol::error::ErrorCode;
use kiosk_driver_sdk::protocol::ups::PowerSource;
use kiosk_driver_sdk::{Link, LinkError, OpenError, Until};
use proptest::prelude::*;

use super::{AskError, Server};
use crate::wire::vars::Vars;
use crate::wire::{LINE_MAX, ListVar, ROWS_MAX, UpsName, WireError};

/// How long an answer may take here; a script that falls silent says so at once.
const PATIENCE: Duration = Duration::from_secs(60);
const ANSWER: &str =
    "BEGIN LIST VAR kiosk\nVAR kiosk ups.status \"OB LB\"\nVAR kiosk battery.charge \"17.5\"\nEND LIST VAR kiosk\n";

fn expect() -> Step {
    Step::Expect(b"LIST VAR kiosk\n".to_vec())
}

fn send(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

/// A server that plays these connections, one after the other, and is not there when they are used up.
fn server(connections: Vec<Vec<Step>>) -> (Server, Arc<Mutex<usize>>) {
    let dialled = Arc::new(Mutex::new(0));
    let count = Arc::clone(&dialled);
    let mut connections = connections.into_iter();
    let dial = move || {
        *count.lock().unwrap() += 1;
        match connections.next() {
            Some(steps) => Ok(Box::new(Scripted::new(steps)) as Box<dyn Link>),
            None => Err(LinkError::Absent { address: "tcp:ups:3493".into(), reason: "connection refused".into() }),
        }
    };
    (Server::new(Box::new(dial)), dialled)
}

fn ask(server: &mut Server) -> Result<Vars, AskError> {
    server.ask(&ListVar(&UpsName::new("kiosk").unwrap()), &Until::within(PATIENCE))
}

fn code(server: &mut Server) -> ErrorCode {
    ask(server).unwrap_err().failure().code
}

#[test]
fn one_connection_serves_many_queries() {
    let (mut server, dialled) = server(vec![vec![expect(), send(ANSWER), expect(), send(ANSWER)]]);
    for _ in 0..2 {
        let status = ask(&mut server).unwrap().status();
        assert_eq!((status.power, status.battery_low), (PowerSource::Battery, true));
        assert_eq!(status.charge_percent, Some(17.5));
    }
    assert_eq!(*dialled.lock().unwrap(), 1);
}

#[test]
fn an_answer_may_come_in_any_pieces() {
    let mut steps = vec![expect()];
    steps.extend(ANSWER.bytes().map(|byte| Step::Send(vec![byte])));
    let (mut server, _) = server(vec![steps]);
    assert!(ask(&mut server).unwrap().status().battery_low);
}

#[test]
fn a_lost_connection_is_made_anew() {
    let (mut server, dialled) = server(vec![vec![expect(), send(ANSWER), Step::Hangup], vec![expect(), send(ANSWER)]]);
    ask(&mut server).unwrap();
    ask(&mut server).unwrap();
    assert_eq!(*dialled.lock().unwrap(), 2);
}

#[test]
fn a_server_that_is_gone_is_device_absent() {
    let (mut server, _) = server(vec![vec![expect(), send(ANSWER), Step::Hangup]]);
    ask(&mut server).unwrap();
    assert_eq!(code(&mut server), ErrorCode::DeviceAbsent);
}

#[test]
fn a_server_that_hangs_up_on_each_query_is_device_absent() {
    let (mut server, _) = server(vec![vec![expect(), Step::Hangup]]);
    assert_eq!(code(&mut server), ErrorCode::DeviceAbsent);
}

#[test]
fn after_a_late_answer_the_connection_is_not_used_again() {
    let late = vec![expect(), send("BEGIN LIST VAR kiosk\n"), Step::Silence, send(ANSWER)];
    let (mut server, dialled) = server(vec![late, vec![expect(), send(ANSWER)]]);
    assert_eq!(code(&mut server), ErrorCode::DeviceSilent);
    ask(&mut server).unwrap();
    assert_eq!(*dialled.lock().unwrap(), 2);
}

#[test]
fn stale_data_and_a_dead_driver_are_device_silent_with_the_servers_word() {
    for word in ["DATA-STALE", "DRIVER-NOT-CONNECTED"] {
        let refusal = format!("ERR {word}\n");
        let (mut server, dialled) = server(vec![vec![expect(), send(&refusal), expect(), send(ANSWER)]]);
        let failure = ask(&mut server).unwrap_err().failure();
        assert_eq!((failure.code, failure.device_code.as_deref()), (ErrorCode::DeviceSilent, Some(word)));
        ask(&mut server).unwrap();
        assert_eq!(*dialled.lock().unwrap(), 1, "a refusal is an answer: the connection is good");
    }
}

#[test]
fn what_a_refusal_means_for_opening() {
    let open = |word: &str| {
        let (mut server, _) = server(vec![vec![expect(), send(&format!("ERR {word}\n"))]]);
        ask(&mut server).unwrap_err().open_error()
    };
    assert!(matches!(open("DATA-STALE"), OpenError::Absent(_)));
    assert!(matches!(open("DRIVER-NOT-CONNECTED"), OpenError::Absent(_)));
    assert!(matches!(open("UNKNOWN-UPS"), OpenError::BadConfig(_)));
    assert!(matches!(open("ACCESS-DENIED"), OpenError::NoPermission(_)));
    assert!(matches!(open("SOMETHING-NEW"), OpenError::Fault(_)));
}

#[test]
fn endless_lines_endless_lists_and_garbage_are_device_faults() {
    let row = "VAR kiosk outlet.1.id \"1\"\n".repeat(ROWS_MAX + 1);
    for sent in [
        "x".repeat(LINE_MAX + 1),
        format!("BEGIN LIST VAR kiosk\n{row}"),
        "HTTP/1.1 400 Bad Request\n".into(),
        "BEGIN LIST VAR other\n".into(),
        "BEGIN LIST VAR kiosk\nVAR kiosk ups.status \"OL\n".into(),
        format!("{ANSWER}ups.status OL\n"),
        "\u{0}\u{1}\n".into(),
    ] {
        let (mut server, _) = server(vec![vec![expect(), send(&sent)]]);
        assert_eq!(code(&mut server), ErrorCode::DeviceFault, "{:.60}", sent);
    }
    let (mut server, _) = server(vec![vec![expect(), Step::Send(b"\xff\xfe\n".to_vec())]]);
    assert!(matches!(ask(&mut server), Err(AskError::Wire(WireError::NotText))));
}

/// Lines as a server might send them, right and wrong.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "BEGIN LIST VAR kiosk",
        "END LIST VAR kiosk",
        "VAR kiosk ups.status \"OL\"",
        "VAR kiosk ups.status \"OB",
        "VAR other ups.status \"OL\"",
        "ERR DATA-STALE",
        "ERR",
        "",
    ]);
    prop_oneof![
        4 => known.prop_map(|line| line.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..3_000),
    ]
}

proptest! {
    #[test]
    fn whatever_comes_in_whatever_pieces_is_an_answer_or_a_typed_error(
        lines in proptest::collection::vec(line(), 0..12), piece in 1_usize..4_000
    ) {
        let sent = lines.join(&b'\n');
        let mut steps = vec![expect()];
        steps.extend(sent.chunks(piece).map(|piece| Step::Send(piece.to_vec())));
        steps.push(Step::Hangup);
        let (mut server, dialled) = server(vec![steps]);
        match ask(&mut server) {
            Ok(vars) => {
                let whole = lines.iter().any(|line| line == b"END LIST VAR kiosk");
                prop_assert!(whole, "{:?}", vars);
            }
            Err(error) => prop_assert!(!error.failure().detail.is_empty()),
        }
        prop_assert_eq!(*dialled.lock().unwrap(), 1);
    }
}
