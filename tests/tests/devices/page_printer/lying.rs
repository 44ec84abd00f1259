//! A printer that lies: what it answers to each operation is the test's own bytes.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kiosk_protocol::device::DeviceState;
use kiosk_protocol::error::{ErrorCode as E, PrintOutcome as O};
use serde_json::json;

use super::{WITHIN, kind, kiosk, order, pdf};

/// Operations (RFC 8011, section 5.4.15).
const CREATE: u16 = 5;
const SEND: u16 = 6;
const CANCEL: u16 = 8;
const LOOK: u16 = 9;
const ABOUT: u16 = 11;

#[derive(Clone)]
enum Says {
    /// An IPP message in good HTTP.
    Message(Vec<u8>),
    /// These bytes, then the end.
    Bytes(Vec<u8>),
    /// The same, a byte at a time with this pause after each.
    Slow(Vec<u8>, Duration),
    /// These bytes again and again.
    Endless(Vec<u8>),
}

#[derive(Clone)]
struct Liar {
    port: u16,
    says: Arc<Mutex<HashMap<u16, Says>>>,
    /// Operations that were asked for.
    asked: Arc<Mutex<Vec<u16>>>,
    /// `job-name` of the last new job.
    title: Arc<Mutex<Vec<u8>>>,
}

fn attribute(tag: u8, name: &str, value: &[u8]) -> Vec<u8> {
    let length = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    [&[tag][..], &length(name.len()), name.as_bytes(), &length(value.len()), value].concat()
}

fn message(status: u16, group: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let head = [&[1, 1][..], &status.to_be_bytes(), &[0, 0, 0, 1, group]].concat();
    [head, attributes.concat(), vec![3]].concat()
}

fn number(tag: u8, name: &str, value: i32) -> Vec<u8> {
    attribute(tag, name, &value.to_be_bytes())
}

fn about() -> Vec<u8> {
    message(
        0,
        4,
        &[
            number(0x23, "printer-state", 3),
            attribute(0x44, "printer-state-reasons", b"none"),
            attribute(0x49, "document-format-supported", b"application/pdf"),
            number(0x23, "operations-supported", 5),
            number(0x23, "", 6),
        ],
    )
}

fn job(state: i32, more: &[Vec<u8>]) -> Says {
    let base = [number(0x21, "job-id", 7), number(0x23, "job-state", state)];
    Says::Message(message(0, 2, &[&base[..], more].concat()))
}

impl Liar {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let usual = [
            (ABOUT, Says::Message(about())),
            (CREATE, job(3, &[])),
            (SEND, job(5, &[])),
            (LOOK, job(5, &[])),
            (CANCEL, Says::Message(message(0, 1, &[]))),
        ];
        let liar =
            Self { port, says: Arc::new(Mutex::new(usual.into())), asked: Arc::default(), title: Arc::default() };
        let own = liar.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                // A client that hangs up in the middle is no fault here.
                std::thread::spawn(move || drop(own.answer(stream)));
            }
        });
        liar
    }

    fn set(&self, operation: u16, says: Says) {
        self.says.lock().unwrap().insert(operation, says);
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut got = Vec::new();
        let (head, length) = loop {
            let mut part = [0; 4096];
            let count = stream.read(&mut part)?;
            if count == 0 {
                return Ok(());
            }
            got.extend_from_slice(&part[..count]);
            if let Some(end) = got.windows(4).position(|end| end == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&got[..end]).to_lowercase();
                let length = text
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .map(|text| text.trim().parse::<usize>().unwrap());
                break (end + 4, length.unwrap());
            }
        };
        while got.len() < head + length {
            let mut part = [0; 4096];
            let count = stream.read(&mut part)?;
            got.extend_from_slice(&part[..count]);
            if count == 0 {
                return Ok(());
            }
        }
        let body = &got[head..];
        let operation = u16::from_be_bytes([body[2], body[3]]);
        self.asked.lock().unwrap().push(operation);
        if let Some(at) = body.windows(8).position(|name| name == b"job-name").filter(|_| operation == CREATE) {
            let length = usize::from(u16::from_be_bytes([body[at + 8], body[at + 9]]));
            *self.title.lock().unwrap() = body[at + 10..at + 10 + length].to_vec();
        }
        let says = self.says.lock().unwrap().get(&operation).cloned();
        let whole = |message: &[u8]| {
            let length = message.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {length}\r\n\r\n");
            [head.as_bytes(), message].concat()
        };
        match says {
            Some(Says::Message(message)) => stream.write_all(&whole(&message)),
            Some(Says::Slow(message, pause)) => whole(&message).chunks(1).try_for_each(|byte| {
                stream.write_all(byte)?;
                #[expect(clippy::disallowed_methods, reason = "the printer is slow; nobody waits for the time")]
                std::thread::sleep(pause);
                Ok(())
            }),
            Some(Says::Bytes(bytes)) => stream.write_all(&bytes),
            Some(Says::Endless(bytes)) => loop {
                stream.write_all(&bytes)?;
            },
            None => Ok(()),
        }
    }

    fn count(&self, operation: u16) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| **asked == operation).count()
    }
}

