//! A driver whose device answers at once: what is left is the way through gateway, seam and SDK.

use std::process::ExitCode;

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::protocol::ups::{PowerSource, Ups, UpsCapabilities, UpsRequest, UpsStatus};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};

struct Instant;

const STATUS: UpsStatus = UpsStatus {
    power: PowerSource::Mains,
    battery_low: false,
    replace_battery: false,
    charge_percent: Some(100.0),
    runtime_s: Some(600),
    load_percent: Some(10.0),
};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {}

impl Driver for Instant {
    type Kind = Ups;
    type Config = Config;
    const NAME: &'static str = "instant";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(_: &Address, Config {}: Config) -> Result<Opened<Self>, OpenError> {
        let capabilities = UpsCapabilities { charge: true, runtime: true, load: true };
        Ok(Opened { driver: Self, identity: Identity::default(), capabilities, status: STATUS })
    }

    fn handle(&mut self, _: UpsRequest, _: &mut Cx<Ups>) -> Result<UpsStatus, Failure> {
        Ok(STATUS)
    }

    fn idle(&mut self) -> Result<UpsStatus, Failure> {
        Ok(STATUS)
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Instant>()
}
