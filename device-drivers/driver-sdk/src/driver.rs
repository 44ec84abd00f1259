//! What a driver must be able to do.

use std::time::Duration;

use kiosk_protocol::device::{DeviceKind, Identity};
use kiosk_protocol::error::Failure;
use kiosk_protocol::seam::ExitMeaning;
use serde::de::DeserializeOwned;

use crate::address::{Address, AddressError};
use crate::cx::Cx;
use crate::link::LinkError;
use crate::pictures::Pictures;

/// A driver: one device of one kind.
pub trait Driver: Sized {
    /// The kind of device, which decides the types of request, reply, event, status and capabilities.
    type Kind: DeviceKind;
    /// The driver's own settings, from `[devices.NAME.config]`. Derive `Deserialize` with `deny_unknown_fields`.
    type Config: DeserializeOwned;
    /// Its name, as in its `driver.toml`.
    const NAME: &'static str;
    /// Its version: `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;

    /// Opens the device. Has 10 seconds from the start of the process.
    ///
    /// # Errors
    /// What kind of trouble it is decides what the gateway does next.
    fn open(address: &Address, config: Self::Config) -> Result<Opened<Self>, OpenError>;

    /// Does what is asked and answers it, before `cx.deadline()` and soon after `cx.cancelled()`.
    ///
    /// # Errors
    /// The failure for the client. With code `device_absent` the process also ends, to be started again when the
    /// device is back.
    fn handle(
        &mut self,
        request: <Self::Kind as DeviceKind>::Request,
        cx: &mut Cx<Self::Kind>,
    ) -> Result<<Self::Kind as DeviceKind>::Reply, Failure>;

    /// Asks the device how it is; called whenever nothing is to be done for [`Driver::idle_every`]. Has 5 seconds.
    ///
    /// # Errors
    /// `device_absent` ends the process, anything else makes the device stale until this succeeds again.
    fn idle(&mut self) -> Result<<Self::Kind as DeviceKind>::Status, Failure>;

    /// Gets the way to send live pictures, once, when the device is open: for a driver of a kind that has them, which
    /// keeps it for a thread of its own. The default forgets it.
    fn pictures(&mut self, pictures: Pictures) {
        let _ = pictures;
    }

    /// How often the device is asked while nothing is to be done.
    fn idle_every(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// An opened device.
pub struct Opened<D: Driver> {
    /// The driver that holds it.
    pub driver: D,
    /// What the device says it is.
    pub identity: Identity,
    /// What it can do.
    pub capabilities: <D::Kind as DeviceKind>::Capabilities,
    /// How it is now.
    pub status: <D::Kind as DeviceKind>::Status,
}

/// Why a device could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address or configuration is wrong; nothing is tried until somebody changes it.
    #[error("{0}")]
    BadConfig(String),
    /// The device may not be opened by this user; nothing is tried until somebody changes that.
    #[error("{0}")]
    NoPermission(String),
    /// The device is not there; it is tried again until it appears.
    #[error("{0}")]
    Absent(String),
    /// The device is there but something is wrong; it is tried again with growing pauses.
    #[error("{0}")]
    Fault(String),
}

impl OpenError {
    pub(crate) fn meaning(&self) -> ExitMeaning {
        match self {
            Self::BadConfig(_) => ExitMeaning::BadConfig,
            Self::NoPermission(_) => ExitMeaning::NoPermission,
            Self::Absent(_) => ExitMeaning::DeviceAbsent,
            Self::Fault(_) => ExitMeaning::Fault,
        }
    }
}

impl From<AddressError> for OpenError {
    fn from(error: AddressError) -> Self {
        Self::BadConfig(error.to_string())
    }
}

impl From<LinkError> for OpenError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotPermitted { .. } => Self::NoPermission(error.to_string()),
            LinkError::BadAddress(_) => Self::BadConfig(error.to_string()),
            LinkError::Absent { .. } | LinkError::Closed { .. } => Self::Absent(error.to_string()),
            LinkError::Timeout { .. } | LinkError::Cancelled { .. } | LinkError::Stalled { .. } | LinkError::Io(_) => {
                Self::Fault(error.to_string())
            }
        }
    }
}
