//! How often something may be tried.

use std::time::{Duration, Instant};

/// Codes that nobody has, in a minute: with 80 random bits in a code a guesser has no chance at any rate; this keeps the log
/// and the processor free.
const WRONG_A_MINUTE: u32 = 60;

/// Tries that failed lately.
#[derive(Default)]
pub(crate) struct Tries {
    since: Option<Instant>,
    failed: u32,
}

impl Tries {
    /// Whether another try is allowed.
    pub(crate) fn may(&mut self) -> bool {
        if self.since.is_none_or(|since| since.elapsed() > Duration::from_secs(60)) {
            (self.since, self.failed) = (Some(Instant::now()), 0);
        }
        self.failed < WRONG_A_MINUTE
    }

    /// Notes one that failed.
    pub(crate) fn failed(&mut self) {
        self.failed += 1;
    }
}
