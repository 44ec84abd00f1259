//! How long a step may take: its own limit, the request's deadline, and the wish to give up, whichever comes first.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::CancelSignal;
use tokio::sync::Notify;

use crate::trouble::Trouble;

/// Watches over the steps of one request.
pub(crate) struct Guard {
    deadline: Instant,
    cancel: CancelSignal,
    woken: Arc<Notify>,
}

impl Guard {
    /// For a request; `reserve` of its time, but at most a quarter, is kept for what must still be done at its end.
    pub(crate) fn new(deadline: Instant, cancel: CancelSignal, reserve: Duration) -> Self {
        let left = deadline.saturating_duration_since(Instant::now());
        let woken = Arc::new(Notify::new());
        let wake = Arc::clone(&woken);
        cancel.on_set(move || wake.notify_one());
        Self { deadline: deadline.checked_sub(reserve.min(left / 4)).unwrap_or(deadline), cancel, woken }
    }

    /// For something that nobody cancels.
    pub(crate) fn within(limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, cancel: CancelSignal::new(), woken: Arc::new(Notify::new()) }
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
            () = tokio::time::sleep_until(until.into()) => Err(match begun.elapsed() {
                after if after >= limit => Trouble::Silent { what, after },
                _ => Trouble::OutOfTime(what),
            }),
        }
    }

    /// Waits for a time.
    ///
    /// # Errors
    /// [`Trouble::Cancelled`], or [`Trouble::OutOfTime`] if the request ends before.
    pub(crate) async fn pause(&self, time: Duration, what: &'static str) -> Result<(), Trouble> {
        let until = Instant::now() + time;
        let wait = async {
            tokio::time::sleep_until(until.min(self.deadline).into()).await;
            if until > self.deadline { Err(Trouble::OutOfTime(what)) } else { Ok(()) }
        };
        self.run(what, time * 2, wait).await
    }

    async fn cancelled(&self) {
        // The signal wakes one wait only; later ones see that it is set.
        if !self.cancel.is_set() {
            self.woken.notified().await;
        }
    }
}
