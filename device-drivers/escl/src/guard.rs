//! How long a step may take: its own limit, the request's deadline, and the wish to give up, whichever comes first.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::CancelSignal;
use tokio::sync::Notify;

use crate::trouble::Trouble;

/// Kept back of a request's time, so that its answer is there before the deadline.
const RESERVE: Duration = Duration::from_millis(300);

/// A device that has said nothing for so long when the request's time ends is silent, not slow.
const SILENT_AFTER: Duration = Duration::from_secs(2);

/// Watches over the steps of one request.
pub(crate) struct Guard {
    deadline: Instant,
    cancel: CancelSignal,
    woken: Arc<Notify>,
}

impl Guard {
    /// For a request with this deadline and cancel signal.
    pub(crate) fn new(deadline: Instant, cancel: CancelSignal) -> Self {
        let left = deadline.saturating_duration_since(Instant::now());
        let woken = Arc::new(Notify::new());
        let wake = Arc::clone(&woken);
        cancel.on_set(move || wake.notify_one());
        Self { deadline: deadline.checked_sub(RESERVE.min(left / 10)).unwrap_or(deadline), cancel, woken }
    }

    /// For something that nobody cancels.
    pub(crate) fn within(limit: Duration) -> Self {
        Self::new(Instant::now() + limit, CancelSignal::new())
    }

    /// Time left.
    pub(crate) fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits for a step. When it is given up, the step is dropped at once.
    ///
    /// # Errors
    /// The step's own, or why it was given up.
    pub(crate) async fn run<T>(
        &self,
        what: &'static str,
        limit: Duration,
        step: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let begun = Instant::now();
        let until = self.deadline.min(begun + limit);
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Trouble::Cancelled),
            outcome = step => outcome,
            () = tokio::time::sleep_until(until.into()) => {
                let after = begun.elapsed();
                let silent = after >= limit || after >= SILENT_AFTER;
                Err(if silent { Trouble::Silent { what, after } } else { Trouble::OutOfTime { what } })
            }
        }
    }

    /// Waits for a time, as the device asked.
    ///
    /// # Errors
    /// [`Trouble::Cancelled`].
    pub(crate) async fn pause(&self, time: Duration) -> Result<(), Trouble> {
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Trouble::Cancelled),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }

    async fn cancelled(&self) {
        // The signal wakes one wait only; later ones see that it is set.
        if !self.cancel.is_set() {
            self.woken.notified().await;
        }
    }
}
