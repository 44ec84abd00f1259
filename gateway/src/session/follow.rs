//! A command under way: passes on what its device says, puts its blobs into the store, and completes it exactly once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::calls::{Call, Effect};
use kiosk_protocol::device::DeviceId;
use kiosk_protocol::error::{ErrorCode, Failure, PrintOutcome, Retry};
use kiosk_protocol::message::{CommandId, ServerMessage};
use kiosk_protocol::session::Lease;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::commands::completion;
use super::evidence::Shows;
use super::leases::Answer;
use super::{Hub, Session, keys, lock};
use crate::store::blobs::Writer;
use crate::supervisor::{Progress, Ticket, is_seen_through, not_done, perhaps_done};

/// A command without a side effect that was cancelled is answered after this, whatever its device still does.
const CANCEL_WITHIN: Duration = Duration::from_millis(300);

/// Most blobs that one request may make: both sides of the sheets of a large feeder.
const BLOBS_MAX: usize = 1_000;

/// A command that was taken.
pub(super) struct Work {
    pub(super) hub: Hub,
    pub(super) session: Arc<Session>,
    pub(super) call: &'static Call,
    pub(super) id: CommandId,
    pub(super) ticket: Ticket,
    pub(super) since: Instant,
    pub(super) deadline: tokio::time::Instant,
    /// What it will have shown when it ends well.
    pub(super) shows: Option<Shows>,
}

impl Work {
    /// Counts it among the running ones.
    pub(super) fn enlist(&self) {
        lock(&self.session.commands).running.insert(self.id, self.ticket.clone());
        // The session may have ended in this moment, and cancelled what was running then.
        if self.session.is_over() {
            self.ticket.cancel();
        }
        self.hub.0.in_flight.send_modify(|running| *running += 1);
    }

    /// It was not begun after all.
    pub(super) fn delist(&self) {
        lock(&self.session.commands).running.remove(&self.id);
        self.hub.0.in_flight.send_modify(|running| *running -= 1);
    }

    pub(super) fn complete(self, result: Result<Value, Failure>) {
        let outcome = result.as_ref().map_or_else(|failure| failure.code.as_str(), |_| "ok");
        if let Err(failure) = &result {
            tracing::info!(session = %self.session.id, call = self.call.name, error = %failure, "a command failed");
        }
        self.session.push(|seq| completion(seq, self.id, result));
        self.hub.0.metrics.command(self.call.name, outcome, self.since.elapsed().as_secs_f64());
        self.delist();
    }

    fn withdrawn(&self, code: ErrorCode, detail: &str) -> Failure {
        not_done(self.call, Failure::new(code, detail).retry(Retry::Safe))
    }
}

