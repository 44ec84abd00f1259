//! What a pong says: does the *device* answer, and does the working thread move?

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the device may be probed before the working thread counts as stuck.
const PROBE_WITHIN: Duration = Duration::from_secs(5);
/// How long after its deadline a request may still be answered before the working thread counts as stuck.
const OVERTIME: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
enum Doing {
    /// Waiting for something to do; nothing can hang.
    Waiting,
    Probing {
        since: Instant,
    },
    Working {
        deadline: Instant,
    },
}

struct State {
    doing: Doing,
    /// The device did not answer the last probe, and the gateway was told so.
    stale: bool,
}

pub(crate) struct Vitals(Mutex<State>);

impl Vitals {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State { doing: Doing::Waiting, stale: false }))
    }

    pub(crate) fn waiting(&self) {
        self.set(Doing::Waiting);
    }

    pub(crate) fn probing(&self) {
        self.set(Doing::Probing { since: Instant::now() });
    }

    pub(crate) fn working(&self, deadline: Instant) {
        self.set(Doing::Working { deadline });
    }

    /// Notes whether the device answers; `true` if that is news.
    pub(crate) fn set_stale(&self, stale: bool) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut state.stale, stale) != stale
    }

    /// The device answers, or the gateway has been told that it does not; and the working thread is not stuck.
    pub(crate) fn alive(&self) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.doing {
            Doing::Waiting => true,
            Doing::Probing { since } => since.elapsed() < PROBE_WITHIN,
            Doing::Working { deadline } => Instant::now() < deadline + OVERTIME,
        }
    }

    fn set(&self, doing: Doing) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).doing = doing;
    }
}
