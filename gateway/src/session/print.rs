//! `case.print`: the signer notes that a print begins and gives what to print; the page printer prints it; the signer notes what
//! became of it. If this process ends in between, the signer finds a print without an outcome, and a person settles it.

use std::time::Duration;

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::calls::{Call, DELIVERY_ENDED, PRINT_STARTED};
use kiosk_protocol::case::{DeliveryEnded, PrintCopy, PrintJob};
use kiosk_protocol::device::{DeviceId, Kind};
use kiosk_protocol::error::{ErrorCode, Failure, PrintOutcome};
use kiosk_protocol::message::{self, ServerMessage};
use kiosk_protocol::page_printer::{PrintDocument, Sides};
use kiosk_protocol::session::SessionToken;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::follow::Work;
use super::{Hub, keys, lock};
use crate::supervisor::{Attached, Job, Progress, not_done, perhaps_done};

/// The signer has this long to note something: it may be composing another case's copy.
const NOTED_WITHIN: Duration = Duration::from_secs(120);
/// What could not be noted is told again after so long, so often: a day.
const NOTED_AGAIN: Duration = Duration::from_secs(10);
const NOTED_TRIES: usize = 8640;
/// The name of the document among the print's attachments.
const DOCUMENT: &str = "document";
/// Events that may wait for this task, which never waits itself.
const PROGRESS_QUEUE: usize = 64;

/// The devices of a print.
struct Printing {
    work: Work,
    printer: DeviceId,
    signer: DeviceId,
}

impl Hub {
    /// Begins `case.print`.
    pub(super) fn print_copy(
        &self,
        work: Work,
        printer: Option<&DeviceId>,
        payload: &str,
        key: Option<watch::Sender<keys::Result>>,
    ) -> Result<(), Failure> {
        let refused = |failure| not_done(work.call, failure);
        let request: PrintCopy = message::read(payload)
            .map_err(|error| refused(Failure::invalid(format!("payload.{}", error.field), error.problem)))?;
        let printer = self.0.devices.find(printer, Some(Kind::PagePrinter)).map_err(refused)?;
        self.check_lease(&printer, &work.session).map_err(refused)?;
        let signer = self.0.devices.find(None, Some(Kind::Signer)).map_err(refused)?;
        work.enlist();
        work.session.push(|seq| super::commands::acknowledge(seq, work.id, 0));
        let printing = Printing { work, printer, signer };
        tokio::spawn(async move {
            let result = printing.print(&request).await;
            let nothing_done = result.as_ref().is_err_and(|failure| failure.outcome == Some(PrintOutcome::NotPrinted));
            if let Some(key) = key.filter(|_| !nothing_done) {
                key.send_replace(Some(result.clone()));
            }
            printing.work.complete(result);
        });
        Ok(())
    }
}

impl Hub {
    /// The last byte of a blob has gone out: if it is a copy, the citizen has it, which the signer notes.
    pub fn blob_was_taken(&self, token: &SessionToken, blob: &BlobId) {
        let Some(session) = lock(&self.0.sessions).get(token).cloned() else { return };
        let Some(delivery) = session.take_copy(blob) else { return };
        let Ok(signer) = self.0.devices.find(None, Some(Kind::Signer)) else { return };
        let (hub, ended) = (self.clone(), DeliveryEnded { delivery, outcome: PrintOutcome::Printed });
        tokio::spawn(async move {
            let payload = serde_json::to_value(&ended).expect("a request is plain data");
            let noted = hub.ask_device(&signer, &DELIVERY_ENDED, payload, NOTED_WITHIN).await;
            if noted.as_ref().is_err_and(may_be_noted_later) {
                note_later(hub, signer, ended).await;
            }
        });
    }
}

impl Printing {
    async fn print(&self, request: &PrintCopy) -> Result<Value, Failure> {
        let (job, document) = self.started(request).await.map_err(|failure| not_done(self.work.call, failure))?;
        let printed = self.to_printer(document).await;
        let outcome = match &printed {
            Ok(()) => PrintOutcome::Printed,
            Err(failure) => failure.outcome.unwrap_or(PrintOutcome::Unknown),
        };
        let ended = DeliveryEnded { delivery: job.delivery, outcome };
        let noted = self.ask(&DELIVERY_ENDED, &ended).await;
        if noted.as_ref().is_err_and(may_be_noted_later) {
            tokio::spawn(note_later(self.work.hub.clone(), self.signer.clone(), ended));
        }
        match (printed, noted) {
            (Err(failure), _) => Err(failure.outcome(outcome)),
            (Ok(()), Ok((view, _))) => Ok(view),
            // There is paper. If the signer was started anew meanwhile, it takes the print for unknown, and an officer is asked.
            (Ok(()), Err(failure)) => Err(failure.outcome(PrintOutcome::Printed)),
        }
    }

