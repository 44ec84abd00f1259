//! One scan job: what was asked, where it stands. The transitions are in [`super::state`].

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use super::page::Side;
use super::settings::Settings;

/// A job whose client asks for nothing this long is over, as with real scanners.
pub const JOB_IDLE: Duration = Duration::from_secs(60);

/// `pwg:JobState` (PWG 5108.3, Semantic Model).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum JobState {
    /// Pages are to come.
    Processing,
    /// All pages were fetched.
    Completed,
    /// The client ended it.
    Canceled,
    /// The scanner ended it.
    Aborted,
}

/// A scan job.
#[derive(Debug, Clone)]
pub struct Job {
    /// The last part of its address.
    pub uuid: String,
    /// What was asked.
    pub settings: Settings,
    /// Where it stands.
    pub state: JobState,
    /// `pwg:JobStateReason`
    pub reason: &'static str,
    /// Pages the client has fetched.
    pub images_completed: u32,
    /// Size of the last page, for ScanImageInfo.
    pub last: Option<(u32, u32, u32)>,
    /// When it began.
    pub started: Instant,
    /// When its client last asked for something.
    pub(super) touched: Instant,
    /// A page is on its way.
    pub(super) on_the_wire: bool,
    /// The other side of the sheet that was pulled in last.
    pub(super) back: Option<Side>,
}

impl Job {
    /// A job whose pages are all to come.
    #[must_use]
    pub fn new(uuid: String, settings: Settings, now: Instant) -> Self {
        Self {
            uuid,
            settings,
            state: JobState::Processing,
            reason: "JobScanning",
            images_completed: 0,
            last: None,
            started: now,
            touched: now,
            on_the_wire: false,
            back: None,
        }
    }

    pub(super) fn finish(&mut self, state: JobState, reason: &'static str) {
        self.state = state;
        self.reason = reason;
        self.back = None;
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "uuid": self.uuid, "state": self.state, "reason": self.reason, "settings": self.settings,
            "images_completed": self.images_completed, "on_the_wire": self.on_the_wire,
        })
    }
}
