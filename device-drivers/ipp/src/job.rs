//! One print from beginning to end:
//!
//! ```text
//! printer ready? ──► Create-Job ──► Send-Document ──► look at the job, until it is over
//!    │ no: not printed   │ no: not printed  │ meanwhile looked at too    │ completed: printed
//!                                           │                            │ canceled, aborted: by its impressions
//!                                           ▼                            ▼ connection lost: look again, by its number
//!                              cancelled, out of time ──► Cancel-Job ──► look ──► by its state
//! ```
//!
//! A job is sent once. Whatever happens then, it is never sent again: the printer is asked what became of it, and if it
//! cannot say, the outcome is `unknown`.

use std::pin::pin;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::error::{Failure, PrintOutcome};
use kiosk_driver_sdk::protocol::page_printer::{DocumentPhase, DocumentProgress, DocumentReport};
use kiosk_driver_sdk::{GivenUp, Guard};

use crate::place::Place;
use crate::printer;
use crate::ticket::Ticket;
use crate::trouble::Trouble;
use crate::wire::job::{Job, State};
use crate::wire::printer::Now;

/// Between two looks at a job.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// When a busy printer is asked again.
const BUSY_AGAIN: Duration = Duration::from_secs(1);
/// How long a job that was cancelled may take to say so.
const END_WITHIN: Duration = Duration::from_millis(2500);
/// Between two looks at a job that was cancelled.
const LOOK_AT_END: Duration = Duration::from_millis(100);
/// Longer than any request takes: its own deadline ends it.
const NO_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// A print.
pub(crate) struct Print<'a> {
    pub(crate) place: &'a Place,
    pub(crate) guard: &'a Guard,
    /// For this document alone, so that a job is known again by it.
    pub(crate) title: String,
    pub(crate) creates_jobs: bool,
    pub(crate) emit: &'a mut dyn FnMut(DocumentProgress),
    /// What was told last.
    pub(crate) told: Option<DocumentProgress>,
    /// The job was seen being printed.
    pub(crate) began: bool,
    /// What the printer said last of itself.
    pub(crate) stopped: Option<Trouble>,
}

impl<'a> Print<'a> {
    pub(crate) fn new(
        place: &'a Place,
        guard: &'a Guard,
        title: String,
        creates_jobs: bool,
        emit: &'a mut dyn FnMut(DocumentProgress),
    ) -> Self {
        Self { place, guard, title, creates_jobs, emit, told: None, began: false, stopped: None }
    }

    /// Says how far it is, if that is news.
    pub(crate) fn tell(&mut self, phase: DocumentPhase, impressions: Option<u32>, now: Option<&Now>) {
        let conditions = match phase {
            DocumentPhase::Stopped => now.map(|now| now.status.conditions.clone()).unwrap_or_default(),
            _ => Vec::new(),
        };
        let progress = DocumentProgress { phase, impressions, conditions };
        if self.told.as_ref() != Some(&progress) {
            (self.emit)(progress.clone());
            self.told = Some(progress);
        }
    }

