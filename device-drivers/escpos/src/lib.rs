//! Receipt printers that speak ESC/POS, at a USB, network or serial port.
//!
//! `layout` draws the receipt, `job` turns the picture into commands, `printer` has them printed and does not believe
//! that they are until the printer says so, `wire` knows the bytes.

mod config;
mod failure;
mod job;
mod layout;
mod press;
mod printer;
mod wire;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, PrintOutcome};
use kiosk_driver_sdk::protocol::receipt::{
    Confirmed, Cut, PrintProgress, PrintReport, PrintRequest, PrinterEvent, PrinterReply, PrinterRequest,
    PrinterStatus, ReceiptPrinter,
};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened, Until, link};

pub use config::Config;
use job::Job;
use layout::{Fonts, Paper, Studio};
pub use press::Press;
use printer::{Limits, Printer};

/// The driver.
pub struct EscPos {
    printer: Printer,
    fonts: Fonts,
    paper: Paper,
    cuts: Vec<Cut>,
    poll: Duration,
}

impl Driver for EscPos {
    type Kind = ReceiptPrinter;
    type Config = Config;
    const NAME: &'static str = "escpos";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["tcp", "serial", "usb"])?;
        config.check()?;
        let fonts = config.fonts()?;
        let (paper, capabilities, poll) = (config.paper(), config.capabilities(), config.poll());
        let answers = config.answers();
        let at = address.clone();
        let connect = Box::new(move |within| link::open_with_usb(&at, within));
        // The hash of nothing under a random key: a start that the process before did not have.
        let first_id = u32::try_from(RandomState::new().hash_one(()) >> 32).expect("32 bits are left");
        let limits = Limits::default();
        let mut printer = Printer::open(connect, limits, answers, first_id)?;
        let condition = printer.look(&Until::within(limits.answer * 2))?;
        let identity = printer.identity();
        let cuts = capabilities.cuts.clone();
        let driver = Self { printer, fonts, paper, cuts, poll };
        Ok(Opened { driver, identity, capabilities, status: condition.status() })
    }

    fn handle(&mut self, request: PrinterRequest, cx: &mut Cx<ReceiptPrinter>) -> Result<PrinterReply, Failure> {
        match request {
            PrinterRequest::Print(request) => self.print(&request, cx).map(PrinterReply::Print),
            PrinterRequest::Status(_) => Ok(PrinterReply::Status(self.printer.look(&cx.until())?.status())),
        }
    }

    fn idle(&mut self) -> Result<PrinterStatus, Failure> {
        Ok(self.printer.idle()?.status())
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl EscPos {
    fn print(&mut self, request: &PrintRequest, cx: &mut Cx<ReceiptPrinter>) -> Result<PrintReport, Failure> {
        let job = self.draw(request, cx)?;
        cx.check().map_err(|failure| failure.outcome(PrintOutcome::NotPrinted))?;
        let total_bytes = job.total_bytes() as u64;
        let until = cx.until();
        let mut progress = |sent: usize| {
            cx.emit(PrinterEvent::Progress(PrintProgress { sent_bytes: sent as u64, total_bytes }));
        };
        let condition = self.printer.print(&job, request.cut, &until, &mut progress)?;
        Ok(PrintReport { outcome: Confirmed::Printed, length_mm: job.length_mm, status: condition.status() })
    }

    fn draw(&self, request: &PrintRequest, cx: &Cx<ReceiptPrinter>) -> Result<Job, Failure> {
        if !self.cuts.contains(&request.cut) {
            let detail = format!("payload.cut: this printer cannot do that; it can {:?}", self.cuts).to_lowercase();
            let (field, outcome) = (Some("payload.cut".into()), Some(PrintOutcome::NotPrinted));
            return Err(Failure { field, outcome, ..Failure::new(ErrorCode::Unsupported, detail) });
        }
        let blob = |blob: &_| cx.attachment(blob).ok();
        let studio = Studio { paper: self.paper, fonts: &self.fonts, blob: &blob };
        Ok(Job::new(&studio.draw(request)?, self.paper, request.cut))
    }
}
