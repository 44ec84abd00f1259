//! Strips on their way through the threads that compress them, given back in order.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use kiosk_jpeg::turbo::Turbo;

use super::{JpegError, STRIP_ROWS, Shape, compress};

/// Most threads; more than these wait for memory.
const THREADS_MAX: usize = 4;
/// Room for rows of the next strip behind a strip, bytes: what comes at once.
const MORE: usize = 256 << 10;

struct Job {
    shape: Shape,
    rows: Vec<u8>,
    done: SyncSender<Result<Vec<u8>, JpegError>>,
}

/// The threads that compress, started once, before libsane is loaded: some of its backends cancel their own threads
/// wherever those are (`sanei_thread`: `PTHREAD_CANCEL_ASYNCHRONOUS`), and one that held the C library's or the linker's
/// lock leaves a process in which no thread can be started any more.
pub(crate) struct Compressors {
    lanes: Vec<SyncSender<Job>>,
    /// Room of strips that are done, for the next ones: fresh memory costs as much time as filling it.
    used: Receiver<Vec<u8>>,
}

impl Compressors {
    pub(crate) fn start(turbo: Turbo) -> Self {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let (back, used) = sync_channel(THREADS_MAX * 2);
        let start = |_| {
            let (lane, jobs) = sync_channel::<Job>(1);
            let back = back.clone();
            // It ends with its lane, after at most two strips more.
            std::thread::spawn(move || work(turbo, &jobs, &back));
            lane
        };
        Self { lanes: (0..count).map(start).collect(), used }
    }
}

/// The strips of one page.
pub(super) struct Strips<'a> {
    compressors: &'a Compressors,
    shape: Shape,
    waiting: VecDeque<Receiver<Result<Vec<u8>, JpegError>>>,
    next: usize,
}

impl<'a> Strips<'a> {
    pub(super) fn new(compressors: &'a Compressors, shape: Shape) -> Self {
        Self { compressors, shape, waiting: VecDeque::new(), next: 0 }
    }

    /// Room for the rows of a strip and for some of the next.
    pub(super) fn room(&self) -> Vec<u8> {
        let fresh = || Vec::with_capacity(STRIP_ROWS * self.shape.row_bytes() + MORE);
        self.compressors.used.try_recv().unwrap_or_else(|_| fresh())
    }

    /// Hands a strip to the next thread; waits while that has one waiting already.
    pub(super) fn begin(&mut self, rows: Vec<u8>) {
        let (done, result) = sync_channel(1);
        self.waiting.push_back(result);
        // A thread that is gone has dropped `done`, which `ready` sees.
        let lanes = &self.compressors.lanes;
        let _ = lanes[self.next].send(Job { shape: self.shape, rows, done });
        self.next = (self.next + 1) % lanes.len();
    }

    /// The oldest strip, if it is ready; waits for it if `wait`. `None`: not ready, or none left.
    pub(super) fn ready(&mut self, wait: bool) -> Option<Result<Vec<u8>, JpegError>> {
        let first = self.waiting.front()?;
        let result = if wait { first.recv().map_err(|_| TryRecvError::Disconnected) } else { first.try_recv() };
        match result {
            Err(TryRecvError::Empty) => None,
            Ok(strip) => {
                self.waiting.pop_front();
                Some(strip)
            }
            Err(TryRecvError::Disconnected) => {
                self.waiting.pop_front();
                Some(Err(JpegError::NoThread))
            }
        }
    }
}

impl Drop for Strips<'_> {
    fn drop(&mut self) {
        // Another page may be smaller.
        while self.compressors.used.try_recv().is_ok() {}
    }
}

/// What one of the threads does.
fn work(turbo: Turbo, jobs: &Receiver<Job>, back: &SyncSender<Vec<u8>>) {
    let mut compressor = turbo.compressor();
    while let Ok(Job { shape, mut rows, done }) = jobs.recv() {
        let strip = match &mut compressor {
            Ok(compressor) => compress(compressor, shape, &rows),
            Err(error) => Err(error.clone().into()),
        };
        // Nobody waits for it if the page was given up.
        let _ = done.send(strip);
        rows.clear();
        // Enough room is there already, or nobody needs any more.
        let _ = back.try_send(rows);
    }
}
