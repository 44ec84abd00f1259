//! The conversation with the printer: what was asked, what came back, what is still owed.
//!
//! What is not here: what a receipt looks like (`layout`) and what a byte means (`wire`).

mod printing;
mod sending;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Link, LinkError, Until};

use crate::wire::condition::{Condition, Obstacle};
use crate::wire::query::{ErrorCause, Information, OfflineCause, Online, Query, RealTime, RollPaper, real_time};
use crate::wire::sorter::{Message, Sorter};
pub(crate) use printing::Stopped;
use sending::Untidy;

/// How long the printer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For a real-time answer.
    pub(crate) answer: Duration,
    /// For an answer of its command processor, which may have something to finish first.
    pub(crate) ready: Duration,
    /// Without a word and without taking a byte, in the middle of a receipt.
    pub(crate) quiet: Duration,
    /// Between two looks at a printer that has everything and is printing.
    pub(crate) look: Duration,
    /// To be left in order after a receipt that was stopped.
    pub(crate) tidy: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer: Duration::from_millis(1_000),
            ready: Duration::from_millis(3_000),
            quiet: Duration::from_secs(5),
            look: Duration::from_millis(400),
            tidy: Duration::from_millis(400),
        }
    }
}

/// What can come between the driver and a receipt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the printer does not answer; check that it is switched on and that its cable is in")]
    Silent,
    #[error("the printer's answers are not those of an ESC/POS printer; check the address and the serial settings")]
    Garbled,
    #[error("{0}; check the printer's power and cable")]
    Gone(LinkError),
    #[error("the printer closed the connection in the middle of the receipt ({0}); it can be reached again")]
    HungUp(LinkError),
    #[error("the request was cancelled")]
    Cancelled,
    #[error("the time for this request ran out")]
    Late,
    #[error("{0}")]
    Obstacle(Obstacle),
    #[error("the print head is too hot; try again when it has cooled down")]
    Hot,
    #[error("the printer is off line without saying why; somebody may be holding its feed button")]
    OffLine,
}

/// Opens the way to the printer, within a time limit.
pub(crate) type Connect = Box<dyn FnMut(Duration) -> Result<Box<dyn Link>, LinkError> + Send>;

/// How long the first connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// How long it may take to connect again to a printer that was there.
const RECONNECT_WITHIN: Duration = Duration::from_secs(1);

/// No connection.
struct Closed;

impl Link for Closed {
    fn read(&mut self, _: &mut [u8], _: &Until) -> Result<usize, LinkError> {
        Err(LinkError::Closed { done: 0 })
    }
    fn write_all(&mut self, _: &[u8], _: &Until) -> Result<(), LinkError> {
        Err(LinkError::Closed { done: 0 })
    }
}

/// One printer.
pub(crate) struct Printer {
    link: Box<dyn Link>,
    connect: Connect,
    limits: Limits,
    sorter: Sorter,
    inbox: VecDeque<Message>,
    /// Bytes that were no message, since the last look at the printer or the beginning of a receipt.
    strays: u32,
    /// The last that it said of itself, on its own or when asked.
    known: Option<Condition>,
    /// Answers to DLE EOT and to GS r that are still to come: they look alike, and a late one may not be taken for the
    /// answer to the next question.
    real_time_owed: u32,
    plain_owed: u32,
    /// The last process id that came back.
    echo: Option<[u8; 4]>,
    /// The number of the next process id.
    next_id: u32,
    /// A receipt was stopped on the way, and this is still to be done about it.
    untidy: Option<Untidy>,
    past: Past,
}

/// What is known of the time before this driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    /// The driver before may have been killed, or the power cut, in the middle of a receipt: the first receipt is parted
    /// from what is there by a cut. It costs a blank slip after each start, and never hands one citizen the beginning
    /// of another one's receipt.
    Unknown,
    Known,
}

impl Printer {
    /// A printer at the end of `connect`. `first_id` should differ from process to process, so that an answer to
    /// the one before is not taken for an answer to this one.
    pub(crate) fn open(mut connect: Connect, limits: Limits, first_id: u32) -> Result<Self, LinkError> {
        Ok(Self {
            link: connect(CONNECT_WITHIN)?,
            connect,
            limits,
            sorter: Sorter::default(),
            inbox: VecDeque::new(),
            strays: 0,
            known: None,
            real_time_owed: 0,
            plain_owed: 0,
            echo: None,
            next_id: first_id,
            untidy: None,
            past: Past::Unknown,
        })
    }

    /// Asks the printer how it is, connecting again if it has hung up in the meantime.
    pub(crate) fn look(&mut self, until: &Until) -> Result<Condition, Trouble> {
        self.strays = 0;
        match self.condition(until) {
            Err(Trouble::Gone(error)) => {
                tracing::info!(error = %error, "the printer hung up; connecting again");
                self.reconnect()?;
                self.condition(until)
            }
            other => other,
        }
    }

