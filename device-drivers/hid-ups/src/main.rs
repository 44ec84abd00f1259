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
use place::Place;
use power::Power;
use serde::Deserialize;

/// Figures (charge, runtime, load) change slowly; flags are asked for each time.
const FIGURES_EVERY: Duration = Duration::from_secs(3);
/// With so many looks in a row that gave no flag, what is known is no longer believed.
const SILENT_LOOKS: u32 = 3;

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
    /// Looks in a row in which the device gave no flag.
    silent: u32,
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
        let (device, plan, identity) = Place::of(address)?.open()?;
        let capabilities = plan.capabilities();
        let poll = Duration::from_millis(config.poll_ms);
        let mut driver = Self { device, plan, power: Power::default(), poll, figures_at: None, silent: 0 };
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
        let mut heard = false;
        while let Some(report) = self.device.sent()? {
            heard |= self.power.take(&self.plan.inputs, &report);
        }
        let figures = self.figures_at.is_none_or(|at| at.elapsed() >= FIGURES_EVERY);
        if figures {
            self.figures_at = Some(Instant::now());
        }
        let mut asked = 0_usize;
        let mut refused = None;
        for wanted in self.plan.features.iter().filter(|wanted| wanted.has_flag || figures) {
            asked += usize::from(wanted.has_flag);
            match self.device.ask(wanted.id, wanted.bytes) {
                Ok(report) => heard |= self.power.take(&self.plan.features, &report),
                Err(error @ DeviceError::Gone(_)) => return Err(error),
                Err(error) => refused = Some(error),
            }
        }
        // A device that only speaks when something changes is not silent when it says nothing.
        self.silent = if heard || asked == 0 { 0 } else { self.silent + 1 };
        match refused {
            Some(error) if self.silent >= SILENT_LOOKS => Err(error),
            _ => Ok(self.power.status()),
        }
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<HidUps>()
}