    /// Prints.
    ///
    /// # Errors
    /// With what became of it.
    pub(crate) async fn run(&mut self, ticket: Ticket, document: &[u8]) -> Result<DocumentReport, Failure> {
        let not_printed = |trouble: Trouble| trouble.of_print(PrintOutcome::NotPrinted);
        self.tell(DocumentPhase::Sending, None, None);
        if !self.creates_jobs {
            return self.in_one(ticket, document).await;
        }
        let id = self.create(&ticket).await.map_err(not_printed)?;
        let (place, guard) = (self.place, self.guard);
        let mut sending = pin!(printer::send_document(place, id, ticket.format, document, NO_LIMIT, guard));
        // The printer may print while it takes the document, and stop on the way.
        let sent = loop {
            tokio::select! {
                biased;
                sent = &mut sending => break sent,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Ok(job) = self.look(id, guard).await {
                if job.is_over() {
                    return self.over(&job);
                }
                self.watch(&job, true).await;
            }
        };
        match sent {
            Ok(()) => self.follow(id).await,
            Err(trouble @ (Trouble::Cancelled | Trouble::OutOfTime(_) | Trouble::Refused { .. })) => {
                self.give_up(id, trouble).await
            }
            // It may have the document, all of it or a part: it is asked.
            Err(trouble) => {
                tracing::warn!(error = %trouble, job = id, "the connection broke while a document was sent");
                match self.look(id, &Guard::within(END_WITHIN)).await {
                    Ok(job)
                        if !job.is_over()
                            && !job.has_reason("job-incoming")
                            && !job.has_reason("job-data-insufficient")
                            && job.state != State::Held =>
                    {
                        self.follow(id).await
                    }
                    Ok(job) if job.is_over() => self.over(&job),
                    Ok(_) => self.give_up(id, trouble).await,
                    Err(_) => self.follow(id).await,
                }
            }
        }
    }

    /// Makes the job, which prints nothing yet; a printer that is busy is asked again.
    async fn create(&self, ticket: &Ticket) -> Result<i32, Trouble> {
        loop {
            match printer::create_job(self.place, &self.title, ticket.attributes.clone(), self.guard).await {
                // server-error-temporary-error, server-error-busy.
                Err(trouble @ Trouble::Refused { status: 0x0505 | 0x0507, .. }) => {
                    tracing::debug!(error = %trouble, "asking a busy printer again");
                    match self.guard.pause(BUSY_AGAIN, "the printer was busy").await {
                        Err(GivenUp::OutOfTime { .. }) => return Err(trouble),
                        paused => paused?,
                    }
                }
                made => return made,
            }
        }
    }

    /// Without a number before the document is sent, a lost answer is a lost job.
    async fn in_one(&mut self, ticket: Ticket, document: &[u8]) -> Result<DocumentReport, Failure> {
        let Ticket { attributes, format } = ticket;
        let sent =
            printer::print_job(self.place, &self.title, attributes, format, document, NO_LIMIT, self.guard).await;
        match sent {
            Ok(id) => self.follow(id).await,
            Err(trouble @ (Trouble::Absent { .. } | Trouble::Refused { .. })) => {
                Err(trouble.of_print(PrintOutcome::NotPrinted))
            }
            Err(trouble) => Err(trouble.of_print(PrintOutcome::Unknown)),
        }
    }

    /// Looks at the job. After a restart a printer may give its number to another's.
    async fn look(&self, id: i32, guard: &Guard) -> Result<Job, Trouble> {
        let job = printer::look(self.place, id, guard).await?;
        let is_ours = job.name.as_ref().is_none_or(|name| *name == self.title);
        if is_ours { Ok(job) } else { Err(Trouble::Forgotten) }
    }

    /// Looks at the job until it is over. A printer that is gone for a moment is asked again.
    async fn follow(&mut self, id: i32) -> Result<DocumentReport, Failure> {
        let mut lost: Option<Trouble> = None;
        loop {
            match self.look(id, self.guard).await {
                Ok(job) if job.is_over() => return self.over(&job),
                Ok(job) => {
                    lost = None;
                    self.watch(&job, false).await;
                }
                Err(trouble @ (Trouble::Cancelled | Trouble::OutOfTime(_))) => {
                    return self.give_up(id, lost.unwrap_or(trouble)).await;
                }
                // client-error-not-found: it was switched off on the way.
                Err(Trouble::Forgotten | Trouble::Refused { status: 0x0406, .. }) => {
                    return Err(Trouble::Forgotten.of_print(PrintOutcome::Unknown));
                }
                Err(trouble) => {
                    tracing::debug!(error = %trouble, job = id, "looking again at a job later");
                    lost = Some(trouble);
                }
            }
            if let Err(why) = self.guard.pause(LOOK_EVERY, "the printer was printing").await {
                return self.give_up(id, lost.unwrap_or(why.into())).await;
            }
        }
    }

    /// Tells how far a job is.
    async fn watch(&mut self, job: &Job, sending: bool) {
        self.began |= job.state == State::Processing || job.impressions.is_some_and(|count| count > 0);
        let now = printer::now(self.place, self.guard).await.ok();
        let stopped = job.state == State::Stopped || now.as_ref().is_some_and(Now::is_blocked);
        let impressions = job.impressions.filter(|count| *count > 0);
        let phase = match job.state {
            _ if stopped => DocumentPhase::Stopped,
            State::Processing => DocumentPhase::Printing,
            _ if sending => DocumentPhase::Sending,
            _ => DocumentPhase::Waiting,
        };
        self.stopped = now
            .as_ref()
            .filter(|_| stopped)
            .map(|now| Trouble::Stopped { conditions: now.status.conditions.clone(), reasons: now.reasons() });
        self.tell(phase, impressions, now.as_ref());
    }

    /// What became of a job that is over.
    fn over(&self, job: &Job) -> Result<DocumentReport, Failure> {
        let reasons = job.reasons();
        let trouble = match job.state {
            State::Completed if job.has_reason("job-completed-with-errors") => Trouble::WithErrors { reasons },
            State::Completed => {
                return Ok(DocumentReport {
                    outcome: PrintOutcome::Printed,
                    impressions: job.impressions.filter(|count| *count > 0),
                });
            }
            State::Canceled => Trouble::CancelledThere { reasons },
            _ => Trouble::Aborted { reasons },
        };
        Err(trouble.of_print(self.outcome(job)))
    }

    /// Of a job that ended before its time: what the printer counted decides, and where it does not count, whether it
    /// was seen to begin.
    fn outcome(&self, job: &Job) -> PrintOutcome {
        let nothing = match (job.state, job.impressions) {
            (State::Completed, _) => false,
            (_, Some(count)) => count == 0,
            (_, None) => !self.began,
        };
        if nothing { PrintOutcome::NotPrinted } else { PrintOutcome::Unknown }
    }

    /// Cancels the job and looks what became of it.
    async fn give_up(&mut self, id: i32, trouble: Trouble) -> Result<DocumentReport, Failure> {
        let trouble = match (trouble, self.stopped.take()) {
            (Trouble::OutOfTime(_), Some(stopped)) => stopped,
            (trouble, _) => trouble,
        };
        let until = Instant::now() + END_WITHIN;
        let mut asked = false;
        while Instant::now() < until {
            let guard = Guard::within(until.saturating_duration_since(Instant::now()));
            if !asked {
                match printer::cancel(self.place, id, &guard).await {
                    Ok(()) => asked = true,
                    // It may be over already.
                    Err(Trouble::Refused { .. }) => asked = true,
                    Err(error) => tracing::debug!(error = %error, job = id, "the printer did not hear a cancel"),
                }
            }
            match self.look(id, &guard).await {
                Err(Trouble::Forgotten) => break,
                // It came too late, and nothing is wrong.
                Ok(job) if job.state == State::Completed => return self.over(&job),
                Ok(job) if job.is_over() => return Err(trouble.of_print(self.outcome(&job))),
                Ok(job) => self.began |= job.state == State::Processing,
                Err(error) => {
                    tracing::debug!(error = %error, job = id, "the printer does not say what became of a job")
                }
            }
            // Nobody cancels this wait; it ends with its time.
            let _ = guard.pause(LOOK_AT_END, "a job was cancelled").await;
        }
        Err(trouble.of_print(PrintOutcome::Unknown))
    }
}