/// Follows a job until its answer.
pub(super) async fn follow(
    work: Work,
    mut answers: mpsc::Receiver<Progress>,
    key: Option<watch::Sender<keys::Result>>,
) {
    let mut blobs = Blobs::default();
    // The first thing that went wrong on this side of the device; it is what the client is told.
    let mut trouble: Option<Failure> = None;
    let mut watching = true;
    let mut give_up_at = None;
    let result = loop {
        let progress = tokio::select! {
            progress = answers.recv() => progress,
            () = work.ticket.cancelled(), if watching => {
                if work.ticket.withdraw() {
                    break Err(work.withdrawn(ErrorCode::Cancelled, "the command was cancelled before it began"));
                }
                watching = false;
                if is_seen_through(work.call) {
                    // It may have been given up here: for want of room for what it makes, for example.
                    let cancelled = || carried_on(ErrorCode::Cancelled, "the command was cancelled");
                    break Err(trouble.take().unwrap_or_else(cancelled));
                }
                if work.call.effect == Effect::Repeatable {
                    give_up_at = Some(tokio::time::Instant::now() + CANCEL_WITHIN);
                }
                continue;
            }
            () = until(give_up_at) => {
                let failure = trouble.take();
                break Err(failure.unwrap_or_else(|| Failure::new(ErrorCode::Cancelled, "the command was cancelled")));
            }
            () = tokio::time::sleep_until(work.deadline), if watching => {
                if work.ticket.withdraw() {
                    break Err(work.withdrawn(ErrorCode::Timeout, "the command's time ran out while it waited in the queue"));
                }
                // It has begun: the device's own task keeps the deadline from here.
                watching = false;
                if is_seen_through(work.call) {
                    break Err(carried_on(ErrorCode::Timeout, "the command's time ran out"));
                }
                continue;
            }
        };
        match progress {
            Some(Progress::Event { name, mut payload }) => match blobs.rename(&mut payload) {
                Ok(()) => {
                    let id = work.id;
                    if name == "scanner.page" {
                        work.session.remember_page(&payload);
                    }
                    work.session.push(|seq| ServerMessage::Event { seq, id, name: name.to_owned(), payload });
                }
                Err(failure) => give_up(&work, &mut trouble, failure),
            },
            Some(Progress::Chunk { blob, media_type, bytes, more }) => {
                if trouble.is_none()
                    && let Err(failure) = blobs.take(&work, blob, &media_type, bytes, more)
                {
                    give_up(&work, &mut trouble, failure);
                }
            }
            Some(Progress::Done(result)) => {
                break match trouble.take() {
                    // Also where the device is content: what it made did not all arrive.
                    Some(failure) => Err(perhaps_done(work.call, failure)),
                    None => result.and_then(|mut reply| blobs.rename_whole(&mut reply).map(|()| reply)),
                };
            }
            None => {
                let failure = Failure::new(ErrorCode::Internal, "the device's task ended without an answer");
                break Err(perhaps_done(work.call, failure));
            }
        }
    };
    if let (Some(shows), Ok(reply)) = (&work.shows, &result) {
        work.session.remember(shows.clone(), reply);
    }
    // Whoever sends the same key again finds the result. Where nothing was done the key is free again instead.
    let nothing_done = result.as_ref().is_err_and(|failure| failure.outcome == Some(PrintOutcome::NotPrinted));
    if let Some(key) = key.filter(|_| !nothing_done) {
        key.send_replace(Some(result.clone()));
    }
    work.complete(result);
}

/// What the client of a call is told that is seen through without him.
fn carried_on(code: ErrorCode, why: &str) -> Failure {
    let detail = format!("{why}; what was begun is ended all the same: ask how things stand before it is sent again");
    Failure::new(code, detail).retry(Retry::Unknown)
}

async fn until(instant: Option<tokio::time::Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

fn give_up(work: &Work, trouble: &mut Option<Failure>, failure: Failure) {
    trouble.get_or_insert(failure);
    work.ticket.cancel();
}

/// The blobs that a request makes: the child's names for them, and ours.
#[derive(Default)]
struct Blobs {
    growing: HashMap<BlobId, Writer>,
    names: HashMap<String, String>,
}

impl Blobs {
    fn take(&mut self, work: &Work, name: BlobId, media_type: &str, bytes: Vec<u8>, more: bool) -> Result<(), Failure> {
        if !self.growing.contains_key(&name) {
            if self.names.contains_key(&name.0) {
                return Err(Failure::new(ErrorCode::DriverFault, "the driver went on with a blob that it had ended"));
            }
            if self.names.len() >= BLOBS_MAX {
                let detail = format!("the driver made more than {BLOBS_MAX} blobs for one request");
                return Err(Failure::new(ErrorCode::DriverFault, detail));
            }
            let writer = work.hub.0.blobs.create(work.session.id.clone(), media_type)?;
            self.names.insert(name.0.clone(), writer.id().0.clone());
            self.growing.insert(name.clone(), writer);
        }
        if let Some(writer) = self.growing.get(&name) {
            writer.append(bytes)?;
        }
        if !more && let Some(writer) = self.growing.remove(&name) {
            writer.finish();
        }
        Ok(())
    }

    /// The same for a reply, which may name finished blobs only.
    fn rename_whole(&self, reply: &mut Value) -> Result<(), Failure> {
        self.rename(reply)?;
        match self.growing.values().any(|writer| names(reply, &writer.id().0)) {
            true => Err(Failure::new(ErrorCode::DriverFault, "the driver named a blob that it had not finished")),
            false => Ok(()),
        }
    }

    /// Puts our ids in the place of the child's names, in every field `blob`.
    fn rename(&self, value: &mut Value) -> Result<(), Failure> {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(text) if name == "blob" => {
                            let ours = self.names.get(text).ok_or_else(|| {
                                Failure::new(ErrorCode::DriverFault, "the driver named a blob that it had not made")
                            })?;
                            ours.clone_into(text);
                        }
                        other => self.rename(other)?,
                    }
                }
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.rename(item)),
            _ => Ok(()),
        }
    }
}

