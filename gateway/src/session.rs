//! Who is connected and what they may do: sessions that outlive a broken connection, numbered messages, leases, queues,
//! idempotency keys, cancel. What is not here: HTTP, WebSocket and pages ([`crate::api`]).

mod ask;
mod commands;
mod consent;
mod evidence;
mod faces;
mod follow;
mod keys;
mod leases;
mod life;
mod outbox;
mod pictures;
mod print;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kiosk_protocol::PROTOCOL_VERSION;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::calls::Call;
use kiosk_protocol::device::DeviceId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::session::{Hello, Limits, Program, SessionId, SessionToken, Welcome};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::devices::Devices;
use crate::metrics::Metrics;
use crate::store::blobs::{Blobs, Reader, Writer};
use crate::supervisor::{Job, Ticket};
use keys::Keys;
use leases::Leases;

pub use life::{Connection, Session};
pub use outbox::Gap;

/// Longest message from a client, bytes.
pub const MESSAGE_MAX: usize = 64 * 1024;
/// Most commands in flight in one session.
const IN_FLIGHT_MAX: usize = 8;
/// How long leases survive a broken connection.
const LEASE_GRACE: Duration = Duration::from_secs(10);
/// Most sessions, connected or waiting for their client.
const SESSIONS_MAX: usize = 256;
/// A device has this long to undo what an ended session had it do.
const UNDONE_WITHIN: Duration = Duration::from_secs(10);
/// How often time limits are looked at.
const SWEEP_EVERY: Duration = Duration::from_millis(250);

