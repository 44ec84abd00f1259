//! One request on its way to a device and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::calls::{Answerer, Call, Effect};
use kiosk_protocol::device::Kind;
use kiosk_protocol::error::{Failure, PrintOutcome};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A blob that goes along.
#[derive(Clone, Debug)]
pub struct Attached {
    /// Its name in the request.
    pub blob: BlobId,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What may stand in a device's queue.
pub enum Order {
    /// Do something.
    Job(Job),
    /// Replace the child by a new one, so that what it knows is gone.
    Renew,
}

/// A request in a device's queue.
pub struct Job {
    /// Which call; requests, events and replies are checked against its row.
    pub call: &'static Call,
    /// Its payload, already checked.
    pub payload: Value,
    /// The blobs that it names.
    pub attachments: Vec<Attached>,
    /// It must be answered by then.
    pub deadline: Instant,
    /// Who holds it: the queue, the device, or nobody any more.
    pub ticket: Ticket,
    /// Where events and the answer go. The receiver never waits, so the sender hardly does.
    pub progress: mpsc::Sender<Progress>,
}

/// What comes back.
#[derive(Debug)]
pub enum Progress {
    /// An event of the call.
    Event {
        /// Its name.
        name: &'static str,
        /// Its payload, checked; a field `blob` has the child's name for it.
        payload: Value,
    },
    /// Bytes of a blob that the child makes.
    Chunk {
        /// The child's name for it.
        blob: BlobId,
        /// Its media type.
        media_type: String,
        /// The bytes.
        bytes: Vec<u8>,
        /// More follow.
        more: bool,
    },
    /// The answer; nothing follows.
    Done(Result<Value, Failure>),
}

const QUEUED: u8 = 0;
const RUNNING: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Decides between the queue and a cancel: a job that was withdrawn is never begun, and the other way round.
#[derive(Clone, Debug, Default)]
pub struct Ticket {
    state: Arc<AtomicU8>,
    cancel: CancellationToken,
}

impl Ticket {
    /// Begins the job; `false` if it was withdrawn.
    pub fn begin(&self) -> bool {
        self.state.compare_exchange(QUEUED, RUNNING, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Takes the job back if it has not begun; `true` if so: then nothing was done and nothing more comes.
    pub fn withdraw(&self) -> bool {
        let taken = self.state.compare_exchange(QUEUED, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire);
        taken.is_ok() || taken == Err(WITHDRAWN)
    }

    /// Gives the job up, begun or not.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Comes when the job is given up.
    pub async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// It was given up.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

/// What the signer has begun it ends, in the call's own time: nobody who waits no longer may have it killed over the work of
/// others.
pub fn is_seen_through(call: &Call) -> bool {
    matches!(call.answerer, Answerer::Device(Kind::Signer, _))
}

/// A failure of a job that may or may not have been done: for calls with a side effect nobody can tell.
pub fn perhaps_done(call: &Call, failure: Failure) -> Failure {
    match call.effect {
        Effect::Once => failure.outcome(PrintOutcome::Unknown),
        Effect::Repeatable => failure,
    }
}

/// A failure of a job that was not begun.
pub fn not_done(call: &Call, failure: Failure) -> Failure {
    match call.effect {
        Effect::Once => failure.outcome(PrintOutcome::NotPrinted),
        Effect::Repeatable => failure,
    }
}
