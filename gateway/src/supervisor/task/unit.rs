//! What a device's task must know of its device.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kiosk_protocol::device::{DeviceId, DeviceState, DeviceView, Facts, Kind};
use serde_json::Value;

use crate::config::Supervision;

/// What a device's task must know.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The device's name.
    pub device: DeviceId,
    /// The driver's name.
    pub driver: String,
    /// The kind that it must serve.
    pub kind: Kind,
    /// The driver's program.
    pub program: PathBuf,
    /// Where the device is.
    pub address: String,
    /// The driver's settings.
    pub config: Value,
    /// Variables of the driver's environment.
    pub environment: BTreeMap<String, String>,
    /// How long the driver may take.
    pub patience: Supervision,
}

impl Unit {
    /// It may be plugged into this machine, unlike what is reached over a network and unlike the gateway's own workers.
    pub fn is_local(&self) -> bool {
        let scheme = self.address.split_once(':').map_or("", |(scheme, _)| scheme);
        !["tcp", "http", "https", "nut", "ipp", "ipps", "worker"].contains(&scheme)
    }

    /// The device before its driver has said anything.
    pub fn first_view(&self) -> DeviceView {
        DeviceView {
            device: self.device.clone(),
            driver: self.driver.clone(),
            state: DeviceState::Starting,
            identity: None,
            problem: None,
            facts: Facts::unknown(self.kind),
        }
    }
}
