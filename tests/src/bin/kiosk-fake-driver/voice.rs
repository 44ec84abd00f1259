//! Frames on stdin and stdout. When the gateway is gone, so is this program.

use std::io::{Read, Write};
use std::process::exit;

use kiosk_protocol::seam::{ATTACHMENTS_MAX, CHUNK_MAX, Frame, FromChild, HEADER_BYTES, Header, ToChild};
use serde_json::Value;

/// Says a message.
pub(crate) fn say(message: FromChild) {
    say_with(message, Vec::new());
}

/// Says a message with bytes.
pub(crate) fn say_with(message: FromChild, blob: Vec<u8>) {
    let frame = Frame { message, blob };
    let mut bytes = frame.head(CHUNK_MAX).expect("a frame within the caps");
    bytes.extend_from_slice(&frame.blob);
    say_bytes(&bytes);
}

/// Says bytes as they are.
pub(crate) fn say_bytes(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        exit(0);
    }
}

/// The next message of the gateway; `None` at the end.
pub(crate) fn listen() -> Option<ToChild> {
    let mut stdin = std::io::stdin().lock();
    let mut header = [0; HEADER_BYTES];
    stdin.read_exact(&mut header).ok()?;
    let header = Header::parse(header, ATTACHMENTS_MAX).expect("the gateway's frames are right");
    let (mut json, mut blob) = (vec![0; header.json as usize], vec![0; header.blob as usize]);
    stdin.read_exact(&mut json).ok()?;
    stdin.read_exact(&mut blob).ok()?;
    Some(Frame::from_parts(&json, blob).expect("the gateway's messages are right").message)
}

/// A status.
pub(crate) fn status(payload: Value) -> FromChild {
    FromChild::Event { request: None, name: "status".into(), payload }
}
