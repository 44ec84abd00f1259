//! `ScannerStatus` ("Scanner Status"): how the scanner, its feeder and its jobs are.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::scanner::{AdfState, ScannerActivity, ScannerStatus};

use super::xml::Element;
use super::{STATUS, WireError, shown};

/// What the scanner said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// What it is doing.
    pub(crate) activity: ScannerActivity,
    /// How its feeder is, if it has one and tells.
    pub(crate) adf: Option<Feeder>,
    jobs: Vec<Job>,
}

/// The feeder's state and the scanner's own word for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feeder {
    pub(crate) state: AdfState,
    pub(crate) word: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Job {
    uri: String,
    state: String,
    reasons: Vec<String>,
}

impl Status {
    /// Reads the document.
    ///
    /// # Errors
    /// If it is not such a document, or its state is none that eSCL knows.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        let root = Element::parse(bytes, STATUS)?;
        let activity = match root.text_of("State").ok_or(WireError::Missing("State"))? {
            "Idle" => ScannerActivity::Idle,
            "Processing" | "Testing" => ScannerActivity::Scanning,
            "Stopped" | "Down" => ScannerActivity::Stopped,
            other => return Err(WireError::Value { field: "State", value: shown(other) }),
        };
        let jobs = root.all("Jobs").flat_map(|jobs| jobs.all("JobInfo")).filter_map(Job::read).collect();
        Ok(Self { activity, adf: root.text_of("AdfState").map(Feeder::of), jobs })
    }

    /// A scanner that is too busy even to say how it is.
    pub(crate) fn too_busy_to_tell() -> Self {
        Self { activity: ScannerActivity::Scanning, adf: None, jobs: Vec::new() }
    }

    /// The same for the gateway.
    pub(crate) fn told(&self) -> ScannerStatus {
        ScannerStatus { activity: self.activity, adf: self.adf.as_ref().map(|feeder| feeder.state) }
    }

    /// If the scanner ended this job before its time: what it says about that.
    pub(crate) fn broken_off(&self, job_path: &str) -> Option<String> {
        let job = self.jobs.iter().find(|job| job.uri.ends_with(job_path))?;
        matches!(job.state.as_str(), "Aborted" | "Canceled")
            .then(|| if job.reasons.is_empty() { job.state.clone() } else { job.reasons.join(", ") })
    }
}

impl Feeder {
    fn of(word: &str) -> Self {
        let state = match word {
            "ScannerAdfLoaded" | "ScannerAdfProcessing" => AdfState::Loaded,
            "ScannerAdfEmpty" => AdfState::Empty,
            "ScannerAdfJam" => AdfState::Jam,
            // `DoorOpen` is no word of the specification, but some scanners say it.
            "ScannerAdfHatchOpen" | "ScannerAdfDoorOpen" => AdfState::CoverOpen,
            // Mispick, multipick, page too long or short, tray failed or overloaded, and what may be added to them.
            _ => AdfState::Fault,
        };
        Self { state, word: shown(word) }
    }
}

impl Job {
    fn read(info: &Element) -> Option<Self> {
        let reasons = info.all("JobStateReasons").flat_map(|all| all.all("JobStateReason"));
        Some(Self {
            uri: info.text_of("JobUri")?.trim_end_matches('/').to_owned(),
            state: info.text_of("JobState")?.to_owned(),
            reasons: reasons.map(|reason| shown(&reason.text)).take(4).collect(),
        })
    }
}
