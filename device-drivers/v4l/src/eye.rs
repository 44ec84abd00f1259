//! The thread that owns the camera. It takes pictures only while somebody looks or wants one, and sends the newest.
//!
//! ```text
//! at rest ── somebody looks ──► live pictures ── nobody looks ──► at rest
//!    │                              │   ▲
//!    └───── one picture ────────────┴───┘   (another size: switched, settled, taken, switched back)
//! ```
//!
//! A camera that stalls is started anew, then opened anew ([`watch`]); what is wrong with it is told at the next status.
//! One that is gone stays so: the driver ends, and is started again when there is a camera.

mod capture;
mod live;
mod order;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::camera::{CameraControls, CameraStatus};
use kiosk_driver_sdk::{Looking, Pictures};

use crate::camera::{Camera, Wake};
use crate::mode::Mode;
use crate::trouble::Trouble;
use live::{Numbers, Pacer};
use order::Order;
pub(crate) use order::{Orders, Shot};
use watch::{Repair, Watch};

/// Between two tries with a camera that cannot be started; each time as much longer, up to five times.
const RETRY: Duration = Duration::from_millis(500);
/// Longest wait for a picture before it is looked whether somebody still wants it.
const SLICE: Duration = Duration::from_millis(250);

/// How the camera is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// The mode of live pictures.
    pub(crate) preview: Mode,
    /// Live pictures a second at most.
    pub(crate) fps: u16,
    /// Pictures that go by after each switch.
    pub(crate) settle_frames: u16,
    /// Quality of pictures that are packed here, percent.
    pub(crate) quality: u8,
    /// So long without a picture is a stall.
    pub(crate) stall: Duration,
}

/// The camera takes pictures.
struct Running {
    mode: Mode,
    watch: Watch,
    dropped: u32,
}

/// The thread's own.
pub(crate) struct Eye<C> {
    camera: C,
    habits: Habits,
    orders: Receiver<Order>,
    wake: Wake,
    running: Option<Running>,
    pictures: Option<Pictures>,
    looking: Option<Looking>,
    numbers: Numbers,
    pacer: Pacer,
    trouble: Option<Trouble>,
    failures: u32,
    next_try: Instant,
}

impl<C: Camera> Eye<C> {
    pub(crate) fn new(camera: C, habits: Habits, orders: Receiver<Order>, wake: Wake) -> Self {
        Self {
            camera,
            habits,
            orders,
            wake,
            running: None,
            pictures: None,
            looking: None,
            numbers: Numbers::default(),
            pacer: Pacer::new(habits.fps),
            trouble: None,
            failures: 0,
            next_try: Instant::now(),
        }
    }

    /// Works until nobody can give an order any more.
    pub(crate) fn run(mut self) {
        loop {
            match self.wait() {
                Ok(order) => self.carry_out(order),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return self.rest(),
            }
        }
    }

    /// Waits for an order, as long as there is nothing else to do.
    fn wait(&self) -> Result<Order, RecvTimeoutError> {
        if self.looking.is_none() {
            return self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected);
        }
        let pause = self.next_try.saturating_duration_since(Instant::now()).min(SLICE);
        if self.running.is_none() && !pause.is_zero() {
            return self.orders.recv_timeout(pause);
        }
        self.orders.try_recv().map_err(|nothing| match nothing {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }

    /// Whoever does not wait for the answer any more does not get it.
    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Pictures(pictures) => self.pictures = Some(pictures),
            Order::Look(look) => self.looking = Some(look),
            Order::Status(reply) => drop(reply.send(self.status())),
            Order::Controls(wanted, reply) => drop(reply.send(self.set_controls(&wanted))),
            Order::Capture { mode, until, reply } => {
                let shot = self.capture(&mode, &until);
                if self
                    .running
                    .as_ref()
                    .is_some_and(|running| self.looking.is_none() || running.mode != self.habits.preview)
                {
                    self.rest();
                }
                drop(reply.send(shot));
            }
        }
    }

    fn status(&mut self) -> Result<CameraStatus, Trouble> {
        let stalled = self.running.as_ref().and_then(|running| running.watch.trouble(Instant::now()));
        if let Some(trouble) = self.trouble.clone().or(stalled) {
            return Err(trouble);
        }
        let controls = self.camera.controls().inspect_err(|trouble| self.note(trouble))?;
        Ok(CameraStatus { streaming: self.running.is_some(), controls })
    }

    fn set_controls(&mut self, wanted: &CameraControls) -> Result<CameraStatus, Trouble> {
        self.camera.set_controls(wanted).inspect_err(|trouble| self.note(trouble))?;
        self.status()
    }

    /// A camera that is gone is told at the next status, whoever noticed it.
    fn note(&mut self, trouble: &Trouble) {
        if trouble.is_gone() {
            self.trouble = Some(trouble.clone());
        }
    }

    /// Makes the camera take pictures in this mode, if it does not yet; says whether that was a switch.
    fn begin(&mut self, mode: &Mode) -> Result<bool, Trouble> {
        if self.running.as_ref().is_some_and(|running| running.mode == *mode) {
            return Ok(false);
        }
        self.rest();
        self.camera.start(mode)?;
        self.numbers.restarted();
        self.running = Some(Running { mode: *mode, watch: Watch::new(self.habits.stall, Instant::now()), dropped: 0 });
        Ok(true)
    }

    /// The camera sees nothing any more.
    fn rest(&mut self) {
        self.camera.stop();
        if let Some(Running { mode, dropped: dropped @ 1.., .. }) = self.running.take() {
            tracing::warn!(dropped, %mode, "damaged pictures of the camera were dropped");
        }
    }

    /// Tries what is due with a camera that sends no good picture.
    fn repair(&mut self) -> Result<(), Trouble> {
        let Some(running) = &mut self.running else { return Ok(()) };
        let now = Instant::now();
        let Some(repair) = running.watch.repair(now) else { return Ok(()) };
        let why = running.watch.trouble(now).map(|trouble| trouble.to_string()).unwrap_or_default();
        tracing::warn!(?repair, why, "the camera is started anew");
        self.numbers.restarted();
        let mode = running.mode;
        match repair {
            Repair::Restart => self.camera.restart(),
            Repair::Reopen => self.camera.reopen().and_then(|()| self.camera.start(&mode)),
        }
    }
}
