//! A session's messages to its client, numbered, kept until they are old or too many: what a client that was away gets
//! again. Pure: the time goes in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_protocol::message::ServerMessage;

/// How long messages are kept.
pub(super) const WINDOW: Duration = Duration::from_secs(60);
/// Most messages, and most bytes, that are kept.
const MESSAGES_MAX: usize = 4_096;
const BYTES_MAX: usize = 8 << 20;

/// The client asks for messages that are no longer kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap;

/// The messages of one session.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    last: u64,
    kept: VecDeque<(Instant, Arc<str>)>,
    bytes: usize,
}

impl Outbox {
    /// Adds a message; `make` gets its number, which is returned.
    pub(super) fn push(&mut self, now: Instant, make: impl FnOnce(u64) -> ServerMessage) -> u64 {
        self.last += 1;
        let text: Arc<str> = serde_json::to_string(&make(self.last)).expect("messages are plain data").into();
        self.bytes += text.len();
        self.kept.push_back((now, text));
        while self.kept.len() > MESSAGES_MAX || (self.bytes > BYTES_MAX && self.kept.len() > 1) {
            self.drop_first();
        }
        self.last
    }

    /// Forgets what is older than [`WINDOW`].
    pub(super) fn trim(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW) {
            self.drop_first();
        }
    }

    /// The messages after a number, oldest first, with the number of the last of them.
    ///
    /// # Errors
    /// [`Gap`] if some of them are no longer kept, or the number was never given.
    pub(super) fn after(&self, cursor: u64) -> Result<(u64, Vec<Arc<str>>), Gap> {
        let missing = self.last.checked_sub(cursor).ok_or(Gap)?;
        let missing = usize::try_from(missing).map_err(|_| Gap)?;
        let skip = self.kept.len().checked_sub(missing).ok_or(Gap)?;
        Ok((self.last, self.kept.iter().skip(skip).map(|(_, text)| Arc::clone(text)).collect()))
    }

    fn drop_first(&mut self) {
        if let Some((_, text)) = self.kept.pop_front() {
            self.bytes -= text.len();
        }
    }
}
