//! The one thread that libsane is called from, seen from the working thread: orders go in, what it says comes out, and
//! it may be given up.
//!
//! ```text
//!             order                     its end
//! Nothing ───────────► Working ─────────────────────────► Nothing
//!                         │ cancelled, out of time,          ▲
//!                         ▼ silent, or only to be ended      │
//!                      Ending ── the backend comes back ─────┘
//!                         │ it does not within `give_up_ms`
//!                         ▼
//!                      the process kills itself; the gateway starts it anew
//! ```
//!
//! A backend cannot be interrupted but by `sane_cancel`, which some take seconds over and some ignore. So a client is
//! answered at once, whatever the backend does; the next order waits for it.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
mod thread;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::scanner::{AdfState, ScanRequest, ScannerCapabilities};
use kiosk_driver_sdk::{GivenUp, Guard, OpenError};

use crate::ffi::{Canceller, Functions, Listed};
use crate::job::{GiveUp, Said};
use crate::trouble::Trouble;
pub(crate) use thread::Plan;

/// How long opening may take; the gateway allows 10 s.
const OPEN_WITHIN: Duration = Duration::from_secs(9);
/// How long the process waits for the thread when it is told to stop; the gateway allows 2 s.
const STOP_WITHIN: Duration = Duration::from_millis(1500);
/// Pieces on the way from one thread to the other.
const PIECES: usize = 8;

/// What the thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    Working,
    Ending { since: Instant },
    Closed,
}

/// What both threads see.
struct Post(Mutex<Doing>, Condvar);

impl Post {
    fn lock(&self) -> MutexGuard<'_, Doing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, doing: Doing) {
        *self.lock() = doing;
        self.1.notify_all();
    }

    /// From now on the thread only ends what it does.
    fn ending(&self) {
        let mut doing = self.lock();
        if *doing == Doing::Working {
            *doing = Doing::Ending { since: Instant::now() };
        }
    }
}

/// What the sensors say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Senses {
    /// How the feeder is, if a sensor tells.
    pub(crate) adf: Option<AdfState>,
}

enum Order {
    Scan { request: ScanRequest, give_up: GiveUp, deadline: Instant, out: SyncSender<Said> },
    Sense(SyncSender<Senses>),
}

/// What the thread found when it opened the scanner.
pub(crate) struct Found {
    pub(crate) listed: Listed,
    pub(crate) capabilities: ScannerCapabilities,
    pub(crate) senses: Senses,
    /// It has sensors at all.
    pub(crate) has_sensors: bool,
    canceller: Canceller,
}

/// The thread.
pub(crate) struct Worker {
    orders: Option<SyncSender<Order>>,
    post: Arc<Post>,
    canceller: Canceller,
    cancels: SyncSender<u64>,
    has_sensors: bool,
    give_up_within: Duration,
    _thread: JoinHandle<()>,
}

