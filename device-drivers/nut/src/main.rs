//! UPSes behind a server of Network UPS Tools, at `nut://HOST[:PORT]/UPSNAME`. Reading needs no user name.
//!
//! What is not here: shutting anything down (the gateway only tells how the power is), and logging in to the server,
//! which would make its shutdown wait for this kiosk.

mod place;
mod server;
mod wire;

use std::process::ExitCode;
use std::time::Duration;

use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::protocol::ups::{Ups, UpsRequest, UpsStatus};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened, Until, link};
use place::Place;
use serde::Deserialize;
use server::{ANSWER_WITHIN, AskError, CONNECT_WITHIN, Server};
use wire::vars::Vars;
use wire::{ListUps, ListVar, Refusal, UpsName, WireError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// How often the server is asked, milliseconds.
    #[serde(default = "default_poll_ms")]
    poll_ms: u64,
}

fn default_poll_ms() -> u64 {
    500
}

struct Nut {
    server: Server,
    name: UpsName,
    poll: Duration,
}

impl Driver for Nut {
    type Kind = Ups;
    type Config = Config;
    const NAME: &'static str = "nut";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        if !(100..=60_000).contains(&config.poll_ms) {
            return Err(OpenError::BadConfig(format!("config.poll_ms is {}; use 100 to 60000", config.poll_ms)));
        }
        let Place { tcp, name } = Place::of(address)?;
        let server = Server::new(Box::new(move || link::open(&tcp, CONNECT_WITHIN)));
        let mut driver = Self { server, name, poll: Duration::from_millis(config.poll_ms) };
        let vars = driver.vars(&Until::within(ANSWER_WITHIN)).map_err(|error| driver.why_not(error))?;
        Ok(Opened { identity: vars.identity(), capabilities: vars.capabilities(), status: vars.status(), driver })
    }

    fn handle(&mut self, request: UpsRequest, cx: &mut Cx<Ups>) -> Result<UpsStatus, Failure> {
        match request {
            UpsRequest::Status(_) => self.status(&cx.until().at_most(ANSWER_WITHIN)),
        }
    }

    fn idle(&mut self) -> Result<UpsStatus, Failure> {
        self.status(&Until::within(ANSWER_WITHIN))
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl Nut {
    fn vars(&mut self, until: &Until) -> Result<Vars, AskError> {
        self.server.ask(&ListVar(&self.name), until)
    }

    fn status(&mut self, until: &Until) -> Result<UpsStatus, Failure> {
        self.vars(until).map(|vars| vars.status()).map_err(|error| error.failure())
    }

    /// Why it could not be opened; for a name that the server does not know, with those that it does.
    fn why_not(&mut self, error: AskError) -> OpenError {
        if !matches!(error, AskError::Wire(WireError::Refused(Refusal::UnknownUps))) {
            return error.open_error();
        }
        let known = match self.server.ask(&ListUps, &Until::within(ANSWER_WITHIN)) {
            Ok(names) if names.is_empty() => "it has none at all; add one to its ups.conf".to_owned(),
            Ok(names) => format!("it has `{}`", names.join("`, `")),
            Err(error) => format!("and it does not say which it has ({error})"),
        };
        OpenError::BadConfig(format!("the NUT server has no UPS `{}`: {known}", self.name.as_str()))
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Nut>()
}
