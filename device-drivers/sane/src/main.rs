//! USB and legacy scanners, through libsane: `sane:BACKEND:DEVICE`, `sane:BACKEND`, or `usb:VVVV:PPPP` with
//! `config.backend`.
//!
//! libsane is loaded into this process only (its licence, and its crashes, end here), and called from one thread of it
//! (`worker`), because it is not thread-safe and its calls cannot be interrupted.
//!
//! What is not here: scanners that speak eSCL (the driver `escl`, whose pages pass through unchanged), and finding
//! scanners.

mod config;
mod ffi;
mod job;
mod jpeg;
mod lines;
mod names;
mod options;
mod page;
mod place;
mod settings;
mod status;
mod trouble;
mod worker;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use config::Config;
use ffi::{Functions, LIBRARY, Listed};
use jpeg::Compressors;
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::protocol::scanner::{
    AdfState, ScanReport, ScanRequest, Scanner, ScannerActivity, ScannerReply, ScannerRequest, ScannerStatus,
};
use kiosk_driver_sdk::{Address, Cx, Driver, Guard, OpenError, Opened};
use kiosk_jpeg::turbo::Turbo;
use page::{Making, Stopped};
use place::Place;
use trouble::Trouble;
use worker::{Found, Plan, Senses, Worker};

/// How long the sensors may take; the gateway allows 5 s.
const SENSE_WITHIN: Duration = Duration::from_millis(4000);
/// Kept back of a request's time, so that its answer is there before the deadline.
const RESERVE: Duration = Duration::from_millis(300);

struct Sane {
    worker: Worker,
    /// The USB device's node, which goes when it is unplugged.
    node: Option<PathBuf>,
    making: Making,
    poll: Duration,
}

impl Driver for Sane {
    type Kind = Scanner;
    type Config = Config;
    const NAME: &'static str = "sane";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        config.check()?;
        let place = Place::of(address, &config)?;
        let turbo = Turbo::load().map_err(|error| OpenError::BadConfig(error.to_string()))?;
        let compressors = Compressors::start(turbo);
        let silence = Duration::from_millis(config.silence_ms);
        let making = Making { compressors, quality: config.jpeg_quality, silence };
        let (poll, give_up) = (Duration::from_millis(config.poll_ms), Duration::from_millis(config.give_up_ms));
        let backend = place.backend().to_owned();
        let load = move || {
            if !place::is_installed(&backend) {
                return Err(OpenError::BadConfig(format!(
                    "there is no SANE backend `{backend}` on this machine; install the package that has libsane-{backend}.so.1, or correct the name"
                )));
            }
            Functions::load().map_err(|error| {
                OpenError::BadConfig(format!("{LIBRARY} cannot be loaded ({error}); install it (Debian: libsane1)"))
            })
        };
        let (worker, found) = Worker::start(load, Plan { place: place.clone(), config }, give_up)?;
        let Found { listed, capabilities, senses, .. } = found;
        let node = place.node(&listed.name);
        let driver = Self { worker, node, making, poll };
        Ok(Opened { identity: identity(&place, listed), capabilities, status: status(senses), driver })
    }

    fn handle(&mut self, request: ScannerRequest, cx: &mut Cx<Scanner>) -> Result<ScannerReply, Failure> {
        let guard = Guard::new(cx.deadline(), cx.cancel_signal(), RESERVE);
        match request {
            ScannerRequest::Scan(request) => {
                self.scan(&request, &guard, cx).map(ScannerReply::Scan).map_err(|stopped| stopped.failure())
            }
            ScannerRequest::Status(_) => self.status().map(ScannerReply::Status).map_err(|trouble| trouble.failure()),
        }
    }

    fn idle(&mut self) -> Result<ScannerStatus, Failure> {
        self.status().map_err(|trouble| trouble.failure())
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl Sane {
    fn scan(&self, request: &ScanRequest, guard: &Guard, cx: &mut Cx<Scanner>) -> Result<ScanReport, Stopped> {
        let begun = self.worker.scan(request, guard);
        self.end_if_stuck();
        let outcome = page::take(&begun?, &self.making, guard, cx);
        match outcome {
            // Backends say "I/O error" for a scanner that is not there any more.
            Err(Stopped::Trouble(Trouble::Status { .. } | Trouble::Option(_))) if self.is_gone() => {
                Err(Trouble::Gone.into())
            }
            // What wrote past its buffer may have written anywhere.
            Err(Stopped::Trouble(Trouble::Length { length, max })) => {
                end_process(&Trouble::Length { length, max }.to_string())
            }
            outcome => outcome,
        }
    }

    fn status(&self) -> Result<ScannerStatus, Trouble> {
        self.end_if_stuck();
        if self.is_gone() {
            return Err(Trouble::Gone);
        }
        if self.worker.ending_for().is_some() {
            return Ok(ScannerStatus { activity: ScannerActivity::Scanning, adf: None });
        }
        self.worker.sense(SENSE_WITHIN).map(status)
    }

    fn is_gone(&self) -> bool {
        self.node.as_ref().is_some_and(|node| !node.exists())
    }

    fn end_if_stuck(&self) {
        if self.worker.is_stuck() {
            end_process("the scanner's backend did not end a scan that was given up");
        }
    }
}

/// Ends the process as nothing in it can hinder: a backend that is stuck may also hold what an orderly end needs. The
/// gateway sees a crash and starts the driver anew.
fn end_process(why: &str) -> ! {
    tracing::error!(why, "the driver kills itself");
    let own = rustix::process::getpid();
    // It cannot fail for the own process; `abort` stands for it if it does.
    let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    std::process::abort();
}

fn status(senses: Senses) -> ScannerStatus {
    let activity = match senses.adf {
        Some(AdfState::CoverOpen) => ScannerActivity::Stopped,
        _ => ScannerActivity::Idle,
    };
    ScannerStatus { activity, adf: senses.adf }
}

fn identity(place: &Place, listed: Listed) -> Identity {
    let told = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let identity = Identity { maker: told(listed.vendor), model: told(listed.model), serial: None, firmware: None };
    match place {
        Place::Usb { device, .. } => Identity {
            maker: identity.maker.or_else(|| device.maker.clone()),
            model: identity.model.or_else(|| device.model.clone()),
            serial: device.serial.clone(),
            firmware: None,
        },
        Place::Only { .. } | Place::Named { .. } => identity,
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Sane>()
}
