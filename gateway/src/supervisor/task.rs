//! The task that owns one device: its child, its queue, its place on the board. It decides nothing: it tells the
//! [`Machine`] what happens and does what the machine says.

mod hear;
mod unit;

use std::time::Duration;

use bytes::BytesMut;
use kiosk_protocol::calls::LOOK;
use kiosk_protocol::device::{DeviceState, DeviceView};
use kiosk_protocol::error::{ErrorBody, ErrorCode, Failure, Retry};
use kiosk_protocol::seam::{Attachment, ExitMeaning, Frame, ToChild};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::job::{Job, Order, Progress, is_seen_through, not_done, perhaps_done};
use super::{Action, Board, Event, Live, Lost, Machine, Phase};
use crate::host::{self, Heard, Kill, Voice};
use crate::hotplug::Plugs;
use hear::Gauge;
pub use unit::Unit;

/// Runs a device until `stop`; returns when its child has ended.
pub async fn run(
    unit: Unit,
    board: Board,
    live: Live,
    plugs: Plugs,
    mut orders: mpsc::Receiver<Order>,
    stop: CancellationToken,
) {
    let mut seed = [0; 8];
    // Without randomness the pauses have no jitter; nothing else depends on it.
    let _ = getrandom::fill(&mut seed);
    let mut task = Task {
        view: unit.first_view(),
        machine: Machine::new(unit.patience, u64::from_ne_bytes(seed)),
        // What is at the other end of a network was not plugged in here.
        plugs: if unit.is_local() { plugs } else { Plugs::none() },
        unit,
        board,
        live,
        looked_at: false,
        epoch: Instant::now(),
        child: None,
        current: None,
        last_id: 0,
    };
    task.tell(Event::Tick).await;
    while task.machine.phase() != &Phase::Stopped {
        task.turn(&mut orders, &stop).await;
    }
    orders.close();
    while let Some(order) = orders.recv().await {
        let Order::Job(job) = order else { continue };
        let failure = Failure::new(ErrorCode::ShuttingDown, "the gateway is stopping");
        finish(&job, Err(not_done(job.call, failure))).await;
    }
}

struct Task {
    unit: Unit,
    board: Board,
    live: Live,
    plugs: Plugs,
    /// The child was told that somebody wants live pictures.
    looked_at: bool,
    view: DeviceView,
    machine: Machine,
    epoch: Instant,
    child: Option<Running>,
    current: Option<Current>,
    last_id: u64,
}

/// A child and the ends of its channels.
struct Running {
    heard: mpsc::Receiver<Heard>,
    /// It has closed its stdout or said nonsense; only its end is awaited.
    mute: bool,
    voice: Option<Voice>,
    kill: Kill,
    ended: oneshot::Receiver<ExitMeaning>,
    gauge: Gauge,
}

/// The request in flight.
struct Current {
    id: u64,
    job: Job,
    /// The child was told that it is given up.
    cancel_told: bool,
    /// Bytes of blobs so far.
    bytes: u64,
}

