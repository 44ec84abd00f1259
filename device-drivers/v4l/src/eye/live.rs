//! Live pictures: started when somebody looks, the newest sent, ended when nobody looks any more.

use std::time::Instant;

use kiosk_driver_sdk::Pictures;

use super::{Eye, RETRY, SLICE};
use crate::camera::Camera;
use crate::picture;
use crate::stream::{Frame, Next};
use crate::trouble::Trouble;

/// A clock that is so far behind was set back, microseconds.
const JUMP_US: u64 = 5_000_000;

impl<C: Camera> Eye<C> {
    /// One step: begin, wait for a picture, or end.
    pub(super) fn look(&mut self) {
        let Some(pictures) = self.pictures.clone().filter(Pictures::wanted) else { return self.look_away() };
        if self.trouble.as_ref().is_some_and(Trouble::is_gone) {
            // The next status ends the driver.
            self.next_try = Instant::now() + RETRY;
            return;
        }
        if let Err(trouble) = self.look_once(&pictures) {
            self.failed(trouble);
        }
    }

    fn look_away(&mut self) {
        self.rest();
        self.looking = None;
        self.failures = 0;
        self.next_try = Instant::now();
        // What was wrong is looked at anew when somebody looks again.
        self.trouble = self.trouble.take().filter(Trouble::is_gone);
    }

    fn look_once(&mut self, pictures: &Pictures) -> Result<(), Trouble> {
        if self.running.is_none() && self.failures > 1 {
            self.camera.reopen()?;
        }
        self.begin(&self.habits.preview.clone())?;
        let running = self.running.as_mut().expect("it was begun just now");
        let now = Instant::now();
        match self.camera.next(running.watch.time_left(now).min(SLICE))? {
            Next::Woken => self.wake.clear(),
            Next::Nothing => {}
            Next::Frame(frame) => match send(&frame, pictures, &mut self.numbers, &mut self.pacer, self.habits.quality)
            {
                Ok(()) => {
                    let repairs = running.watch.good(Instant::now());
                    if repairs > 0 || self.failures > 0 {
                        tracing::info!(repairs, "the camera sends pictures again");
                    }
                    (self.failures, self.trouble) = (0, None);
                }
                Err(damage) => {
                    tracing::debug!(%damage, "a damaged picture was dropped");
                    running.dropped = running.dropped.saturating_add(1);
                    running.watch.damaged(damage);
                }
            },
        }
        self.repair()
    }

    /// Ends what cannot go on, to try it again after a pause.
    fn failed(&mut self, trouble: Trouble) {
        if self.trouble.as_ref().is_none_or(|known| std::mem::discriminant(known) != std::mem::discriminant(&trouble)) {
            tracing::warn!(error = %trouble, "no live pictures");
        }
        self.rest();
        self.failures = self.failures.saturating_add(1);
        self.next_try = Instant::now() + RETRY * self.failures.min(5);
        self.trouble = Some(trouble);
    }
}

/// Sends a good picture, if it is time for one.
pub(super) fn send(
    frame: &Frame<'_>,
    pictures: &Pictures,
    numbers: &mut Numbers,
    pacer: &mut Pacer,
    quality: u8,
) -> Result<(), picture::Damage> {
    if !pacer.is_due(frame.taken_us) {
        return picture::check(frame);
    }
    let jpeg = picture::jpeg(frame, quality)?;
    if !pictures.send(numbers.of(frame.sequence), frame.taken_us, &jpeg) && pictures.wanted() {
        tracing::warn!(bytes = jpeg.len(), "a live picture is too long to be sent: choose a smaller `preview`");
    }
    Ok(())
}

/// Numbers of pictures that go on when the camera begins to count anew.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    base: u32,
    last: u32,
}

impl Numbers {
    /// The camera counts from zero again.
    pub(super) fn restarted(&mut self) {
        self.base = self.last;
    }

    pub(super) fn of(&mut self, sequence: u32) -> u32 {
        self.last = self.base.wrapping_add(sequence).wrapping_add(1);
        self.last
    }
}

/// Leaves pictures out where the camera is quicker than is wanted.
#[derive(Debug)]
pub(super) struct Pacer {
    every_us: u64,
    due_us: u64,
}

impl Pacer {
    pub(super) fn new(fps: u16) -> Self {
        Self { every_us: 1_000_000 / u64::from(fps.max(1)), due_us: 0 }
    }

    fn is_due(&mut self, taken_us: u64) -> bool {
        // A camera's clock is not ours to the last part.
        let slack = self.every_us / 4;
        if taken_us.saturating_add(slack) < self.due_us && self.due_us - taken_us < JUMP_US {
            return false;
        }
        let next = self.due_us.saturating_add(self.every_us);
        self.due_us = if next > taken_us { next } else { taken_us.saturating_add(self.every_us) };
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Numbers, Pacer};

    proptest! {
        #[test]
        fn whatever_a_camera_says_of_its_time_and_number_is_taken(told: Vec<(u64, u32)>, fps: u16) {
            let (mut pacer, mut numbers) = (Pacer::new(fps), Numbers::default());
            for (at, (taken_us, sequence)) in told.into_iter().enumerate() {
                prop_assert!(pacer.is_due(taken_us) || at > 0, "the first is shown");
                numbers.of(sequence);
                numbers.restarted();
            }
        }
    }

    fn sent(camera: u64, wanted: u16) -> usize {
        let mut pacer = Pacer::new(wanted);
        (0..camera * 10).filter(|n| pacer.is_due(1_000_000 + n * 1_000_000 / camera)).count()
    }

    #[test]
    fn a_quick_camera_is_slowed_down_and_no_other() {
        assert!((95..=105).contains(&sent(30, 10)), "{}", sent(30, 10));
        assert!((145..=155).contains(&sent(60, 15)), "{}", sent(60, 15));
        assert_eq!(sent(30, 30), 300);
        assert_eq!(sent(25, 30), 250);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_silence_the_camera() {
        let mut pacer = Pacer::new(10);
        assert!(pacer.is_due(90_000_000_000));
        assert!(pacer.is_due(1_000));
    }

    #[test]
    fn numbers_go_on_when_the_camera_counts_anew() {
        let mut numbers = Numbers::default();
        let first = [numbers.of(0), numbers.of(1), numbers.of(5)];
        numbers.restarted();
        assert_eq!((first, numbers.of(0), numbers.of(3)), ([1, 2, 6], 7, 10));
    }
}
