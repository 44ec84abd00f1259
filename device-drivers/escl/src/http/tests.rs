use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::scanner::ScannerActivity;
use kiosk_driver_sdk::{Address, CancelSignal, GivenUp, Guard};
use proptest::prelude::*;

use super::{Question, ask};
use crate::job;
use crate::place::Place;
use crate::trouble::Trouble;
use crate::wire::xml::XML_MAX;

/// How long anything here may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);
const STATUS: &str = "<s:ScannerStatus xmlns:s='x'><p:State xmlns:p='y'>Idle</p:State></s:ScannerStatus>";

/// A scanner that takes one question, says this, and hangs up; the question is sent to the test.
fn scanner(says: Vec<u8>) -> (Place, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = place(listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut buffer = [0; 1024];
        while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
            let n = stream.read(&mut buffer).unwrap();
            asked.extend_from_slice(&buffer[..n]);
        }
        sender.send(String::from_utf8(asked).unwrap()).unwrap();
        // The driver may hang up in the middle of a long answer.
        let _ = stream.write_all(&says);
    });
    (place, receiver)
}

fn place(address: SocketAddr) -> Place {
    Place::of(&Address::parse(&format!("http://{address}/eSCL")).unwrap()).unwrap()
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn status_of(says: Vec<u8>) -> Result<ScannerActivity, Trouble> {
    let (place, _asked) = scanner(says);
    wait(job::status(&place, &Guard::within(PATIENCE))).map(|status| status.told().activity)
}

#[test]
fn a_question_names_the_host_and_the_path() {
    let (place, asked) = scanner(answer("200 OK", "", STATUS));
    wait(job::status(&place, &Guard::within(PATIENCE))).unwrap();
    let asked = asked.recv().unwrap();
    assert!(asked.starts_with("GET /eSCL/ScannerStatus HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains(&format!("host: {}\r\n", place.authority)), "{asked}");
}

#[test]
fn a_scanner_that_is_too_busy_to_tell_is_scanning() {
    assert_eq!(status_of(answer("503 Service Unavailable", "", "")).unwrap(), ScannerActivity::Scanning);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let to = format!("Location: http://{}/eSCL/ScannerStatus\r\n", elsewhere.local_addr().unwrap());
    assert!(matches!(status_of(answer("302 Found", &to, "")), Err(Trouble::Refused { status: 302, .. })));
    assert_eq!(elsewhere.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn an_answer_that_ends_too_early_is_cut() {
    let mut says = answer("200 OK", "", STATUS);
    says.truncate(says.len() - 5);
    assert!(matches!(status_of(says), Err(Trouble::Cut { .. })));
    assert!(matches!(status_of(Vec::new()), Err(Trouble::Cut { .. } | Trouble::Absent { .. })));
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<s:Sc\r\n";
    assert!(matches!(status_of(chunked.to_vec()), Err(Trouble::Cut { .. })));
    // Lengths that nobody has the memory for, of which nothing comes.
    for length in
        ["Content-Length: 9000000000000000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n"]
    {
        let trouble = status_of(format!("HTTP/1.1 200 OK\r\n{length}<s:Sc").into_bytes()).unwrap_err();
        assert!(matches!(trouble, Trouble::Cut { .. }), "{length}: {trouble:?}");
    }
}

#[test]
fn an_answer_that_is_not_http_is_told_apart() {
    for garbage in ["garbage\r\n\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/9.9 what\r\n\r\n"] {
        let trouble = status_of(garbage.as_bytes().to_vec()).unwrap_err();
        assert!(matches!(trouble, Trouble::NotHttp { .. }), "{garbage:?}: {trouble:?}");
    }
    let endless_head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(super::BUFFER * 2));
    assert!(matches!(status_of(endless_head.into_bytes()), Err(Trouble::NotHttp { .. })));
}

#[test]
fn a_document_without_end_is_given_up_at_the_cap() {
    let says = answer("200 OK", "", &" ".repeat(XML_MAX + 1));
    assert!(matches!(status_of(says), Err(Trouble::LongAnswer { .. })));
}

#[test]
fn nobody_at_the_address_is_absent() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let asked = wait(job::status(&place(gone), &Guard::within(PATIENCE)));
    assert!(matches!(asked, Err(Trouble::Absent { .. })));
}

/// The kernel takes the connection; nobody ever answers on it.
fn silent() -> (TcpListener, Place) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = place(listener.local_addr().unwrap());
    (listener, place)
}

#[test]
fn a_scanner_that_never_answers_is_silent_after_the_steps_limit() {
    let (_listener, place) = silent();
    let question = Question::get(place.path("ScannerStatus"), "its status");
    let guard = Guard::within(PATIENCE);
    let asked = wait(ask(&place, question, Duration::from_millis(50), &guard));
    assert!(matches!(asked, Err(Trouble::Silent { .. })));
}

#[test]
fn cancel_ends_a_wait_at_once_and_every_later_one() {
    let (_listener, place) = silent();
    let cancel = CancelSignal::new();
    let guard = Guard::new(Instant::now() + PATIENCE, cancel.clone(), Duration::ZERO);
    wait(async {
        let (asked, ()) = tokio::join!(job::status(&place, &guard), async {
            tokio::task::yield_now().await;
            cancel.set();
        });
        assert!(matches!(asked, Err(Trouble::Cancelled)));
        assert!(matches!(job::status(&place, &guard).await, Err(Trouble::Cancelled)));
        assert!(matches!(guard.pause(PATIENCE, "a pause").await, Err(GivenUp::Cancelled)));
    });
}

/// A good answer, in one piece and in chunks.
fn good(chunked: bool) -> Vec<u8> {
    if !chunked {
        return answer("200 OK", "Content-Type: text/xml\r\n", STATUS);
    }
    let (one, other) = STATUS.split_at(20);
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}{}0\r\n\r\n", chunk(one), chunk(other)).into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn no_answer_makes_it_fall(
        chunked: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..5_usize, prop::collection::vec(any::<u8>(), 0..6)), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        noise in prop::option::weighted(0.2, prop::collection::vec(any::<u8>(), 0..400)),
    ) {
        let mut says = noise.unwrap_or_else(|| good(chunked));
        for (at, gone, with) in changes {
            let at = at.index(says.len() + 1);
            let end = (at + gone).min(says.len());
            says.splice(at..end, with);
        }
        if let Some(cut) = cut {
            says.truncate(cut.index(says.len() + 1));
        }
        if let Err(trouble) = status_of(says) {
            prop_assert!(!matches!(trouble, Trouble::Cancelled | Trouble::OutOfTime { .. }), "{:?}", trouble);
        }
    }
}
