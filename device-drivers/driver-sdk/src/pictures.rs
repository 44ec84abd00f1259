//! Live pictures on their way to the gateway, from a driver's own thread, beside requests.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use kiosk_protocol::pictures::PICTURE_MAX;
use kiosk_protocol::seam::{Frame, FromChild};

use crate::upstream::Upstream;

/// The way to send live pictures. Clones are the same way.
#[derive(Clone)]
pub struct Pictures {
    wanted: Arc<(Mutex<bool>, Condvar)>,
    upstream: Arc<Upstream>,
}

impl Pictures {
    pub(crate) fn new(upstream: Arc<Upstream>) -> Self {
        Self { wanted: Arc::default(), upstream }
    }

    pub(crate) fn set_wanted(&self, wanted: bool) {
        *self.wanted.0.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
        self.wanted.1.notify_all();
    }

    /// Does anybody look?
    pub fn wanted(&self) -> bool {
        *self.wanted.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody looks, or `limit` is over; says whether somebody does.
    pub fn wait_wanted(&self, limit: Duration) -> bool {
        let wanted = self.wanted.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.wanted.1.wait_timeout_while(wanted, limit, |wanted| !*wanted);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Sends a picture, if anybody looks: a JPEG or PNG of at most [`PICTURE_MAX`] bytes, or nothing at all for "nothing
    /// to see". Says whether it went out; one that is too long does not.
    ///
    /// `number` counts the pictures, `taken_us` is their time on any clock that only goes forward, microseconds.
    pub fn send(&self, number: u32, taken_us: u64, picture: &[u8]) -> bool {
        let goes = self.wanted() && picture.len() <= PICTURE_MAX as usize;
        if goes {
            self.upstream.send(Frame { message: FromChild::Picture { number, taken_us }, blob: picture.to_vec() });
        }
        goes
    }
}
