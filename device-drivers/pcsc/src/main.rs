//! Readers of chip cards behind pcscd, the PC/SC service, at `pcsc:READER NAME`, `pcsc:any` or `usb:VVVV:PPPP`.
//!
//! `place` says which reader is meant, `service` asks pcscd what is in its slot, `talk` speaks to the card on a thread of
//! its own (PC/SC has no time limit for that and no way to give up), `apdu` and `slot` know the bytes and flags.
//!
//! What is not here: reading identity chips (the gateway's own work), and any word of what a card says in a log.

mod apdu;
mod config;
mod identity;
mod place;
mod service;
mod slot;
mod talk;
mod trouble;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::card::{
    CardMove, CardReader, CardReaderCapabilities, CardReaderStatus, CardReply, CardRequest, CardState, TransmitReport,
    TransmitRequest,
};
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, Retry};
use kiosk_driver_sdk::protocol::seam::ExitMeaning;
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};

use config::Config;
use place::Wanted;
use service::Service;
use talk::{Job, Outcome, Talk};

/// How long a wait may go without looking whether it was cancelled. `SCardCancel` would be quicker, but its documents
/// promise little of it, and pcscd 1.9.9 mistakes it near the end of a wait.
const WAIT_SLICE: Duration = Duration::from_millis(100);
/// How long a transmit may go without looking whether it was cancelled.
const TALK_SLICE: Duration = Duration::from_millis(20);
/// How long a reader may hold on to a command that was given up before it counts as wedged.
const LET_GO_WITHIN: Duration = Duration::from_secs(2);

struct Pcsc {
    service: Service,
    talk: Talk,
    allow_transmit: bool,
    poll: Duration,
    /// A job that its client does not wait for any more.
    given_up: Option<GivenUp>,
}

struct GivenUp {
    job: Outcome,
    since: Instant,
}

impl Driver for Pcsc {
    type Kind = CardReader;
    type Config = Config;
    const NAME: &'static str = "pcsc";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        let wanted = Wanted::of(address)?;
        config.check()?;
        let found = place::find_within(wanted, place::FOUND_WITHIN)?;
        tracing::debug!(reader = %found.name.to_string_lossy(), "found the reader");
        let mut service = Service::new(found.name.clone());
        let status = service.look()?;
        let driver = Self {
            service,
            talk: Talk::start(found.name, config.reset_after()),
            allow_transmit: config.allow_transmit,
            poll: config.poll(),
            given_up: None,
        };
        let capabilities = CardReaderCapabilities { transmit: config.allow_transmit };
        Ok(Opened { driver, identity: found.identity, capabilities, status })
    }

    fn handle(&mut self, request: CardRequest, cx: &mut Cx<CardReader>) -> Result<CardReply, Failure> {
        match request {
            CardRequest::Status(_) => Ok(CardReply::Status(self.service.look()?)),
            CardRequest::Wait(request) => self.wait(request.until, cx).map(CardReply::Status),
            CardRequest::Transmit(request) => self.transmit(&request, cx).map(CardReply::Transmit),
        }
    }

    fn idle(&mut self) -> Result<CardReaderStatus, Failure> {
        self.end_if_wedged();
        Ok(self.service.look()?)
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl Pcsc {
    fn wait(&mut self, until: CardMove, cx: &Cx<CardReader>) -> Result<CardReaderStatus, Failure> {
        let mut status = self.service.look()?;
        loop {
            cx.publish(status.clone());
            match (until, status.card) {
                (CardMove::Inserted, CardState::Present) | (CardMove::Removed, CardState::Absent) => return Ok(status),
                (CardMove::Inserted, CardState::Mute) => {
                    let detail = "a card is in the reader, but it does not answer: take it out, clean it, and put it in \
                                  the right way round";
                    return Err(Failure::new(ErrorCode::CardFault, detail).device_code("SCARD_STATE_MUTE"));
                }
                _ => {}
            }
            cx.check()?;
            status = self.service.look_again(WAIT_SLICE.min(cx.remaining()))?;
        }
    }

    fn transmit(&mut self, request: &TransmitRequest, cx: &Cx<CardReader>) -> Result<TransmitReport, Failure> {
        if !self.allow_transmit {
            let detail =
                "speaking to cards is off; a kiosk that needs it sets `config.allow_transmit = true` for this reader";
            return Err(Failure::new(ErrorCode::NotPermitted, detail));
        }
        let commands = apdu::commands(&request.commands)?;
        self.end_if_wedged();
        if self.given_up.is_some() {
            let detail = "the reader is still at a command that was given up; try again in a moment";
            return Err(Failure::new(ErrorCode::Busy, detail));
        }
        let job = self.talk.give(Job::new(commands, request.stop_on_error, request.reset));
        loop {
            if let Some(outcome) = job.wait(TALK_SLICE.min(cx.remaining())) {
                return Ok(TransmitReport { responses: outcome?.iter().map(|answer| apdu::shown(answer)).collect() });
            }
            if let Err(failure) = cx.check() {
                return Err(self.give_up(job, failure));
            }
        }
    }

    /// Nothing can call an APDU back: its answer, if it ever comes, is thrown away.
    fn give_up(&mut self, job: Outcome, why: Failure) -> Failure {
        job.abandon();
        let (begun, doing) = (job.has_begun(), job.doing());
        self.given_up = Some(GivenUp { job, since: Instant::now() });
        let retry = if begun { Retry::Unknown } else { Retry::Safe };
        Failure { detail: format!("{} {doing}", why.detail), ..why }.retry(retry)
    }

    /// A reader that does not give a command back cannot be used from this process any more: the next one looks whether
    /// it answers again, and says so if it does not.
    fn end_if_wedged(&mut self) {
        let Some(GivenUp { job, since }) = &self.given_up else { return };
        if job.wait(Duration::ZERO).is_some() {
            self.given_up = None;
        } else if job.is_in_the_reader() && since.elapsed() >= LET_GO_WITHIN {
            tracing::error!(
                "the reader does not give a command back: this process ends; unplug the reader or restart pcscd if it \
                 does not answer the next one either"
            );
            std::process::exit(ExitMeaning::Fault.code().into());
        }
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Pcsc>()
}
