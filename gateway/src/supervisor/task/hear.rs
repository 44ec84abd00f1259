//! What a child says, believed only where it fits: the right message at the right time, in the shape that its call has,
//! not too much of it.

use std::time::{Duration, Instant};

use kiosk_protocol::device::Identity;
use kiosk_protocol::error::{ErrorCode, Failure, Retry};
use kiosk_protocol::seam::{Frame, FromChild, Outcome, SEAM_VERSION};
use serde_json::Value;

use super::super::job::{Progress, perhaps_done};
use super::super::{Event, Phase};
use super::{Task, finish};

/// Most messages in one second that nobody asked for.
const MESSAGES_PER_SECOND: u32 = 500;
/// Most bytes of blobs that one request may make: some fifty colour pages.
const REQUEST_BYTES: u64 = 512 << 20;

/// Longest text of a child that is passed on, characters.
const TEXT_MAX: usize = 1_000;

/// Counts a child's messages, second by second.
#[derive(Default)]
pub(super) struct Gauge {
    second: Option<Instant>,
    count: u32,
}

impl Gauge {
    fn too_many(&mut self) -> bool {
        let now = Instant::now();
        if self.second.is_none_or(|second| now.duration_since(second) >= Duration::from_secs(1)) {
            (self.second, self.count) = (Some(now), 0);
        }
        self.count += 1;
        self.count > MESSAGES_PER_SECOND
    }
}

impl Task {
    pub(super) async fn hear(&mut self, frame: Frame<FromChild>) {
        if !self.was_asked_for(&frame.message) && self.child.as_mut().is_some_and(|child| child.gauge.too_many()) {
            return self.broken(&format!("more than {MESSAGES_PER_SECOND} messages in a second")).await;
        }
        match frame.message {
            FromChild::Hello { protocol, driver, version, kind } => {
                if protocol != SEAM_VERSION || driver != self.unit.driver || kind != self.unit.kind {
                    let detail = format!(
                        "the program `{}` is driver `{driver}` {version} for {kind:?} with seam version {protocol}; \
                         `{}` for {:?} with version {SEAM_VERSION} was expected: install the driver that belongs to this gateway",
                        self.unit.program.display(),
                        self.unit.driver,
                        self.unit.kind
                    );
                    tracing::error!(device = %self.unit.device, detail, "not the driver that was expected");
                    self.problem(Failure::new(ErrorCode::DriverHeld, detail));
                    return self.tell(Event::Refused).await;
                }
                self.tell(Event::Hello).await;
            }
            FromChild::Ready { identity, capabilities } => {
                if let Err(error) = self.view.facts.set_capabilities(capabilities) {
                    return self.broken(&format!("ready.capabilities.{error}")).await;
                }
                self.view.identity = Some(Identity {
                    maker: identity.maker.map(clipped),
                    model: identity.model.map(clipped),
                    serial: identity.serial.map(clipped),
                    firmware: identity.firmware.map(clipped),
                });
                self.tell(Event::Ready).await;
            }
            FromChild::Failed { failure } => {
                let failure = bounded(failure);
                let news = self.view.problem.as_ref().is_none_or(|problem| problem.failure != failure);
                if news {
                    tracing::warn!(device = %self.unit.device, reason = %failure, "a device cannot be used");
                }
                self.problem(failure);
            }
            FromChild::Event { request: None, name, payload } if name == "status" => {
                if !matches!(self.machine.phase(), Phase::Ready | Phase::Busy(_) | Phase::Stale) {
                    return;
                }
                match self.view.facts.set_status(payload) {
                    Ok(()) => self.post(),
                    Err(error) => self.broken(&format!("status.{error}")).await,
                }
            }
            FromChild::Event { request: None, .. } => self.broken("an event that belongs to no request").await,
            FromChild::Event { request: Some(id), name, payload } => self.event(id, &name, payload).await,
            FromChild::Chunk { request, blob, media_type, more } => {
                let Some(current) = self.current.as_mut().filter(|current| current.id == request) else { return };
                current.bytes += frame.blob.len() as u64;
                if current.bytes > REQUEST_BYTES {
                    return self.broken(&format!("more than {} MiB for one request", REQUEST_BYTES >> 20)).await;
                }
                let chunk = Progress::Chunk { blob, media_type, bytes: frame.blob, more };
                let _ = current.job.progress.send(chunk).await;
            }
            FromChild::Picture { number, taken_us } => {
                if !self.unit.kind.has_pictures() {
                    return self.broken("a live picture, which this kind of device does not have").await;
                }
                self.live.show(number, taken_us, frame.blob);
            }
            FromChild::Stale { reason } => {
                self.problem(bounded(Failure::new(ErrorCode::DeviceSilent, reason)));
                self.tell(Event::Stale).await;
            }
            FromChild::Fresh => self.tell(Event::Fresh).await,
            FromChild::Done { id, outcome } => self.done(id, outcome).await,
            FromChild::Pong { seq, device_alive } => self.tell(Event::Pong { seq, alive: device_alive }).await,
        }
    }

