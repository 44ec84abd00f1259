//! Speaking to the card. `SCardTransmit` returns when the reader likes, and nothing, `SCardCancel` included, can interrupt
//! it: a job that is given up is answered by the thread that hears of that, by what its [`Progress`] says, and what
//! becomes of it here is thrown away. A reader that does not give a command back leaves this thread stuck; the gateway
//! notices and starts another process, which says so if the reader does not answer it either.
//!
//! The connection stays open between two transmits, so that what one selected the next can read; it begins with a reset,
//! and a card that nobody has spoken to for a while is reset and let go: no PIN stays verified for the next person, and
//! pcscd powers the card off by itself. Only a card that did not answer is let go without: pcscd 1.9.9 takes a reset that
//! fails for a card that was pulled out, and then never sees one that is put in within the same moment.

mod conversation;
mod progress;

use std::ffi::CString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use pcsc::{
    Card, Context, Disposition, Error as Code, MAX_BUFFER_SIZE_EXTENDED, Protocols, ReaderState, Scope, ShareMode,
    State,
};

use crate::apdu::{Apdu, check_response, is_success};
use crate::trouble::{Trouble, is_service_lost, of_card};
pub(crate) use conversation::Conversation;
pub(crate) use progress::Progress;
use progress::Stage;

/// How long pcscd may take to notice that a card left which did not answer.
const LEFT_WITHIN: Duration = Duration::from_secs(1);

/// What is to be said to the card.
pub(crate) struct Job {
    commands: Vec<Apdu>,
    stop_on_error: bool,
    reset: bool,
    progress: Arc<Progress>,
}

impl Job {
    pub(crate) fn new(commands: Vec<Apdu>, stop_on_error: bool, reset: bool) -> Self {
        let progress = Arc::new(Progress::new(commands.len()));
        Self { commands, stop_on_error, reset, progress }
    }

    /// Where it is.
    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

type Answer = Result<Vec<Apdu>, Failure>;

/// The connection to the card.
pub(crate) struct Talk {
    reader: CString,
    context: Option<Context>,
    card: Option<Card>,
    /// It was not reset yet since it was connected to.
    fresh: bool,
    buffer: Vec<u8>,
    spoken: Instant,
    reset_after: Duration,
}

impl Drop for Talk {
    /// The card is reset before the process ends. If it ends otherwise, pcscd does it.
    fn drop(&mut self) {
        self.let_go(Disposition::ResetCard);
    }
}

/// Why a job stopped.
enum Stop {
    /// The connection was of no use any more before anything was said on it.
    Stale,
    Failed(Failure),
}

impl Talk {
    /// One that touches the reader with the first job.
    pub(crate) fn new(reader: CString, reset_after: Duration) -> Self {
        let buffer = vec![0; MAX_BUFFER_SIZE_EXTENDED];
        Self { reader, context: None, card: None, fresh: false, buffer, spoken: Instant::now(), reset_after }
    }

    /// Says it to the card; comes back when the reader likes.
    ///
    /// # Errors
    /// The failure for the client.
    pub(crate) fn say(&mut self, job: &Job) -> Answer {
        let answer = self.speak(job);
        if answer.is_err() {
            self.let_go(Disposition::LeaveCard);
        } else if job.progress.is_given_up() {
            self.let_go(Disposition::ResetCard);
        }
        self.spoken = Instant::now();
        answer
    }

