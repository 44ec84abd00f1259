//! The thread that speaks with the camera. It is connected only while somebody looks or wants a picture.
//!
//! ```text
//! off ── needed ──► connecting ──► open ── pictures ──► the newest is sent, and taken where one is wanted
//!  ▲                    │           │
//!  └── pause, longer ◄──┴── lost, ──┘   (a stall is a loss; a camera that does not answer at all ends the driver)
//!      each time            refused
//! ```

mod order;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::camera::{CameraControls, CameraStatus};
use kiosk_driver_sdk::{Looking, Pictures};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::http::{Came, Newest, Source, Stream, is_there};
use crate::trouble::Trouble;
pub(crate) use order::Orders;
use order::{Order, Pending};

/// The first pause before a camera is connected anew; each time twice as long, up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody still looks, where no pictures come.
const SLICE: Duration = Duration::from_millis(250);

/// How the camera is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// So long without a picture is a stall.
    pub(crate) stall: Duration,
    /// Live pictures a second at most.
    pub(crate) fps: u16,
}

type Connecting = Pin<Box<dyn Future<Output = Result<Stream, Trouble>>>>;

/// The connection. Its waits can be dropped and begun again without a loss.
enum Link {
    Off,
    Connecting(Connecting),
    Open(Box<Stream>),
}

impl Link {
    /// Waits for the next thing to happen.
    async fn step(&mut self, source: &Source, not_before: Instant) -> Result<Option<Came>, Trouble> {
        match self {
            Self::Off => {
                tokio::time::sleep_until(not_before.into()).await;
                let source = source.clone();
                *self = Self::Connecting(Box::pin(async move { source.stream().await }));
                Ok(None)
            }
            Self::Connecting(connecting) => {
                *self = Self::Open(Box::new(connecting.await?));
                Ok(None)
            }
            Self::Open(stream) => stream.next().await.map(Some),
        }
    }
}

/// The thread's own.
pub(crate) struct Viewer {
    source: Source,
    snapshot: Option<Source>,
    habits: Habits,
    orders: UnboundedReceiver<Order>,
    woken: Arc<Notify>,
    link: Link,
    pictures: Option<Pictures>,
    looking: Option<Looking>,
    pending: Vec<Pending>,
    trouble: Option<Trouble>,
    /// The last whole picture, or when the connection was opened.
    good: Instant,
    failures: u32,
    not_before: Instant,
    began: Instant,
    number: u32,
    due: Instant,
    dropped: u32,
}

impl Viewer {
    pub(crate) fn new(
        source: Source,
        snapshot: Option<Source>,
        habits: Habits,
        orders: UnboundedReceiver<Order>,
        woken: Arc<Notify>,
    ) -> Self {
        let now = Instant::now();
        Self {
            source,
            snapshot,
            habits,
            orders,
            woken,
            link: Link::Off,
            pictures: None,
            looking: None,
            pending: Vec::new(),
            trouble: None,
            good: now,
            failures: 0,
            not_before: now,
            began: now,
            number: 0,
            due: now,
            dropped: 0,
        }
    }

