//! UPSes at a USB port, straight from their HID reports (USB-IF, "Usage Tables for HID Power Devices", release 1.1), at
//! `usb:VVVV:PPPP` or `hid:/dev/hidrawN`.
//!
//! The device says in its report descriptor which of its reports has which figure ([`descriptor`]); those reports are
//! asked for in turn, and those that it sends by itself are heard at once ([`device`]); [`power`] makes a status of them.
//!
//! What is not here: switching anything off, and other programs' needs. A UPS server (`usbhid-ups`) takes the device
//! away from the kernel and so from this driver: use one of them.

mod descriptor;
mod device;
mod place;
mod power;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use descriptor::Plan;
use device::{Device, DeviceError};
use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::protocol::ups::{Ups, UpsRequest, UpsStatus};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use power::Power;
use serde::Deserialize;

/// Figures (charge, runtime, load) change slowly; flags are asked for each time.
const FIGURES_EVERY: Duration = Duration::from_secs(3);
/// After so long without a flag, what is known is no longer believed.
const SILENT_FOR: Duration = Duration::from_secs(1);
/// With so many refusals in a row, what a report told is forgotten.
const REFUSALS: u8 = 3;
/// One look asks for no more reports after so long: a silent device lets the kernel wait for five seconds each time.
const ASK_WITHIN: Duration = Duration::from_secs(1);
/// Most reports that are heard in one look: a device that never stops must not hold up the driver.
const HEARD_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How often the device is asked whether it is on battery, milliseconds, 100 to 60,000.
    #[serde(default = "default_poll_ms")]
    poll_ms: u64,
}

fn default_poll_ms() -> u64 {
    500
}

struct HidUps {
    device: Device,
    plan: Plan,
    power: Power,
    poll: Duration,
    figures_at: Option<Instant>,
    /// Since when the device has given no flag, although it was asked.
    silent: Option<Instant>,
    /// How often in a row each of the reports that are asked for was not given.
    refusals: Vec<u8>,
}

impl Driver for HidUps {
    type Kind = Ups;
    type Config = Config;
    const NAME: &'static str = "hid-ups";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        if !(100..=60_000).contains(&config.poll_ms) {
            return Err(OpenError::BadConfig(format!("config.poll_ms is {}; use 100 to 60000", config.poll_ms)));
        }
        let (device, plan, identity) = place::open(address)?;
        let capabilities = plan.capabilities();
        let poll = Duration::from_millis(config.poll_ms);
        let refusals = vec![0; plan.features.len()];
        let power = Power::default();
        let mut driver = Self { device, plan, power, poll, figures_at: None, silent: None, refusals };
        let status = driver.look().map_err(|failure| match failure {
            DeviceError::Gone(_) => OpenError::Absent(failure.to_string()),
            DeviceError::Broken(_) => OpenError::Fault(failure.to_string()),
        })?;
        Ok(Opened { driver, identity, capabilities, status })
    }

    fn handle(&mut self, request: UpsRequest, _cx: &mut Cx<Ups>) -> Result<UpsStatus, Failure> {
        match request {
            UpsRequest::Status(_) => self.look().map_err(DeviceError::failure),
        }
    }

    fn idle(&mut self) -> Result<UpsStatus, Failure> {
        self.look().map_err(DeviceError::failure)
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl HidUps {
    /// Hears what the device sent by itself, asks for the rest, and says how it is.
    fn look(&mut self) -> Result<UpsStatus, DeviceError> {
        let began = Instant::now();
        let mut heard = false;
        for _ in 0..HEARD_MAX {
            let Some(report) = self.device.sent(self.plan.numbered)? else { break };
            heard |= self.power.take(&self.plan.inputs, &report) == Some(true);
        }
        let figures = self.figures_at.is_none_or(|at| at.elapsed() >= FIGURES_EVERY);
        if figures {
            self.figures_at = Some(began);
        }
        let (mut asked, mut trouble) = (false, None);
        for (wanted, refusals) in self.plan.features.iter().zip(&mut self.refusals) {
            if !wanted.has_flag && !figures {
                continue;
            }
            asked |= wanted.has_flag;
            let told = match self.device.ask(wanted.id, wanted.bytes) {
                // An answer with another number is an answer to nothing.
                Ok(report) if report.first() == Some(&wanted.id) => self.power.take(&self.plan.features, &report),
                Ok(_) => None,
                Err(error @ DeviceError::Gone(_)) => return Err(error),
                Err(error) => {
                    trouble = Some(error);
                    None
                }
            };
            heard |= told == Some(true);
            *refusals = if told.is_some() { 0 } else { refusals.saturating_add(1) };
            if *refusals >= REFUSALS {
                self.power.forget(wanted);
            }
            if began.elapsed() >= ASK_WITHIN {
                break;
            }
        }
        // A device that only speaks when something changes is not silent when it says nothing.
        self.silent = if asked && !heard { self.silent.or(Some(began)) } else { None };
        match self.silent {
            Some(since) if since.elapsed() >= SILENT_FOR => Err(trouble.unwrap_or_else(DeviceError::nonsense)),
            _ => Ok(self.power.status()),
        }
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<HidUps>()
}
