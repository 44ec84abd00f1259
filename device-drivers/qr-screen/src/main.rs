//! A second screen that shows QR codes, at `screen:NAME`. The device is the gateway's page `/screen.html?device=NAME`, open
//! in a browser on that screen: it looks at this driver's live pictures.
//!
//! The picture that is shown is sent again and again, so that the page knows that everything behind it lives; it blanks
//! itself when none comes. While no page looks, the screen does not answer, and nothing can be shown.

mod screen;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::personal::PersonalText;
use kiosk_driver_sdk::protocol::pictures::PICTURE_MAX;
use kiosk_driver_sdk::protocol::qr_display::{
    QrDisplay, QrDisplayCapabilities, QrDisplayRequest, QrDisplayStatus, ShowRequest,
};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened, Pictures};
use kiosk_qr_content::{Content, Font, Picture, content};
use screen::Screen;
use serde::Deserialize;

/// Sides of the picture, pixels.
const SIDES: std::ops::RangeInclusive<u16> = 120..=4_096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Width of the picture, pixels; the page fits it to the screen.
    #[serde(default = "default_width")]
    width: u16,
    /// Height of the picture, pixels.
    #[serde(default = "default_height")]
    height: u16,
}

fn default_width() -> u16 {
    1_280
}

fn default_height() -> u16 {
    800
}

struct QrScreen {
    config: Config,
    font: Font,
    name: String,
    screen: Option<Screen>,
}

impl Driver for QrScreen {
    type Kind = QrDisplay;
    type Config = Config;
    const NAME: &'static str = "qr-screen";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["screen"])?;
        for (side, pixels) in [("width", config.width), ("height", config.height)] {
            if !SIDES.contains(&pixels) {
                let range = format!("{} to {}", SIDES.start(), SIDES.end());
                return Err(OpenError::BadConfig(format!("config.{side} is {pixels} pixels; use {range}")));
            }
        }
        let capabilities = QrDisplayCapabilities {
            width: Some(config.width),
            height: Some(config.height),
            images: true,
            captions: true,
        };
        let font = Font::load().map_err(OpenError::BadConfig)?;
        let driver = Self { config, font, name: address.rest.clone(), screen: None };
        Ok(Opened {
            driver,
            identity: Identity { model: Some("screen page".into()), ..Identity::default() },
            capabilities,
            status: QrDisplayStatus { showing: false },
        })
    }

    fn pictures(&mut self, pictures: Pictures) {
        self.screen = Some(Screen::new(pictures));
    }

    fn handle(&mut self, request: QrDisplayRequest, cx: &mut Cx<QrDisplay>) -> Result<QrDisplayStatus, Failure> {
        match request {
            QrDisplayRequest::Show(request) => {
                let bytes = self.draw(&request, cx)?;
                self.screen()?.show(bytes, Instant::now() + Duration::from_secs(request.expires_s.into()));
            }
            QrDisplayRequest::Clear(_) => self.screen()?.clear(),
            QrDisplayRequest::Status(_) => {}
        }
        self.status()
    }

    fn idle(&mut self) -> Result<QrDisplayStatus, Failure> {
        self.status()
    }

    fn idle_every(&self) -> Duration {
        Duration::from_millis(200)
    }
}

impl QrScreen {
    fn draw(&self, request: &ShowRequest, cx: &Cx<QrDisplay>) -> Result<Vec<u8>, Failure> {
        let caption = request.caption.as_ref().map(PersonalText::expose);
        let size = (self.config.width.into(), self.config.height.into());
        let bytes = match content(request)? {
            Content::Code(text) => Picture::of_code(&text, caption, size, &self.font)?.png(),
            Content::Image(blob) => Picture::of_image(cx.attachment(blob)?, caption, size, &self.font)?.jpeg(),
        };
        if bytes.len() > PICTURE_MAX as usize {
            let detail = "the picture is too detailed for this screen; configure a smaller width and height";
            return Err(Failure::new(ErrorCode::TooLarge, detail));
        }
        Ok(bytes)
    }

    fn status(&self) -> Result<QrDisplayStatus, Failure> {
        Ok(QrDisplayStatus { showing: self.screen()?.is_showing() })
    }

    /// The screen, if somebody looks.
    fn screen(&self) -> Result<&Screen, Failure> {
        self.screen.as_ref().filter(|screen| screen.is_watched()).ok_or_else(|| {
            let detail = format!(
                "no screen page is open; open /screen.html?device=NAME of this gateway, full screen, in a browser on the \
                 screen `{}`",
                self.name
            );
            Failure::new(ErrorCode::DeviceSilent, detail)
        })
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<QrScreen>()
}
