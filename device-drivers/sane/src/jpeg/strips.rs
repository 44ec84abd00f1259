//! Strips on their way through the threads that compress them, given back in order.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

use kiosk_jpeg::turbo::Turbo;

use super::{JpegError, STRIP_ROWS, Shape, compress};

/// Most threads; more than these wait for memory.
const THREADS_MAX: usize = 4;
/// Room for rows of the next strip behind a strip, bytes: what comes at once.
const MORE: usize = 256 << 10;

struct Job {
    rows: Vec<u8>,
    done: SyncSender<Result<Vec<u8>, JpegError>>,
}

/// The threads and what they work on. They end with this value.
pub(super) struct Strips {
    lanes: Vec<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    waiting: VecDeque<Receiver<Result<Vec<u8>, JpegError>>>,
    next: usize,
    /// Room of strips that are done, for the next ones: fresh memory costs as much time as filling it.
    used: Receiver<Vec<u8>>,
    strip_bytes: usize,
}

impl Strips {
    pub(super) fn new(turbo: Turbo, shape: Shape) -> Self {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let (back, used) = sync_channel(THREADS_MAX * 2);
        let (lanes, threads) = (0..count)
            .map(|_| {
                let (lane, jobs) = sync_channel::<Job>(1);
                let back = back.clone();
                (lane, std::thread::spawn(move || work(turbo, shape, &jobs, &back)))
            })
            .unzip();
        let strip_bytes = STRIP_ROWS * usize::from(shape.width) * shape.samples.bytes();
        Self { lanes, threads, waiting: VecDeque::new(), next: 0, used, strip_bytes }
    }

    /// Room for the rows of a strip and for some of the next.
    pub(super) fn room(&self) -> Vec<u8> {
        self.used.try_recv().unwrap_or_else(|_| Vec::with_capacity(self.strip_bytes + MORE))
    }

    /// Hands a strip to the next thread; waits while that has one waiting already.
    pub(super) fn begin(&mut self, rows: Vec<u8>) {
        let (done, result) = sync_channel(1);
        self.waiting.push_back(result);
        // A thread that is gone has dropped `done`, which `ready` sees.
        let _ = self.lanes[self.next].send(Job { rows, done });
        self.next = (self.next + 1) % self.lanes.len();
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

/// What one of the threads does.
fn work(turbo: Turbo, shape: Shape, jobs: &Receiver<Job>, back: &SyncSender<Vec<u8>>) {
    let mut compressor = turbo.compressor();
    while let Ok(Job { mut rows, done }) = jobs.recv() {
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

impl Drop for Strips {
    fn drop(&mut self) {
        self.lanes.clear();
        for thread in self.threads.drain(..) {
            // It compresses at most two strips more; a thread that panicked has said so.
            let _ = thread.join();
        }
    }
}
