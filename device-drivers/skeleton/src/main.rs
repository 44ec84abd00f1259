//! The driver to copy when writing a new one.
//!
//! Its device is a make-believe UPS: it answers the line `STATUS` with one line, `mains 81.5` or `battery 40 low`.
//! A new driver needs five things, in this order:
//! 1. a copy of this folder with its own name in `Cargo.toml` and `driver.toml`;
//! 2. the kind of device it serves (`type Kind`), and with it the requests, replies and status;
//! 3. `wire.rs`: the device's commands and answers as values, no I/O, unit tests with real bytes;
//! 4. `open`, `handle` and `idle` below;
//! 5. `cargo test -p kiosk-tests seam`, which holds it to the contract of the seam.

mod wire;

use std::process::ExitCode;
use std::time::Duration;

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::ups::{Ups, UpsCapabilities, UpsRequest, UpsStatus};
use kiosk_driver_sdk::{Address, Cx, Driver, Link, OpenError, Opened, Until, link};
use serde::Deserialize;

/// How long the device may take to answer one line.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How often the device is asked, milliseconds.
    #[serde(default = "default_poll_ms")]
    poll_ms: u64,
}

fn default_poll_ms() -> u64 {
    500
}

struct Skeleton {
    link: Box<dyn Link>,
    poll: Duration,
}

impl Driver for Skeleton {
    type Kind = Ups;
    type Config = Config;
    const NAME: &'static str = "skeleton";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        if !(100..=60_000).contains(&config.poll_ms) {
            return Err(OpenError::BadConfig(format!("config.poll_ms is {}; use 100 to 60000", config.poll_ms)));
        }
        let link = link::open(address, Duration::from_secs(3))?;
        let mut driver = Self { link, poll: Duration::from_millis(config.poll_ms) };
        let status = driver.ask(&Until::within(ANSWER_WITHIN)).map_err(|failure| OpenError::Fault(failure.detail))?;
        let identity = Identity { model: Some("make-believe UPS".into()), ..Identity::default() };
        let capabilities = UpsCapabilities { charge: true, runtime: false, load: false };
        Ok(Opened { driver, identity, capabilities, status })
    }

    fn handle(&mut self, request: UpsRequest, cx: &mut Cx<Ups>) -> Result<UpsStatus, Failure> {
        match request {
            UpsRequest::Status(_) => self.ask(&cx.until().at_most(ANSWER_WITHIN)),
        }
    }

    fn idle(&mut self) -> Result<UpsStatus, Failure> {
        self.ask(&Until::within(ANSWER_WITHIN))
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl Skeleton {
    fn ask(&mut self, until: &Until) -> Result<UpsStatus, Failure> {
        self.link.write_all(wire::STATUS, until)?;
        let mut line = Vec::new();
        loop {
            let mut buffer = [0; 64];
            let n = self.link.read(&mut buffer, until)?;
            line.extend_from_slice(&buffer[..n]);
            if let Some(status) = wire::parse_answer(&line) {
                return status.map_err(|error| Failure::new(ErrorCode::DeviceFault, error.to_string()));
            }
        }
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Skeleton>()
}