    /// An answer, or the bytes of one: as many as there are requests, which the clients decide and not the child.
    fn was_asked_for(&self, message: &FromChild) -> bool {
        let current = self.current.as_ref().map(|current| current.id);
        match message {
            FromChild::Chunk { request: id, .. } | FromChild::Done { id, .. } => current == Some(*id),
            _ => false,
        }
    }

    async fn event(&mut self, id: u64, name: &str, payload: Value) {
        // A late word about a request that is over is dropped.
        let Some(current) = self.current.as_ref().filter(|current| current.id == id) else { return };
        let Some(row) = current.job.call.event(name) else {
            let call = current.job.call.name;
            return self.broken(&format!("the event `{name}`, which {call} does not have")).await;
        };
        if let Err(error) = (row.payload.check_value)(&payload) {
            return self.broken(&format!("{name}.{error}")).await;
        }
        let _ = current.job.progress.send(Progress::Event { name: row.name, payload }).await;
    }

    async fn done(&mut self, id: u64, outcome: Outcome) {
        let Some(current) = self.current.take_if(|current| current.id == id) else {
            return self.tell(Event::Done { id }).await;
        };
        let result = match outcome {
            Outcome::Ok(reply) => match (current.job.call.reply.check_value)(&reply) {
                Ok(()) => Ok(reply),
                Err(error) => {
                    let what = format!("the reply to {}: {error}", current.job.call.name);
                    let failure =
                        Failure::new(ErrorCode::DriverFault, format!("the driver broke its protocol: {what}"));
                    finish(&current.job, Err(perhaps_done(current.job.call, failure))).await;
                    self.tell(Event::Done { id }).await;
                    return self.broken(&what).await;
                }
            },
            Outcome::Error(failure) => {
                let failure = in_time(bounded(failure), current.job.deadline, current.job.ticket.is_cancelled());
                // A driver that does not say what became of it leaves it open.
                Err(if failure.outcome.is_none() { perhaps_done(current.job.call, failure) } else { failure })
            }
        };
        finish(&current.job, result).await;
        self.tell(Event::Done { id }).await;
    }
}

/// What a child says of a failure, not longer than anybody would read: it goes to every client and into the log.
fn bounded(failure: Failure) -> Failure {
    let Failure { code, retry, device_code, outcome, field, detail } = failure;
    Failure {
        code,
        retry,
        device_code: device_code.map(clipped),
        outcome,
        field: field.map(clipped),
        detail: clipped(detail),
    }
}

fn clipped(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A request that the gateway cancelled because its time ran out failed for want of time, not by anybody's wish.
fn in_time(failure: Failure, deadline: tokio::time::Instant, cancelled: bool) -> Failure {
    // The child was told in whole milliseconds, and may answer in the one in which its time runs out.
    let over = tokio::time::Instant::now() + Duration::from_millis(10) >= deadline;
    if failure.code == ErrorCode::Cancelled && !cancelled && over {
        // A driver that does not know what became of it knows better than the clock.
        let open = failure.outcome.is_some() || failure.retry == Retry::Unknown;
        let retry = if open { failure.retry } else { Retry::Safe };
        return Failure { code: ErrorCode::Timeout, retry, detail: "the command's time ran out".into(), ..failure };
    }
    failure
}
