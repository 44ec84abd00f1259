//! Steps that are futures: given up, they are dropped at once.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::{GivenUp, Guard};
use crate::cancel::CancelSignal;

pub(super) fn woken_by(cancel: &CancelSignal) -> Arc<Notify> {
    let woken = Arc::new(Notify::new());
    let wake = Arc::clone(&woken);
    cancel.on_set(move || wake.notify_one());
    woken
}

impl Guard {
    /// Waits for a step, at most `limit`. When it is given up, the step is dropped at once.
    ///
    /// # Errors
    /// The step's own, or why it was given up.
    pub async fn run<T, E: From<GivenUp>>(
        &self,
        what: &'static str,
        limit: Duration,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let begun = Instant::now();
        let until = self.deadline.min(begun + limit);
        tokio::select! {
            biased;
            () = self.cancelled() => Err(GivenUp::Cancelled.into()),
            outcome = step => outcome,
            () = tokio::time::sleep_until(until.into()) => {
                let after = begun.elapsed();
                Err(if after >= limit { GivenUp::Silent { what, after } } else { GivenUp::OutOfTime { what, after } }.into())
            }
        }
    }

    /// Waits for a time, while nothing is expected of the device.
    ///
    /// # Errors
    /// [`GivenUp::Cancelled`], or [`GivenUp::OutOfTime`] if the request ends before.
    pub async fn pause(&self, time: Duration, what: &'static str) -> Result<(), GivenUp> {
        let until = Instant::now() + time;
        tokio::select! {
            biased;
            () = self.cancelled() => Err(GivenUp::Cancelled),
            () = tokio::time::sleep_until(until.min(self.deadline).into()) => {
                if until > self.deadline { Err(GivenUp::OutOfTime { what, after: Duration::ZERO }) } else { Ok(()) }
            }
        }
    }

    async fn cancelled(&self) {
        // The signal wakes one wait only; later ones see that it is set.
        if !self.cancel.is_set() {
            self.woken.notified().await;
        }
    }
}
