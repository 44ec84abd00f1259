//! Live pictures on their way to the gateway, from a driver's own thread, beside requests.

use std::borrow::Cow;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use kiosk_protocol::pictures::PICTURE_MAX;
use kiosk_protocol::seam::FromChild;

use crate::upstream::Upstream;

/// The way to send live pictures. Clones are the same way.
#[derive(Clone)]
pub struct Pictures {
    wanted: Arc<(Mutex<bool>, Condvar)>,
    upstream: Arc<Upstream>,
}

/// Somebody looks. Whoever shows the pictures drops this when nobody does any more.
pub struct Looking(#[expect(dead_code, reason = "its end is what counts")] Sender<()>);

/// How long it is waited at once for somebody to look; any time would do.
const WAIT: Duration = Duration::from_secs(3600);

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

    /// Calls `begin` each time that somebody begins to look, on a thread of its own, and not again before the [`Looking`]
    /// that it gets was dropped. Ends when `begin` answers that there is nobody left to show pictures.
    ///
    /// # Panics
    /// If the system has no thread left.
    pub fn whenever_wanted(self, mut begin: impl FnMut(Looking) -> bool + Send + 'static) {
        let watch = move || {
            loop {
                if self.wait_wanted(WAIT) {
                    let (looking, over) = channel();
                    if !begin(Looking(looking)) {
                        return;
                    }
                    // Ends with an error when it was dropped.
                    let _ = over.recv();
                }
            }
        };
        std::thread::Builder::new().name("looking".into()).spawn(watch).expect("a process can have three threads");
    }

    /// Sends a picture, if anybody looks: a JPEG or PNG of at most [`PICTURE_MAX`] bytes, or nothing at all for "nothing
    /// to see". Says whether it went out; one that is too long does not.
    ///
    /// `number` counts the pictures, `taken_us` is their time on any clock that only goes forward, microseconds.
    pub fn send(&self, number: u32, taken_us: u64, picture: &[u8]) -> bool {
        let goes = self.wanted() && picture.len() <= PICTURE_MAX as usize;
        if goes {
            self.upstream.send_with(FromChild::Picture { number, taken_us }, Cow::Borrowed(picture));
        }
        goes
    }
}
