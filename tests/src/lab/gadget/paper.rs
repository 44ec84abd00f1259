//! The printer's end of the cable: one thread that takes what comes through `/dev/g_printerN` and answers.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, PipeWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// What answers to received bytes.
pub(super) type Respond = Arc<Mutex<dyn FnMut(&[u8]) -> Vec<u8> + Send>>;

/// Shares it between one plug and the next.
pub(super) fn respond(respond: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Respond {
    Arc::new(Mutex::new(respond))
}

/// The device files of all printer gadgets that are plugged in.
pub(super) fn nodes() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/dev").into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.to_string_lossy().starts_with("/dev/g_printer")).collect()
}

/// Opens a device file, which only one may do at a time; `None` as long as the host has not chosen its configuration.
pub(super) fn open(node: &Path) -> Option<File> {
    // O_NONBLOCK: poll(2) waits, for this and for the wake-up at once.
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    match OpenOptions::new().read(true).write(true).custom_flags(flags).open(node) {
        Ok(file) => Some(file),
        Err(error) if Errno::from_io_error(&error) == Some(Errno::NODEV) => None,
        Err(error) => panic!("cannot open {}: {error}", node.display()),
    }
}

struct Shared {
    file: File,
    received: Mutex<Vec<u8>>,
    held: AtomicBool,
}

/// An open device file and its thread. Dropped, both end, and only then may the gadget be unbound: Linux 6.1 frees the
/// character device with the function, and closing its file afterwards corrupts memory (seen in the lab: list_debug.c).
pub(super) struct Paper {
    shared: Arc<Shared>,
    /// A byte here makes the thread look again; its end ends the thread.
    wake: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Paper {
    /// Starts the thread.
    pub(super) fn new(file: File, respond: Respond) -> Self {
        let shared = Arc::new(Shared { file, received: Mutex::default(), held: AtomicBool::new(false) });
        let (woken, wake) = std::io::pipe().expect("there can be a pipe");
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || take(&shared, woken, &respond)
        });
        Self { shared, wake: Some(wake), thread: Some(thread) }
    }

    pub(super) fn file(&self) -> &File {
        &self.shared.file
    }

    pub(super) fn received(&self) -> MutexGuard<'_, Vec<u8>> {
        self.shared.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hold(&self, held: bool) {
        self.shared.held.store(held, Ordering::SeqCst);
        let mut wake = self.wake.as_ref().expect("it is there until it is dropped");
        wake.write_all(b"!").expect("the thread reads the pipe");
    }

    pub(super) fn say(&self, bytes: &[u8]) {
        (&self.shared.file).write_all(bytes).expect("the gadget's buffers have room");
    }
}

impl Drop for Paper {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, it has said so.
            let _ = thread.join();
        }
    }
}

fn take(shared: &Shared, mut woken: impl Read + std::os::fd::AsFd, respond: &Respond) {
    let mut buffer = [0; 8192];
    loop {
        let readable = {
            let wanted = if shared.held.load(Ordering::SeqCst) { PollFlags::empty() } else { PollFlags::IN };
            let mut polled = [PollFd::new(&woken, PollFlags::IN), PollFd::new(&shared.file, wanted)];
            poll(&mut polled, None).expect("files can be polled");
            [!polled[0].revents().is_empty(), polled[1].revents().contains(PollFlags::IN)]
        };
        if readable[0] && woken.read(&mut [0]).expect("a pipe can be read") == 0 {
            return;
        }
        if !readable[1] {
            continue;
        }
        let bytes = match (&shared.file).read(&mut buffer) {
            Ok(0) => continue,
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(error) => panic!("the gadget cannot be read: {error}"),
        };
        shared.received.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        let answer = respond.lock().unwrap_or_else(PoisonError::into_inner)(bytes);
        if !answer.is_empty() {
            (&shared.file).write_all(&answer).expect("the gadget's buffers have room");
        }
    }
}
