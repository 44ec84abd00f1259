//! What is shown until when, and the thread that keeps sending it to those who look.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::Pictures;

/// The picture is sent so often; the page blanks itself when none came for a little more than twice that.
const EVERY: Duration = Duration::from_millis(400);

/// A screen. Its thread ends with the process.
pub(crate) struct Screen {
    shown: Arc<(Mutex<Shown>, Condvar)>,
    pictures: Pictures,
}

#[derive(Default)]
struct Shown {
    /// Empty: nothing.
    picture: Vec<u8>,
    until: Option<Instant>,
    /// Counts the changes, so that each is sent at once.
    change: u64,
}

impl Shown {
    fn forget_if_over(&mut self) {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            *self = Self { change: self.change + 1, ..Self::default() };
        }
    }
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    shown.forget_if_over();
    shown
}

impl Screen {
    pub(crate) fn new(pictures: Pictures) -> Self {
        let screen = Self { shown: Arc::default(), pictures };
        let (shown, pictures) = (Arc::clone(&screen.shown), screen.pictures.clone());
        std::thread::spawn(move || send(&shown, &pictures));
        screen
    }

    /// Somebody looks.
    pub(crate) fn is_watched(&self) -> bool {
        self.pictures.wanted()
    }

    pub(crate) fn show(&self, picture: Vec<u8>, until: Instant) {
        self.change(picture, Some(until));
    }

    pub(crate) fn clear(&self) {
        self.change(Vec::new(), None);
    }

    pub(crate) fn is_showing(&self) -> bool {
        !lock(&self.shown.0).picture.is_empty()
    }

    fn change(&self, picture: Vec<u8>, until: Option<Instant>) {
        let mut shown = lock(&self.shown.0);
        *shown = Shown { picture, until, change: shown.change + 1 };
        self.shown.1.notify_all();
    }
}

fn send(shown: &(Mutex<Shown>, Condvar), pictures: &Pictures) {
    let begun = Instant::now();
    let mut number = 0_u32;
    loop {
        if !pictures.wait_wanted(Duration::from_secs(1)) {
            continue;
        }
        let (change, pause) = {
            let shown = lock(&shown.0);
            number = number.wrapping_add(1);
            let taken = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            pictures.send(number, taken, &shown.picture);
            let left = shown.until.map(|until| until.saturating_duration_since(Instant::now()));
            (shown.change, left.map_or(EVERY, |left| left.min(EVERY)))
        };
        let waiting = shown.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Woken by a change; otherwise the next sign of life, or the end of what is shown, is due.
        drop(shown.1.wait_timeout_while(waiting, pause, |shown| shown.change == change));
    }
}