/// All sessions, and what they share. Clones share it.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    devices: Devices,
    blobs: Blobs,
    metrics: Metrics,
    sessions: Mutex<HashMap<SessionToken, Arc<Session>>>,
    leases: Mutex<Leases>,
    /// Wakes those who wait for a lease.
    lease_freed: Notify,
    keys: Mutex<Keys>,
    stopping: CancellationToken,
    in_flight: watch::Sender<usize>,
    /// This run of the gateway.
    instance: String,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// No sessions yet. Its sweeper runs until [`Hub::stop`].
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn new(devices: Devices, blobs: Blobs, metrics: Metrics) -> Result<Self, Failure> {
        let hub = Self(Arc::new(Shared {
            devices,
            blobs,
            metrics,
            sessions: Mutex::default(),
            leases: Mutex::default(),
            lease_freed: Notify::new(),
            keys: Mutex::default(),
            stopping: CancellationToken::new(),
            in_flight: watch::Sender::new(0),
            instance: random_hex::<6>()?,
        }));
        tokio::spawn(hub.clone().sweep());
        Ok(hub)
    }

    /// The devices.
    pub fn devices(&self) -> &Devices {
        &self.0.devices
    }

    /// The blobs.
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Comes when the gateway is stopping.
    pub async fn stopping(&self) {
        self.0.stopping.cancelled().await;
    }

    /// The first message of a connection: begins a session, or goes on with one.
    ///
    /// # Errors
    /// `invalid_request` if no version fits, `busy` if there are too many sessions, `shutting_down`.
    pub fn hello(&self, hello: &Hello) -> Result<(Connection, Welcome), Failure> {
        if self.0.stopping.is_cancelled() {
            return Err(Failure::new(ErrorCode::ShuttingDown, "the gateway is stopping"));
        }
        if !(hello.versions.min..=hello.versions.max).contains(&PROTOCOL_VERSION) {
            return Err(Failure::invalid(
                "payload.versions",
                format!("this gateway speaks version {PROTOCOL_VERSION} of the protocol"),
            ));
        }
        for (field, text) in [("name", &hello.client.name), ("version", &hello.client.version)] {
            if text.is_empty() || text.chars().count() > 64 || text.chars().any(char::is_control) {
                return Err(Failure::invalid(format!("payload.client.{field}"), "use 1 to 64 printable characters"));
            }
        }
        let resumed = hello.resume.as_ref().and_then(|resume| {
            let session = lock(&self.0.sessions).get(&resume.token).cloned()?;
            session.has_all_after(resume.cursor).then_some((session, resume.cursor))
        });
        let (session, cursor, is_resumed) = match resumed {
            Some((session, cursor)) => (session, cursor, true),
            None => (self.begin()?, 0, false),
        };
        let connection = session.attach(cursor);
        tracing::info!(
            session = %session.id,
            client = %hello.client.name,
            version = %hello.client.version,
            resumed = is_resumed,
            "a client is here"
        );
        let devices = self.0.devices.watch().borrow().devices.values().map(|device| (**device).clone()).collect();
        let welcome = Welcome {
            version: PROTOCOL_VERSION,
            gateway: Program { name: "kiosk-gateway".into(), version: env!("CARGO_PKG_VERSION").into() },
            instance: self.0.instance.clone(),
            session: session.id.clone(),
            token: session.token.clone(),
            resumed: is_resumed,
            cursor,
            devices,
            limits: Limits {
                message_bytes: u32::try_from(MESSAGE_MAX).unwrap_or(u32::MAX),
                in_flight: u16::try_from(IN_FLIGHT_MAX).unwrap_or(u16::MAX),
                resume_window_ms: u32::try_from(outbox::WINDOW.as_millis()).unwrap_or(u32::MAX),
                lease_grace_ms: u32::try_from(LEASE_GRACE.as_millis()).unwrap_or(u32::MAX),
            },
        };
        Ok((connection, welcome))
    }

    /// A blob of the session that this token belongs to.
    pub fn open_blob(&self, token: &SessionToken, blob: &BlobId) -> Option<Reader> {
        let session = lock(&self.0.sessions).get(token).cloned()?;
        self.0.blobs.open(blob, &session.id)
    }

    /// Refuses new commands, tells the clients, and waits until no command runs or `deadline` has passed; those that run
    /// even then are given up and have `give_up` to say so.
    pub async fn stop(&self, deadline: Duration, give_up: Duration) {
        self.0.stopping.cancel();
        let sessions: Vec<_> = lock(&self.0.sessions).values().cloned().collect();
        for session in &sessions {
            session.notice("gateway.stopping", serde_json::json!({}));
        }
        let mut in_flight = self.0.in_flight.subscribe();
        if tokio::time::timeout(deadline, in_flight.wait_for(|running| *running == 0)).await.is_err() {
            // The time is up. What still runs is given up, and its client is told before its session ends.
            for session in &sessions {
                session.cancel_all();
            }
            // A driver that does not give up is killed, which is an end, too.
            let _ = tokio::time::timeout(give_up, in_flight.wait_for(|running| *running == 0)).await;
        }
        for session in sessions {
            self.end(&session);
        }
    }

    fn begin(&self) -> Result<Arc<Session>, Failure> {
        let (id, token) = (SessionId(random_hex::<6>()?), SessionToken(random_hex::<24>()?));
        let session = Arc::new(Session::new(id.clone(), token.clone()));
        {
            let mut sessions = lock(&self.0.sessions);
            if sessions.len() >= SESSIONS_MAX {
                return Err(Failure::new(ErrorCode::Busy, format!("there are {SESSIONS_MAX} sessions already")));
            }
            sessions.insert(token, Arc::clone(&session));
        }
        self.0.blobs.admit(id);
        self.0.metrics.sessions.inc();
        tokio::spawn(life::pump(Arc::clone(&session), self.0.devices.watch()));
        Ok(session)
    }

    /// Ends a session: commands cancelled, leases free, blobs gone, the children that saw its pages or card replaced.
    fn end(&self, session: &Session) {
        if lock(&self.0.sessions).remove(&session.token).is_none() {
            return;
        }
        self.0.metrics.sessions.dec();
        session.end();
        self.free_leases(session);
        self.0.blobs.wipe(&session.id);
        for (device, call) in std::mem::take(&mut *lock(&session.undo)) {
            self.undo(&device, call);
        }
        for worker in std::mem::take(&mut *lock(&session.workers)) {
            self.0.devices.renew(&worker);
        }
        tracing::info!(session = %session.id, "a session ended");
    }

    /// Calls a device without anybody who waits for the answer.
    fn undo(&self, device: &DeviceId, call: &'static str) {
        let job = Job {
            call: Call::find(call).expect("a call's undo is in the table"),
            payload: serde_json::json!({}),
            attachments: Vec::new(),
            deadline: tokio::time::Instant::now() + UNDONE_WITHIN,
            ticket: Ticket::default(),
            progress: mpsc::channel(1).0,
        };
        if let Err(failure) = self.0.devices.submit(device, job) {
            tracing::warn!(%device, call, error = %failure, "the end of a session could not be told to a device");
        }
    }

    /// The device is one session's alone now: others see it no more.
    fn blind_others(&self, device: &DeviceId, owner: &SessionId) {
        let sessions: Vec<_> = lock(&self.0.sessions).values().cloned().collect();
        for session in sessions.iter().filter(|session| session.id != *owner) {
            session.pictures.stop(device);
        }
    }

    /// Begins a blob that a client sends.
    ///
    /// # Errors
    /// `not_permitted` if the token is of no session.
    pub fn create_blob(&self, token: &SessionToken, media_type: &str) -> Result<Writer, Failure> {
        let session = lock(&self.0.sessions).get(token).cloned();
        let session =
            session.ok_or_else(|| Failure::new(ErrorCode::NotPermitted, "there is no session with this token"))?;
        self.0.blobs.create(session.id.clone(), media_type)
    }

    /// Throws a blob away before its session ends; `false` if the session has none of this name.
    pub fn drop_blob(&self, token: &SessionToken, blob: &BlobId) -> bool {
        let session = lock(&self.0.sessions).get(token).cloned();
        session.is_some_and(|session| self.0.blobs.discard(blob, &session.id))
    }

    /// Gives a session's leases to those who wait for them, and tells it.
    fn free_leases(&self, session: &Session) {
        let had = lock(&self.0.leases).release_all(&session.id);
        for device in &had {
            session.lease_lost(device.clone());
        }
        if !had.is_empty() {
            self.0.lease_freed.notify_waiters();
        }
    }

    /// Keeps the time limits: leases, sessions whose client is away, old messages, old keys.
    async fn sweep(self) {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.0.stopping.cancelled() => return,
            }
            let now = Instant::now();
            let sessions: Vec<_> = lock(&self.0.sessions).values().cloned().collect();
            let over = lock(&self.0.leases).expire(now);
            if !over.is_empty() {
                self.0.lease_freed.notify_waiters();
            }
            for (device, owner) in over {
                if let Some(session) = sessions.iter().find(|session| session.id == owner) {
                    session.lease_lost(device);
                }
            }
            for session in sessions {
                session.trim(now);
                match session.away_for(now) {
                    Some(_) if session.is_blank() => self.end(&session),
                    Some(away) if away > outbox::WINDOW => self.end(&session),
                    Some(away) if away > LEASE_GRACE => self.free_leases(&session),
                    _ => {}
                }
            }
            lock(&self.0.keys).expire(now);
        }
    }
}

/// `N` random bytes as hexadecimal digits.
fn random_hex<const N: usize>() -> Result<String, Failure> {
    let mut random = [0; N];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::new(ErrorCode::Internal, format!("the system gives no randomness: {error}")))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A refusal as a message.
pub fn refusal(seq: Option<u64>, id: Option<u64>, failure: Failure) -> ServerMessage {
    ServerMessage::Acknowledge { seq, id, queued: None, error: Some(failure.into()) }
}
