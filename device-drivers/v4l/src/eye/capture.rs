//! One picture on request, taken after the request came.

use std::time::{Duration, Instant};

use kiosk_driver_sdk::{CancelSignal, Until};

use super::{Eye, SLICE, Shot, live};
use crate::camera::Camera;
use crate::mode::Mode;
use crate::picture;
use crate::stream::{Frame, Next, now_us};
use crate::trouble::Trouble;

/// Kept back of a request's time, so that its answer is there before the deadline.
const RESERVE: Duration = Duration::from_millis(300);
/// How often a camera that refuses to start is opened anew within one request.
const TRIES: u32 = 3;
/// The time between two pictures of a camera that does not tell it, microseconds.
const INTERVAL_USUAL_US: u64 = 40_000;

impl<C: Camera> Eye<C> {
    /// Takes a picture in this mode, also in the middle of live ones.
    pub(super) fn capture(&mut self, mode: &Mode, until: &Until) -> Result<Shot, Trouble> {
        let after_us = now_us();
        let mut tries = 0;
        let mut settling = 0;
        loop {
            self.check(until)?;
            match self.begin(mode) {
                Ok(true) => settling = self.habits.settle_frames,
                Ok(false) => {}
                Err(trouble) => {
                    tries += 1;
                    self.start_failed(trouble, tries)?;
                    continue;
                }
            }
            match self.picture(after_us, &mut settling) {
                Ok(Some(shot)) => return Ok(shot),
                Ok(None) => {}
                Err(trouble) => {
                    self.rest();
                    tries += 1;
                    self.start_failed(trouble, tries)?;
                    continue;
                }
            }
            if let Err(trouble) = self.repair() {
                self.rest();
                tries += 1;
                self.start_failed(trouble, tries)?;
            }
        }
    }

    /// Waits for the next picture; it is the one if it is whole, settled and new.
    fn picture(&mut self, after_us: u64, settling: &mut u16) -> Result<Option<Shot>, Trouble> {
        let Some(running) = &mut self.running else { return Ok(None) };
        let frame = match self.camera.next(running.watch.time_left(Instant::now()).min(SLICE))? {
            Next::Frame(frame) => frame,
            Next::Woken => {
                self.wake.clear();
                return Ok(None);
            }
            Next::Nothing => return Ok(None),
        };
        if let Err(damage) = picture::check(&frame) {
            running.dropped = running.dropped.saturating_add(1);
            running.watch.damaged(damage);
            return Ok(None);
        }
        running.watch.good(Instant::now());
        if running.mode == self.habits.preview
            && let Some(pictures) = self.pictures.as_ref().filter(|pictures| pictures.wanted())
        {
            // Checked just now; one that cannot be packed is told below.
            let _ = live::send(&frame, pictures, &mut self.numbers, &mut self.pacer, self.habits.quality);
        }
        if *settling > 0 {
            *settling -= 1;
            return Ok(None);
        }
        if !is_new(&frame, after_us) {
            return Ok(None);
        }
        let jpeg = picture::jpeg(&frame, self.habits.quality).map_err(|damage| Trouble::Packing(damage.to_string()))?;
        Ok(Some(Shot::new(&running.mode, jpeg)))
    }

    /// What cannot be helped is told at once; anything else is tried again with the camera opened anew.
    fn start_failed(&mut self, trouble: Trouble, tries: u32) -> Result<(), Trouble> {
        self.note(&trouble);
        if tries >= TRIES || !matches!(trouble, Trouble::Refused { .. }) {
            return Err(trouble);
        }
        tracing::warn!(error = %trouble, "the camera is opened anew");
        self.camera.reopen().inspect_err(|trouble| self.note(trouble))
    }

    /// Time and cancel of the request. A camera that sends nothing is the reason why the time ran out.
    fn check(&self, until: &Until) -> Result<(), Trouble> {
        if until.cancel.as_ref().is_some_and(CancelSignal::is_set) {
            return Err(Trouble::Cancelled);
        }
        if Instant::now() + RESERVE < until.deadline {
            return Ok(());
        }
        let wrong = self.running.as_ref().and_then(|running| running.watch.trouble(Instant::now()));
        Err(wrong.unwrap_or(Trouble::OutOfTime))
    }
}

/// Was its exposure begun after this time?
fn is_new(frame: &Frame<'_>, after_us: u64) -> bool {
    if frame.taken_at_start {
        return frame.taken_us >= after_us;
    }
    let interval = frame.layout.mode.interval;
    let interval_us = interval.map_or(INTERVAL_USUAL_US, |interval| {
        1_000_000 * u64::from(interval.numerator) / u64::from(interval.denominator)
    });
    frame.taken_us >= after_us.saturating_add(interval_us)
}
