//! A kiosk's devices started together, with one control port: what `kiosk-simulate` runs and what tests can hold.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::control::{self, Control, Devices};
use crate::device::Device;
use crate::printer::{self, Printer};
use crate::scanner::{self, Scanner};
use crate::ups::{self, Ups};

/// What to start; a device that is none is left out.
#[derive(Debug, Clone)]
pub struct Options {
    /// The scanner.
    pub scanner: Option<scanner::Options>,
    /// The printer.
    pub printer: Option<printer::Options>,
    /// The UPS.
    pub ups: Option<ups::Options>,
    /// Port of the control port on 127.0.0.1; 0: any.
    pub control_port: u16,
    /// The web pages that may use the control port.
    pub allow_origin: Option<String>,
}

/// Why the kiosk does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The scanner.
    #[error(transparent)]
    Scanner(#[from] scanner::StartError),
    /// The printer.
    #[error(transparent)]
    Printer(#[from] printer::StartError),
    /// The UPS.
    #[error(transparent)]
    Ups(#[from] ups::StartError),
    /// The control port.
    #[error(transparent)]
    Control(#[from] control::StartError),
}

/// Where everything listens; the one line that `kiosk-simulate` prints when it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// `http://127.0.0.1:PORT`
    pub control: String,
    /// `http://127.0.0.1:PORT/eSCL`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanner: Option<String>,
    /// `tcp:127.0.0.1:PORT`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printer: Option<String>,
    /// `nut://127.0.0.1:PORT/NAME`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ups: Option<String>,
}

/// The running devices; dropping them ends them.
#[derive(Debug)]
pub struct Kiosk {
    /// The devices, also for direct use.
    pub devices: Devices,
    control: Control,
}

impl Kiosk {
    /// Starts all; everything listens when this returns.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let mut devices = Devices::default();
        if let Some(options) = options.scanner {
            devices.scanner = Some(Arc::new(Scanner::start(options).await?));
        }
        if let Some(options) = options.printer {
            devices.printer = Some(Arc::new(Printer::start(options).await?));
        }
        if let Some(options) = options.ups {
            devices.ups = Some(Arc::new(Ups::start(options).await?));
        }
        let control = Control::start(options.control_port, devices.clone(), options.allow_origin).await?;
        Ok(Self { devices, control })
    }

    /// Where everything listens.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        let devices = &self.devices;
        Addresses {
            control: self.control.url(),
            scanner: devices.scanner.as_ref().map(|scanner| scanner.url()),
            printer: devices.printer.as_ref().map(|printer| format!("tcp:{}", printer.plug().address())),
            ups: devices.ups.as_ref().map(|ups| ups.url()),
        }
    }
}

/// The sample documents beside this crate's source.
#[must_use]
pub fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"))
}
