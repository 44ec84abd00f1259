//! The driver's settings.

use std::time::Duration;

use kiosk_driver_sdk::OpenError;
use serde::Deserialize;

/// How a code ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Suffix {
    /// With a carriage return, a line feed or both; as a keyboard: with Enter.
    Line,
    /// With a carriage return (Enter); a line feed belongs to the code.
    Cr,
    /// With a line feed; a carriage return belongs to the code. Not as a keyboard.
    Lf,
    /// With both, in this order; one alone belongs to the code. Not as a keyboard.
    Crlf,
    /// With a tabulator.
    Tab,
    /// It begins with STX and ends with ETX. Not as a keyboard.
    StxEtx,
    /// When nothing came for a while.
    Pause,
}

/// How a scanner at a `usb:` address shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// As a HID POS scanner.
    HidPos,
    /// As a keyboard.
    Keyboard,
}

/// `[devices.NAME.config]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Of `usb:` addresses.
    pub(crate) mode: Mode,
    /// Of keyboards and serial ports.
    pub(crate) suffix: Suffix,
    /// Of keyboards and serial ports: each code begins with its AIM symbology identifier, for example `]Q1`.
    pub(crate) aim_prefix: bool,
    /// Of keyboards and serial ports: so long a pause ends a code, milliseconds. One that has another end is given up.
    pause_ms: u64,
    /// How often is looked for codes that nobody asked for, milliseconds.
    poll_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { mode: Mode::HidPos, suffix: Suffix::Line, aim_prefix: false, pause_ms: 500, poll_ms: 200 }
    }
}

impl Config {
    /// Refuses what cannot work, naming the key.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        for (key, value, range) in [("pause_ms", self.pause_ms, 20..=5_000), ("poll_ms", self.poll_ms, 50..=5_000)] {
            if !range.contains(&value) {
                let (least, most) = range.into_inner();
                return Err(OpenError::BadConfig(format!("config.{key} is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }

    pub(crate) fn pause(&self) -> Duration {
        Duration::from_millis(self.pause_ms)
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }
}
