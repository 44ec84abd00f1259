//! What time it is, and whether that can be believed.
//!
//! A register whose times could go back, or that took a number at a wrong time, would be worth nothing; so numbers are
//! refused while the clock is not trusted. All other records are ordered by their own numbers, and take the time as it is.

#[cfg(test)]
mod tests;

use std::time::{SystemTime, UNIX_EPOCH};

/// No entry is older than this: 2026-01-01, 00:00 UTC, in milliseconds since 1970. A clock before it was never set.
pub const EARLIEST_MS: i64 = 1_767_225_600_000;
/// Without being synchronised, a clock may leave the steady one by so much since it last was: 5 minutes.
pub const JUMP_MOST_MS: i64 = 300_000;

/// What the clocks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Milliseconds since 1970, UTC.
    pub utc_ms: i64,
    /// Milliseconds of a clock that nobody sets and that goes on in suspend; any beginning.
    pub steady_ms: i64,
    /// Whether something that knows the time has set the clock and still watches it.
    pub synchronised: bool,
}

/// Who knows the time.
pub trait Clock: Send {
    /// Looks.
    fn read(&mut self) -> Reading;
}

/// The system's clocks. Whether they are synchronised is asked of `synchronised`.
pub struct SystemClock<F> {
    /// Tells whether the system's clock is synchronised now.
    pub synchronised: F,
}

impl<F: FnMut() -> bool + Send> Clock for SystemClock<F> {
    fn read(&mut self) -> Reading {
        let steady = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let steady_ms = steady.tv_sec.saturating_mul(1000).saturating_add(steady.tv_nsec / 1_000_000);
        // A clock before 1970 was never set; that is told of 0, too.
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let utc_ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        Reading { utc_ms, steady_ms, synchronised: (self.synchronised)() }
    }
}

/// Why no number is given now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// It was never set.
    #[error("the clock says {utc_ms} ms since 1970, before 2026: set it")]
    NeverSet {
        /// What it says.
        utc_ms: i64,
    },
    /// It was not synchronised since the store was opened.
    #[error("the clock is not synchronised: wait for the network, or set it and say so")]
    NotSynchronised,
    /// It went another way than the steady clock.
    #[error("the clock jumped by {by_ms} ms and is not synchronised: wait for the network, or set it and say so")]
    Jumped {
        /// By how much; below zero if it went back.
        by_ms: i64,
    },
    /// It is before the last entry of the register.
    #[error("the clock is {by_ms} ms before the last entry of the register: set it, and look at that entry's time")]
    WentBack {
        /// By how much.
        by_ms: i64,
    },
}

/// What is known of the clock since the store was opened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trust {
    /// The last reading that was synchronised.
    anchor: Option<Reading>,
}

impl Trust {
    /// Judges a reading; `last_ms` is the time of the register's last entry.
    pub(crate) fn judge(&mut self, now: Reading, last_ms: Option<i64>) -> Result<i64, ClockError> {
        if now.utc_ms < EARLIEST_MS {
            return Err(ClockError::NeverSet { utc_ms: now.utc_ms });
        }
        if now.synchronised {
            self.anchor = Some(now);
        }
        let anchor = self.anchor.ok_or(ClockError::NotSynchronised)?;
        let passed = now.steady_ms.saturating_sub(anchor.steady_ms);
        let by_ms = now.utc_ms.saturating_sub(anchor.utc_ms).saturating_sub(passed);
        if by_ms.saturating_abs() > JUMP_MOST_MS {
            return Err(ClockError::Jumped { by_ms });
        }
        match last_ms.map(|last| last.saturating_sub(now.utc_ms)) {
            Some(by_ms) if by_ms > 0 => Err(ClockError::WentBack { by_ms }),
            _ => Ok(now.utc_ms),
        }
    }
}