    /// Works until nobody can give an order any more.
    pub(crate) async fn run(mut self) {
        loop {
            self.looking = self.looking.take().filter(|_| self.pictures.as_ref().is_some_and(Pictures::wanted));
            let needed = self.looking.is_some() || !self.pending.is_empty();
            if !needed {
                self.rest();
            }
            tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(order) => self.carry_out(order),
                    None => return,
                },
                () = self.woken.notified() => {}
                stepped = self.link.step(&self.source, self.not_before), if needed => match stepped {
                    Ok(None) => self.good = Instant::now(),
                    Ok(Some(Came::Newest(newest))) => self.came(newest),
                    Ok(Some(Came::Damaged(problem))) => self.damaged(problem),
                    Err(trouble) => self.failed(trouble),
                },
                () = tokio::time::sleep(SLICE), if needed => {}
            }
            self.look_at_the_clock();
        }
    }

    fn rest(&mut self) {
        if !matches!(self.link, Link::Off) && self.dropped > 0 {
            tracing::warn!(dropped = self.dropped, "damaged pictures of the camera were dropped");
        }
        (self.link, self.trouble, self.failures, self.dropped) = (Link::Off, None, 0, 0);
        self.not_before = Instant::now();
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Pictures(pictures) => self.pictures = Some(pictures),
            Order::Look(looking) => self.looking = Some(looking),
            Order::Capture(pending) => self.pending.push(pending),
            Order::Snapshot(pending) => {
                if let Some(snapshot) = self.snapshot.clone() {
                    tokio::task::spawn_local(pending.take_from(snapshot, Arc::clone(&self.woken)));
                }
            }
            Order::Status(reply) => match (&self.trouble, &self.link) {
                (Some(trouble), _) => drop(reply.send(Err(trouble.clone()))),
                (None, Link::Open(_)) => drop(reply.send(Ok(status(true)))),
                // Nobody waits for pictures: is it there at all?
                (None, Link::Off | Link::Connecting(_)) => {
                    let place = self.source.place.clone();
                    tokio::task::spawn_local(async move {
                        drop(reply.send(is_there(&place).await.map(|()| status(false))));
                    });
                }
            },
        }
    }

    /// A whole picture: to those who look, and to those who want one that began after they said so.
    fn came(&mut self, Newest { picture, pictures: count }: Newest) {
        let now = Instant::now();
        if self.trouble.take().is_some() || self.failures > 0 {
            tracing::info!(after_tries = self.failures, "the camera sends pictures again");
        }
        (self.good, self.failures) = (now, 0);
        self.number = self.number.wrapping_add(count);
        let every = Duration::from_secs(1) / u32::from(self.habits.fps.max(1));
        if let Some(pictures) = self.pictures.as_ref().filter(|_| self.looking.is_some())
            && now + every / 4 >= self.due
        {
            self.due = (self.due + every).max(now);
            // It was whole a moment ago.
            let bytes = kiosk_jpeg::check(&picture.bytes).map(|picture| picture.complete());
            let taken_us = u64::try_from(now.duration_since(self.began).as_micros()).unwrap_or(u64::MAX);
            if let Ok(bytes) = bytes
                && !pictures.send(self.number, taken_us, &bytes)
                && pictures.wanted()
            {
                tracing::warn!(
                    bytes = bytes.len(),
                    "a live picture is too long to be sent: lower the camera's quality"
                );
            }
        }
        let wanting = std::mem::take(&mut self.pending).into_iter();
        self.pending = wanting.filter_map(|pending| pending.offer(&picture)).collect();
    }

    fn damaged(&mut self, problem: String) {
        tracing::debug!(problem, "a damaged picture was dropped");
        self.dropped = self.dropped.saturating_add(1);
        if self.good.elapsed() >= self.habits.stall {
            self.failed(Trouble::Damaged { dropped: self.dropped, last: problem });
        }
    }

    /// The connection is lost, or never was: another one after a pause.
    fn failed(&mut self, trouble: Trouble) {
        self.link = Link::Off;
        let pause = (PAUSE * 2u32.pow(self.failures.min(6))).min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Instant::now() + pause;
        if self.trouble.as_ref().is_none_or(|known| std::mem::discriminant(known) != std::mem::discriminant(&trouble)) {
            tracing::warn!(error = %trouble, "the camera sends no pictures");
        }
        // A stream that ends now and then is connected again before anybody is told.
        let passing = matches!(trouble, Trouble::Cut) && self.failures <= 1;
        if !matches!(trouble, Trouble::Cut | Trouble::Stalled(_) | Trouble::Silent(_) | Trouble::Damaged { .. }) {
            for pending in self.pending.drain(..) {
                pending.answer(Err(trouble.clone()));
            }
        }
        if !passing {
            self.trouble = Some(trouble);
        }
    }

    /// Stalls, deadlines and cancels.
    fn look_at_the_clock(&mut self) {
        let after = self.good.elapsed();
        if matches!(self.link, Link::Open(_)) && after >= self.habits.stall {
            self.failed(Trouble::Stalled(after));
        }
        let why = self.trouble.clone();
        let waiting = std::mem::take(&mut self.pending).into_iter();
        self.pending = waiting.filter_map(|pending| pending.still_waits(why.as_ref())).collect();
    }
}

fn status(streaming: bool) -> CameraStatus {
    // What a network camera can be set to is its own web page's matter.
    CameraStatus { streaming, controls: CameraControls::default() }
}
