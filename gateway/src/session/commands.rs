//! From a client's text to a command on its way: every check that can refuse it, in one place and in order.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_protocol::calls::{Access, Answerer, CALLS, Call, Effect};
use kiosk_protocol::device::{DeviceId, Kind};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::message::{self, ClientMessage, Command, ServerMessage, clip};
use kiosk_protocol::pictures::PictureStream;
use kiosk_protocol::seam::ATTACHMENTS_MAX;
use kiosk_protocol::session::AcquireLease;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::evidence::Shows;
use super::follow::{self, Work};
use super::keys::Entry;
use super::{Hub, IN_FLIGHT_MAX, Session, lock, refusal};
use crate::config::nearest;
use crate::supervisor::{Attached, Job, Ticket, not_done};

/// Where the result of a command with a key goes.
type Key = Option<watch::Sender<super::keys::Result>>;

/// Events and chunks that may wait for the follower, which never waits itself.
const PROGRESS_QUEUE: usize = 64;

impl Hub {
    /// Deals with one text message of a session's client. Whatever is wrong with it is answered.
    pub async fn receive(&self, session: &Arc<Session>, text: &str) {
        match ClientMessage::parse(text) {
            Ok(ClientMessage::Command(command)) => self.command(session, command).await,
            Ok(ClientMessage::Cancel(cancel)) => {
                let ticket = lock(&session.commands).running.get(&cancel.id).cloned();
                match ticket {
                    Some(ticket) => ticket.cancel(),
                    // Its completion is on its way: there is nothing to cancel and nothing to complain about.
                    None if lock(&session.commands).seen(cancel.id).is_some() => {}
                    None => {
                        let failure = Failure::new(ErrorCode::NotFound, "there was no command with this id");
                        session.push(|seq| refusal(Some(seq), Some(cancel.id), failure));
                    }
                }
            }
            Err((id, failure)) => session.push(|seq| refusal(Some(seq), id, failure)),
        }
    }

    async fn command(&self, session: &Arc<Session>, command: Command) {
        let id = command.id;
        let fingerprint = fingerprint(&command);
        let seen = lock(&session.commands).seen(id);
        match seen {
            // Sent again after a reconnect: it is under way or over, and its messages come or came.
            Some(before) if before == fingerprint => {
                return session.push(|seq| acknowledge(seq, id, 0));
            }
            Some(_) => {
                let failure = Failure::invalid("id", "this id was used for another command; use each id once");
                return session.push(|seq| refusal(Some(seq), Some(id), failure));
            }
            None => lock(&session.commands).note(id, fingerprint),
        }
        if let Err(failure) = self.begin_command(session, command).await {
            // Nothing was begun: the same number may be tried again.
            lock(&session.commands).forget(id);
            session.push(|seq| refusal(Some(seq), Some(id), failure));
        }
    }

    async fn begin_command(&self, session: &Arc<Session>, command: Command) -> Result<(), Failure> {
        if self.0.stopping.is_cancelled() {
            return Err(Failure::new(ErrorCode::ShuttingDown, "the gateway is stopping"));
        }
        if session.is_over() {
            return Err(Failure::new(ErrorCode::NotPermitted, "the session has ended"));
        }
        let call = find(&command.name)?;
        let payload = command.payload.as_ref().map_or("{}", |payload| payload.get());
        // serde also takes the fields of a struct from an array, in their order; the protocol does not.
        if !payload.starts_with('{') {
            return Err(Failure::invalid("payload", "the payload must be an object"));
        }
        (call.request.check)(payload).map_err(|error| {
            let field = if error.field.is_empty() { "payload".to_owned() } else { format!("payload.{}", error.field) };
            Failure::invalid(field, error.problem)
        })?;
        let timeout = timeout(call, command.timeout_ms)?;
        check_key(call, command.key.as_deref())?;
        session.check_consent(call)?;
        session.check_capture(call, payload)?;
        session.check_pages(call, payload)?;
        let work = Work {
            hub: self.clone(),
            session: Arc::clone(session),
            call,
            id: command.id,
            ticket: Ticket::default(),
            since: Instant::now(),
            deadline: tokio::time::Instant::now() + timeout,
            shows: Shows::of(call, payload),
        };
        // Before anything that could refuse it with "nothing was done": perhaps it was done already.
        let before = command.key.as_deref().and_then(|key| lock(&self.0.keys).again(key, asked(&command)));
        if let Some(result) = before {
            join(work, result);
            return Ok(());
        }
        let running = lock(&session.commands).running.len();
        if running >= IN_FLIGHT_MAX {
            let detail = format!("{IN_FLIGHT_MAX} commands are in flight already");
            return Err(not_done(call, Failure::new(ErrorCode::Busy, detail)));
        }
        match call.answerer {
            Answerer::Gateway if call.name == "session.end" => {
                session.push(|seq| acknowledge(seq, command.id, 0));
                session.push(|seq| completion(seq, command.id, Ok(serde_json::json!({}))));
                self.end(session);
                Ok(())
            }
            Answerer::Gateway if call.name == "consent.record" => {
                if !session.record_consent(payload)? {
                    self.forget_faces(session);
                }
                session.push(|seq| acknowledge(seq, command.id, 0));
                session.push(|seq| completion(seq, command.id, Ok(serde_json::json!({}))));
                Ok(())
            }
            Answerer::Gateway => {
                Err(Failure::invalid("name", format!("{} is the first message of a connection only", call.name)))
            }
            Answerer::GatewayForDevice => match call.name {
                "pictures.start" | "pictures.stop" => self.pictures(&work, command.device.as_ref()),
                "face.capture" | "face.live" => self.look_at_face(work, command.device.as_ref(), payload),
                "case.print" => {
                    if let Some((work, key)) = self.take_key(work, &command)? {
                        self.print_copy(work, command.device.as_ref(), payload, key)?;
                    }
                    Ok(())
                }
                _ => {
                    let device = self.0.devices.find(command.device.as_ref(), None)?;
                    self.lease(work, device, payload)
                }
            },
            Answerer::Device(kind, access) => self.to_device(work, kind, access, &command, payload).await,
        }
    }

