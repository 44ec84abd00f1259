//! The one way to the gateway: frames on stdout, written whole by whichever thread has something to say.

use std::borrow::Cow;
use std::fs::File;
use std::io::{IoSlice, Write};
use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{CHUNK_MAX, Frame, FromChild, Outcome, head};

pub(crate) struct Upstream(Mutex<Way>);

enum Way {
    /// stdout as a file: Rust's own `Stdout` looks for line ends in what it writes, and pictures have many.
    Gateway(File),
    /// Kept for a test to look at.
    Kept(Vec<Frame<FromChild>>),
    /// The gateway has gone. The working thread ends as soon as it sees that, and leaves the device as it found it.
    Gone,
}

impl Upstream {
    pub(crate) fn new() -> Self {
        let stdout = std::io::stdout().as_fd().try_clone_to_owned().expect("a process has its stdout");
        Self(Mutex::new(Way::Gateway(File::from(stdout))))
    }

    /// One that leads nowhere.
    pub(crate) fn kept() -> Self {
        Self(Mutex::new(Way::Kept(Vec::new())))
    }

    /// What was sent to nowhere since the last call.
    pub(crate) fn take_kept(&self) -> Vec<Frame<FromChild>> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Way::Kept(frames) => std::mem::take(frames),
            Way::Gateway(_) | Way::Gone => Vec::new(),
        }
    }

    /// Writes one frame, if there still is somebody to read it.
    pub(crate) fn send(&self, frame: Frame<FromChild>) {
        self.send_with(frame.message, Cow::Owned(frame.blob));
    }

    /// The same with a blob that stays where it is.
    pub(crate) fn send_with(&self, message: FromChild, blob: Cow<'_, [u8]>) {
        let mut way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *way {
            Way::Gateway(out) => {
                let (head, blob) = match head(&message, blob.len(), CHUNK_MAX) {
                    Ok(head) => (head, &*blob),
                    // A device said so much; the request is over all the same, and other messages are no loss.
                    Err(error) => {
                        tracing::error!(%error, "a message of the driver is too long");
                        let FromChild::Done { id, .. } = message else { return };
                        let failure =
                            Failure::new(ErrorCode::DeviceFault, "the device's answer is too long to be passed on");
                        let done = FromChild::Done { id, outcome: Outcome::Error(failure) };
                        (head(&done, 0, CHUNK_MAX).expect("a short message"), &[][..])
                    }
                };
                if write_both(out, &head, blob).is_err() {
                    *way = Way::Gone;
                }
            }
            Way::Kept(frames) => frames.push(Frame { message, blob: blob.into_owned() }),
            Way::Gone => {}
        }
    }

    /// Nobody is there to work for.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), Way::Gone)
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
