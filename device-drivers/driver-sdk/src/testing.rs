//! For the unit tests of drivers: what a request has at hand, without a gateway. The device is a
//! [`Scripted`](crate::link::scripted::Scripted) link, or whatever the test makes up.
//!
//! ```
//! # use kiosk_driver_sdk::protocol::receipt::{PrintProgress, PrinterEvent, ReceiptPrinter};
//! use kiosk_driver_sdk::testing::Bench;
//!
//! let bench = Bench::new();
//! let mut cx = bench.cx::<ReceiptPrinter>();
//! cx.emit(PrinterEvent::Progress(PrintProgress { sent_bytes: 1, total_bytes: 2 })); // the driver, in `handle`
//! assert_eq!(bench.said().events[0].1["sent_bytes"], 1);
//! ```

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::device::DeviceKind;
use kiosk_protocol::error::Failure;
use kiosk_protocol::seam::{FromChild, Outcome};
use serde_json::Value;

use crate::cancel::CancelSignal;
use crate::cx::Cx;
use crate::published::Published;
use crate::upstream::Upstream;
use crate::vitals::Vitals;

/// Where a request is tried out.
pub struct Bench {
    deadline: Instant,
    cancel: CancelSignal,
    attachments: BTreeMap<BlobId, Vec<u8>>,
    upstream: Arc<Upstream>,
}

/// What a driver said before its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Names and payloads of its events, in order.
    pub events: Vec<(String, Value)>,
    /// The device's statuses, in order.
    pub statuses: Vec<Value>,
    /// What a cancel was answered with at once.
    pub given_up: Option<Failure>,
    /// The blobs that it began, by the names that it gave them.
    pub blobs: BTreeMap<BlobId, SaidBlob>,
}

/// A blob of a driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaidBlob {
    /// Its media type.
    pub media_type: String,
    /// Its bytes so far.
    pub bytes: Vec<u8>,
    /// It was ended; one that was not is thrown away by the gateway.
    pub finished: bool,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    /// A request that may take a minute and has no attachments.
    pub fn new() -> Self {
        Self {
            deadline: Instant::now() + Duration::from_secs(60),
            cancel: CancelSignal::new(),
            attachments: BTreeMap::new(),
            upstream: Arc::new(Upstream::kept()),
        }
    }

    /// The same with another time limit from now.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, ..self }
    }

    /// The same with a blob that the request names.
    #[must_use]
    pub fn attach(mut self, blob: BlobId, bytes: impl Into<Vec<u8>>) -> Self {
        self.attachments.insert(blob, bytes.into());
        self
    }

    /// What `Driver::handle` gets.
    pub fn cx<K: DeviceKind>(&self) -> Cx<K> {
        Cx {
            request: 1,
            deadline: self.deadline,
            cancel: self.cancel.clone(),
            attachments: self.attachments.clone(),
            upstream: Arc::clone(&self.upstream),
            published: Arc::new(Published::new(Arc::clone(&self.upstream))),
            vitals: Arc::new(Vitals::new()),
            answered: Arc::default(),
            blobs: 0,
        }
    }

    /// Cancels the request, now or from another thread.
    pub fn cancel_signal(&self) -> CancelSignal {
        self.cancel.clone()
    }

    /// What was said since the last call.
    pub fn said(&self) -> Said {
        let mut said = Said::default();
        for frame in self.upstream.take_kept() {
            match frame.message {
                FromChild::Done { outcome: Outcome::Error(failure), .. } => said.given_up = Some(failure),
                FromChild::Event { request: None, payload, .. } => said.statuses.push(payload),
                FromChild::Event { name, payload, .. } => said.events.push((name, payload)),
                FromChild::Chunk { blob, media_type, more, .. } => {
                    let known = said.blobs.entry(blob).or_default();
                    known.media_type = media_type;
                    known.bytes.extend(frame.blob);
                    known.finished |= !more;
                }
                _ => {}
            }
        }
        said
    }
}
