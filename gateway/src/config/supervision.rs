//! `[supervision]`: how patient the gateway is with its drivers. What happens when its patience is over is in
//! [`crate::supervisor`].

use kiosk_protocol::seam::{CANCEL_WITHIN_MS, HELLO_WITHIN_MS, PONG_WITHIN_MS, READY_WITHIN_MS};
use serde::Deserialize;

/// The most patience that makes sense, milliseconds: longer than this nobody waits at a kiosk.
const MOST_MS: u64 = 300_000;

/// `[supervision]`: a driver that takes longer is killed and started again. Slow hardware needs more than the defaults,
/// which are what the seam asks of every driver; less than those is refused, because drivers are written to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Supervision {
    /// From its start to its hello, milliseconds.
    pub hello_ms: u64,
    /// From its hello to the device being ready, milliseconds.
    pub ready_ms: u64,
    /// From a ping to its answer, milliseconds.
    pub heartbeat_ms: u64,
    /// From a cancel, or the end of a request's time, to the request's end, milliseconds.
    pub cancel_ms: u64,
}

impl Default for Supervision {
    fn default() -> Self {
        Self {
            hello_ms: HELLO_WITHIN_MS,
            ready_ms: READY_WITHIN_MS,
            heartbeat_ms: PONG_WITHIN_MS,
            cancel_ms: CANCEL_WITHIN_MS,
        }
    }
}

impl Supervision {
    /// The first setting that is out of its range: its name, and what is wrong with it.
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let least = Self::default();
        for (name, value, least) in [
            ("hello_ms", self.hello_ms, least.hello_ms),
            ("ready_ms", self.ready_ms, least.ready_ms),
            ("heartbeat_ms", self.heartbeat_ms, least.heartbeat_ms),
            ("cancel_ms", self.cancel_ms, least.cancel_ms),
        ] {
            if !(least..=MOST_MS).contains(&value) {
                return Err((name.into(), format!("supervision.{name} is {value}; use {least} to {MOST_MS}")));
            }
        }
        Ok(())
    }
}
