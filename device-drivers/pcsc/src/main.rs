//! Readers of chip cards behind pcscd, the PC/SC service, at `pcsc:READER NAME`, `pcsc:any` or `usb:VVVV:PPPP`.
//!
//! `place` says which reader is meant, `service` asks pcscd what is in its slot, `talk` speaks to the card
//! (PC/SC has no time limit for that and no way to give up), `chip` reads identity cards with it, `apdu` and `slot` know the
//! bytes and flags.
//!
//! What is not here: any word of what a card says in a log.

mod apdu;
mod chip;
mod config;
mod identity;
mod place;
mod service;
mod slot;
mod talk;
mod trouble;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::card::{
    CardMove, CardReader, CardReaderCapabilities, CardReaderStatus, CardReply, CardRequest, CardState, TransmitReport,
    TransmitRequest,
};
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, Retry};
use kiosk_driver_sdk::protocol::identity::{ChipIdentity, ReadIdentity};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use kiosk_emrtd::passive::TrustList;

use chip::{read_identity, trusted};
use config::Config;
use place::Wanted;
use rustix::process::{Resource, Rlimit, setrlimit};
use service::Service;
use talk::{Job, Progress, Talk};

/// How long a wait may go without looking whether it was cancelled. `SCardCancel` would be quicker, but its documents
/// promise little of it, and pcscd 1.9.9 mistakes it near the end of a wait.
const WAIT_SLICE: Duration = Duration::from_millis(100);
/// The gateway cancels in the millisecond in which the time runs out.
const NEARLY: Duration = Duration::from_millis(10);

struct Pcsc {
    service: Service,
    talk: Talk,
    trusted: TrustList,
    allow_transmit: bool,
    poll: Duration,
}

impl Driver for Pcsc {
    type Kind = CardReader;
    type Config = Config;
    const NAME: &'static str = "pcsc";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        let wanted = Wanted::of(address)?;
        config.check()?;
        let trusted = trusted(config.trusted.as_ref())?;
        let found = place::find_within(wanted, place::FOUND_WITHIN)?;
        tracing::debug!(reader = %found.name.to_string_lossy(), "found the reader");
        let mut service = Service::new(found.name.clone());
        let status = service.look()?;
        let authorities = u32::try_from(trusted.len()).unwrap_or(u32::MAX);
        let capabilities = CardReaderCapabilities { transmit: config.allow_transmit, authorities: Some(authorities) };
        let driver = Self {
            service,
            talk: Talk::new(found.name, config.reset_after()),
            trusted,
            allow_transmit: config.allow_transmit,
            poll: config.poll(),
        };
        Ok(Opened { driver, identity: found.identity, capabilities, status })
    }

    fn handle(&mut self, request: CardRequest, cx: &mut Cx<CardReader>) -> Result<CardReply, Failure> {
        match request {
            CardRequest::Status(_) => Ok(CardReply::Status(self.service.look()?)),
            CardRequest::Wait(request) => self.wait(request.until, cx).map(CardReply::Status),
            CardRequest::Transmit(request) => self.transmit(&request, cx).map(CardReply::Transmit),
            CardRequest::ReadIdentity(request) => {
                self.read_identity(&request, cx).map(|identity| CardReply::Identity(Box::new(identity)))
            }
        }
    }

    fn idle(&mut self) -> Result<CardReaderStatus, Failure> {
        self.talk.rest();
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
            self.talk.rest();
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
        let job = Job::new(commands, request.stop_on_error, request.reset);
        give_up_with(cx, job.progress(), None);
        let answers = self.talk.say(&job)?;
        Ok(TransmitReport { responses: answers.iter().map(|answer| apdu::shown(answer)).collect() })
    }

    fn read_identity(&mut self, request: &ReadIdentity, cx: &mut Cx<CardReader>) -> Result<ChipIdentity, Failure> {
        let progress = Arc::new(Progress::new(0));
        // Reading changes nothing on a card.
        give_up_with(cx, Arc::clone(&progress), Some(Retry::Safe));
        read_identity(&mut self.talk, &self.trusted, request, &progress, cx)
    }
}

/// Answers a cancel at once, whatever the card does.
fn give_up_with(cx: &Cx<CardReader>, progress: Arc<Progress>, retry: Option<Retry>) {
    let deadline = cx.deadline();
    cx.answer_cancel_with(move || {
        let (code, why) = match Instant::now() + NEARLY >= deadline {
            true => (ErrorCode::Timeout, "the request's time ran out"),
            false => (ErrorCode::Cancelled, "the request was cancelled"),
        };
        let failure = progress.give_up(Failure::new(code, why));
        match retry {
            Some(retry) => failure.retry(retry),
            None => failure,
        }
    });
}

/// Address space that this process may use, bytes: what a hostile chip makes it take ends it, not the kiosk.
const MEMORY_MAX: u64 = 2 << 30;

fn main() -> ExitCode {
    let most = Rlimit { current: Some(MEMORY_MAX), maximum: Some(MEMORY_MAX) };
    if let Err(error) = setrlimit(Resource::As, most) {
        eprintln!("the driver's memory cannot be limited: {error}");
        return ExitCode::FAILURE;
    }
    kiosk_driver_sdk::serve::<Pcsc>()
}
