//! What a printer says of a job (RFC 8011, section 5.3).

use super::{Answer, WireError, number, text, texts};

/// `job-state` (section 5.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Held,
    Processing,
    Stopped,
    Canceled,
    Aborted,
    Completed,
}

/// A job as the printer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) state: State,
    /// `job-state-reasons`, `none` left out.
    pub(crate) reasons: Vec<String>,
    /// `job-impressions-completed`, where the printer counts.
    pub(crate) impressions: Option<u32>,
    /// `job-name`, if it tells.
    pub(crate) name: Option<String>,
}

/// What is asked of a job.
pub(crate) const ATTRIBUTES: &[&str] =
    &["job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed"];

/// `job-id` of a new job.
///
/// # Errors
/// If the answer has none.
pub(crate) fn id(answer: &Answer) -> Result<i32, WireError> {
    let id = answer.job().and_then(|job| number(job, "job-id")).filter(|id| *id > 0);
    id.ok_or(WireError::Missing("job-id"))
}

impl Job {
    /// Reads an answer to Get-Job-Attributes.
    ///
    /// # Errors
    /// If its state is missing or none that IPP knows.
    pub(crate) fn read(answer: &Answer) -> Result<Self, WireError> {
        let job = answer.job().ok_or(WireError::Missing("job attributes"))?;
        let state = match number(job, "job-state").ok_or(WireError::Missing("job-state"))? {
            3 => State::Pending,
            4 => State::Held,
            5 => State::Processing,
            6 => State::Stopped,
            7 => State::Canceled,
            8 => State::Aborted,
            9 => State::Completed,
            value => return Err(WireError::Value { field: "job-state", value }),
        };
        let mut reasons = texts(job, "job-state-reasons");
        reasons.retain(|reason| reason != "none");
        let impressions = number(job, "job-impressions-completed").and_then(|count| u32::try_from(count).ok());
        Ok(Self { state, reasons, impressions, name: text(job, "job-name") })
    }

    /// Nothing more will become of it.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Canceled | State::Aborted | State::Completed)
    }

    /// The reasons as one text, for messages.
    pub(crate) fn reasons(&self) -> String {
        if self.reasons.is_empty() { "it gives no reason".into() } else { super::shown(&self.reasons.join(", ")) }
    }

    /// A reason that begins so.
    pub(crate) fn has_reason(&self, beginning: &str) -> bool {
        self.reasons.iter().any(|reason| reason.starts_with(beginning))
    }
}