    /// Has a child that saw or heard of a person replaced when the session ends, or now if it has ended meanwhile.
    pub(super) fn renew_at_end(&self, session: &Session, device: DeviceId) {
        lock(&session.workers).insert(device.clone());
        if session.is_over() {
            self.0.devices.renew(&device);
        }
    }

    /// Consent was withdrawn: what was seen of the face is forgotten.
    fn forget_faces(&self, session: &Session) {
        let Ok(worker) = self.0.devices.find(None, Some(Kind::FaceMatcher)) else { return };
        if lock(&session.workers).remove(&worker) {
            self.0.devices.renew(&worker);
        }
    }

    fn lease(&self, work: Work, device: DeviceId, payload: &str) -> Result<(), Failure> {
        if work.call.name == "lease.release" {
            let released = lock(&self.0.leases).release(&device, &work.session.id);
            if !released {
                return Err(Failure::new(ErrorCode::NotFound, "this session does not have the device's lease"));
            }
            self.0.lease_freed.notify_waiters();
            work.session.push(|seq| acknowledge(seq, work.id, 0));
            work.session.push(|seq| completion(seq, work.id, Ok(serde_json::json!({}))));
            return Ok(());
        }
        let request: AcquireLease = message::read(payload)
            .map_err(|error| Failure::invalid(format!("payload.{}", error.field), error.problem))?;
        if !(1_000..=900_000).contains(&request.ttl_ms) {
            return Err(Failure::invalid("payload.ttl_ms", "use 1000 to 900000 milliseconds"));
        }
        work.enlist();
        work.session.push(|seq| acknowledge(seq, work.id, 0));
        tokio::spawn(follow::wait_for_lease(work, device, request.ttl_ms));
        Ok(())
    }

    fn pictures(&self, work: &Work, device: Option<&DeviceId>) -> Result<(), Failure> {
        let device = self.0.devices.find_live(device)?;
        let session = &work.session;
        let reply = if work.call.name == "pictures.stop" {
            if !session.pictures.stop(&device) {
                return Err(Failure::new(ErrorCode::NotFound, format!("this session does not look at `{device}`")));
            }
            serde_json::json!({})
        } else {
            self.check_lease(&device, session)?;
            let stream = session.look(device.clone(), self.0.devices.live(&device))?;
            serde_json::to_value(PictureStream { stream }).expect("a stream is plain data")
        };
        session.push(|seq| acknowledge(seq, work.id, 0));
        session.push(|seq| completion(seq, work.id, Ok(reply)));
        Ok(())
    }

    /// Refuses what another session has for itself.
    pub(super) fn check_lease(&self, device: &DeviceId, session: &Session) -> Result<(), Failure> {
        if lock(&self.0.leases).blocks(device, &session.id, Instant::now()) {
            let detail = format!("another session has the lease of `{device}`; ask for it with lease.acquire");
            return Err(Failure::new(ErrorCode::NotPermitted, detail));
        }
        Ok(())
    }

    async fn to_device(
        &self,
        work: Work,
        kind: Kind,
        access: Access,
        command: &Command,
        payload: &str,
    ) -> Result<(), Failure> {
        let call = work.call;
        let device = self.0.devices.find(command.device.as_ref(), Some(kind))?;
        if access == Access::Exclusive {
            self.check_lease(&device, &work.session).map_err(|failure| not_done(call, failure))?;
        }
        let Some((work, key)) = self.take_key(work, command)? else { return Ok(()) };
        let mut attachments = self.attachments(&work.session, call, payload).await.map_err(|failure| {
            let retry = failure.retry;
            not_done(call, failure).retry(retry)
        })?;
        attachments.extend(work.session.testimony(call, payload)?);
        let (progress, answers) = mpsc::channel(PROGRESS_QUEUE);
        let job = Job {
            call,
            payload: serde_json::from_str(payload).unwrap_or_default(),
            attachments,
            deadline: work.deadline,
            ticket: work.ticket.clone(),
            progress,
        };
        // Among the running ones first: a session that ends in this moment cancels it.
        work.enlist();
        let queued = match self.0.devices.submit(&device, job) {
            Ok(queued) => queued,
            Err(failure) => {
                work.delist();
                return Err(failure);
            }
        };
        if let Some(undo) = call.undo {
            lock(&work.session.undo).insert((device.clone(), undo));
        }
        // Nothing of it is there for the next person: neither pages and faces that were seen nor a card that takes its reader
        // for this one's.
        let saw_person = matches!(kind, Kind::DocumentReader | Kind::FaceMatcher);
        if saw_person || matches!(call.name, "card_reader.transmit" | "identity.read") {
            self.renew_at_end(&work.session, device);
        }
        work.session.push(|seq| acknowledge(seq, work.id, queued));
        tokio::spawn(follow::follow(work, answers, key));
        Ok(())
    }

