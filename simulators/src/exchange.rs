//! What was exchanged with a device: a bounded log that tests and people read through the control port.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::Serialize;

/// Entries kept; the oldest goes first.
const KEPT: usize = 1000;
/// Bytes of a message that are shown.
const SHOWN: usize = 160;

/// Which way a message went, as the device sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the client to the device.
    In,
    /// From the device to the client.
    Out,
    /// Something happened to the device (a knob, a connection).
    Event,
}

/// One line of the log.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// Counts from 1 and never restarts, so a reader sees what it missed.
    pub number: u64,
    /// Milliseconds since the device was made.
    pub at_ms: u64,
    /// Which way.
    pub direction: Direction,
    /// Whole length of the message in bytes (0 for events).
    pub length: usize,
    /// The beginning of the message, printable ASCII as it is and other bytes as `\xNN`; or what happened.
    pub text: String,
}

/// The bounded log of one device.
#[derive(Debug)]
pub struct ExchangeLog {
    started: Instant,
    inner: Mutex<(u64, VecDeque<Exchange>)>,
}

impl Default for ExchangeLog {
    fn default() -> Self {
        Self { started: Instant::now(), inner: Mutex::default() }
    }
}

impl ExchangeLog {
    /// Notes bytes that came in.
    pub fn received(&self, bytes: &[u8]) {
        self.note(Direction::In, bytes.len(), shown(bytes));
    }

    /// Notes bytes that went out.
    pub fn sent(&self, bytes: &[u8]) {
        self.note(Direction::Out, bytes.len(), shown(bytes));
    }

    /// Notes something that happened.
    pub fn event(&self, what: impl Into<String>) {
        self.note(Direction::Event, 0, what.into());
    }

    /// Notes a message whose text is not its bytes (an HTTP request, say).
    pub fn note(&self, direction: Direction, length: usize, text: String) {
        let at_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0 += 1;
        let number = inner.0;
        if inner.1.len() == KEPT {
            inner.1.pop_front();
        }
        inner.1.push_back(Exchange { number, at_ms, direction, length, text });
    }

    /// The entries kept, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Exchange> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).1.iter().cloned().collect()
    }
}

fn shown(bytes: &[u8]) -> String {
    let mut text: String = bytes.iter().take(SHOWN).flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
    if bytes.len() > SHOWN {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ExchangeLog, KEPT};

    #[test]
    fn the_log_keeps_the_newest_and_counts_all() {
        let log = ExchangeLog::default();
        for _ in 0..KEPT + 5 {
            log.received(&[0x1b, b'@']);
        }
        let list = log.list();
        assert_eq!(list.len(), KEPT);
        assert_eq!(list[0].number, 6);
        assert_eq!(list[0].text, "\\x1b@");
    }

    #[test]
    fn a_long_message_is_cut_and_its_length_is_told() {
        let log = ExchangeLog::default();
        log.sent(&[b'a'; 5000]);
        assert_eq!(log.list()[0].length, 5000);
        assert!(log.list()[0].text.len() < 200);
    }
}