    /// A conversation from the card's reset on, without anybody in between; the card is reset after it, so that nothing
    /// stays open on it.
    ///
    /// # Errors
    /// If there is no card to speak to.
    pub(crate) fn converse<R>(
        &mut self,
        progress: &Progress,
        with: impl FnOnce(&mut Conversation<'_>) -> R,
    ) -> Result<(R, Option<Failure>), Failure> {
        self.let_go(Disposition::LeaveCard);
        progress.set(Stage::Connecting);
        self.connect()?;
        let Some(card) = &mut self.card else { return Err(of_card("SCardConnect", Code::RemovedCard)) };
        progress.set(Stage::WaitingForOthers);
        let transaction = card.transaction().map_err(|code| of_card("SCardBeginTransaction", code))?;
        let mut conversation = Conversation::new(transaction, &mut self.buffer, progress);
        let outcome = with(&mut conversation);
        let broken = conversation.end();
        // Why it broke is asked before the card is let go.
        let failure = broken.map(|code| self.why(code));
        self.let_go(if failure.is_some() { Disposition::LeaveCard } else { Disposition::ResetCard });
        self.spoken = Instant::now();
        Ok((outcome, failure))
    }

    /// Lets a card go that nobody has spoken to for a while.
    pub(crate) fn rest(&mut self) {
        if self.spoken.elapsed() >= self.reset_after {
            self.let_go(Disposition::ResetCard);
        }
    }

    /// Leaves the card to others.
    fn let_go(&mut self, disposition: Disposition) {
        let Some(card) = self.card.take() else { return };
        if let Err((card, code)) = card.disconnect(disposition) {
            tracing::debug!(%code, "could not let the card go");
            // Dropping it tries the same again; there is nothing that could be done if that fails too.
            drop(card);
        }
    }

    fn speak(&mut self, job: &Job) -> Answer {
        if self.card.is_some() {
            match self.transmit(job) {
                // Another card, another pcscd, or reset by another program: nothing was said yet.
                Err(Stop::Stale) => self.let_go(Disposition::LeaveCard),
                Err(Stop::Failed(failure)) => return Err(failure),
                Ok(answers) => return Ok(answers),
            }
        }
        job.progress.set(Stage::Connecting);
        self.connect()?;
        self.transmit(job).map_err(|stop| match stop {
            Stop::Stale => of_card("SCardBeginTransaction", Code::RemovedCard),
            Stop::Failed(failure) => failure,
        })
    }

    fn connect(&mut self) -> Result<(), Failure> {
        // A context that outlived its pcscd shows only when it is used.
        for last in [false, true] {
            let context = match &self.context {
                Some(context) => context,
                None => {
                    let made = Context::establish(Scope::System);
                    self.context.insert(made.map_err(|code| Trouble::of("SCardEstablishContext", code))?)
                }
            };
            match context.connect(&self.reader, ShareMode::Shared, Protocols::ANY) {
                Ok(card) => {
                    (self.card, self.fresh) = (Some(card), true);
                    return Ok(());
                }
                Err(code) if is_service_lost(code) && !last => self.context = None,
                Err(code) => return Err(of_card("SCardConnect", code)),
            }
        }
        Ok(())
    }

    fn transmit(&mut self, job: &Job) -> Result<Vec<Apdu>, Stop> {
        let Some(card) = &mut self.card else { return Err(Stop::Stale) };
        let progress = &job.progress;
        progress.set(Stage::WaitingForOthers);
        let mut transaction = card.transaction().map_err(stale_or("SCardBeginTransaction"))?;
        if (job.reset || self.fresh) && !progress.is_given_up() {
            progress.set(Stage::Connecting);
            let reset = transaction.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard);
            reset.map_err(stale_or("SCardReconnect"))?;
            self.fresh = false;
        }
        let (mut answers, mut bytes) = (Vec::with_capacity(job.commands.len()), 0);
        for command in &job.commands {
            if !progress.next() {
                break;
            }
            let answer = match transaction.transmit(command, &mut self.buffer) {
                Ok(answer) if !answer.is_empty() => answer,
                // Some readers answer nothing when the card was pulled out.
                other => {
                    let code = other.err().unwrap_or(Code::NotTransacted);
                    drop(transaction);
                    return Err(Stop::Failed(self.why(code)));
                }
            };
            check_response(answer, bytes).map_err(Stop::Failed)?;
            bytes += answer.len();
            answers.push(answer.to_vec());
            if job.stop_on_error && !is_success(answer) {
                break;
            }
        }
        // Ends the transaction and leaves the card as it is.
        drop(transaction);
        Ok(answers)
    }

    /// Readers say of a card that was pulled out in the middle of a command only that it did not answer, or that there is none.
    fn why(&self, code: Code) -> Failure {
        let told = of_card("SCardTransmit", code);
        if told.code == ErrorCode::NoCard || (told.code == ErrorCode::CardFault && self.card_leaves()) {
            return of_card("SCardTransmit", Code::RemovedCard);
        }
        told
    }

    fn card_leaves(&self) -> bool {
        let Some(context) = &self.context else { return false };
        let mut state = [ReaderState::new(self.reader.clone(), State::UNAWARE)];
        let until = Instant::now() + LEFT_WITHIN;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if context.get_status_change(left, &mut state).is_err() {
                return false;
            }
            if state[0].event_state().contains(State::EMPTY) {
                return true;
            }
            if left.is_zero() {
                return false;
            }
            state[0].sync_current_state();
        }
    }
}

/// What an error means before the first command was sent.
fn stale_or(doing: &'static str) -> impl Fn(Code) -> Stop {
    move |code| match code {
        Code::ResetCard | Code::RemovedCard | Code::UnpoweredCard | Code::ReaderUnavailable => Stop::Stale,
        code if is_service_lost(code) => Stop::Stale,
        code => Stop::Failed(of_card(doing, code)),
    }
}
