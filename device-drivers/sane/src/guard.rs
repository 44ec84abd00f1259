//! How long a request may take: its deadline and the wish to give it up, whichever comes first.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::CancelSignal;

use crate::trouble::Trouble;

/// Kept back of a request's time, so that its answer is there before the deadline.
const RESERVE: Duration = Duration::from_millis(300);
/// How often a wait looks whether it was cancelled.
const SLICE: Duration = Duration::from_millis(20);
/// A scanner that has said nothing for so long when the request's time ends is silent, not slow.
const SILENT_AFTER: Duration = Duration::from_secs(2);

/// Watches over one request.
pub(crate) struct Guard {
    deadline: Instant,
    cancel: CancelSignal,
}

impl Guard {
    pub(crate) fn new(deadline: Instant, cancel: CancelSignal) -> Self {
        let left = deadline.saturating_duration_since(Instant::now());
        Self { deadline: deadline.checked_sub(RESERVE.min(left / 10)).unwrap_or(deadline), cancel }
    }

    pub(crate) fn within(limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, cancel: CancelSignal::new() }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long to wait before looking again.
    ///
    /// # Errors
    /// [`Trouble::Cancelled`], [`Trouble::OutOfTime`].
    pub(crate) fn slice(&self, what: &'static str) -> Result<Duration, Trouble> {
        if self.cancel.is_set() {
            return Err(Trouble::Cancelled);
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Trouble::OutOfTime(what)) } else { Ok(left.min(SLICE)) }
    }

    /// Waits for the next message, at most `silence`.
    ///
    /// # Errors
    /// As [`Self::slice`], or [`Trouble::Silent`], or [`Trouble::Ended`] if nobody is there to send one.
    pub(crate) fn hear<T>(&self, from: &Receiver<T>, silence: Duration, what: &'static str) -> Result<T, Trouble> {
        let begun = Instant::now();
        loop {
            let slice = self.slice(what).map_err(|trouble| match trouble {
                Trouble::OutOfTime(what) if begun.elapsed() >= SILENT_AFTER => {
                    Trouble::Silent { what, after: begun.elapsed() }
                }
                other => other,
            })?;
            match from.recv_timeout(slice) {
                Ok(said) => return Ok(said),
                Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Ended),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() >= silence => {
                    return Err(Trouble::Silent { what, after: begun.elapsed() });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
