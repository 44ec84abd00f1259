//! The UPS's port: lines in, answers out, with the faults of the wire.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use tokio::io::AsyncReadExt;

use super::Inner;
use super::fault::Fault;
use super::protocol::{Answer, Conversation, NO_TEXT, TOO_LONG};
use super::words::LINE_MAX;
use crate::pace::Pace;
use crate::plug::Wire;

/// Serves one client.
pub(super) async fn serve(inner: Arc<Inner>, mut wire: Wire) {
    let mut client = Client { inner, conversation: Conversation::new(std::net::Ipv4Addr::LOCALHOST.into()) };
    let (mut reader, mut writer) = wire.split();
    let mut lines = Lines::default();
    let mut bytes = [0; 1024];
    loop {
        let Ok(count @ 1..) = reader.read(&mut bytes).await else { return };
        for byte in &bytes[..count] {
            let Some(line) = lines.push(*byte) else { continue };
            let answer = client.answer(line);
            let (text, end) = match answer {
                Answer::Lines(text) => (text, false),
                Answer::Goodbye(text) => (text, true),
            };
            let (reply, pace) = client.through_faults(text);
            if !reply.is_empty() {
                client.inner.exchanges.sent(&reply);
                if pace.write(&mut writer, &reply).await.is_err() {
                    return;
                }
            }
            if end {
                return;
            }
        }
    }
}

/// A client that logs out whatever way it goes.
struct Client {
    inner: Arc<Inner>,
    conversation: Conversation,
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.conversation.end(&mut state);
    }
}

impl Client {
    fn answer(&mut self, line: Line) -> Answer {
        let line = match line {
            Line::TooLong => return Answer::Lines(TOO_LONG.into()),
            Line::Whole(bytes) => bytes,
        };
        self.inner.exchanges.received(&line);
        let Ok(line) = std::str::from_utf8(&line) else { return Answer::Lines(NO_TEXT.into()) };
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pass(Instant::now());
        self.conversation.answer(line, &self.inner.account, &mut state)
    }

    fn through_faults(&self, text: String) -> (Vec<u8>, Pace) {
        let state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.faults.any(|fault| matches!(fault, Fault::Silence {})) {
            return (Vec::new(), Pace::Full);
        }
        let mut reply = text.into_bytes();
        if state.faults.any(|fault| matches!(fault, Fault::Garbage {})) {
            let mut random = self.inner.random.lock().unwrap_or_else(PoisonError::into_inner);
            reply = random.bytes(reply.len());
            reply.push(b'\n');
        }
        let pace = state.faults.find(|fault| match fault {
            Fault::Slow { bytes_per_second } => Some(Pace::BytesPerSecond(*bytes_per_second)),
            _ => None,
        });
        (reply, pace.unwrap_or_default())
    }
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

/// Bytes to lines, never more than [`LINE_MAX`] held; a line that is longer is skipped to its end.
#[derive(Default)]
struct Lines {
    held: Vec<u8>,
    skipping: bool,
}

impl Lines {
    fn push(&mut self, byte: u8) -> Option<Line> {
        if byte == b'\n' {
            let held = std::mem::take(&mut self.held);
            return Some(if std::mem::take(&mut self.skipping) { Line::TooLong } else { Line::Whole(held) });
        }
        if self.held.len() == LINE_MAX {
            self.skipping = true;
            self.held.clear();
        }
        if !self.skipping && byte != b'\r' {
            self.held.push(byte);
        }
        None
    }
}
