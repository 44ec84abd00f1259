//! A client that reads live pictures as fast as they come and does nothing else, over a WebSocket to the gateway or HTTP to
//! `ustreamer`: the same work for both, so that what differs is the servers'. It believes what it reads.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kiosk_protocol::pictures::PICTURE_HEADER_BYTES;

use crate::rig::client::hello;

/// Nothing for so long is the end of the bench.
const WITHIN: Duration = Duration::from_secs(60);

/// Frames of a WebSocket (RFC 6455, 5.2): a text, a binary message, a ping and its answer, each whole.
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

enum Speech {
    WebSocket,
    Http,
}

/// A connection over which pictures come.
pub(super) struct Viewer {
    stream: BufReader<TcpStream>,
    speech: Speech,
    picture: Vec<u8>,
}

/// What the simulator wrote into a picture's comment.
pub(super) struct Stamp {
    /// Counts the camera's frames, sent or not.
    pub(super) frame: u64,
    /// From when it was made until its last byte was here, milliseconds.
    pub(super) age_ms: f64,
}

impl Viewer {
    fn open(at: SocketAddr, request: &str, speech: Speech) -> Self {
        let stream = TcpStream::connect(at).unwrap_or_else(|error| panic!("cannot connect to {at}: {error}"));
        stream.set_read_timeout(Some(WITHIN)).expect("a socket has a time limit");
        stream.set_nodelay(true).expect("a socket sends at once");
        let mut viewer = Self { stream: BufReader::with_capacity(16 << 10, stream), speech, picture: Vec::new() };
        viewer.write(request.as_bytes());
        let status = viewer.line();
        assert!(status.starts_with("HTTP/1.") && (status.contains(" 101 ") || status.contains(" 200 ")), "{status}");
        while !viewer.line().is_empty() {}
        viewer
    }

    /// Looks at the gateway's camera.
    pub(super) fn of_gateway(at: SocketAddr) -> Self {
        let request = format!(
            "GET /v1 HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let mut viewer = Self::open(at, &request, Speech::WebSocket);
        viewer.say(TEXT, hello(None).as_bytes());
        let start = r#"{"type":"command","id":1,"name":"pictures.start","device":"camera"}"#;
        viewer.say(TEXT, start.as_bytes());
        viewer
    }

    /// Looks at ustreamer's.
    pub(super) fn of_ustreamer(at: SocketAddr) -> Self {
        Self::open(at, &format!("GET /stream HTTP/1.1\r\nHost: {at}\r\n\r\n"), Speech::Http)
    }

    /// Waits for the next picture of the camera; those before it that ustreamer makes itself are left out.
    pub(super) fn next(&mut self) -> Stamp {
        loop {
            match self.speech {
                Speech::WebSocket => while !self.message() {},
                Speech::Http => self.part(),
            }
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is right").as_secs_f64();
            if let Some(stamp) = stamp(&self.picture, now) {
                return stamp;
            }
        }
    }

    /// Reads one message; says whether it was a picture.
    fn message(&mut self) -> bool {
        let [kind, length] = self.bytes();
        let length = match length {
            126 => u16::from_be_bytes(self.bytes()).into(),
            127 => u64::from_be_bytes(self.bytes()),
            short => u64::from(short),
        };
        self.picture.resize(usize::try_from(length).expect("it fits"), 0);
        self.stream.read_exact(&mut self.picture).expect("a message is whole");
        match kind {
            BINARY => self.picture.len() > PICTURE_HEADER_BYTES,
            PING => {
                let payload = std::mem::take(&mut self.picture);
                self.say(PONG, &payload);
                false
            }
            TEXT => {
                let text = String::from_utf8_lossy(&self.picture);
                assert!(!text.contains(r#""error":{"#), "{text}");
                false
            }
            other => panic!("a message of kind {other:#x}"),
        }
    }

    /// Reads one part of a multipart stream: a head with its length, the picture.
    fn part(&mut self) {
        let mut length = None;
        loop {
            let line = self.line();
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()
                }
                None if line.is_empty() && length.is_some() => break,
                _ => {}
            }
        }
        self.picture.resize(length.expect("it was told"), 0);
        self.stream.read_exact(&mut self.picture).expect("a part is whole");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a line comes");
        assert!(line.ends_with('\n'), "the connection ended after {line:?}");
        line.trim_end().to_owned()
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).expect("a message comes");
        bytes
    }

    /// With a mask of zeros, which changes nothing: a client must have one (RFC 6455, 5.3).
    fn say(&mut self, kind: u8, payload: &[u8]) {
        let length = u16::try_from(payload.len()).expect("what is said here is short");
        let head = match u8::try_from(length) {
            Ok(short @ 0..=125) => vec![kind, 0x80 | short],
            _ => [&[kind, 0x80 | 126][..], &length.to_be_bytes()].concat(),
        };
        self.write(&[&head, &[0; 4][..], payload].concat());
    }

    fn write(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("the server takes it");
    }
}

/// The comment `frame=N unix_us=T`, which is near the picture's beginning.
fn stamp(message: &[u8], now: f64) -> Option<Stamp> {
    let head = String::from_utf8_lossy(&message[..message.len().min(200)]);
    let (_, rest) = head.split_once("frame=")?;
    let (frame, rest) = rest.split_once(" unix_us=")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let made = digits.parse::<f64>().ok()? / 1e6;
    Some(Stamp { frame: frame.parse().ok()?, age_ms: (now - made) * 1e3 })
}