    /// [`Printer::look`] for when nothing is to be done, with what a stopped receipt has left to do.
    pub(crate) fn idle(&mut self) -> Result<Condition, Trouble> {
        if self.untidy.is_some() {
            let paid = self.pay();
            if let (Ok(false), Some(known)) = (&paid, self.known.filter(|known| known.obstacle().is_some())) {
                // It takes nothing, so it cannot be asked; it has said why.
                return Ok(known);
            }
            if matches!(paid, Ok(false)) {
                return Err(Trouble::Silent);
            }
        }
        let condition = self.look(&Until::within(self.limits.answer * 4))?;
        if self.untidy.is_some() && condition.obstacle().is_none() {
            self.tidy()?;
        }
        Ok(condition)
    }

    /// Who made it; what it does not tell is absent. Stops asking at the first question that stays unanswered.
    pub(crate) fn identity(&mut self) -> Identity {
        let mut identity = Identity::default();
        let fields = [
            (Information::Maker, &mut identity.maker),
            (Information::Model, &mut identity.model),
            (Information::Serial, &mut identity.serial),
            (Information::Firmware, &mut identity.firmware),
        ];
        for (information, field) in fields {
            match self.ask(&information, &Until::within(self.limits.answer / 2)) {
                Ok(text) => *field = Some(text).filter(|text| !text.is_empty()),
                Err(_) => break,
            }
        }
        identity
    }

    fn condition(&mut self, until: &Until) -> Result<Condition, Trouble> {
        let strays = self.strays;
        let condition = Condition::from_answers(
            self.ask_now::<Online>(until)?,
            self.ask_now::<OfflineCause>(until)?,
            self.ask_now::<ErrorCause>(until)?,
            self.ask_now::<RollPaper>(until)?,
        );
        // Noise among the answers may have passed for an answer.
        if self.strays > strays {
            return Err(Trouble::Garbled);
        }
        self.known = Some(condition);
        Ok(condition)
    }

    /// Asks a real-time question. Never to be done inside of a command.
    fn ask_now<Q: RealTime<Answer = Q>>(&mut self, until: &Until) -> Result<Q, Trouble> {
        let until = until.at_most(self.limits.answer);
        self.write(&real_time::<Q>(), &until)?;
        self.real_time_owed += 1;
        let mut last = None;
        loop {
            match self.listen(&until)? {
                Some(Message::RealTime(byte)) => {
                    last = Some(byte);
                    if self.real_time_owed == 0 {
                        return Ok(Q::parse(byte));
                    }
                }
                Some(_) => {}
                None => {
                    // Those that have not come by now were lost with the questions.
                    self.real_time_owed = 0;
                    return last.map(Q::parse).ok_or_else(|| self.no_answer(&until));
                }
            }
        }
    }

    fn ask<Q: Query>(&mut self, query: &Q, until: &Until) -> Result<Q::Answer, Trouble> {
        self.write(&query.bytes(), until)?;
        loop {
            match self.listen(until)? {
                Some(message) => {
                    if let Some(answer) = query.answer(&message) {
                        return Ok(answer);
                    }
                }
                None => return Err(self.no_answer(until)),
            }
        }
    }

    fn no_answer(&self, until: &Until) -> Trouble {
        match (until.cancel.as_ref().is_some_and(kiosk_driver_sdk::CancelSignal::is_set), self.strays) {
            (true, _) => Trouble::Cancelled,
            (false, 0) => Trouble::Silent,
            (false, _) => Trouble::Garbled,
        }
    }

    fn write(&mut self, bytes: &[u8], until: &Until) -> Result<(), Trouble> {
        self.link.write_all(bytes, until).map_err(|error| match error {
            LinkError::Timeout { .. } => Trouble::Silent,
            LinkError::Cancelled { .. } => Trouble::Cancelled,
            other => Trouble::Gone(other),
        })
    }

    /// The next message; `None` if none came in time.
    fn listen(&mut self, until: &Until) -> Result<Option<Message>, Trouble> {
        loop {
            if let Some(message) = self.inbox.pop_front() {
                self.note(&message);
                return Ok(Some(message));
            }
            let mut buffer = [0; 64];
            match self.link.read(&mut buffer, until) {
                Ok(n) => {
                    for byte in &buffer[..n] {
                        self.inbox.extend(self.sorter.push(*byte));
                    }
                }
                Err(LinkError::Timeout { .. }) => return Ok(None),
                Err(LinkError::Cancelled { .. }) => return Err(Trouble::Cancelled),
                Err(error) => return Err(Trouble::Gone(error)),
            }
        }
    }

    fn note(&mut self, message: &Message) {
        match message {
            Message::RealTime(_) => self.real_time_owed = self.real_time_owed.saturating_sub(1),
            Message::Plain(_) => self.plain_owed = self.plain_owed.saturating_sub(1),
            Message::Automatic(asb) => self.known = Some(Condition::from_asb(*asb)),
            Message::ProcessId(id) => self.echo = Some(*id),
            // What was waiting to be answered was cleared, too.
            Message::Cleared => self.plain_owed = 0,
            Message::Text(_) => {}
            Message::Stray(_) => self.strays += 1,
        }
    }

    fn reconnect(&mut self) -> Result<(), Trouble> {
        // The old one is let go first: a serial port can be open only once.
        self.link = Box::new(Closed);
        self.link = (self.connect)(RECONNECT_WITHIN).map_err(Trouble::Gone)?;
        self.sorter = Sorter::default();
        self.inbox.clear();
        (self.real_time_owed, self.plain_owed) = (0, 0);
        Ok(())
    }
}
