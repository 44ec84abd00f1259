//! Speaking to the card, on a thread and a context of its own: `SCardTransmit` returns when the reader likes, and
//! nothing, `SCardCancel` included, can interrupt it.
//!
//! The connection stays open between two transmits, so that what one selected the next can read; it begins with a reset,
//! and a card that nobody has spoken to for a while is reset and let go: no PIN stays verified for the next person, and
//! pcscd powers the card off by itself. Only a card that did not answer is let go without: pcscd 1.9.9 takes a reset that
//! fails for a card that was pulled out, and then never sees one that is put in within the same moment.

mod progress;

use std::ffi::CString;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use pcsc::{
    Card, Context, Disposition, Error as Code, MAX_BUFFER_SIZE_EXTENDED, Protocols, ReaderState, Scope, ShareMode,
    State,
};

use crate::apdu::{Apdu, check_response, is_success};
use crate::trouble::{Trouble, is_service_lost, of_card};
use progress::{Progress, Stage};

/// How long the thread may take to reset the card when the driver stops.
const LET_GO_WITHIN: Duration = Duration::from_millis(500);
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
}

type Answer = Result<Vec<Apdu>, Failure>;

/// A job that was given to the thread.
pub(crate) struct Outcome {
    receiver: Receiver<Answer>,
    progress: Arc<Progress>,
}

impl Outcome {
    /// How it ended, if it ends within this time.
    pub(crate) fn wait(&self, within: Duration) -> Option<Answer> {
        match self.receiver.recv_timeout(within) {
            Ok(answer) => Some(answer),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                Some(Err(Failure::new(ErrorCode::Internal, "the thread that speaks to cards ended")))
            }
        }
    }

    /// No further command is sent.
    pub(crate) fn abandon(&self) {
        self.progress.abandon();
    }

    /// A command was sent.
    pub(crate) fn has_begun(&self) -> bool {
        self.progress.has_begun()
    }

    /// Where it is, for people.
    pub(crate) fn doing(&self) -> String {
        self.progress.to_string()
    }

    /// It waits for the reader, not for another program.
    pub(crate) fn is_in_the_reader(&self) -> bool {
        self.progress.stage() != Stage::WaitingForOthers
    }
}

/// The thread that speaks.
pub(crate) struct Talk {
    sender: Option<Sender<(Job, SyncSender<Answer>)>>,
    ended: Receiver<()>,
}

impl Talk {
    /// Starts it; it touches the reader with the first job.
    pub(crate) fn start(reader: CString, reset_after: Duration) -> Self {
        let (sender, jobs) = channel::<(Job, SyncSender<Answer>)>();
        let (end, ended) = sync_channel(1);
        std::thread::spawn(move || {
            Talker { reader, context: None, card: None, fresh: false, buffer: vec![0; MAX_BUFFER_SIZE_EXTENDED] }
                .run(&jobs, reset_after);
            let _ = end.send(());
        });
        Self { sender: Some(sender), ended }
    }

    /// Gives it a job.
    pub(crate) fn give(&self, job: Job) -> Outcome {
        let (sender, receiver) = sync_channel(1);
        let progress = Arc::clone(&job.progress);
        if let Some(jobs) = &self.sender {
            // A thread that has ended drops the other end, which the outcome tells.
            let _ = jobs.send((job, sender));
        }
        Outcome { receiver, progress }
    }
}

impl Drop for Talk {
    /// The card is reset before the process ends. If it ends sooner, pcscd does it.
    fn drop(&mut self) {
        self.sender = None;
        let _ = self.ended.recv_timeout(LET_GO_WITHIN);
    }
}

struct Talker {
    reader: CString,
    context: Option<Context>,
    card: Option<Card>,
    /// It was not reset yet since it was connected to.
    fresh: bool,
    buffer: Vec<u8>,
}

/// Why a job stopped.
enum Stop {
    /// The connection was of no use any more before anything was said on it.
    Stale,
    Failed(Failure),
}

impl Talker {
    fn run(&mut self, jobs: &Receiver<(Job, SyncSender<Answer>)>, reset_after: Duration) {
        loop {
            let next = match &self.card {
                Some(_) => jobs.recv_timeout(reset_after),
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match next {
                Ok((job, answer)) => {
                    let outcome = self.speak(&job);
                    let failed = outcome.is_err();
                    // Nobody takes the answer to a job that was given up.
                    let _ = answer.send(outcome);
                    if failed {
                        self.let_go(Disposition::LeaveCard);
                    } else if job.progress.is_abandoned() {
                        self.let_go(Disposition::ResetCard);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.let_go(Disposition::ResetCard),
                Err(RecvTimeoutError::Disconnected) => return self.let_go(Disposition::ResetCard),
            }
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
        if (job.reset || self.fresh) && !progress.is_abandoned() {
            progress.set(Stage::Connecting);
            let reset = transaction.reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard);
            reset.map_err(stale_or("SCardReconnect"))?;
            self.fresh = false;
        }
        let (mut answers, mut bytes) = (Vec::with_capacity(job.commands.len()), 0);
        for command in &job.commands {
            if progress.is_abandoned() {
                break;
            }
            progress.next();
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

    /// Readers say of a card that was pulled out in the middle of a command only that it did not answer.
    fn why(&self, code: Code) -> Failure {
        let told = of_card("SCardTransmit", code);
        if told.code == ErrorCode::CardFault && self.card_leaves() {
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
