//! Display panels at a serial port that draw QR codes themselves, at `serial:/dev/NAME?baud=N` (a Nextion panel has 9600
//! as it is delivered, a DGUS II panel 115200) or behind a serial server at `tcp:HOST:PORT`.
//!
//! `config` says which protocol and where on the panel things are; `panel` says in its words what is shown, `line` holds
//! the conversation, `wire` has the bytes. Nothing is left on the panel: it is cleared when it is opened, when the time
//! is over, after anything went wrong, and when the driver ends.
//!
//! What is not here: pictures. The panels draw what is in their project, and a code of the text that they are given.

mod config;
mod line;
mod panel;
#[cfg(test)]
mod tests;
mod wire;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::personal::PersonalText;
use kiosk_driver_sdk::protocol::qr_display::{
    QrDisplay, QrDisplayCapabilities, QrDisplayRequest, QrDisplayStatus, ShowRequest,
};
use kiosk_driver_sdk::{Address, CancelSignal, Cx, Driver, Link, OpenError, Opened, Until, link};
use kiosk_qr_content::{Content, content};
use unicode_normalization::UnicodeNormalization;

use config::Config;
use line::Line;
use panel::dgus::Dgus;
use panel::nextion::Nextion;
use panel::{Life, Panel, Shown};

/// How long the link may take to open.
const OPENS_WITHIN: Duration = Duration::from_secs(3);
/// How long the first conversation may take: a driver has ten seconds to be ready.
const BEGINS_WITHIN: Duration = Duration::from_secs(6);
/// How long the conversation between two requests may take: the SDK gives it five seconds.
const IDLE_WITHIN: Duration = Duration::from_secs(4);
/// How long the last conversation may take.
const ENDS_WITHIN: Duration = Duration::from_secs(1);
/// How often the time of what is shown is looked at.
const LOOKS_EVERY: Duration = Duration::from_millis(200);
/// How often the panel is asked for a sign of life.
const ASKS_EVERY: Duration = Duration::from_millis(1_000);

/// What is on the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Nothing,
    Until(Instant),
    /// Something went wrong on the way: it must be set up and cleared.
    Unknown,
}

struct QrSerial {
    panel: Box<dyn Panel>,
    state: State,
    asked: Instant,
}

impl Driver for QrSerial {
    type Kind = QrDisplay;
    type Config = Config;
    const NAME: &'static str = "qr-serial";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["serial", "tcp"])?;
        config.check()?;
        Self::begin(link::open(address, OPENS_WITHIN)?, config)
    }

    fn handle(&mut self, request: QrDisplayRequest, cx: &mut Cx<QrDisplay>) -> Result<QrDisplayStatus, Failure> {
        let done = match request {
            QrDisplayRequest::Show(request) => self.show(&request, &cx.until()),
            QrDisplayRequest::Clear(_) => self.forget(&cx.until()),
            QrDisplayRequest::Status(_) => self.look(&cx.until()),
        };
        // A request that ran out of time says so, not that the panel was silent.
        done.map_err(|failure| match failure.code {
            ErrorCode::DeviceSilent => cx.check().err().unwrap_or(failure),
            _ => failure,
        })?;
        Ok(self.status())
    }

    fn idle(&mut self) -> Result<QrDisplayStatus, Failure> {
        let until = Until::within(IDLE_WITHIN);
        match self.state {
            State::Until(end) if Instant::now() >= end => self.forget(&until)?,
            State::Unknown => self.look(&until)?,
            State::Nothing | State::Until(_) if self.asked.elapsed() >= ASKS_EVERY => self.look(&until)?,
            State::Nothing | State::Until(_) => {}
        }
        Ok(self.status())
    }

    fn idle_every(&self) -> Duration {
        LOOKS_EVERY
    }
}