impl Worker {
    /// Starts the thread and opens the scanner on it.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub(crate) fn start(
        load: impl FnOnce() -> Result<Functions, OpenError> + Send + 'static,
        plan: Plan,
        give_up_within: Duration,
    ) -> Result<(Self, Found), OpenError> {
        let (orders, receiver) = sync_channel(1);
        let (opened, result) = sync_channel(1);
        let post = Arc::new(Post(Mutex::new(Doing::Nothing), Condvar::new()));
        let shared = Arc::clone(&post);
        let thread = std::thread::spawn(move || thread::run(load, plan, &opened, &receiver, &shared));
        let found = result.recv_timeout(OPEN_WITHIN).map_err(|_| {
            OpenError::Fault(format!("the scanner's backend did not open it within {} s", OPEN_WITHIN.as_secs()))
        })??;
        let (canceller, has_sensors) = (found.canceller.clone(), found.has_sensors);
        let cancels = start_cancelling(canceller.clone());
        let orders = Some(orders);
        Ok((Self { orders, post, canceller, cancels, has_sensors, give_up_within, _thread: thread }, found))
    }

    /// How long it has been ending what was given up; `None` if it is not.
    pub(crate) fn ending_for(&self) -> Option<Duration> {
        match *self.post.lock() {
            Doing::Ending { since } => Some(since.elapsed()),
            Doing::Nothing | Doing::Working | Doing::Closed => None,
        }
    }

    /// The backend has not come back in its time: nothing but a new process helps.
    pub(crate) fn is_stuck(&self) -> bool {
        self.ending_for().is_some_and(|time| time >= self.give_up_within)
    }

    /// Waits until the thread is free and hands it an order; returns which scan that is, if it is one.
    fn order(&self, guard: &Guard, order: Order) -> Result<u64, Trouble> {
        let mut doing = self.post.lock();
        loop {
            match *doing {
                Doing::Nothing => break,
                Doing::Closed => return Err(Trouble::Ended),
                Doing::Working | Doing::Ending { .. } => {}
            }
            let slice = guard.slice("the scanner ended the scan before").map_err(|why| match why {
                GivenUp::OutOfTime { .. } => Trouble::StillEnding,
                other => other.into(),
            })?;
            doing = self.post.1.wait_timeout(doing, slice).unwrap_or_else(PoisonError::into_inner).0;
            if matches!(*doing, Doing::Ending { since } if since.elapsed() >= self.give_up_within) {
                return Err(Trouble::StillEnding);
            }
        }
        *doing = Doing::Working;
        drop(doing);
        // Before the order goes: one that fails at once is over already.
        let scan = self.canceller.current();
        let orders = self.orders.as_ref().expect("orders are taken until the worker is dropped");
        orders.try_send(order).map(|()| scan).map_err(|_| Trouble::Ended)
    }

    /// Begins a scan.
    ///
    /// # Errors
    /// If the thread does not get free in the request's time.
    pub(crate) fn scan(&self, request: &ScanRequest, guard: &Guard) -> Result<Running<'_>, Trouble> {
        let (out, said) = sync_channel(PIECES);
        let give_up = GiveUp::default();
        let order = Order::Scan { request: request.clone(), give_up: give_up.clone(), deadline: guard.deadline(), out };
        let scan = self.order(guard, order)?;
        Ok(Running { worker: self, scan, give_up, said })
    }

    /// Reads the sensors.
    ///
    /// # Errors
    /// [`Trouble::Silent`] if the backend does not come back in `within`.
    pub(crate) fn sense(&self, within: Duration) -> Result<Senses, Trouble> {
        if !self.has_sensors {
            return Ok(Senses::default());
        }
        let guard = Guard::within(within);
        let (out, senses) = sync_channel(1);
        self.order(&guard, Order::Sense(out))?;
        let heard = guard.hear(&senses, within, "its sensors were read").map_err(Trouble::from);
        heard.and_then(|senses| senses.ok_or(Trouble::Ended)).inspect_err(|_| self.post.ending())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The thread sees the end of its orders, closes the scanner and ends.
        self.orders = None;
        let until = Instant::now() + STOP_WITHIN;
        let mut doing = self.post.lock();
        while *doing != Doing::Closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                tracing::warn!("the scanner's backend did not close the scanner; the process ends without");
                return;
            }
            doing = self.post.1.wait_timeout(doing, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A scan that runs. Dropped before its end, it is given up.
pub(crate) struct Running<'a> {
    worker: &'a Worker,
    scan: u64,
    give_up: GiveUp,
    said: Receiver<Said>,
}

impl Running<'_> {
    /// What the thread says next.
    ///
    /// # Errors
    /// If it says nothing in time.
    pub(crate) fn next(&self, guard: &Guard, silence: Duration, what: &'static str) -> Result<Said, Trouble> {
        guard.hear(&self.said, silence, what)?.ok_or(Trouble::Ended)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.give_up.set();
        self.worker.post.ending();
        if self.worker.ending_for().is_some() {
            // If it is full, a cancel has not come back, and no more of them helps.
            let _ = self.worker.cancels.try_send(self.scan);
        }
    }
}

/// Cancels on a thread of its own, because some backends move the lamp home before they come back; on one for all scans,
/// because it may not be possible to start another (see [`crate::jpeg::Compressors`]).
fn start_cancelling(canceller: Canceller) -> SyncSender<u64> {
    let (cancels, scans) = sync_channel(1);
    std::thread::spawn(move || scans.iter().for_each(|scan| canceller.cancel(scan)));
    cancels
}
