//! One session: its messages, its commands, and the connection it has at the moment.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use kiosk_protocol::device::{DeviceId, DeviceView};
use kiosk_protocol::face::CaptureId;
use kiosk_protocol::message::{CommandId, ServerMessage};
use kiosk_protocol::session::{LeaseLost, SessionId, SessionToken};
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::consent::Consents;
use super::evidence::Evidence;
use super::lock;
use super::outbox::{Gap, Outbox};
use super::pictures::Pictures;
use crate::supervisor::{DevicesView, Ticket};

/// Device notices go out at most so often; what changes in between is told once, as it is then.
const NOTICE_EVERY: Duration = Duration::from_millis(50);
/// Command ids that are remembered after their command is over.
const SEEN_MAX: usize = 1_024;

/// One client's session. It outlives a broken connection.
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Its secret.
    pub token: SessionToken,
    outbox: Mutex<Outbox>,
    /// The number of the newest message; wakes the connection.
    newest: watch::Sender<u64>,
    pub(super) commands: Mutex<Commands>,
    /// The present connection's number, and whether it is still there.
    attached: watch::Sender<Attached>,
    over: CancellationToken,
    /// The children that saw this session's pages or spoke to its card; they are replaced when it ends.
    pub(super) workers: Mutex<BTreeSet<DeviceId>>,
    /// What is to be undone when it ends: the device and the call that does it.
    pub(super) undo: Mutex<BTreeSet<(DeviceId, &'static str)>>,
    pub(super) pictures: Pictures,
    pub(super) consents: Consents,
    /// What was seen in it of pages and person.
    pub(super) evidence: Mutex<Evidence>,
    /// The faces that were captured in it, the newest last.
    pub(super) captures: Mutex<VecDeque<CaptureId>>,
}

#[derive(Clone, Copy, Debug)]
struct Attached {
    number: u64,
    since_away: Option<Instant>,
}

/// The commands of a session.
#[derive(Default)]
pub(super) struct Commands {
    /// Not over yet.
    pub(super) running: HashMap<CommandId, Ticket>,
    /// The ids that were used, with a fingerprint of what they were used for.
    seen: VecDeque<(CommandId, u64)>,
}

impl Commands {
    /// Was this id used, and for what?
    pub(super) fn seen(&self, id: CommandId) -> Option<u64> {
        self.seen.iter().rev().find(|(seen, _)| *seen == id).map(|(_, fingerprint)| *fingerprint)
    }

    /// A refused command's id is free again.
    pub(super) fn forget(&mut self, id: CommandId) {
        self.seen.retain(|(seen, _)| *seen != id);
    }

    /// Notes an id; the oldest is forgotten.
    pub(super) fn note(&mut self, id: CommandId, fingerprint: u64) {
        if self.seen.len() >= SEEN_MAX {
            self.seen.pop_front();
        }
        self.seen.push_back((id, fingerprint));
    }
}

impl Session {
    pub(super) fn new(id: SessionId, token: SessionToken) -> Self {
        Self {
            id,
            token,
            outbox: Mutex::default(),
            newest: watch::Sender::new(0),
            commands: Mutex::default(),
            attached: watch::Sender::new(Attached { number: 0, since_away: None }),
            over: CancellationToken::new(),
            workers: Mutex::default(),
            undo: Mutex::default(),
            pictures: Pictures::default(),
            consents: Consents::default(),
            evidence: Mutex::default(),
            captures: Mutex::default(),
        }
    }

    /// Adds a message for the client.
    pub(super) fn push(&self, make: impl FnOnce(u64) -> ServerMessage) {
        let mut outbox = lock(&self.outbox);
        let newest = outbox.push(Instant::now(), make);
        self.newest.send_replace(newest);
    }

    pub(super) fn notice(&self, name: &str, payload: Value) {
        self.push(|seq| ServerMessage::Notice { seq, name: name.to_owned(), payload });
    }

    pub(super) fn lease_lost(&self, device: DeviceId) {
        self.notice("lease.lost", serde_json::to_value(LeaseLost { device }).expect("a notice is plain data"));
    }

    pub(super) fn has_all_after(&self, cursor: u64) -> bool {
        !self.over.is_cancelled() && lock(&self.outbox).after(cursor).is_ok()
    }

    pub(super) fn trim(&self, now: Instant) {
        lock(&self.outbox).trim(now);
    }

    /// Nothing was ever asked in it: a client that comes back loses nothing by a new one.
    pub(super) fn is_blank(&self) -> bool {
        lock(&self.commands).seen.is_empty()
    }

