//! How long a step may take: its own limit, the request's deadline, and the wish to give up, whichever comes first. For
//! drivers that wait for something else than a link: channels, and with the feature `async` futures.

#[cfg(feature = "async")]
mod steps;
#[cfg(test)]
mod tests;

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::cancel::CancelSignal;

/// How often a wait for a channel looks whether it was cancelled.
const SLICE: Duration = Duration::from_millis(20);

/// Why a step was given up. `what` names it, `after` is how long it had waited for the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The request was cancelled.
    Cancelled,
    /// The request's time is over.
    OutOfTime {
        /// Which step.
        what: &'static str,
        /// How long the device had said nothing.
        after: Duration,
    },
    /// The step's own limit is over.
    Silent {
        /// Which step.
        what: &'static str,
        /// How long the device had said nothing.
        after: Duration,
    },
}

/// Watches over the steps of one request.
pub struct Guard {
    deadline: Instant,
    cancel: CancelSignal,
    #[cfg(feature = "async")]
    woken: std::sync::Arc<tokio::sync::Notify>,
}

impl Guard {
    /// For a request; `reserve` of its time, but at most a quarter, is kept for what must still be done at its end.
    pub fn new(deadline: Instant, cancel: CancelSignal, reserve: Duration) -> Self {
        let left = deadline.saturating_duration_since(Instant::now());
        let deadline = deadline.checked_sub(reserve.min(left / 4)).unwrap_or(deadline);
        #[cfg(feature = "async")]
        let woken = steps::woken_by(&cancel);
        Self {
            deadline,
            cancel,
            #[cfg(feature = "async")]
            woken,
        }
    }

    /// For something that nobody cancels.
    pub fn within(limit: Duration) -> Self {
        Self::new(Instant::now() + limit, CancelSignal::new(), Duration::ZERO)
    }

    /// When the request's time is over, without its reserve.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Time left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// How long to wait, on the thread that works, before looking again.
    ///
    /// # Errors
    /// [`GivenUp::Cancelled`], [`GivenUp::OutOfTime`].
    pub fn slice(&self, what: &'static str) -> Result<Duration, GivenUp> {
        if self.cancel.is_set() {
            return Err(GivenUp::Cancelled);
        }
        match self.remaining() {
            Duration::ZERO => Err(GivenUp::OutOfTime { what, after: Duration::ZERO }),
            left => Ok(left.min(SLICE)),
        }
    }

    /// Waits for the next message of a channel, at most `limit`; `None` if nobody is there any more to send one.
    ///
    /// # Errors
    /// Why the wait was given up.
    pub fn hear<T>(&self, from: &Receiver<T>, limit: Duration, what: &'static str) -> Result<Option<T>, GivenUp> {
        let begun = Instant::now();
        loop {
            let slice = self.slice(what).map_err(|why| match why {
                GivenUp::OutOfTime { what, .. } => GivenUp::OutOfTime { what, after: begun.elapsed() },
                other => other,
            })?;
            match from.recv_timeout(slice) {
                Ok(said) => return Ok(Some(said)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if begun.elapsed() >= limit => {
                    return Err(GivenUp::Silent { what, after: begun.elapsed() });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
