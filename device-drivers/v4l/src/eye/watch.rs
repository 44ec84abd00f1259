//! When a camera has stalled, and what is tried then. Pure: times and pictures come in, repairs come out.

use std::time::{Duration, Instant};

use crate::picture::Damage;
use crate::trouble::Trouble;

/// What is tried with a camera that sends no good picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// Off and on again.
    Restart,
    /// Closed and opened again.
    Reopen,
}

/// Watches one stream.
#[derive(Debug)]
pub(super) struct Watch {
    stall: Duration,
    /// The last good picture, or the beginning.
    good: Instant,
    /// The last repair, or the last good picture.
    tried: Instant,
    repairs: u32,
    damaged: u32,
    last_damage: Option<Damage>,
}

impl Watch {
    pub(super) fn new(stall: Duration, now: Instant) -> Self {
        Self { stall, good: now, tried: now, repairs: 0, damaged: 0, last_damage: None }
    }

    /// A good picture came; says after how many repairs.
    pub(super) fn good(&mut self, now: Instant) -> u32 {
        let repairs = self.repairs;
        *self = Self::new(self.stall, now);
        repairs
    }

    /// A damaged picture came.
    pub(super) fn damaged(&mut self, damage: Damage) {
        self.damaged = self.damaged.saturating_add(1);
        self.last_damage = Some(damage);
    }

    /// What to try now, if it is time for that. Each time it is given longer, because a camera that takes its time to
    /// begin must not be stopped for ever.
    pub(super) fn repair(&mut self, now: Instant) -> Option<Repair> {
        if self.time_left(now) > Duration::ZERO {
            return None;
        }
        self.tried = now;
        self.repairs += 1;
        Some(if self.repairs == 1 { Repair::Restart } else { Repair::Reopen })
    }

    /// Until something is tried.
    pub(super) fn time_left(&self, now: Instant) -> Duration {
        let patience = self.stall * 2u32.pow(self.repairs.min(2));
        (self.tried + patience).saturating_duration_since(now)
    }

    /// What is wrong, if something is.
    pub(super) fn trouble(&self, now: Instant) -> Option<Trouble> {
        let after = now.saturating_duration_since(self.good);
        if self.repairs == 0 && after < self.stall {
            return None;
        }
        Some(match &self.last_damage {
            Some(last) => Trouble::Damaged { after, pictures: self.damaged, last: last.to_string() },
            None => Trouble::Stalled(after),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALL: Duration = Duration::from_secs(2);

    #[test]
    fn a_camera_that_sends_pictures_is_left_alone() {
        let begin = Instant::now();
        let mut watch = Watch::new(STALL, begin);
        for second in 1..100 {
            let now = begin + Duration::from_secs(second);
            assert_eq!((watch.repair(now), watch.trouble(now)), (None, None));
            assert_eq!(watch.good(now), 0);
        }
    }

    #[test]
    fn a_stalled_camera_is_started_anew_then_opened_anew_with_more_and_more_patience() {
        let begin = Instant::now();
        let mut watch = Watch::new(STALL, begin);
        let tried: Vec<(u64, Repair)> = (0..30)
            .filter_map(|second| watch.repair(begin + Duration::from_secs(second)).map(|repair| (second, repair)))
            .collect();
        let expected = [(2, Repair::Restart), (6, Repair::Reopen), (14, Repair::Reopen), (22, Repair::Reopen)];
        assert_eq!(tried, expected);
        assert_eq!(watch.trouble(begin + Duration::from_secs(30)), Some(Trouble::Stalled(Duration::from_secs(30))));
        assert_eq!(watch.good(begin + Duration::from_secs(30)), 4);
        assert_eq!(watch.trouble(begin + Duration::from_secs(31)), None);
    }

    #[test]
    fn damaged_pictures_are_no_pictures() {
        let begin = Instant::now();
        let mut watch = Watch::new(STALL, begin);
        for _ in 0..50 {
            watch.damaged(Damage::Marked);
        }
        let now = begin + STALL;
        assert_eq!(watch.repair(now), Some(Repair::Restart));
        assert!(matches!(watch.trouble(now), Some(Trouble::Damaged { pictures: 50, .. })));
    }
}
