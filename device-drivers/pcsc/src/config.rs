//! The driver's settings.

use std::path::PathBuf;
use std::time::Duration;

use kiosk_driver_sdk::OpenError;
use serde::Deserialize;

/// `[devices.NAME.config]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Pages may speak to cards with `card_reader.transmit`.
    pub(crate) allow_transmit: bool,
    /// How often pcscd is asked what is in the slot while there is nothing to do, milliseconds.
    poll_ms: u64,
    /// A card that nobody has spoken to for so long is reset, so that nothing stays unlocked on it, milliseconds.
    reset_after_ms: u64,
    /// A folder with the certificates of the authorities that are trusted to sign identity cards (CSCA; `*.cer`, `*.crt`,
    /// `*.der`) and their revocation lists (`*.crl`), all DER. Without it, no card is proven genuine.
    pub(crate) trusted: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self { allow_transmit: false, poll_ms: 250, reset_after_ms: 30_000, trusted: None }
    }
}

impl Config {
    /// Refuses what cannot work, naming the key.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let limits = [("poll_ms", self.poll_ms, 50..=5_000), ("reset_after_ms", self.reset_after_ms, 100..=600_000)];
        for (key, value, range) in limits {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                return Err(OpenError::BadConfig(format!("config.{key} is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub(crate) fn reset_after(&self) -> Duration {
        Duration::from_millis(self.reset_after_ms)
    }
}
