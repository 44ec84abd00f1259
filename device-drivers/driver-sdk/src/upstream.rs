//! The one way to the gateway: frames on stdout, written whole by whichever thread has something to say.

use std::fs::File;
use std::io::{IoSlice, Write};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

use kiosk_protocol::seam::{CHUNK_MAX, ExitMeaning, Frame, FromChild};

/// stdout as a file: Rust's own `Stdout` looks for line ends in what it writes, and pictures have many.
pub(crate) struct Upstream(Mutex<File>);

impl Upstream {
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout().as_fd().try_clone_to_owned().expect("a process has its stdout");
        Self(Mutex::new(File::from(stdout)))
    }

    /// Writes one frame. If the gateway is gone there is nobody to work for: the process ends.
    pub(crate) fn send(&self, frame: Frame<FromChild>) {
        let head = frame.head(CHUNK_MAX).expect("the SDK makes frames within the caps");
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if write_both(&mut out, &head, &frame.blob).is_err() {
            std::process::exit(ExitMeaning::Stopped.code().into());
        }
    }
}

/// Head and blob in one system call where the pipe has room.
fn write_both(out: &mut File, head: &[u8], blob: &[u8]) -> std::io::Result<()> {
    let written = out.write_vectored(&[IoSlice::new(head), IoSlice::new(blob)])?;
    match written.checked_sub(head.len()) {
        Some(of_blob) => out.write_all(&blob[of_blob..]),
        None => out.write_all(&head[written..]).and_then(|()| out.write_all(blob)),
    }
}
