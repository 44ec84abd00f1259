//! Scanners that speak eSCL (AirScan, Mopria Scan) over HTTP, at `http://HOST[:PORT]/eSCL`; USB ones through `ipp-usb`.
//!
//! The driver is blocking like every other; inside a request a small tokio runtime waits for the scanner and the cancel
//! signal together, so that a cancel ends a page in the middle.
//!
//! What is not here: finding scanners on the network, and decoding pages.

mod http;
mod job;
mod page;
mod place;
mod trouble;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use http::{ANSWER_WITHIN, Question};
use job::Scan;
use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::protocol::scanner::{
    ScanReport, ScanRequest, Scanner, ScannerReply, ScannerRequest, ScannerStatus,
};
use kiosk_driver_sdk::{Address, Cx, Driver, Guard, OpenError, Opened};
use place::Place;
use serde::Deserialize;
use tokio::runtime::Runtime;
use trouble::Trouble;
use wire::CAPABILITIES;
use wire::capabilities::Capabilities;
use wire::settings::Settings;

/// How long opening may take; the gateway allows 10 s.
const OPEN_WITHIN: Duration = Duration::from_secs(8);
/// How long one probe may take; the gateway allows 5 s.
const PROBE_WITHIN: Duration = Duration::from_millis(4500);
/// Kept back of a request's time, so that its answer is there before the deadline.
const RESERVE: Duration = Duration::from_millis(300);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// How often the scanner is asked for its status, milliseconds.
    poll_ms: u64,
    /// How long it may say nothing while it scans, milliseconds; some warm up for half a minute.
    silence_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { poll_ms: 1000, silence_ms: 45_000 }
    }
}

impl Config {
    fn check(&self) -> Result<(), OpenError> {
        for (name, value, allowed) in
            [("poll_ms", self.poll_ms, 200..=60_000), ("silence_ms", self.silence_ms, 1000..=300_000)]
        {
            if !allowed.contains(&value) {
                let (least, most) = allowed.into_inner();
                return Err(OpenError::BadConfig(format!("config.{name} is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }
}

struct Escl {
    runtime: Runtime,
    place: Place,
    capabilities: Capabilities,
    poll: Duration,
    silence: Duration,
}

impl Driver for Escl {
    type Kind = Scanner;
    type Config = Config;
    const NAME: &'static str = "escl";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        config.check()?;
        let place = Place::of(address)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| OpenError::Fault(format!("cannot wait for the network: {error}")))?;
        let guard = Guard::within(OPEN_WITHIN);
        let asked = runtime.block_on(async {
            let question = Question::get(place.path(CAPABILITIES), "its capabilities");
            let answer = http::ask(&place, question, ANSWER_WITHIN, &guard).await?;
            let capabilities = Capabilities::parse(&answer.document(ANSWER_WITHIN, &guard).await?)?;
            Ok((capabilities, job::status(&place, &guard).await?))
        });
        let (capabilities, status) = asked.map_err(|trouble: Trouble| trouble.open_error())?;
        Ok(Opened {
            identity: capabilities.identity.clone(),
            capabilities: capabilities.told(),
            status: status.told(),
            driver: Self {
                runtime,
                place,
                capabilities,
                poll: Duration::from_millis(config.poll_ms),
                silence: Duration::from_millis(config.silence_ms),
            },
        })
    }

    fn handle(&mut self, request: ScannerRequest, cx: &mut Cx<Scanner>) -> Result<ScannerReply, Failure> {
        let guard = Guard::new(cx.deadline(), cx.cancel_signal(), RESERVE);
        match request {
            ScannerRequest::Scan(request) => self.scan(&request, &guard, cx).map(ScannerReply::Scan),
            ScannerRequest::Status(_) => self.status(&guard).map(ScannerReply::Status),
        }
        .map_err(|trouble| trouble.failure())
    }

    fn idle(&mut self) -> Result<ScannerStatus, Failure> {
        self.status(&Guard::within(PROBE_WITHIN)).map_err(|trouble| trouble.failure())
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl Escl {
    fn scan(&self, request: &ScanRequest, guard: &Guard, cx: &mut Cx<Scanner>) -> Result<ScanReport, Trouble> {
        let settings = Settings::of(request, &self.capabilities)?;
        self.runtime.block_on(Scan::new(&self.place, guard, self.silence, request).run(&settings, cx))
    }

    fn status(&self, guard: &Guard) -> Result<ScannerStatus, Trouble> {
        self.runtime.block_on(job::status(&self.place, guard)).map(|status| status.told())
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Escl>()
}
