//! One scan from beginning to end: make the job, take its pages, end it. Section "Scan Job Operations" of the eSCL
//! specification:
//!
//! ```text
//! POST ScanJobs ──201──► GET job/NextDocument ──200──► page ──► again (feeder)
//!   │ 409, 503: busy, or        │ 404: no more              └──► done (flatbed, page limit) ──► DELETE job
//!   ▼ the feeder's state says   │ 503: not yet
//!   wait or give up             └ else: the status says why ──► DELETE job
//! ```

use std::pin::pin;
use std::time::Duration;

use hyper::header::{LOCATION, RETRY_AFTER};
use hyper::{Method, StatusCode};
use kiosk_driver_sdk::protocol::scanner::{
    AdfState, ScanEnd, ScanReport, ScanRequest, ScanSource, Scanner, ScannerActivity,
};
use kiosk_driver_sdk::{Cx, Guard};

use crate::http::{self, ANSWER_WITHIN, Answer, Question};
use crate::page::{Numbered, pass_on};
use crate::place::Place;
use crate::trouble::Trouble;
use crate::wire::settings::{Settings, SettingsError};
use crate::wire::status::Status;
use crate::wire::{JOBS, NEXT_DOCUMENT, STATUS};

/// Most pages of one scan, also where the request names no limit: the feeder of a large scanner holds 500 sheets.
const PAGES_MAX: u16 = 500;
/// How long a scanner may take to begin a job; some warm up first.
const JOB_WITHIN: Duration = Duration::from_secs(15);
/// How long the last word about a job may take.
const GOODBYE_WITHIN: Duration = Duration::from_millis(400);
/// How long a cancelled request waits to learn the name of a job that the scanner may have begun already.
const NAME_WITHIN: Duration = Duration::from_millis(400);
/// When to ask a busy scanner again that does not say when.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// The least time between two questions, whatever the scanner says.
const ASK_AGAIN_MIN: Duration = Duration::from_millis(200);

/// One scan.
pub(crate) struct Scan<'a> {
    pub(crate) place: &'a Place,
    pub(crate) guard: &'a Guard,
    /// How long the scanner may say nothing while it scans.
    pub(crate) silence: Duration,
    pub(crate) source: ScanSource,
    pub(crate) resolution_dpi: u16,
    pub(crate) max_pages: Option<u16>,
}

/// What the scanner said to a new job.
enum Posted {
    Made(String),
    Busy { status: StatusCode, retry_after: Option<Duration> },
}

impl<'a> Scan<'a> {
    pub(crate) fn new(place: &'a Place, guard: &'a Guard, silence: Duration, request: &ScanRequest) -> Self {
        let ScanRequest { source, resolution_dpi, max_pages, .. } = *request;
        Self { place, guard, silence, source, resolution_dpi, max_pages }
    }

    /// Scans.
    ///
    /// # Errors
    /// Why there are not all pages; those that were complete have gone out as events.
    pub(crate) async fn run(&self, settings: &Settings, cx: &mut Cx<Scanner>) -> Result<ScanReport, Trouble> {
        let job = self.begin(settings).await?;
        let outcome = match self.pages(&job, cx).await {
            Err(trouble) if trouble.asks_why() => Err(self.why(trouble).await),
            outcome => outcome,
        };
        // A feeder that ran empty has ended the job itself. A flatbed keeps it until it is told, and so does a feeder
        // with paper left.
        let over = match &outcome {
            Ok(report) => report.ended == ScanEnd::SourceEmpty && self.source != ScanSource::Flatbed,
            Err(trouble) => matches!(trouble, Trouble::Absent { .. }),
        };
        if !over {
            end(self.place, &job).await;
        }
        outcome
    }

    /// Makes the job; waits for a busy scanner as long as it asks for and the request has time.
    async fn begin(&self, settings: &Settings) -> Result<String, Trouble> {
        loop {
            let (status, retry_after) = match self.post(settings).await {
                Ok(Posted::Made(job)) => return Ok(job),
                Ok(Posted::Busy { status, retry_after }) => (status, retry_after),
                Err(trouble) if trouble.asks_why() => return Err(self.why(trouble).await),
                Err(trouble) => return Err(trouble),
            };
            let now = self.status().await?;
            self.says_no(&now).map_or(Ok(()), Err)?;
            let wait = match retry_after {
                Some(wait) => wait.max(ASK_AGAIN_MIN),
                None if status == StatusCode::SERVICE_UNAVAILABLE || now.activity == ScannerActivity::Scanning => {
                    ASK_AGAIN
                }
                // It is idle and yet does not want to: waiting will not help.
                None => return Err(Trouble::Busy { retry_after: ASK_AGAIN }),
            };
            self.wait(wait).await?;
        }
    }