#[tokio::test]
async fn ipp_answers_that_are_none_make_the_printer_stale_until_they_end() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    let driver = rig.child("kiosk-driver-ipp").unwrap();
    let cut = about();
    let long = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", cut.len() + 50);
    let deep = message(
        0,
        4,
        &[
            attribute(0x34, "media-col", &[]),
            [attribute(0x4A, "", b"x"), attribute(0x34, "", &[])].concat().repeat(20_000),
        ],
    );
    for says in [
        Says::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        Says::Bytes(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n".to_vec()),
        Says::Bytes([long.as_bytes(), &cut].concat()),
        Says::Endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()),
        Says::Endless(b"X-Header: y\r\n".to_vec()),
        Says::Message(cut[..cut.len() / 2].to_vec()),
        Says::Message([&cut[..9], &[0x44, 0xFF, 0xFF], &cut[9..]].concat()),
        Says::Message(deep),
        Says::Message(message(0, 4, &[number(0x23, "printer-state", 77)])),
        Says::Message(message(0, 4, &vec![attribute(0x44, "x", &[b'y'; 1000]); 2000])),
        Says::Message(Vec::new()),
    ] {
        liar.set(ABOUT, says);
        client.wait_state("page_printer", DeviceState::Stale, WITHIN).await;
        liar.set(ABOUT, Says::Message(about()));
        client.wait_state("page_printer", DeviceState::Ready, WITHIN).await;
    }
    assert_eq!(rig.child("kiosk-driver-ipp"), Some(driver), "it was never restarted");
}

#[tokio::test]
async fn ipp_a_slow_printer_prints_if_it_has_the_time() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    let slow = |message: Vec<u8>| Says::Slow(message, Duration::from_millis(5));
    liar.set(ABOUT, slow(about()));
    let Says::Message(done) = job(9, &[]) else { panic!("it is a message") };
    liar.set(LOOK, slow(done));
    let order = order(&rig, &client, pdf(), json!({})).await;
    assert_eq!(client.done(order).await["outcome"], "printed");
}

#[tokio::test]
async fn ipp_a_printer_that_comes_and_goes_leaves_one_driver_and_few_lines() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    let (driver, lines) = (rig.child("kiosk-driver-ipp"), rig.log().lines().count());
    let blinks = 25;
    for _ in 0..blinks {
        liar.set(ABOUT, Says::Bytes(Vec::new()));
        client.wait_state("page_printer", DeviceState::Stale, WITHIN).await;
        liar.set(ABOUT, Says::Message(about()));
        client.wait_state("page_printer", DeviceState::Ready, WITHIN).await;
    }
    assert_eq!(rig.child("kiosk-driver-ipp"), driver);
    let more = rig.log().lines().count() - lines;
    assert!(more <= 10 * blinks, "{more} lines in the log");
}

#[tokio::test]
async fn ipp_a_job_whose_document_broke_off_is_cancelled_and_not_printed() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    liar.set(SEND, Says::Bytes(Vec::new()));
    liar.set(LOOK, job(4, &[attribute(0x44, "job-state-reasons", b"job-incoming")]));
    let order = order(&rig, &client, pdf(), json!({})).await;
    let id = client.start(order).await;
    kiosk_tests::rig::wait::until("a cancel", WITHIN, || (liar.count(CANCEL) > 0).then_some(())).await;
    liar.set(LOOK, job(7, &[number(0x21, "job-impressions-completed", 0)]));
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(kind(&error), (E::DeviceFault, Some(O::NotPrinted)), "{error:?}");
    assert_eq!((liar.count(CREATE), liar.count(SEND)), (1, 1));
}

