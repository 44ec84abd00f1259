//! Against servers that answer well, badly, slowly and without end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use super::*;

/// Answers one connection, and gives the request: its head and body.
fn server(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> (String, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/tsa", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0);
        }
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body).unwrap();
        answer(&mut stream);
        (head, body)
    });
    (address, thread)
}

/// Writes for as long as somebody reads.
fn pour(stream: &mut TcpStream, head: &str) {
    let piece = vec![b'x'; 65_536];
    let _ = stream.write_all(head.as_bytes());
    while stream.write_all(&piece).is_ok() {}
}

fn quick() -> Http {
    Http { exchange: Duration::from_millis(300), ..Http::new() }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nanswer";

#[test]
fn a_question_is_posted_as_its_kind_and_the_answer_given() {
    let (address, thread) = server(|stream| stream.write_all(OK.as_bytes()).unwrap());
    assert_eq!(Http::new().ocsp(&address, b"\x30\x00question").unwrap(), b"answer");
    let (head, body) = thread.join().unwrap();
    assert!(head.starts_with("POST /tsa HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/ocsp-request\r\n"), "{head}");
    assert_eq!(body, b"\x30\x00question");

    let (address, thread) = server(|stream| stream.write_all(OK.as_bytes()).unwrap());
    let authority = HttpTimeStamper::new(Http::new(), &address, 7000);
    assert_eq!((authority.time_stamp(b"query").unwrap(), authority.token_bytes()), (b"answer".to_vec(), 7000));
    let (head, body) = thread.join().unwrap();
    assert!(head.to_ascii_lowercase().contains("content-type: application/timestamp-query\r\n"), "{head}");
    assert_eq!(body, b"query");
}

#[test]
fn a_list_is_got() {
    let (address, thread) = server(|stream| stream.write_all(OK.as_bytes()).unwrap());
    assert_eq!(Http::new().list(&address.replace("http", "HTTP")).unwrap(), b"answer");
    assert!(thread.join().unwrap().0.starts_with("GET /tsa HTTP/1.1\r\n"));
}

#[test]
fn no_other_address_is_asked_than_the_one_that_was_given() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let (address, thread) = server(move |stream| {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: http://{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    });
    let error = Http::new().list(&address).unwrap_err();
    assert!(error.0.contains("302"), "{error}");
    thread.join().unwrap();
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody came");
}

#[test]
fn what_is_no_answer_is_an_error() {
    for (answer, said) in [
        ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503"),
        ("HTTP/1.1 204 Nothing\r\n\r\n", "204"),
        ("rubbish\r\n\r\n", ""),
        ("", ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut", ""),
    ] {
        let (address, thread) = server(move |stream| stream.write_all(answer.as_bytes()).unwrap());
        let error = Http::new().list(&address).unwrap_err();
        assert!(error.0.contains(said) && !error.0.is_empty(), "{answer:?}: {error}");
        thread.join().unwrap();
    }
    for address in
        ["https://example.vn/crl", "ldap://x", "file:///etc/passwd", "", "http", "http://", "http://a b/", "http://[::"]
    {
        assert!(Http::new().list(address).is_err(), "{address}");
    }
    // A port where nobody listens any more.
    let gone = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    assert!(Http::new().list(&format!("http://{gone}/")).is_err());
}

#[test]
fn an_answer_without_end_ends() {
    for head in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nX: "]
    {
        let (address, thread) = server(move |stream| pour(stream, head));
        let error = Http::new().list(&address).unwrap_err();
        assert!(!error.0.is_empty());
        thread.join().unwrap();
    }
}

#[test]
fn who_does_not_answer_or_trickles_is_given_up() {
    let (address, thread) = server(|stream| drop(stream.read(&mut [0; 1])));
    let begun = Instant::now();
    let error = quick().ocsp(&address, b"question").unwrap_err();
    assert!(error.0.contains("in time"), "{error}");
    thread.join().unwrap();

    // A byte now and then keeps no one waiting: the time is that of the whole exchange.
    let (address, thread) = server(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
        let ended = |error: &std::io::Error| error.kind() != std::io::ErrorKind::WouldBlock;
        while stream.write_all(b"x").is_ok() {
            match stream.read(&mut [0; 1]) {
                Ok(_) => break,
                Err(error) if ended(&error) => break,
                Err(_) => {}
            }
        }
    });
    let error = quick().list(&address).unwrap_err();
    assert!(error.0.contains("in time"), "{error}");
    assert!(begun.elapsed() < EXCHANGE, "{:?}", begun.elapsed());
    thread.join().unwrap();
}

#[test]
fn all_questions_together_have_an_end() {
    let http = Http::within(Duration::from_millis(200));
    let (address, thread) = server(|stream| drop(stream.read(&mut [0; 1])));
    assert!(http.list(&address).unwrap_err().0.contains("in time"));
    thread.join().unwrap();
    // Nobody is asked any more.
    assert!(http.clone().list("http://192.0.2.1/").unwrap_err().0.contains("over"));
}
