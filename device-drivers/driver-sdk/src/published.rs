//! The last status that the gateway was told, so that it is told changes only.

use std::sync::{Arc, Mutex, PoisonError};

use kiosk_protocol::device::DeviceKind;
use kiosk_protocol::seam::{Frame, FromChild};

use crate::upstream::Upstream;

/// Shared by the probe between requests and the request that runs.
pub(crate) struct Published<K: DeviceKind> {
    last: Mutex<Option<K::Status>>,
    upstream: Arc<Upstream>,
}

impl<K: DeviceKind> Published<K> {
    pub(crate) fn new(upstream: Arc<Upstream>) -> Self {
        Self { last: Mutex::new(None), upstream }
    }

    /// What was told holds no longer: the next status is told even if it is the same.
    pub(crate) fn forget(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Tells it, if it is news.
    pub(crate) fn publish(&self, status: K::Status) {
        // Held while it is sent, so that two threads cannot tell theirs in another order than they are noted.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref() == Some(&status) {
            return;
        }
        let payload = serde_json::to_value(&status).expect("a status is plain data");
        *last = Some(status);
        self.upstream.send(Frame::bare(FromChild::Event { request: None, name: "status".into(), payload }));
    }
}
