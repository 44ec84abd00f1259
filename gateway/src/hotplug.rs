//! Is something plugged in or pulled out? Listens to udev, or to the kernel itself where no udev runs, and publishes how
//! often something came and went. What came is not published: whoever is interested looks again, since a list of what
//! is there cannot be missed, late or forged. What is not here: the list ([`kiosk_attached`]), and what a device's
//! supervisor does about it ([`crate::supervisor`]).
//!
//! Where the kernel gives no such socket (a container, a sandbox), the supervisors' periodic looks go on alone.

mod message;
mod socket;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use tokio::sync::watch;

use message::Change;
use socket::{Heard, Socket};

/// The log says at most this often that messages were lost or refused.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);
/// After an error of the socket it is opened again, not sooner than this.
const REOPEN_AFTER: Duration = Duration::from_secs(5);

/// How often devices came and went since the gateway started. A device counts several times: itself and each node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Something came.
    pub arrivals: u64,
    /// Something went.
    pub removals: u64,
}

/// What has happened since somebody looked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// Something came.
    pub arrived: bool,
    /// Something went.
    pub removed: bool,
}

/// The sight of plugs; clones look for themselves. It never ends: where nothing can be seen nothing comes.
#[derive(Clone, Debug)]
pub struct Plugs {
    counts: watch::Receiver<Counts>,
    seen: Counts,
}

impl Plugs {
    /// Waits until something came or went since the last call. Safe to drop while it waits.
    pub async fn changed(&mut self) -> News {
        loop {
            let now = *self.counts.borrow_and_update();
            let news =
                News { arrived: now.arrivals != self.seen.arrivals, removed: now.removals != self.seen.removals };
            if news.arrived || news.removed {
                self.seen = now;
                return news;
            }
            if self.counts.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// A sight of nothing, for gateways and tests without real devices.
    pub fn none() -> Self {
        Self { counts: watch::channel(Counts::default()).1, seen: Counts::default() }
    }
}

/// Begins to listen; what happened before is not told, so whoever lists devices lists them afterwards.
pub fn listen() -> Plugs {
    let (publish, counts) = watch::channel(Counts::default());
    match Socket::open() {
        Ok(socket) => {
            tokio::spawn(follow(socket, publish));
        }
        Err(error) => {
            tracing::warn!(%error, "plugging in and pulling out is not told by this system; devices are looked for from time to time");
        }
    }
    Plugs { counts, seen: Counts::default() }
}

/// Until nobody listens any more.
async fn follow(mut socket: Socket, publish: watch::Sender<Counts>) {
    let mut complaints = Complaints::default();
    loop {
        let heard = tokio::select! {
            heard = socket.hear() => heard,
            () = publish.closed() => return,
        };
        let change = match heard {
            Ok(Heard::Message(Ok(change))) => change,
            Ok(Heard::Message(Err(error))) => {
                complaints.about(&error);
                None
            }
            // What was lost may have been anything.
            Ok(Heard::Overflow) => Some(Change::Anything),
            Err(error) => {
                complaints.about(&error);
                tokio::select! {
                    () = tokio::time::sleep(REOPEN_AFTER) => {}
                    () = publish.closed() => return,
                }
                if let Ok(again) = Socket::open() {
                    socket = again;
                }
                Some(Change::Anything)
            }
        };
        if let Some(change) = change {
            tracing::debug!(?change, "something was plugged in or pulled out");
            publish.send_modify(|counts| {
                counts.arrivals += u64::from(change != Change::Removal);
                counts.removals += u64::from(change != Change::Arrival);
            });
        }
    }
}

/// Keeps a sender of nonsense from filling the log.
#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
    since: u64,
}

impl Complaints {
    fn about(&mut self, error: &dyn std::error::Error) {
        self.since += 1;
        if self.last.is_none_or(|last| last.elapsed() >= COMPLAIN_EVERY) {
            tracing::warn!(%error, times = self.since, "a message about plugging cannot be used");
            (self.last, self.since) = (Some(Instant::now()), 0);
        }
    }
}