impl Task {
    /// Waits for one thing to happen and deals with it.
    async fn turn(&mut self, orders: &mut mpsc::Receiver<Order>, stop: &CancellationToken) {
        let wake = self.machine.wakes_at().map(|at| self.epoch + Duration::from_millis(at));
        let stopping = matches!(self.machine.phase(), Phase::Stopping { .. } | Phase::Stopped);
        let idle = self.current.is_none() && (self.machine.takes_requests() || self.fails_fast().is_some());
        let may_end = |current: &&Current| !current.cancel_told && !is_seen_through(current.job.call);
        let ticket = self.current.as_ref().filter(may_end).map(|current| current.job.ticket.clone());
        tokio::select! {
            sign = sign(self.child.as_mut()) => match sign {
                Sign::Heard(Heard::Frame(frame)) => self.hear(frame).await,
                Sign::Heard(Heard::Nonsense(error)) => self.broken(&error.to_string()).await,
                Sign::Mute => if let Some(child) = &mut self.child { child.mute = true },
                Sign::Ended(meaning) => self.ended(meaning).await,
            },
            order = orders.recv(), if idle && !stopping => match order {
                Some(Order::Job(job)) => self.begin(job).await,
                Some(Order::Renew) => self.tell(Event::Renew).await,
                None => {}
            },
            () = cancelled(ticket.as_ref()) => {
                let current = self.current.as_mut().expect("only a running job has a ticket here");
                current.cancel_told = true;
                let id = current.id;
                self.tell(Event::Cancelled { id }).await;
            }
            wanted = self.live.changed(self.looked_at), if self.unit.kind.has_pictures() && self.takes_pictures() => {
                self.looked_at = wanted;
                if let Some(broken) = self.say(Frame::bare(ToChild::Pictures { wanted })) {
                    self.tell(broken).await;
                }
            }
            news = self.plugs.changed(), if !stopping => {
                if news.arrived {
                    self.tell(Event::Arrival).await;
                }
                if news.removed {
                    self.tell(Event::Removal).await;
                }
            }
            () = until(wake) => self.tell(Event::Tick).await,
            () = stop.cancelled(), if !stopping => self.tell(Event::Stop).await,
        }
    }

    /// It looks at one of the pictures that the gateway itself shows it.
    fn is_looking_at_pictures(&self) -> bool {
        self.current.as_ref().is_some_and(|current| std::ptr::eq(current.job.call, &raw const LOOK))
    }

    /// The child is ready for wishes other than requests.
    fn takes_pictures(&self) -> bool {
        matches!(self.machine.phase(), Phase::Ready | Phase::Busy(_) | Phase::Stale)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Tells the machine, does what it says, and posts the result.
    async fn tell(&mut self, event: Event) {
        let mut events = std::collections::VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now = self.now();
            for action in self.machine.step(event, now) {
                if let Some(event) = self.obey(action).await {
                    events.push_back(event);
                }
            }
        }
        self.post();
    }