#[tokio::test]
async fn ipp_a_job_whose_answer_was_lost_is_looked_for_by_its_number() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    liar.set(SEND, Says::Bytes(Vec::new()));
    let count = number(0x21, "job-impressions-completed", 2);
    let order = order(&rig, &client, pdf(), json!({})).await;
    let id = client.start(order).await;
    while client.event(id, "page_printer.progress").await["phase"] != "printing" {}
    // It is silent for a while, then it is done.
    liar.set(LOOK, Says::Bytes(Vec::new()));
    let asked = liar.count(LOOK);
    kiosk_tests::rig::wait::until("more looks", WITHIN, || (liar.count(LOOK) > asked + 2).then_some(())).await;
    let title = attribute(0x42, "job-name", &liar.title.lock().unwrap().clone());
    liar.set(LOOK, job(9, &[count, title]));
    let report = client.finish_within(id, WITHIN).await.unwrap();
    assert_eq!(report, json!({ "outcome": "printed", "impressions": 2 }));
    assert_eq!((liar.count(CREATE), liar.count(SEND)), (1, 1), "sent once");
}

#[tokio::test]
async fn ipp_another_job_with_the_same_number_is_not_ours() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    liar.set(LOOK, job(9, &[attribute(0x42, "job-name", b"somebody else's")]));
    let order = order(&rig, &client, pdf(), json!({})).await;
    assert_eq!(kind(&client.fails(order).await), (E::DeviceFault, Some(O::Unknown)));
}

#[tokio::test]
async fn ipp_another_job_with_the_same_number_is_not_ours_when_the_connection_broke() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    liar.set(SEND, Says::Bytes(Vec::new()));
    liar.set(LOOK, job(9, &[attribute(0x42, "job-name", b"somebody else's")]));
    let order = order(&rig, &client, pdf(), json!({})).await;
    assert_eq!(kind(&client.fails(order).await), (E::DeviceFault, Some(O::Unknown)));
}

#[tokio::test]
async fn ipp_jobs_that_end_badly_are_told_by_what_was_counted() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    let count = |count: i32| vec![number(0x21, "job-impressions-completed", count)];
    let reason = |reason: &[u8]| attribute(0x44, "job-state-reasons", reason);
    for (says, expected) in [
        (job(8, &count(0)), (E::DeviceFault, Some(O::NotPrinted))),
        (job(8, &count(1)), (E::DeviceFault, Some(O::Unknown))),
        (job(8, &[reason(b"document-format-error")]), (E::Unreadable, Some(O::NotPrinted))),
        (job(7, &count(0)), (E::Cancelled, Some(O::NotPrinted))),
        (job(7, &count(3)), (E::Cancelled, Some(O::Unknown))),
        (job(9, &[reason(b"job-completed-with-errors")]), (E::DeviceFault, Some(O::Unknown))),
        (Says::Message(message(0x0406, 1, &[])), (E::DeviceFault, Some(O::Unknown))),
    ] {
        liar.set(LOOK, says);
        let order = order(&rig, &client, pdf(), json!({})).await;
        assert_eq!(kind(&client.fails(order).await), expected);
    }
}

#[tokio::test]
async fn ipp_a_printer_that_refuses_the_job_has_printed_nothing() {
    let liar = Liar::start();
    let (rig, mut client) = kiosk(liar.port).await;
    for (status, code) in [
        (0x0403, E::DriverHeld),
        (0x040A, E::Unsupported),
        (0x0408, E::TooLarge),
        (0x0506, E::Busy),
        (0x0500, E::DeviceFault),
    ] {
        liar.set(CREATE, Says::Message(message(status, 1, &[])));
        let order = order(&rig, &client, pdf(), json!({})).await;
        assert_eq!(kind(&client.fails(order).await), (code, Some(O::NotPrinted)), "{status:#x}");
    }
    assert_eq!(liar.count(SEND), 0);
}
