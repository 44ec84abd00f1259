//! What the driver's working thread wants of the thread that owns the camera, and how it waits for the answer.

use std::borrow::Cow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::camera::{CameraControls, CameraStatus};
use kiosk_driver_sdk::{Looking, Pictures, Until};

use crate::camera::Wake;
use crate::mode::Mode;
use crate::trouble::Trouble;

/// How long a camera's kernel driver may take to say or set something.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// How long after a picture's deadline the answer that there is none may come.
const OVERTIME: Duration = Duration::from_millis(1500);

/// One picture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shot {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Shot {
    pub(super) fn new(mode: &Mode, jpeg: Cow<'_, [u8]>) -> Self {
        Self { jpeg: jpeg.into_owned(), width: mode.size.width, height: mode.size.height }
    }
}

type Reply<T> = SyncSender<Result<T, Trouble>>;

pub(crate) enum Order {
    /// The way for live pictures.
    Pictures(Pictures),
    Look(Looking),
    Status(Reply<CameraStatus>),
    Controls(CameraControls, Reply<CameraStatus>),
    Capture {
        mode: Mode,
        until: Until,
        reply: Reply<Shot>,
    },
}

/// The way to the thread that owns the camera. When all of these are gone, it ends.
#[derive(Clone)]
pub(crate) struct Orders {
    orders: Sender<Order>,
    wake: Wake,
}

impl Orders {
    pub(crate) fn new(wake: Wake) -> (Self, Receiver<Order>) {
        let (orders, receiver) = channel();
        (Self { orders, wake }, receiver)
    }

    /// How the camera is.
    pub(crate) fn status(&self) -> Result<CameraStatus, Trouble> {
        self.ask(Order::Status, ANSWER_WITHIN)
    }

    /// Sets controls; how the camera is then.
    pub(crate) fn set_controls(&self, wanted: CameraControls) -> Result<CameraStatus, Trouble> {
        self.ask(|reply| Order::Controls(wanted, reply), ANSWER_WITHIN)
    }

    /// Takes a picture.
    pub(crate) fn capture(&self, mode: Mode, until: Until) -> Result<Shot, Trouble> {
        if let Some(cancel) = &until.cancel {
            let wake = self.wake.clone();
            cancel.on_set(move || wake.wake());
        }
        let within = until.deadline.saturating_duration_since(Instant::now()) + OVERTIME;
        self.ask(|reply| Order::Capture { mode, until, reply }, within)
    }

    fn ask<T>(&self, order: impl FnOnce(Reply<T>) -> Order, within: Duration) -> Result<T, Trouble> {
        let (reply, answer) = sync_channel(1);
        // A thread that has ended leaves us without an answer.
        self.give(order(reply));
        match answer.recv_timeout(within) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(Trouble::Stuck(within)),
            Err(RecvTimeoutError::Disconnected) => Err(Trouble::Config("the thread of the camera has ended".into())),
        }
    }

    /// Says whether the thread is there to take it.
    fn give(&self, order: Order) -> bool {
        let given = self.orders.send(order).is_ok();
        self.wake.wake();
        given
    }

    /// Shows live pictures whenever somebody looks.
    pub(crate) fn show(self, pictures: Pictures) {
        self.give(Order::Pictures(pictures.clone()));
        pictures.whenever_wanted(move |looking| self.give(Order::Look(looking)));
    }
}
