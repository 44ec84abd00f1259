//! What a driver has at hand while it works on one request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::device::DeviceKind;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{CHUNK_MAX, Frame, FromChild, Outcome};
use serde_json::Value;

use crate::cancel::CancelSignal;
use crate::link::Until;
use crate::published::Published;
use crate::upstream::Upstream;
use crate::vitals::Vitals;

/// One request's deadline, cancel, attachments, and the way to say something before the answer.
pub struct Cx<K: DeviceKind> {
    pub(crate) request: u64,
    pub(crate) deadline: Instant,
    pub(crate) cancel: CancelSignal,
    pub(crate) attachments: BTreeMap<BlobId, Vec<u8>>,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) published: Arc<Published<K>>,
    pub(crate) vitals: Arc<Vitals>,
    /// The request has its answer.
    pub(crate) answered: Arc<Mutex<bool>>,
    pub(crate) blobs: u32,
}

impl<K: DeviceKind> Cx<K> {
    /// The answer must be there by then.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Time left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Was the request cancelled, or the process told to stop?
    pub fn cancelled(&self) -> bool {
        self.cancel.is_set()
    }

    /// The signal itself, for code that wants to be woken.
    pub fn cancel_signal(&self) -> CancelSignal {
        self.cancel.clone()
    }

    /// Deadline and cancel together, as links want them.
    pub fn until(&self) -> Until {
        Until { deadline: self.deadline, cancel: Some(self.cancel.clone()) }
    }

    /// For work that nothing can interrupt: from now on a cancel, with which the gateway also tells that the time is over,
    /// is answered at once with what `failure` says. It runs on the thread that hears of the cancel. What the request
    /// itself is answered with is then thrown away, and a driver that does not come back from it soon is started anew.
    pub fn answer_cancel_with(&self, failure: impl FnOnce() -> Failure + Send + 'static) {
        let (id, answered) = (self.request, Arc::clone(&self.answered));
        let (upstream, vitals) = (Arc::clone(&self.upstream), Arc::clone(&self.vitals));
        self.cancel.on_set(move || {
            let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
            if !std::mem::replace(&mut *answered, true) {
                vitals.working(Instant::now());
                upstream.send(Frame::bare(FromChild::Done { id, outcome: Outcome::Error(failure()) }));
            }
        });
    }

    /// A place to stop between two steps.
    ///
    /// # Errors
    /// `cancelled` or `timeout`.
    pub fn check(&self) -> Result<(), Failure> {
        if self.cancelled() {
            return Err(Failure::new(ErrorCode::Cancelled, "the request was cancelled"));
        }
        if Instant::now() >= self.deadline {
            return Err(Failure::new(ErrorCode::Timeout, "the request's time ran out"));
        }
        Ok(())
    }

    /// The bytes of a blob that the request names.
    ///
    /// # Errors
    /// `not_found` if the gateway did not send it along.
    pub fn attachment(&self, blob: &BlobId) -> Result<&[u8], Failure> {
        self.attachments
            .get(blob)
            .map(Vec::as_slice)
            .ok_or_else(|| Failure::new(ErrorCode::NotFound, "the request names a blob that did not come with it"))
    }

    /// Says something before the answer.
    pub fn emit(&mut self, event: K::Event) {
        let value = serde_json::to_value(event).expect("events are plain data");
        let (name, payload) = split_tagged(value);
        self.upstream.send(Frame::bare(FromChild::Event { request: Some(self.request), name, payload }));
    }

    /// Tells how the device is now, if that is news: a client sees it while the request still runs. After the request
    /// the status comes from [`Driver::idle`](crate::Driver::idle) again.
    pub fn publish(&self, status: K::Status) {
        self.published.publish(status);
    }

    /// Begins a blob: the gateway has its bytes as they are written.
    pub fn blob(&mut self, media_type: &str) -> BlobWriter {
        self.blobs += 1;
        BlobWriter {
            request: self.request,
            id: BlobId(self.blobs.to_string()),
            media_type: media_type.to_owned(),
            written: 0,
            upstream: Arc::clone(&self.upstream),
        }
    }
}

/// Takes `{"name": …, "payload": …}` apart, the form in which all event enums serialise.
fn split_tagged(value: Value) -> (String, Value) {
    let Value::Object(mut fields) = value else { unreachable!("event enums are tagged with name and payload") };
    let name = fields.remove("name").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    (name, fields.remove("payload").unwrap_or_default())
}

/// A blob on its way to the gateway.
pub struct BlobWriter {
    request: u64,
    id: BlobId,
    media_type: String,
    written: u64,
    upstream: Arc<Upstream>,
}

impl BlobWriter {
    /// Its name, for the events and the reply. The gateway puts its own id in the place of it.
    pub fn id(&self) -> BlobId {
        self.id.clone()
    }

    /// Its length so far, bytes.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Passes bytes on, unchanged.
    pub fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(CHUNK_MAX as usize) {
            self.written += chunk.len() as u64;
            self.send(chunk.to_vec(), true);
        }
    }

    /// Ends it. A blob that is not finished when the request ends is thrown away by the gateway.
    pub fn finish(self) -> u64 {
        self.send(Vec::new(), false);
        self.written
    }

    fn send(&self, blob: Vec<u8>, more: bool) {
        let message = FromChild::Chunk {
            request: self.request,
            blob: self.id.clone(),
            media_type: self.media_type.clone(),
            more,
        };
        self.upstream.send(Frame { message, blob });
    }
}