    /// Has the signer note that a print begins.
    async fn started(&self, request: &PrintCopy) -> Result<(PrintJob, Vec<u8>), Failure> {
        let (job, document) = self.ask(&PRINT_STARTED, request).await?;
        let fault = |error: serde_json::Error| Failure::new(ErrorCode::DriverFault, error.to_string());
        let job: PrintJob = serde_json::from_value(job).map_err(fault)?;
        if document.is_empty() {
            let ended = DeliveryEnded { delivery: job.delivery, outcome: PrintOutcome::NotPrinted };
            if self.ask(&DELIVERY_ENDED, &ended).await.is_err() {
                tokio::spawn(note_later(self.work.hub.clone(), self.signer.clone(), ended));
            }
            return Err(Failure::new(ErrorCode::DriverFault, "the signer gave nothing to print, or more than 64 MiB"));
        }
        Ok((job, document))
    }

    async fn ask(&self, call: &'static Call, request: &impl Serialize) -> Result<(Value, Vec<u8>), Failure> {
        let payload = serde_json::to_value(request).expect("a request is plain data");
        self.work.hub.ask_device(&self.signer, call, payload, NOTED_WITHIN).await
    }

    async fn to_printer(&self, document: Vec<u8>) -> Result<(), Failure> {
        let call = Call::find("page_printer.print").expect("the call is in the table");
        let name = BlobId(DOCUMENT.into());
        let print =
            PrintDocument { document: name.clone(), copies: 1, sides: Sides::OneSided, color: true, tray: None };
        let (progress, mut answers) = mpsc::channel(PROGRESS_QUEUE);
        let job = Job {
            call,
            payload: serde_json::to_value(&print).expect("a print is plain data"),
            attachments: vec![Attached { blob: name, bytes: document.into() }],
            deadline: self.work.deadline,
            ticket: self.work.ticket.clone(),
            progress,
        };
        self.work.hub.0.devices.submit(&self.printer, job).map_err(|failure| not_done(call, failure))?;
        let mut watching = true;
        loop {
            let progress = tokio::select! {
                progress = answers.recv() => progress,
                () = self.work.ticket.cancelled(), if watching => {
                    if self.work.ticket.withdraw() {
                        let detail = "the command was cancelled before it began";
                        return Err(not_done(call, Failure::new(ErrorCode::Cancelled, detail)));
                    }
                    watching = false;
                    continue;
                }
            };
            match progress {
                Some(Progress::Event { name, payload }) => {
                    let id = self.work.id;
                    self.work.session.push(|seq| ServerMessage::Event { seq, id, name: name.to_owned(), payload });
                }
                Some(Progress::Done(result)) => return result.map(drop),
                Some(Progress::Chunk { .. }) => {}
                None => {
                    let detail = "the printer's task ended without an answer";
                    return Err(perhaps_done(call, Failure::new(ErrorCode::Internal, detail)));
                }
            }
        }
    }
}

/// Whether the signer may take it at another time: it did not refuse what it was told.
fn may_be_noted_later(failure: &Failure) -> bool {
    !matches!(failure.code, ErrorCode::NotPermitted | ErrorCode::NotFound | ErrorCode::InvalidRequest)
}

/// Tells the signer what became of a delivery once more, until it has noted it: else it would stay begun for ever.
async fn note_later(hub: Hub, signer: DeviceId, ended: DeliveryEnded) {
    let payload = serde_json::to_value(&ended).expect("a request is plain data");
    for _ in 0..NOTED_TRIES {
        tokio::time::sleep(NOTED_AGAIN).await;
        match hub.ask_device(&signer, &DELIVERY_ENDED, payload.clone(), NOTED_WITHIN).await {
            Err(failure) if may_be_noted_later(&failure) => {}
            Ok(_) => return,
            Err(failure) => {
                tracing::warn!(delivery = ended.delivery, %failure, "what became of a delivery is noted no more");
                return;
            }
        }
    }
    tracing::error!(
        delivery = ended.delivery,
        "what became of a delivery could not be noted; it is unknown at the signer's next start"
    );
}
