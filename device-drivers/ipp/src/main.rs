//! Page printers that speak IPP, at `ipp://HOST[:631]/ipp/print` or encrypted at `ipps://…`; USB ones through `ipp-usb`.
//!
//! The driver is blocking like every other; inside a request a small tokio runtime waits for the printer and the cancel
//! signal together.
//!
//! What is not here: finding printers on the network, logging in to them, and CUPS queues.

mod draw;
mod http;
mod job;
mod media;
mod place;
mod printer;
mod raster;
mod ticket;
mod tls;
mod trouble;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use draw::Kind;
use job::Print;
use kiosk_driver_sdk::protocol::error::{Failure, PrintOutcome};
use kiosk_driver_sdk::protocol::page_printer::{
    DocumentPhase, DocumentReport, PagePrinter, PagePrinterEvent, PagePrinterReply, PagePrinterRequest,
    PagePrinterStatus, PrintDocument,
};
use kiosk_driver_sdk::{Address, Cx, Driver, Guard, OpenError, Opened};
use place::Place;
use serde::Deserialize;
use tls::Trust;
use tokio::runtime::Runtime;
use trouble::Trouble;
use wire::printer::Abilities;

/// How long opening may take; the gateway allows 10 s.
const OPEN_WITHIN: Duration = Duration::from_secs(8);
/// How long one probe may take; the gateway allows 5 s.
const PROBE_WITHIN: Duration = Duration::from_millis(4500);
/// Kept back of a print's time: to cancel the job and to learn what became of it.
const RESERVE: Duration = Duration::from_secs(4);
/// Longest document, bytes.
const DOCUMENT_MAX: usize = 64 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// How often the printer is asked how it is, milliseconds.
    poll_ms: u64,
    /// The medium that is printed on where the printer has it (PWG 5101.1), else the printer's own.
    media: String,
    /// For `ipps://`: SHA-256 of the printer's certificate, hexadecimal.
    tls_sha256: Option<String>,
    /// For `ipps://`: a file of authorities (PEM), one of which has signed the printer's certificate.
    tls_ca: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self { poll_ms: 1500, media: "iso_a4_210x297mm".into(), tls_sha256: None, tls_ca: None }
    }
}

impl Config {
    fn check(&self) -> Result<(), OpenError> {
        if !(200..=60_000).contains(&self.poll_ms) {
            return Err(OpenError::BadConfig(format!("config.poll_ms is {}; use 200 to 60000", self.poll_ms)));
        }
        if media::size(&self.media).is_none() {
            return Err(OpenError::BadConfig(format!(
                "config.media is `{}`, which names no size; write for example `iso_a4_210x297mm`",
                wire::shown(&self.media)
            )));
        }
        Ok(())
    }
}

struct Ipp {
    runtime: Runtime,
    place: Place,
    abilities: Abilities,
    config: Config,
}

impl Driver for Ipp {
    type Kind = PagePrinter;
    type Config = Config;
    const NAME: &'static str = "ipp";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        config.check()?;
        let trust = Trust::of(config.tls_sha256.as_deref(), config.tls_ca.clone()).map_err(OpenError::BadConfig)?;
        let place = Place::of(address, trust.as_ref())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| OpenError::Fault(format!("cannot wait for the network: {error}")))?;
        let about = runtime.block_on(printer::about(&place, &Guard::within(OPEN_WITHIN)));
        let (abilities, now) = about.map_err(|trouble| trouble.open_error())?;
        Ok(Opened {
            identity: abilities.identity.clone(),
            capabilities: abilities.told(),
            status: now.status,
            driver: Self { runtime, place, abilities, config },
        })
    }

    fn handle(&mut self, request: PagePrinterRequest, cx: &mut Cx<PagePrinter>) -> Result<PagePrinterReply, Failure> {
        match request {
            PagePrinterRequest::Print(request) => self.print(&request, cx).map(PagePrinterReply::Print),
            PagePrinterRequest::Status(_) => {
                let guard = Guard::new(cx.deadline(), cx.cancel_signal(), Duration::from_millis(300));
                self.status(&guard).map(PagePrinterReply::Status)
            }
        }
    }

    fn idle(&mut self) -> Result<PagePrinterStatus, Failure> {
        self.status(&Guard::within(PROBE_WITHIN))
    }

    fn idle_every(&self) -> Duration {
        Duration::from_millis(self.config.poll_ms)
    }
}

impl Ipp {
    fn status(&self, guard: &Guard) -> Result<PagePrinterStatus, Failure> {
        let now = self.runtime.block_on(printer::now(&self.place, guard));
        now.map(|now| now.status).map_err(|trouble| trouble.failure())
    }

    fn print(&self, request: &PrintDocument, cx: &mut Cx<PagePrinter>) -> Result<DocumentReport, Failure> {
        let document = cx.attachment(&request.document).map_err(|failure| failure.outcome(PrintOutcome::NotPrinted))?;
        let document = document.to_vec();
        let guard = Guard::new(cx.deadline(), cx.cancel_signal(), RESERVE);
        let mut emit = |progress| cx.emit(PagePrinterEvent::Progress(progress));
        let not_printed = |trouble: Trouble| trouble.of_print(PrintOutcome::NotPrinted);
        let title = title().map_err(not_printed)?;
        let mut print = Print::new(&self.place, &guard, title, self.abilities.creates_jobs, &mut emit);
        self.runtime.block_on(async {
            let (ticket, document) = self.prepare(request, document, &guard, &mut print).await.map_err(not_printed)?;
            print.run(ticket, &document).await
        })
    }

    /// All that comes before the printer has anything: until here nothing is printed.
    async fn prepare(
        &self,
        request: &PrintDocument,
        document: Vec<u8>,
        guard: &Guard,
        print: &mut Print<'_>,
    ) -> Result<(ticket::Ticket, Vec<u8>), Trouble> {
        if document.len() > DOCUMENT_MAX {
            let (length, most) = (document.len() >> 20, DOCUMENT_MAX >> 20);
            return Err(Trouble::TooLarge(format!("the document has {length} MiB; at most {most} are printed")));
        }
        let kind = Kind::of(&document)?;
        let (ticket, sheet) = ticket::of(request, kind, &self.abilities, &self.config.media)?;
        print.tell(DocumentPhase::Preparing, None, None);
        let document = match sheet {
            Some(sheet) => {
                let drawing = draw::drawn(kind, &document, sheet);
                guard.run("the document was drawn", Duration::from_secs(24 * 3600), drawing).await?
            }
            None => document,
        };
        // A job for a printer that cannot print would wait there, and come out when nobody expects it any more.
        let now = printer::now(&self.place, guard).await?;
        if now.is_stopped() && now.is_blocked() {
            return Err(Trouble::Stopped { reasons: now.reasons(), conditions: now.status.conditions });
        }
        if !now.accepts {
            return Err(Trouble::NotAccepting);
        }
        Ok((ticket, document))
    }
}

/// A name for a job that no other job has.
fn title() -> Result<String, Trouble> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| Trouble::Document(format!("no random number for the job's name: {error}")))?;
    Ok(format!("kiosk-{:016x}", u64::from_ne_bytes(bytes)))
}

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == draw::ARGUMENT) {
        return draw::draw_as_child();
    }
    kiosk_driver_sdk::serve::<Ipp>()
}