    /// Takes the command's key, if it has one. `None`: the same command was sent before, and its result is waited for.
    fn take_key(&self, work: Work, command: &Command) -> Result<Option<(Work, Key)>, Failure> {
        let Some(key) = &command.key else { return Ok(Some((work, None))) };
        match lock(&self.0.keys).enter(key, asked(command), Instant::now()) {
            Entry::New(sender) => Ok(Some((work, Some(sender)))),
            Entry::Again(result) => {
                join(work, result);
                Ok(None)
            }
            Entry::Clash => Err(Failure::invalid("key", "this key was used for another command")),
            Entry::Full => Err(Failure::new(ErrorCode::Busy, "too many idempotency keys are in use")),
        }
    }

    async fn attachments(&self, session: &Session, call: &Call, payload: &str) -> Result<Vec<Attached>, Failure> {
        let mut attachments: Vec<Attached> = Vec::new();
        let mut left = u64::from(ATTACHMENTS_MAX);
        for blob in (call.attachments)(payload) {
            if attachments.iter().any(|attached| attached.blob == blob) {
                continue;
            }
            let unknown = || Failure {
                field: Some("payload".into()),
                ..Failure::new(ErrorCode::NotFound, format!("this session has no blob `{}`", clip(&blob.0)))
            };
            let reader = self.0.blobs.open(&blob, &session.id).ok_or_else(unknown)?;
            let bytes = reader.all(left).await?;
            left -= bytes.len() as u64;
            attachments.push(Attached { blob, bytes });
        }
        Ok(attachments)
    }
}

fn find(name: &str) -> Result<&'static Call, Failure> {
    Call::find(name).ok_or_else(|| {
        let near = nearest(name, CALLS.iter().map(|call| call.name));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Failure {
            field: Some("name".into()),
            ..Failure::new(ErrorCode::UnknownCall, format!("there is no such call{hint}"))
        }
    })
}

fn timeout(call: &Call, asked: Option<u32>) -> Result<Duration, Failure> {
    match asked {
        Some(ms) if !(100..=600_000).contains(&ms) => {
            Err(Failure::invalid("timeout_ms", "use 100 to 600000 milliseconds"))
        }
        Some(ms) => Ok(Duration::from_millis(ms.into())),
        None => Ok(Duration::from_millis(call.timeout_ms.into())),
    }
}

fn check_key(call: &Call, key: Option<&str>) -> Result<(), Failure> {
    match key {
        Some(_) if call.effect == Effect::Repeatable => {
            Err(Failure::invalid("key", format!("{} has no side effect and takes no key", call.name)))
        }
        Some(key) if !(8..=64).contains(&key.chars().count()) => {
            Err(Failure::invalid("key", "use 8 to 64 random characters"))
        }
        None if call.effect == Effect::Once => Err(Failure::invalid(
            "key",
            format!("{} has a side effect and needs an idempotency key: 8 to 64 random characters", call.name),
        )),
        _ => Ok(()),
    }
}

/// The command was sent before with the same key: its result is, or will be, here.
fn join(work: Work, result: watch::Receiver<super::keys::Result>) {
    work.enlist();
    work.session.push(|seq| acknowledge(seq, work.id, 0));
    tokio::spawn(follow::wait_for_result(work, result));
}

/// What a command is, without its id.
fn fingerprint(command: &Command) -> u64 {
    let mut hasher = DefaultHasher::new();
    (asked(command), &command.key, command.timeout_ms).hash(&mut hasher);
    hasher.finish()
}

/// What a command asks for, whoever asks and under whatever id and key.
fn asked(command: &Command) -> u64 {
    let mut hasher = DefaultHasher::new();
    command.name.hash(&mut hasher);
    command.device.hash(&mut hasher);
    command.payload.as_ref().map(|payload| payload.get()).hash(&mut hasher);
    hasher.finish()
}

pub(super) fn acknowledge(seq: u64, id: u64, queued: u16) -> ServerMessage {
    ServerMessage::Acknowledge { seq: Some(seq), id: Some(id), queued: Some(queued), error: None }
}

pub(super) fn completion(seq: u64, id: u64, result: Result<Value, Failure>) -> ServerMessage {
    let (payload, error) = match result {
        Ok(payload) => (Some(payload), None),
        Err(failure) => (None, Some(failure.into())),
    };
    ServerMessage::Completion { seq: Some(seq), id, payload, error }
}
