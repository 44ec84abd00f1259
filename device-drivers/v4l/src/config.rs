//! The driver's settings, `[devices.NAME.config]`.

#[cfg(test)]
mod tests;

use std::time::Duration;

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::camera::CameraControls;
use serde::Deserialize;

/// The settings as they are written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The size of live pictures, `"1280x720"`. Absent: the largest that is not above that.
    pub(crate) preview: Option<Size>,
    /// Live pictures a second at most.
    pub(crate) fps: u16,
    /// Which pictures of the camera's are used.
    pub(crate) format: Format,
    /// So many pictures go by after the camera was switched on or to another size, until light and focus have settled.
    pub(crate) settle_frames: u16,
    /// Quality of pictures that are packed here, percent.
    pub(crate) quality: u8,
    /// How often the camera is looked after, milliseconds.
    pub(crate) poll_ms: u64,
    /// After so long without a picture the camera is started anew, milliseconds.
    pub(crate) stall_ms: u64,
    /// Focus, exposure and light that it is given at each start.
    pub(crate) controls: Option<CameraControls>,
}

/// Which of the formats that a camera offers are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// JPEG where the camera makes it, else raw pictures.
    #[default]
    Auto,
    /// JPEG of the camera's own only.
    Mjpeg,
    /// Raw pictures only, for cameras whose JPEG is poor.
    Raw,
}

/// Width and height, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let side = |text: &str| text.parse().ok().filter(|side| (16..=16_384).contains(side));
        let sides = text.split_once('x').and_then(|(width, height)| Some((side(width)?, side(height)?)));
        let (width, height) = sides
            .ok_or_else(|| format!("`{text}` is no size; write width and height in pixels, for example `1280x720`"))?;
        Ok(Self { width, height })
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            preview: None,
            fps: 30,
            format: Format::Auto,
            settle_frames: 5,
            quality: 85,
            poll_ms: 500,
            stall_ms: 2000,
            controls: None,
        }
    }
}

impl Config {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], naming the setting and its range.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        for (name, value, allowed) in [
            ("fps", u64::from(self.fps), 1..=240),
            ("settle_frames", u64::from(self.settle_frames), 0..=120),
            ("quality", u64::from(self.quality), 1..=100),
            ("poll_ms", self.poll_ms, 100..=60_000),
            ("stall_ms", self.stall_ms, 500..=60_000),
        ] {
            if !allowed.contains(&value) {
                let (least, most) = allowed.into_inner();
                return Err(OpenError::BadConfig(format!("config.{name} is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub(crate) fn stall(&self) -> Duration {
        Duration::from_millis(self.stall_ms)
    }
}
