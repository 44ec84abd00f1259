//! Strips on their way through the threads that compress them, given back in order.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::JoinHandle;

use super::{JpegError, Shape, compress};

/// Most threads; more than these wait for memory.
const THREADS_MAX: usize = 4;

struct Job {
    from: u32,
    rows: Vec<u8>,
    done: SyncSender<Result<Vec<u8>, JpegError>>,
}

/// The threads and what they work on. They end with this value.
pub(super) struct Strips {
    lanes: Vec<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    waiting: VecDeque<Receiver<Result<Vec<u8>, JpegError>>>,
    next: usize,
}

impl Strips {
    pub(super) fn new(shape: Shape) -> Self {
        let count = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        let (lanes, threads) = (0..count)
            .map(|_| {
                let (lane, jobs) = sync_channel::<Job>(1);
                let thread = std::thread::spawn(move || {
                    while let Ok(Job { from, rows, done }) = jobs.recv() {
                        // Nobody waits for it if the page was given up.
                        let _ = done.send(compress(shape, from, &rows));
                    }
                });
                (lane, thread)
            })
            .unzip();
        Self { lanes, threads, waiting: VecDeque::new(), next: 0 }
    }

    /// Hands a strip to the next thread; waits while that has one waiting already.
    pub(super) fn begin(&mut self, from: u32, rows: Vec<u8>) {
        let (done, result) = sync_channel(1);
        self.waiting.push_back(result);
        // A thread that is gone has dropped `done`, which `ready` sees.
        let _ = self.lanes[self.next].send(Job { from, rows, done });
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
                Some(Err(JpegError::NoHead))
            }
        }
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
