//! What the driver's working thread wants of the one that speaks with the camera, and how it waits for the answer.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::camera::CameraStatus;
use kiosk_driver_sdk::{CancelSignal, Looking, Pictures, Until};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::http::{CONNECT_WITHIN, Source};
use crate::multipart::Picture;
use crate::trouble::Trouble;

/// Kept back of a request's time, so that its answer is there before the deadline.
const RESERVE: Duration = Duration::from_millis(300);
/// How long after a picture's deadline the answer that there is none may come.
const OVERTIME: Duration = Duration::from_millis(1500);

type Reply<T> = SyncSender<Result<T, Trouble>>;

pub(crate) enum Order {
    Pictures(Pictures),
    Look(Looking),
    Status(Reply<CameraStatus>),
    /// A picture of the stream.
    Capture(Pending),
    /// A picture from the URL of single ones.
    Snapshot(Pending),
}

/// Somebody waits for a picture.
pub(crate) struct Pending {
    after: Instant,
    size: Option<(u32, u32)>,
    until: Until,
    reply: Reply<Picture>,
}

impl Pending {
    /// Whoever does not wait for the answer any more does not get it.
    pub(super) fn answer(self, answer: Result<Picture, Trouble>) {
        drop(self.reply.send(answer));
    }

    /// Takes the picture if it is new; else it waits on.
    pub(super) fn offer(self, picture: &Picture) -> Option<Self> {
        if picture.begun < self.after {
            return Some(self);
        }
        let answer = self.fitting(picture.clone());
        self.answer(answer);
        None
    }

    /// The camera may have been set to another size by somebody else.
    fn fitting(&self, picture: Picture) -> Result<Picture, Trouble> {
        let came = (picture.width, picture.height);
        match self.size.filter(|size| *size != came) {
            None => Ok(picture),
            Some((width, height)) => Err(Trouble::Unsupported(format!(
                "the camera's pictures are not {width}x{height} any more but {}x{}: restart its driver to have that told",
                came.0, came.1
            ))),
        }
    }

    /// It waits on, unless its time is over or it was cancelled.
    pub(super) fn still_waits(self, why: Option<&Trouble>) -> Option<Self> {
        if self.is_cancelled() {
            self.answer(Err(Trouble::Cancelled));
        } else if Instant::now() + RESERVE >= self.until.deadline {
            self.answer(Err(why.cloned().unwrap_or(Trouble::OutOfTime)));
        } else {
            return Some(self);
        }
        None
    }

    fn is_cancelled(&self) -> bool {
        self.until.cancel.as_ref().is_some_and(CancelSignal::is_set)
    }

    /// Asks for a single picture until it is there, the time is over, or it was cancelled.
    pub(super) async fn take_from(self, snapshot: Source, woken: Arc<Notify>) {
        let deadline = self.until.deadline.checked_sub(RESERVE).unwrap_or(self.until.deadline);
        let cancelled = async {
            while !self.is_cancelled() {
                woken.notified().await;
            }
        };
        let answer = tokio::select! {
            biased;
            () = cancelled => Err(Trouble::Cancelled),
            taken = snapshot.snapshot() => taken.and_then(|picture| self.fitting(picture)),
            () = tokio::time::sleep_until(deadline.into()) => Err(Trouble::Silent(self.after.elapsed())),
        };
        // The other one that waits for this may have been woken in vain.
        woken.notify_one();
        self.answer(answer);
    }
}

/// The way to the thread that speaks with the camera. When all of these are gone, it ends.
#[derive(Clone)]
pub(crate) struct Orders {
    orders: UnboundedSender<Order>,
    woken: Arc<Notify>,
}

impl Orders {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Order>, Arc<Notify>) {
        let (orders, receiver) = unbounded_channel();
        let woken = Arc::new(Notify::new());
        (Self { orders, woken: Arc::clone(&woken) }, receiver, woken)
    }

    /// How the camera is.
    pub(crate) fn status(&self) -> Result<CameraStatus, Trouble> {
        self.ask(Order::Status, CONNECT_WITHIN + OVERTIME)
    }

    /// Takes a picture of the stream.
    pub(crate) fn capture(&self, size: Option<(u32, u32)>, until: Until) -> Result<Picture, Trouble> {
        self.picture(size, until, Order::Capture)
    }

    /// Takes a picture from the URL of single ones.
    pub(crate) fn snapshot(&self, size: Option<(u32, u32)>, until: Until) -> Result<Picture, Trouble> {
        self.picture(size, until, Order::Snapshot)
    }

    fn picture(&self, size: Option<(u32, u32)>, until: Until, order: fn(Pending) -> Order) -> Result<Picture, Trouble> {
        let after = Instant::now();
        if let Some(cancel) = &until.cancel {
            let woken = Arc::clone(&self.woken);
            cancel.on_set(move || woken.notify_one());
        }
        let within = until.deadline.saturating_duration_since(after) + OVERTIME;
        self.ask(|reply| order(Pending { after, size, until, reply }), within)
    }

    fn ask<T>(&self, order: impl FnOnce(Reply<T>) -> Order, within: Duration) -> Result<T, Trouble> {
        let (reply, answer) = sync_channel(1);
        // A thread that has ended leaves us without an answer.
        let _ = self.orders.send(order(reply));
        match answer.recv_timeout(within) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(Trouble::Stuck),
        }
    }

    /// Shows live pictures whenever somebody looks.
    pub(crate) fn show(self, pictures: Pictures) {
        // A thread that has ended shows none; the driver ends with it.
        let _ = self.orders.send(Order::Pictures(pictures.clone()));
        pictures.whenever_wanted(move |looking| self.orders.send(Order::Look(looking)).is_ok());
    }
}
