//! Idempotency keys: a command with a key is done once, and its result is given again to whoever sends the same key,
//! even from another session after a reload. Pure but for the channel that the result waits in.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use kiosk_protocol::error::Failure;
use serde_json::Value;
use tokio::sync::watch;

/// How long a result is kept.
const KEPT: Duration = Duration::from_secs(600);
/// Most keys.
const KEYS_MAX: usize = 4_096;

/// The result of a command; `None` while it runs.
pub(super) type Result = Option<std::result::Result<Value, Failure>>;

/// What a key means.
#[derive(Debug)]
pub(super) enum Entry {
    /// A new command: do it, and put the result in here. Dropped without a result, the key is free again.
    New(watch::Sender<Result>),
    /// The same command was sent before; its result is, or will be, here.
    Again(watch::Receiver<Result>),
    /// The key was used for another command.
    Clash,
    /// Too many keys.
    Full,
}

struct Kept {
    fingerprint: u64,
    result: watch::Receiver<Result>,
    since: Instant,
}

/// All keys.
#[derive(Default)]
pub(super) struct Keys(HashMap<String, Kept>);

impl Keys {
    /// The result of the same command, if it was sent with this key before.
    pub(super) fn again(&self, key: &str, fingerprint: u64) -> Option<watch::Receiver<Result>> {
        let kept = self.0.get(key).filter(|kept| !kept.abandoned() && kept.fingerprint == fingerprint)?;
        Some(kept.result.clone())
    }

    /// Looks a key up, or takes it.
    pub(super) fn enter(&mut self, key: &str, fingerprint: u64, now: Instant) -> Entry {
        if let Some(kept) = self.0.get(key).filter(|kept| !kept.abandoned()) {
            return if kept.fingerprint == fingerprint { Entry::Again(kept.result.clone()) } else { Entry::Clash };
        }
        if self.0.len() >= KEYS_MAX {
            return Entry::Full;
        }
        let (sender, result) = watch::channel(None);
        self.0.insert(key.to_owned(), Kept { fingerprint, result, since: now });
        Entry::New(sender)
    }

    /// Forgets old results.
    pub(super) fn expire(&mut self, now: Instant) {
        self.0.retain(|_, kept| {
            let running = kept.result.borrow().is_none() && !kept.abandoned();
            running || (now.duration_since(kept.since) < KEPT && !kept.abandoned())
        });
    }
}

impl Kept {
    /// The command was refused before it began: there is no result and will be none.
    fn abandoned(&self) -> bool {
        self.result.borrow().is_none() && self.result.has_changed().is_err()
    }
}
