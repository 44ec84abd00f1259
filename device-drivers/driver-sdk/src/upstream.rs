//! The one way to the gateway: frames on stdout, written whole by whichever thread has something to say.

use std::io::{Stdout, Write};
use std::sync::{Mutex, PoisonError};

use kiosk_protocol::seam::{CHUNK_MAX, ExitMeaning, Frame, FromChild};

pub(crate) struct Upstream(Mutex<Stdout>);

impl Upstream {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(std::io::stdout()))
    }

    /// Writes one frame. If the gateway is gone there is nobody to work for: the process ends.
    pub(crate) fn send(&self, frame: Frame<FromChild>) {
        let head = frame.head(CHUNK_MAX).expect("the SDK makes frames within the caps");
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = out.write_all(&head).and_then(|()| out.write_all(&frame.blob)).and_then(|()| out.flush());
        if written.is_err() {
            std::process::exit(ExitMeaning::Stopped.code().into());
        }
    }
}
