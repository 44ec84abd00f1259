//! The scanner's state as a pure structure: tray, glass, jobs, faults, and every transition between them.
//!
//! ```text
//!            start_job            take_page                page_done
//!   Idle ───────────────► Processing ──► page on the wire ──┬─► Processing (feeder has more)
//!                            │  ▲                           ├─► Completed  (glass, or feeder empty)
//!                            │  └───────────────────────────┤
//!      cancel, idle too long ▼                              └─► Aborted    (client gone, jam, no picture)
//!                         Canceled
//! ```

use std::collections::VecDeque;
use std::time::Instant;

use serde::Serialize;
use serde_json::{Value, json};

use super::fault::{Fault, Word};
use super::job::{JOB_IDLE, Job, JobState};
use super::page::{Rendered, Sheet, Side};
use super::settings::{Settings, Source};
use crate::device::Active;

/// Finished jobs that ScannerStatus still lists.
const JOBS_KEPT: usize = 8;

/// `pwg:State` of ScannerStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ScannerState {
    /// Waits for a job.
    Idle,
    /// Has a job, or says so.
    Processing,
    /// Needs a person: jam, open cover.
    Stopped,
}

/// `scan:AdfState` of ScannerStatus (eSCL 2.97, table of AdfState values); ScannerAdfDoorOpen is not in the table, but
/// there are scanners that say it and clients that know only it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are the standard's own values")]
pub enum AdfState {
    ScannerAdfLoaded,
    ScannerAdfEmpty,
    ScannerAdfProcessing,
    ScannerAdfJam,
    ScannerAdfHatchOpen,
    ScannerAdfDoorOpen,
}

/// Why a request got no job or no page; the HTTP status is the server's matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Another job runs, or the scanner says it is busy.
    #[error("the scanner is busy with another job; try again later")]
    Busy,
    /// A person must clear something first.
    #[error("the scanner is stopped: {0:?}")]
    Stopped(AdfState),
    /// The feeder has no paper.
    #[error("the feeder is empty")]
    Empty,
    /// There is no such job, or it is over.
    #[error("there is no such job or it has no more pages")]
    Gone,
}

/// Everything that changes in a scanner.
#[derive(Debug)]
pub struct State {
    /// Faults that are on.
    pub faults: Active<Fault>,
    /// On the glass.
    pub platen: Sheet,
    /// In the feeder.
    pub feeder: VecDeque<Sheet>,
    /// What the feeder gets again when a job has emptied it; empty: nothing, as with real ones.
    pub refill: Vec<Sheet>,
    /// True from a jam until a person clears it.
    pub jammed: bool,
    /// Newest last.
    pub jobs: VecDeque<Job>,
    /// Jobs begun and pages served since the start.
    pub counters: (u64, u64),
}

impl State {
    /// A scanner with this sheet on the glass and these in the feeder.
    #[must_use]
    pub fn new(platen: Sheet, feeder: Vec<Sheet>, refill: Vec<Sheet>) -> Self {
        Self {
            faults: Active::default(),
            platen,
            feeder: feeder.into(),
            refill,
            jammed: false,
            jobs: VecDeque::new(),
            counters: (0, 0),
        }
    }

    /// The feeder as the status tells it.
    #[must_use]
    pub fn adf(&self) -> AdfState {
        if self.jammed {
            AdfState::ScannerAdfJam
        } else if let Some(open) = self.open_cover() {
            open
        } else if self.running().is_some_and(|job| job.settings.source != Source::Platen) {
            AdfState::ScannerAdfProcessing
        } else if self.feeder_is_empty() {
            AdfState::ScannerAdfEmpty
        } else {
            AdfState::ScannerAdfLoaded
        }
    }

    /// The scanner as the status tells it.
    #[must_use]
    pub fn scanner(&self) -> ScannerState {
        match self.adf() {
            AdfState::ScannerAdfJam | AdfState::ScannerAdfHatchOpen | AdfState::ScannerAdfDoorOpen => {
                ScannerState::Stopped
            }
            _ if self.running().is_some() || self.is_busy() => ScannerState::Processing,
            _ => ScannerState::Idle,
        }
    }

    /// Begins a job.
    ///
    /// # Errors
    /// When the scanner is busy, stopped, or its feeder is empty.
    pub fn start_job(&mut self, uuid: String, mut settings: Settings, now: Instant) -> Result<(), Refusal> {
        for job in self.jobs.iter_mut().filter(|job| job.state == JobState::Processing && !job.on_the_wire) {
            if now.duration_since(job.touched) > JOB_IDLE {
                job.finish(JobState::Aborted, "JobTimedOut");
            }
        }
        if self.is_busy() {
            self.count_busy();
            return Err(Refusal::Busy);
        }
        if self.running().is_some() {
            return Err(Refusal::Busy);
        }
        if self.scanner() == ScannerState::Stopped {
            return Err(Refusal::Stopped(self.adf()));
        }
        if settings.source == Source::Automatic {
            settings.source = if self.feeder_is_empty() { Source::Platen } else { Source::Feeder };
        }
        if settings.source != Source::Platen && self.feeder_is_empty() {
            return Err(Refusal::Empty);
        }
        if self.jobs.len() == JOBS_KEPT {
            self.jobs.pop_front();
        }
        self.counters.0 += 1;
        self.jobs.push_back(Job::new(uuid, settings, now));
        Ok(())
    }