    async fn post(&self, settings: &Settings) -> Result<Posted, Trouble> {
        let what = "a scan job";
        let question = Question { method: Method::POST, path: self.place.path(JOBS), body: settings.xml(), what };
        // The scanner may have begun the job although nobody waits for the answer any more. So the question has a
        // guard of its own, and when the request is cancelled it is still asked for the name of the job to end.
        let own = Guard::within(JOB_WITHIN * 2);
        let mut asking = pin!(http::ask(self.place, question, JOB_WITHIN, &own));
        let answer = match self.guard.run(what, JOB_WITHIN, asking.as_mut()).await {
            Err(Trouble::Cancelled) => {
                if let Ok(Ok(answer)) = tokio::time::timeout(NAME_WITHIN, asking).await
                    && let Some(job) = self.made(&answer)
                {
                    end(self.place, &job).await;
                }
                return Err(Trouble::Cancelled);
            }
            answer => answer?,
        };
        match answer.status {
            status if status.is_success() => self.made(&answer).map(Posted::Made).ok_or(Trouble::NoLocation),
            status @ (StatusCode::SERVICE_UNAVAILABLE | StatusCode::CONFLICT) => {
                Ok(Posted::Busy { status, retry_after: retry_after(&answer) })
            }
            StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                let said = format!("the scanner refused the settings of the job (HTTP {})", answer.status.as_u16());
                Err(SettingsError::Unsupported(said).into())
            }
            status => Err(Trouble::Refused { what, status: status.as_u16() }),
        }
    }

    fn made(&self, answer: &Answer) -> Option<String> {
        self.place.job(answer.header(&LOCATION)?)
    }

    async fn pages(&self, job: &str, cx: &mut Cx<Scanner>) -> Result<ScanReport, Trouble> {
        let limit = self.max_pages.unwrap_or(PAGES_MAX).min(PAGES_MAX);
        let mut pages = Vec::new();
        loop {
            let page = u16::try_from(pages.len()).unwrap_or(PAGES_MAX) + 1;
            if page > limit {
                return Ok(ScanReport { pages, ended: ScanEnd::PageLimit });
            }
            let what = "the next page";
            let question = Question::get(format!("{job}/{NEXT_DOCUMENT}"), what);
            let answer = http::ask(self.place, question, self.silence, self.guard).await?;
            match answer.status {
                StatusCode::OK => {
                    let Self { resolution_dpi, silence, .. } = *self;
                    let numbered = Numbered { page, resolution_dpi, silence };
                    pages.push(pass_on(answer, numbered, cx, self.guard).await?);
                    if self.source == ScanSource::Flatbed {
                        return Ok(ScanReport { pages, ended: ScanEnd::SourceEmpty });
                    }
                }
                StatusCode::NOT_FOUND if self.source != ScanSource::Flatbed => {
                    self.really_over(job).await?;
                    if pages.is_empty() {
                        return Err(Trouble::NoDocument);
                    }
                    return Ok(ScanReport { pages, ended: ScanEnd::SourceEmpty });
                }
                StatusCode::SERVICE_UNAVAILABLE => {
                    let wait = retry_after(&answer).unwrap_or(ASK_AGAIN).max(ASK_AGAIN_MIN);
                    drop(answer);
                    self.wait(wait).await?;
                }
                status => return Err(Trouble::Refused { what, status: status.as_u16() }),
            }
        }
    }

    /// "No more pages" is also what some scanners say after a jam: their status tells the difference.
    async fn really_over(&self, job: &str) -> Result<(), Trouble> {
        match self.status().await {
            Ok(status) => {
                let stopped = status.adf.as_ref().and_then(Trouble::of_feeder);
                stopped.or_else(|| status.broken_off(job).map(Trouble::BrokenOff)).map_or(Ok(()), Err)
            }
            Err(Trouble::Cancelled) => Err(Trouble::Cancelled),
            Err(trouble) => {
                tracing::warn!(error = %trouble, "the scanner said that there are no more pages, but not how it is");
                Ok(())
            }
        }
    }

    async fn status(&self) -> Result<Status, Trouble> {
        status(self.place, self.guard).await
    }

    /// What the scanner's state says against this scan.
    fn says_no(&self, status: &Status) -> Option<Trouble> {
        let feeder = status.adf.as_ref()?;
        let empty = feeder.state == AdfState::Empty && self.source != ScanSource::Flatbed;
        Trouble::of_feeder(feeder).or_else(|| empty.then_some(Trouble::NoDocument))
    }

    /// The reason for a trouble, if the scanner's status tells it; else the trouble itself.
    async fn why(&self, trouble: Trouble) -> Trouble {
        match self.status().await {
            Ok(status) => self.says_no(&status).unwrap_or(trouble),
            Err(reason @ (Trouble::Absent { .. } | Trouble::Cancelled)) => reason,
            Err(_) => trouble,
        }
    }

    async fn wait(&self, wait: Duration) -> Result<(), Trouble> {
        if wait >= self.guard.remaining() {
            return Err(Trouble::Busy { retry_after: wait });
        }
        Ok(self.guard.pause(wait, "the scanner was busy").await?)
    }
}

/// Asks the scanner how it is.
///
/// # Errors
/// If it does not say.
pub(crate) async fn status(place: &Place, guard: &Guard) -> Result<Status, Trouble> {
    let question = Question::get(place.path(STATUS), "its status");
    let answer = http::ask(place, question, ANSWER_WITHIN, guard).await?;
    if answer.status == StatusCode::SERVICE_UNAVAILABLE {
        return Ok(Status::too_busy_to_tell());
    }
    Ok(Status::parse(&answer.document(ANSWER_WITHIN, guard).await?)?)
}

/// Ends a job, whatever became of the request: a scanner with a job of ours left over is busy for everybody.
async fn end(place: &Place, job: &str) {
    let question =
        Question { method: Method::DELETE, path: job.to_owned(), body: String::new(), what: "the end of the job" };
    let guard = Guard::within(GOODBYE_WITHIN);
    match http::ask(place, question, GOODBYE_WITHIN, &guard).await {
        // 404: it has ended by itself.
        Ok(answer) if answer.status.is_success() || answer.status == StatusCode::NOT_FOUND => {}
        Ok(answer) => tracing::warn!(status = answer.status.as_u16(), "the scanner did not end a job"),
        Err(trouble) => tracing::warn!(error = %trouble, "the scanner did not hear the end of a job"),
    }
}

/// `Retry-After` in seconds (RFC 9110, section 10.2.3); its form with a date is not read, scanners have no clock.
fn retry_after(answer: &Answer) -> Option<Duration> {
    answer.header(&RETRY_AFTER)?.trim().parse().ok().map(|seconds: u32| Duration::from_secs(seconds.into()))
}
