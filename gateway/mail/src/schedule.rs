//! When a letter is tried again.

#[cfg(test)]
mod tests;

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Seconds to wait after the first, second, … try; the last one holds for all that follow. A server that answers "later" to
/// strangers takes their second or third try (greylisting, RFC 6647 section 5: from 1 minute on).
const WAITS_S: [u64; 7] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY];

/// For how long a letter is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Days after the first try at which no further one begins.
    pub days: u16,
}

impl Default for Schedule {
    /// 5 days: RFC 5321 section 4.5.4.1 asks for at least 4 to 5.
    fn default() -> Self {
        Self { days: 5 }
    }
}

impl Schedule {
    /// How long to wait after so many tries (1 or more) before the next one; nothing if it is given up. For
    /// [`Outcome::NotDone`](crate::Outcome::NotDone) with `retry`, and for [`Outcome::Unknown`](crate::Outcome::Unknown).
    #[must_use]
    pub fn wait_after(self, tries: u32) -> Option<Duration> {
        let last = WAITS_S.len() - 1;
        let wait = |nth: usize| WAITS_S[nth.min(last)];
        let place = usize::try_from(tries).ok()?.checked_sub(1)?;
        let rising: u64 = (0..=place.min(last)).map(wait).sum();
        let level = u64::try_from(place.saturating_sub(last)).ok()?.checked_mul(DAY)?;
        let next_at_s = rising.checked_add(level)?;
        (next_at_s <= u64::from(self.days) * DAY).then(|| Duration::from_secs(wait(place)))
    }
}