    async fn obey(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::Spawn => return Some(self.spawn()),
            Action::Start => {
                let start = ToChild::Start { address: self.unit.address.clone(), config: self.unit.config.clone() };
                return self.say(Frame::bare(start));
            }
            Action::Ping { seq } => return self.say(Frame::bare(ToChild::Ping { seq })),
            Action::Probe => {
                // A wish: a child that is too busy to hear it is asked again by the next ping.
                let _ = self.say(Frame::bare(ToChild::Probe));
            }
            Action::Cancel { id } => return self.say(Frame::bare(ToChild::Cancel { id })),
            Action::CloseStdin => {
                if let Some(child) = &mut self.child {
                    child.voice = None;
                }
            }
            Action::Kill(why) => {
                tracing::warn!(device = %self.unit.device, why, "killing a driver");
                if self.view.problem.is_none() {
                    self.problem(Failure::new(ErrorCode::DriverFault, format!("the driver was killed: {why}")));
                }
                if let Some(child) = &self.child {
                    child.kill.kill();
                }
            }
            Action::Lose { id, why } => {
                if let Some(current) = self.current.take_if(|current| current.id == id) {
                    let failure = self.lost(why, &current.job);
                    finish(&current.job, Err(perhaps_done(current.job.call, failure))).await;
                }
            }
        }
        None
    }

    fn spawn(&mut self) -> Event {
        match host::spawn(&self.unit.program, &self.unit.device.0, &self.unit.environment) {
            Ok(child) => {
                // Looking for an absent device again and again is not worth a line each time.
                if self.machine.is_looking() {
                    tracing::debug!(device = %self.unit.device, pid = child.pid, "started a driver to look for its device");
                } else {
                    tracing::info!(device = %self.unit.device, driver = %self.unit.driver, pid = child.pid, "started a driver");
                }
                self.child = Some(Running {
                    heard: child.conversation.heard,
                    mute: false,
                    voice: Some(child.conversation.voice),
                    kill: child.kill,
                    ended: child.ended,
                    gauge: Gauge::default(),
                });
                Event::Spawned
            }
            Err(error) => {
                tracing::error!(device = %self.unit.device, %error, "cannot start a driver");
                self.problem(Failure::new(ErrorCode::DriverHeld, error.to_string()));
                Event::Broken
            }
        }
    }

    /// Queues a frame; a child that does not take it is broken.
    fn say(&mut self, frame: Frame<ToChild>) -> Option<Event> {
        let voice = self.child.as_ref().and_then(|child| child.voice.as_ref())?;
        voice.say(frame).is_err().then_some(Event::Broken)
    }

    /// Sends a job to the child, or refuses it where the device is not to be had.
    async fn begin(&mut self, job: Job) {
        if !job.ticket.begin() {
            return;
        }
        if let Some(failure) = self.fails_fast() {
            return finish(&job, Err(not_done(job.call, failure))).await;
        }
        let left = job.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let failure = Failure::new(ErrorCode::Timeout, "the command's time ran out while it waited in the queue");
            return finish(&job, Err(not_done(job.call, failure.retry(Retry::Safe)))).await;
        }
        let left = match is_seen_through(job.call) {
            true => left.max(Duration::from_millis(job.call.timeout_ms.into())),
            false => left,
        };
        self.last_id += 1;
        let id = self.last_id;
        let deadline_ms = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        let mut blob = BytesMut::new();
        let mut attachments = Vec::new();
        for attached in &job.attachments {
            let bytes = u32::try_from(attached.bytes.len()).unwrap_or(u32::MAX);
            attachments.push(Attachment { blob: attached.blob.clone(), bytes });
            blob.extend_from_slice(&attached.bytes);
        }
        let message = ToChild::Request {
            id,
            name: job.call.name.to_owned(),
            deadline_ms,
            payload: job.payload.clone(),
            attachments,
        };
        let deadline = self.now() + deadline_ms;
        // On its way before anybody is told of it: the client waits for the device, not for the news.
        let broken = self.say(Frame { message, blob: blob.into() });
        self.current = Some(Current { id, job, cancel_told: false, bytes: 0 });
        self.tell(Event::Sent { id, deadline }).await;
        if let Some(broken) = broken {
            self.tell(broken).await;
        }
    }

    /// Why a command need not wait, if it need not.
    fn fails_fast(&self) -> Option<Failure> {
        let detail = || self.view.problem.as_ref().map(|problem| problem.failure.detail.clone());
        let failure =
            |code, usual: &str| Some(Failure::new(code, detail().unwrap_or_else(|| usual.into())).retry(Retry::Safe));
        match self.machine.phase() {
            Phase::Starting { .. } if !self.machine.is_looking() => None,
            Phase::Absent { .. } | Phase::Starting { .. } => {
                failure(ErrorCode::DeviceAbsent, "the device is not connected")
            }
            Phase::Stale => failure(ErrorCode::DeviceSilent, "the device does not answer"),
            Phase::Backoff { .. } => failure(ErrorCode::DriverFault, "the driver failed and is being started again"),
            Phase::Held { .. } => failure(ErrorCode::DriverHeld, "the driver is held"),
            Phase::Ready | Phase::Busy(_) | Phase::Renewing { .. } => None,
            Phase::Stopping { .. } | Phase::Stopped => None,
        }
    }

    fn lost(&self, why: Lost, job: &Job) -> Failure {
        if why == Lost::Driver && job.ticket.is_cancelled() {
            return Failure::new(
                ErrorCode::Cancelled,
                "cancelled; the driver did not give up in time and is started again",
            );
        }
        if why == Lost::Driver && Instant::now() >= job.deadline {
            return Failure::new(ErrorCode::Timeout, "the command's time ran out; its driver is started again");
        }
        let reason = self.view.problem.as_ref().map(|problem| problem.failure.detail.clone());
        match why {
            Lost::Driver => {
                let reason = reason.unwrap_or_else(|| "the driver ended unexpectedly".into());
                Failure::new(ErrorCode::DriverFault, reason)
            }
            Lost::Device => {
                let reason = reason.unwrap_or_else(|| "the device went away".into());
                Failure::new(ErrorCode::DeviceAbsent, reason)
            }
            Lost::Stopping => Failure::new(ErrorCode::ShuttingDown, "the gateway is stopping"),
        }
    }

    /// The child has ended; what it said last is heard first.
    async fn ended(&mut self, meaning: ExitMeaning) {
        if let Some(mut child) = self.child.take() {
            // The pipe ends with the process, unless a grandchild holds it; that one is not waited for.
            let drain = async {
                while let Some(Heard::Frame(frame)) = child.heard.recv().await {
                    self.hear(frame).await;
                }
            };
            let _ = tokio::time::timeout(Duration::from_millis(200), drain).await;
        }
        self.looked_at = false;
        self.live.blank();
        if meaning == ExitMeaning::Fault && self.view.problem.is_none() {
            self.problem(Failure::new(ErrorCode::DriverFault, "the driver ended unexpectedly"));
        }
        if self.machine.is_looking() {
            tracing::debug!(device = %self.unit.device, ?meaning, "a driver ended");
        } else {
            tracing::info!(device = %self.unit.device, ?meaning, "a driver ended");
        }
        self.tell(Event::Exited(meaning)).await;
    }

    async fn broken(&mut self, what: &str) {
        tracing::warn!(device = %self.unit.device, what, "a driver broke its protocol");
        self.problem(Failure::new(ErrorCode::DriverFault, format!("the driver broke its protocol: {what}")));
        if let Some(child) = &mut self.child {
            child.mute = true;
        }
        self.tell(Event::Broken).await;
    }

    fn problem(&mut self, failure: Failure) {
        self.view.problem = Some(ErrorBody::from(failure));
    }

    fn post(&mut self) {
        self.view.state = match self.machine.phase() {
            Phase::Absent { .. } => DeviceState::Absent,
            // A look whether it is back; nothing has changed until it is.
            Phase::Starting { .. } if self.machine.is_looking() => DeviceState::Absent,
            Phase::Starting { .. } | Phase::Renewing { .. } => DeviceState::Starting,
            Phase::Ready => DeviceState::Ready,
            // One of ten pictures in a second: nobody who only looks on is told of each.
            Phase::Busy(_) if self.is_looking_at_pictures() => DeviceState::Ready,
            Phase::Busy(_) => DeviceState::Busy,
            Phase::Stale => DeviceState::Stale,
            Phase::Backoff { .. } => DeviceState::Backoff,
            Phase::Held { .. } => DeviceState::Held,
            Phase::Stopping { .. } | Phase::Stopped => DeviceState::Stopping,
        };
        match self.view.state {
            DeviceState::Ready | DeviceState::Busy if !self.machine.is_killing() => self.view.problem = None,
            // What is not connected has no state that could be known.
            DeviceState::Absent | DeviceState::Stale | DeviceState::Backoff | DeviceState::Held => {
                self.view.facts.forget_status();
            }
            DeviceState::Ready | DeviceState::Busy | DeviceState::Starting | DeviceState::Stopping => {}
        }
        self.board.post(self.view.clone());
    }
}

/// Answers a job. If nobody listens any more there is nobody to tell.
async fn finish(job: &Job, result: Result<Value, Failure>) {
    let _ = job.progress.send(Progress::Done(result)).await;
}

/// A sign of life, or of the end, of a child.
enum Sign {
    Heard(Heard),
    /// It has closed its stdout.
    Mute,
    Ended(ExitMeaning),
}

async fn sign(child: Option<&mut Running>) -> Sign {
    let Some(child) = child else { return std::future::pending().await };
    tokio::select! {
        heard = child.heard.recv(), if !child.mute => heard.map_or(Sign::Mute, Sign::Heard),
        // The watcher always tells; if it could not, the child counts as crashed.
        meaning = &mut child.ended => Sign::Ended(meaning.unwrap_or(ExitMeaning::Fault)),
    }
}

async fn cancelled(ticket: Option<&super::Ticket>) {
    match ticket {
        Some(ticket) => ticket.cancelled().await,
        None => std::future::pending().await,
    }
}

async fn until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}