    /// How long the client has been away; `None` while it is here.
    pub(super) fn away_for(&self, now: Instant) -> Option<Duration> {
        self.attached.borrow().since_away.map(|since| now.saturating_duration_since(since))
    }

    /// Comes when the client is connected.
    pub(super) async fn client_here(&self) {
        // The sender lives in `self`.
        let _ = self.attached.subscribe().wait_for(|attached| attached.since_away.is_none()).await;
    }

    /// Comes when the client is not connected.
    pub(super) async fn client_gone(&self) {
        // The sender lives in `self`.
        let _ = self.attached.subscribe().wait_for(|attached| attached.since_away.is_some()).await;
    }

    /// It is over.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_cancelled()
    }

    /// Comes when the session is over.
    pub(super) async fn over(&self) {
        self.over.cancelled().await;
    }

    /// Takes over from an earlier connection, which is told.
    pub(super) fn attach(self: &Arc<Self>, cursor: u64) -> Connection {
        let mut number = 0;
        self.attached.send_modify(|attached| {
            attached.number += 1;
            attached.since_away = None;
            number = attached.number;
        });
        Connection { attached: self.attached.subscribe(), session: Arc::clone(self), number, cursor }
    }

    /// Cancels the commands and tells the connection.
    pub(super) fn end(&self) {
        self.cancel_all();
        self.over.cancel();
    }

    /// Cancels the commands.
    pub(super) fn cancel_all(&self) {
        for ticket in lock(&self.commands).running.values() {
            ticket.cancel();
        }
    }
}

/// A connection's hold on its session. Dropped, the session waits for its client to come back.
pub struct Connection {
    /// The session.
    pub session: Arc<Session>,
    attached: watch::Receiver<Attached>,
    number: u64,
    cursor: u64,
}

impl Connection {
    /// The messages that this connection has not sent yet.
    ///
    /// # Errors
    /// [`Gap`] if the client was so slow that messages were dropped: the connection must be closed.
    pub fn take(&mut self) -> Result<Vec<Arc<str>>, Gap> {
        let (last, messages) = lock(&self.session.outbox).after(self.cursor)?;
        self.cursor = last;
        Ok(messages)
    }

    /// Comes when there are messages to send.
    pub async fn more(&self) {
        let cursor = self.cursor;
        // The sender lives in the session that this holds.
        let _ = self.session.newest.subscribe().wait_for(|newest| *newest > cursor).await;
    }

    /// Comes when there is a live picture to send.
    pub async fn picture(&self) {
        self.session.pictures.ready().await;
    }

    /// The live pictures to send now, as binary messages.
    pub fn take_pictures(&self) -> Vec<Bytes> {
        self.session.pictures.take()
    }

    /// Comes when the session is over.
    pub async fn over(&self) {
        self.session.over().await;
    }

    /// Comes when another connection has taken the session over.
    pub async fn superseded(&self) {
        let (mut attached, number) = (self.attached.clone(), self.number);
        // The sender lives in the session that this holds.
        let _ = attached.wait_for(|attached| attached.number != number).await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let number = self.number;
        self.session.attached.send_if_modified(|attached| {
            let mine = attached.number == number;
            if mine {
                attached.since_away = Some(Instant::now());
            }
            mine
        });
    }
}

/// Tells a session's client what changes among the devices, while it is there.
///
/// Not an `async fn`: what the client is going to be told first, in its welcome, is newer than what is taken for told
/// here, or the change in between would be told by neither.
pub(super) fn pump(
    session: Arc<Session>,
    mut devices: watch::Receiver<DevicesView>,
) -> impl Future<Output = ()> + Send + 'static {
    let told = devices.borrow_and_update().devices.clone();
    tell(session, devices, told)
}

async fn tell(
    session: Arc<Session>,
    mut devices: watch::Receiver<DevicesView>,
    mut told: BTreeMap<DeviceId, Arc<DeviceView>>,
) {
    let mut attached = session.attached.subscribe();
    let work = async {
        loop {
            if devices.changed().await.is_err() {
                return;
            }
            // A client that is away gets the newest when it is back.
            if attached.wait_for(|attached| attached.since_away.is_none()).await.is_err() {
                return;
            }
            let view = devices.borrow_and_update().devices.clone();
            for (device, now) in &view {
                if told.get(device).is_none_or(|before| **before != **now) {
                    session.notice("device.changed", serde_json::to_value(&**now).expect("a view is plain data"));
                }
            }
            told = view;
            tokio::time::sleep(NOTICE_EVERY).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = session.over.cancelled() => {}
    }
}