    /// Pulls in the next page of a job; it is on the wire until [`State::page_done`].
    ///
    /// # Errors
    /// When there is none (then the job may be over), or the last one is still on the wire.
    pub fn take_page(&mut self, uuid: &str, now: Instant) -> Result<(Side, Settings), Refusal> {
        let jam_at = self.faults.find(|fault| match fault {
            Fault::Jam { page } => Some(page.get()),
            _ => None,
        });
        let empty = self.feeder_is_empty();
        let open = self.open_cover();
        let jammed = self.jammed;
        let job = self.jobs.iter_mut().find(|job| job.uuid == uuid).ok_or(Refusal::Gone)?;
        match job.state {
            JobState::Aborted if jammed => return Err(Refusal::Stopped(AdfState::ScannerAdfJam)),
            JobState::Processing => {}
            _ => return Err(Refusal::Gone),
        }
        if job.on_the_wire {
            return Err(Refusal::Busy);
        }
        job.touched = now;
        if let Some(open) = open {
            job.finish(JobState::Aborted, "AbortedBySystem");
            return Err(Refusal::Stopped(open));
        }
        let side = match (job.settings.source, job.back.take()) {
            (Source::Platen, _) => self.platen.front.clone(),
            (_, Some(back)) => back,
            (_, None) if empty => {
                job.finish(JobState::Completed, "JobCompletedSuccessfully");
                return Err(if job.images_completed == 0 { Refusal::Empty } else { Refusal::Gone });
            }
            (_, None) if jam_at == Some(job.images_completed + 1) => {
                job.finish(JobState::Aborted, "AbortedBySystem");
                self.jammed = true;
                return Err(Refusal::Stopped(AdfState::ScannerAdfJam));
            }
            (source, None) => {
                let sheet = self.feeder.pop_front().expect("the feeder is not empty");
                if source == Source::FeederDuplex {
                    job.back = Some(sheet.back);
                }
                sheet.front
            }
        };
        job.on_the_wire = true;
        Ok((side, job.settings.clone()))
    }

    /// The page's size is known, before its last byte is out.
    pub fn page_made(&mut self, uuid: &str, page: &Rendered) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.uuid == uuid) {
            job.last = Some((page.width, page.height, page.bytes_per_line));
        }
    }

    /// The page on the wire has ended, whole or not.
    pub fn page_done(&mut self, uuid: &str, whole: bool, now: Instant) {
        let no_more = self.feeder_is_empty();
        let Some(job) = self.jobs.iter_mut().find(|job| job.uuid == uuid) else { return };
        job.on_the_wire = false;
        job.touched = now;
        if job.state != JobState::Processing {
            return;
        }
        if !whole {
            job.finish(JobState::Aborted, "AbortedBySystem");
            return;
        }
        self.counters.1 += 1;
        job.images_completed += 1;
        let last = job.settings.source == Source::Platen || (no_more && job.back.is_none());
        if last {
            job.finish(JobState::Completed, "JobCompletedSuccessfully");
            if self.feeder.is_empty() {
                self.feeder.extend(self.refill.iter().cloned());
            }
        }
    }

    /// The client ends a job. A job that is over stays as it is.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn cancel(&mut self, uuid: &str) -> Result<(), Refusal> {
        let job = self.jobs.iter_mut().find(|job| job.uuid == uuid).ok_or(Refusal::Gone)?;
        if job.state == JobState::Processing {
            job.finish(JobState::Canceled, "JobCanceledByUser");
        }
        Ok(())
    }

    /// True when the job's page may go on.
    #[must_use]
    pub fn is_running(&self, uuid: &str) -> bool {
        self.running().is_some_and(|job| job.uuid == uuid)
    }

    /// For the control port.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let jobs: Vec<Value> = self.jobs.iter().map(Job::to_json).collect();
        json!({
            "state": self.scanner(), "adf_state": self.adf(), "faults": self.faults.to_json(),
            "platen": self.platen.name(), "adf": self.feeder.iter().map(Sheet::name).collect::<Vec<_>>(),
            "adf_reload": !self.refill.is_empty(), "jobs": jobs,
            "jobs_started": self.counters.0, "pages_served": self.counters.1,
        })
    }

    fn running(&self) -> Option<&Job> {
        self.jobs.iter().find(|job| job.state == JobState::Processing)
    }

    fn feeder_is_empty(&self) -> bool {
        self.feeder.is_empty() || self.faults.any(|fault| matches!(fault, Fault::AdfEmpty {}))
    }

    fn open_cover(&self) -> Option<AdfState> {
        self.faults.find(|fault| match fault {
            Fault::CoverOpen { word: Word::Hatch } => Some(AdfState::ScannerAdfHatchOpen),
            Fault::CoverOpen { word: Word::Door } => Some(AdfState::ScannerAdfDoorOpen),
            _ => None,
        })
    }

    fn is_busy(&self) -> bool {
        self.faults.any(|fault| matches!(fault, Fault::Busy { .. }))
    }

    /// A fault that was ordered for so many refusals ends after them.
    fn count_busy(&mut self) {
        let over = self.faults.find_mut(|fault| match fault {
            Fault::Busy { times: Some(times) } => match std::num::NonZeroU32::new(times.get() - 1) {
                None => Some(true),
                Some(left) => {
                    *times = left;
                    None
                }
            },
            _ => None,
        });
        if over == Some(true) {
            self.faults.clear(Some("busy"));
        }
    }
}