impl QrSerial {
    fn begin(link: Box<dyn Link>, config: Config) -> Result<Opened<Self>, OpenError> {
        let identity = link.identity();
        let line = Line::new(link);
        let (model, mut panel): (_, Box<dyn Panel>) = match config {
            Config::Nextion(config) => ("Nextion", Box::new(Nextion::new(line, config))),
            Config::Dgus(config) => ("DGUS II", Box::new(Dgus::new(line, config))),
        };
        panel.begin(&Until::within(BEGINS_WITHIN)).map_err(|failure| match failure.code {
            ErrorCode::DeviceAbsent => OpenError::Absent(failure.detail),
            _ => OpenError::Fault(failure.detail),
        })?;
        let capabilities =
            QrDisplayCapabilities { width: None, height: None, images: false, captions: panel.has_captions() };
        let identity = Identity { model: identity.model.or(Some(model.into())), ..identity };
        let driver = Self { panel, state: State::Nothing, asked: Instant::now() };
        Ok(Opened { driver, identity, capabilities, status: QrDisplayStatus { showing: false } })
    }

    fn status(&self) -> QrDisplayStatus {
        QrDisplayStatus { showing: matches!(self.state, State::Until(_)) }
    }

    fn show(&mut self, request: &ShowRequest, until: &Until) -> Result<(), Failure> {
        let Content::Code(text) = content(request)? else {
            let detail = "this panel draws QR codes only, no pictures; show the text or the payment itself";
            return Err(Failure::new(ErrorCode::Unsupported, detail));
        };
        // The panels' fonts have composed letters only.
        let caption = request.caption.as_ref().map(PersonalText::expose).unwrap_or_default();
        let caption: String = if self.panel.has_captions() { caption.nfc().collect() } else { String::new() };
        let shown = Shown { text: &text, caption: &caption };
        self.panel.check(shown)?;
        self.recover(until)?;
        self.state = State::Unknown;
        if let Err(failure) = self.panel.show(shown, until) {
            // It may have started anew since it was last looked at, and have said so to nobody: it is set up and told
            // once more. A pulled cable and a time that is over stay what they are.
            let is_over = until.deadline <= Instant::now() || until.cancel.as_ref().is_some_and(CancelSignal::is_set);
            if failure.code == ErrorCode::DeviceAbsent || is_over {
                return Err(failure);
            }
            tracing::info!(code = ?failure.code, "the panel did not do what it was told; setting it up again");
            self.recover(until)?;
            self.state = State::Unknown;
            self.panel.show(shown, until)?;
        }
        self.state = State::Until(Instant::now() + Duration::from_secs(request.expires_s.into()));
        Ok(())
    }

    /// Takes what is shown away.
    fn forget(&mut self, until: &Until) -> Result<(), Failure> {
        self.recover(until)?;
        self.state = State::Unknown;
        self.panel.clear(until)?;
        self.state = State::Nothing;
        Ok(())
    }

    /// Looks whether the panel is there and has what it was told.
    fn look(&mut self, until: &Until) -> Result<(), Failure> {
        self.recover(until)?;
        match self.panel.ask(until) {
            Ok(Life::Kept) => {
                self.asked = Instant::now();
                Ok(())
            }
            Ok(Life::Lost) => {
                self.state = State::Unknown;
                self.recover(until)
            }
            Err(failure) => {
                // It stays due: the panel is stale until it answers, and time still takes away what it shows.
                self.asked = Instant::now().checked_sub(ASKS_EVERY).unwrap_or_else(Instant::now);
                Err(failure)
            }
        }
    }

    /// After something went wrong nothing is relied on.
    fn recover(&mut self, until: &Until) -> Result<(), Failure> {
        if self.state == State::Unknown {
            self.panel.begin(until)?;
            self.state = State::Nothing;
            self.asked = Instant::now();
        }
        Ok(())
    }
}

impl Drop for QrSerial {
    fn drop(&mut self) {
        self.panel.hurry();
        // Nobody is there to be told.
        let _ = self.panel.clear(&Until::within(ENDS_WITHIN));
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<QrSerial>()
}
