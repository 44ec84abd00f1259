//! The driver's settings, and the private folder that libsane gets its configuration from: only the one backend that is
//! needed is loaded, and what else is configured on the machine does not matter.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::scanner::ScanSource;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::names;

/// Where the backends' packages keep their configuration (`sane-dll`(5), FILES).
const SYSTEM: &str = "/etc/sane.d";
/// Longest configuration of a backend, bytes.
const CONF_MAX: usize = 1 << 20;

/// `[devices.NAME.config]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// For a `usb:` address: the SANE backend that knows the scanner, for example `genesys`.
    pub(crate) backend: Option<String>,
    /// The text of the backend's own configuration file; absent: the machine's `/etc/sane.d/BACKEND.conf`.
    pub(crate) conf: Option<String>,
    /// Options of the backend that are set for every scan, for example `brightness = 10` (`scanimage -A` lists them).
    pub(crate) options: BTreeMap<String, Value>,
    /// The backend's own word for a source, where this driver does not know it.
    pub(crate) sources: HashMap<ScanSource, String>,
    /// How good the pages' JPEG is, 30 to 100.
    pub(crate) jpeg_quality: u8,
    /// How often the scanner's sensors are read and its cable is looked at, milliseconds.
    pub(crate) poll_ms: u64,
    /// How long it may say nothing while it scans, milliseconds; some warm up for half a minute.
    pub(crate) silence_ms: u64,
    /// How long the backend may take to end a scan that was cancelled, or whose time ran out, milliseconds. After that
    /// the driver kills itself, and the gateway starts it anew.
    pub(crate) give_up_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            backend: None,
            conf: None,
            options: BTreeMap::new(),
            sources: HashMap::new(),
            jpeg_quality: 90,
            poll_ms: 1000,
            silence_ms: 45_000,
            give_up_ms: 15_000,
        }
    }
}

impl Config {
    /// Refuses what cannot be meant.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], naming the setting and its limits.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        for (name, value, allowed) in [
            ("jpeg_quality", self.jpeg_quality.into(), 30..=100),
            ("poll_ms", self.poll_ms, 200..=60_000),
            ("silence_ms", self.silence_ms, 1000..=300_000),
            ("give_up_ms", self.give_up_ms, 500..=120_000),
        ] {
            if !allowed.contains(&value) {
                let (least, most) = allowed.into_inner();
                return Err(OpenError::BadConfig(format!("config.{name} is {value}; use {least} to {most}")));
            }
        }
        if let Some(length) = self.conf.as_ref().map(String::len).filter(|length| *length > CONF_MAX) {
            return Err(OpenError::BadConfig(format!(
                "config.conf is {length} bytes long; at most {CONF_MAX} are taken"
            )));
        }
        let taken = [names::SOURCE, names::MODE, names::RESOLUTION, names::X_RESOLUTION, names::Y_RESOLUTION];
        let taken = taken.iter().chain(&names::CORNERS).find(|name| self.options.contains_key(**name));
        taken.map_or(Ok(()), |name| {
            Err(OpenError::BadConfig(format!("config.options.{name}: each scan says this itself; leave it out")))
        })
    }

    /// Makes the folder. It is removed with the value; nothing in it is needed any more once the device is open.
    ///
    /// # Errors
    /// [`OpenError::Fault`] if it cannot be written, [`OpenError::BadConfig`] if the machine's file cannot be read.
    pub(crate) fn folder(&self, backend: &str) -> Result<TempDir, OpenError> {
        self.folder_from(backend, Path::new(SYSTEM))
    }

    fn folder_from(&self, backend: &str, system: &Path) -> Result<TempDir, OpenError> {
        let name = format!("{backend}.conf");
        let conf = match &self.conf {
            Some(conf) => Some(conf.clone().into_bytes()),
            None => match std::fs::read(system.join(&name)) {
                Ok(conf) => Some(conf),
                // Not every backend has one.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => {
                    return Err(OpenError::BadConfig(format!("cannot read {}: {error}", system.join(&name).display())));
                }
            },
        };
        let write = || {
            let folder = tempfile::Builder::new().prefix(&format!("kiosk-sane-{}-", std::process::id())).tempdir()?;
            std::fs::write(folder.path().join("dll.conf"), format!("{backend}\n"))?;
            if let Some(conf) = conf {
                std::fs::write(folder.path().join(&name), conf)?;
            }
            Ok(folder)
        };
        write().map_err(|error: std::io::Error| {
            OpenError::Fault(format!(
                "cannot write libsane's configuration into {}: {error}",
                std::env::temp_dir().display()
            ))
        })
    }
}