/// Does a field `blob` of this value have this id?
fn names(value: &Value, id: &str) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(name, field)| (name == "blob" && field.as_str() == Some(id)) || names(field, id))
        }
        Value::Array(items) => items.iter().any(|item| names(item, id)),
        _ => false,
    }
}

/// Waits until the device is the session's.
pub(super) async fn wait_for_lease(work: Work, device: DeviceId, ttl_ms: u32) {
    let ttl = Duration::from_millis(ttl_ms.into());
    let result = loop {
        // Registered before the look, so that a release in between is not missed.
        let mut freed = std::pin::pin!(work.hub.0.lease_freed.notified());
        freed.as_mut().enable();
        let answer = lock(&work.hub.0.leases).acquire(&device, &work.session.id, ttl, Instant::now());
        match answer {
            Answer::Granted => {
                work.hub.blind_others(&device, &work.session.id);
                let lease = Lease { device: device.clone(), ttl_ms };
                break Ok(serde_json::to_value(lease).expect("a lease is plain data"));
            }
            Answer::Full => break Err(Failure::new(ErrorCode::Busy, "too many sessions wait for this device")),
            Answer::Wait => {}
        }
        tokio::select! {
            biased;
            () = work.hub.stopping() => break Err(work.withdrawn(ErrorCode::ShuttingDown, "the gateway is stopping")),
            () = work.ticket.cancelled() => break Err(work.withdrawn(ErrorCode::Cancelled, "the wait for the lease was cancelled")),
            () = tokio::time::sleep_until(work.deadline) => {
                break Err(work.withdrawn(ErrorCode::Timeout, "the lease was not free in time"));
            }
            () = freed => {}
        }
    };
    if work.ticket.is_cancelled() && lock(&work.hub.0.leases).release(&device, &work.session.id) {
        // Granted in the moment in which it was given up, perhaps because the session ended.
        work.hub.0.lease_freed.notify_waiters();
    }
    if result.is_err() {
        lock(&work.hub.0.leases).leave_queue(&device, &work.session.id);
        work.hub.0.lease_freed.notify_waiters();
    }
    work.complete(result);
}

/// Waits for the result of the same command, sent before with the same key.
pub(super) async fn wait_for_result(work: Work, mut result: watch::Receiver<keys::Result>) {
    let found = tokio::select! {
        found = result.wait_for(Option::is_some) => found.ok().and_then(|found| found.clone()),
        () = work.hub.stopping() => Some(Err(Failure::new(ErrorCode::ShuttingDown, "the gateway is stopping").retry(Retry::Unknown))),
        () = work.ticket.cancelled() => Some(Err(Failure::new(ErrorCode::Cancelled, "the wait was cancelled; the command itself goes on").retry(Retry::Unknown))),
        () = tokio::time::sleep_until(work.deadline) => {
            Some(Err(Failure::new(ErrorCode::Timeout, "the command with this key is still running").retry(Retry::Unknown)))
        }
    };
    let found = found.unwrap_or_else(|| {
        Err(work.withdrawn(ErrorCode::Busy, "the command with this key was not begun; send it again"))
    });
    work.complete(found);
}
