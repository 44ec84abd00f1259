//! Uninterruptible power supplies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{DeviceKind, Kind};
use crate::session::Empty;

/// The UPS kind.
pub struct Ups;

impl DeviceKind for Ups {
    const KIND: Kind = Kind::Ups;
    type Request = UpsRequest;
    type Reply = UpsStatus;
    type Event = NoEvent;
    type Status = UpsStatus;
    type Capabilities = UpsCapabilities;
}

/// A UPS says nothing while it answers; changes go out as its status.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum NoEvent {}

/// What a UPS may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum UpsRequest {
    /// Ask the device for its status now.
    #[serde(rename = "ups.status")]
    Status(Empty),
}

/// Where the power comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PowerSource {
    /// From the mains.
    Mains,
    /// From the battery.
    Battery,
    /// Nobody can tell: the UPS does not say, or does not answer. Never to be taken for mains.
    Unknown,
}

/// How a UPS is. Figures that it does not tell are absent, never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UpsStatus {
    /// Where the power comes from.
    pub power: PowerSource,
    /// The UPS says that its battery is low: finish and stop.
    pub battery_low: bool,
    /// The UPS says that its battery must be replaced.
    pub replace_battery: bool,
    /// Charge of the battery, 0 to 100 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_percent: Option<f32>,
    /// How long the battery lasts at the present load, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_s: Option<u32>,
    /// Load, per cent of what it can give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_percent: Option<f32>,
}

/// What a UPS can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpsCapabilities {
    /// It tells the charge.
    pub charge: bool,
    /// It tells the runtime.
    pub runtime: bool,
    /// It tells the load.
    pub load: bool,
}
