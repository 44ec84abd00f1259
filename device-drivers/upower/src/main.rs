//! UPSes that UPower knows, at `upower:NAME` (the last part of its object path, for example `ups_hiddev0`) or
//! `upower:any` for the only one, over the system's D-Bus.
//!
//! UPower asks a UPS itself only every 30 s or so; this driver has it ask more often (`refresh_s`, 2 s), so that a mains
//! failure is not half a minute old when the kiosk hears of it. What UPower knows is here within `poll_ms` (0.5 s); so a low
//! battery reaches clients at most 2.5 s after the UPS says it, where `hid-ups` needs at most its 0.5 s. What UPower says of a UPS that was pulled out ("not on
//! battery") is never believed: a UPS that is not listed is absent.
//!
//! What is not here: anything cached. Each look is a method call, for a cache goes on answering when the service is dead.

mod bus;
mod status;

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use bus::{Bus, BusError};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::ups::{Ups, UpsCapabilities, UpsRequest, UpsStatus};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use serde::Deserialize;
use status::Properties;

/// One answer takes at most this. A look has two of them, and the gateway gives a look five seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How often UPower is asked what it knows, milliseconds, 100 to 60,000.
    #[serde(default = "default_poll_ms")]
    poll_ms: u64,
    /// How often UPower is told to ask the UPS, seconds; 0: as often as it does by itself.
    #[serde(default = "default_refresh_s")]
    refresh_s: u64,
    /// What UPower knows is stale when it is older than this, seconds; 0: never.
    #[serde(default = "default_stale_after_s")]
    stale_after_s: u64,
    /// The bus, where it is not the system's, for example `unix:path=/run/kiosk/bus`.
    bus: Option<String>,
}

fn default_poll_ms() -> u64 {
    500
}

fn default_refresh_s() -> u64 {
    2
}

fn default_stale_after_s() -> u64 {
    120
}

struct UPower {
    bus: Bus,
    config: Config,
    /// The UPS's object path.
    path: String,
    refreshed: Option<Instant>,
}

impl Driver for UPower {
    type Kind = Ups;
    type Config = Config;
    const NAME: &'static str = "upower";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["upower"])?;
        if !(100..=60_000).contains(&config.poll_ms) {
            return Err(OpenError::BadConfig(format!("config.poll_ms is {}; use 100 to 60000", config.poll_ms)));
        }
        if let Some(option) = address.options.keys().find(|option| *option != "serial") {
            return Err(OpenError::BadConfig(format!(
                "address `{}` has the option `{option}`; UPower's takes `serial`",
                address.text
            )));
        }
        let mut bus = Bus::connect(config.bus.as_deref(), ANSWER_WITHIN).map_err(open_error)?;
        let found = find(&mut bus, &address.rest, address.options.get("serial").map(String::as_str))?;
        let (path, properties) = found;
        let mut driver = Self { bus, config, path, refreshed: None };
        Ok(Opened {
            identity: Identity {
                maker: properties.text("Vendor"),
                model: properties.text("Model"),
                serial: properties.text("Serial"),
                firmware: None,
            },
            capabilities: UpsCapabilities { charge: true, runtime: true, load: false },
            status: driver.status().map_err(|failure| OpenError::Fault(failure.detail))?,
            driver,
        })
    }

    fn handle(&mut self, request: UpsRequest, _cx: &mut Cx<Ups>) -> Result<UpsStatus, Failure> {
        match request {
            UpsRequest::Status(_) => self.status(),
        }
    }

    fn idle(&mut self) -> Result<UpsStatus, Failure> {
        self.status()
    }

    fn idle_every(&self) -> Duration {
        Duration::from_millis(self.config.poll_ms)
    }
}

impl UPower {
    fn status(&mut self) -> Result<UpsStatus, Failure> {
        let every = Duration::from_secs(self.config.refresh_s);
        if !every.is_zero() && self.refreshed.is_none_or(|at| at.elapsed() >= every) {
            self.refreshed = Some(Instant::now());
            if let Err(error) = self.bus.refresh(&self.path) {
                tracing::debug!(%error, "UPower does not ask the UPS on request");
            }
        }
        let properties = self.bus.properties(&self.path).map_err(failure)?;
        if !properties.is_ups() {
            let detail = format!("UPower's `{}` is not a UPS that is there", self.path);
            return Err(Failure::new(ErrorCode::DeviceAbsent, detail));
        }
        let limit = Duration::from_secs(self.config.stale_after_s);
        match properties.age(SystemTime::now()) {
            Some(age) if !limit.is_zero() && age > limit => Err(Failure::new(
                ErrorCode::DeviceSilent,
                format!(
                    "what UPower knows of the UPS is {} s old; config.stale_after_s is {}",
                    age.as_secs(),
                    limit.as_secs()
                ),
            )),
            _ => Ok(properties.status()),
        }
    }
}

/// The UPS that the address means, and what UPower says of it.
fn find(bus: &mut Bus, name: &str, serial: Option<&str>) -> Result<(String, Properties), OpenError> {
    let mut fitting = Vec::new();
    for path in bus.devices().map_err(open_error)? {
        let properties = match bus.properties(&path) {
            // Pulled out since it was listed.
            Err(BusError::Gone(_)) => continue,
            other => other.map_err(open_error)?,
        };
        let named = name == "any" || path.rsplit('/').next() == Some(name);
        let right_serial = serial.is_none_or(|serial| properties.text("Serial").as_deref() == Some(serial));
        if named && right_serial && properties.is_ups() {
            fitting.push((path, properties));
        }
    }
    match fitting.len() {
        1 => Ok(fitting.remove(0)),
        0 => Err(OpenError::Absent(format!("UPower knows no UPS `{name}`; `upower --enumerate` lists what it knows"))),
        _ => {
            let all: Vec<String> = fitting
                .iter()
                .map(|(path, properties)| {
                    let serial =
                        properties.text("Serial").map(|serial| format!(" (serial {serial})")).unwrap_or_default();
                    format!("`upower:{}`{serial}", path.rsplit('/').next().unwrap_or_default())
                })
                .collect();
            Err(OpenError::BadConfig(format!("UPower knows several UPSes; write one of {}", all.join(", "))))
        }
    }
}

fn failure(error: BusError) -> Failure {
    let code = match &error {
        BusError::NoBus(_) | BusError::NoService | BusError::Gone(_) => ErrorCode::DeviceAbsent,
        BusError::Late => ErrorCode::DeviceSilent,
        BusError::Refused(_) | BusError::Nonsense(_) => ErrorCode::DeviceFault,
    };
    Failure::new(code, error.to_string())
}

fn open_error(error: BusError) -> OpenError {
    match &error {
        BusError::NoBus(_) | BusError::NoService | BusError::Gone(_) => OpenError::Absent(error.to_string()),
        BusError::Refused(_) => OpenError::NoPermission(error.to_string()),
        BusError::Late | BusError::Nonsense(_) => OpenError::Fault(error.to_string()),
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<UPower>()
}
