//! The conversation with the printer: what was asked, what came back, what is still owed.
//!
//! What is not here: what a receipt looks like (`layout`) and what a byte means (`wire`).

mod asking;
mod printing;
mod sending;
#[cfg(test)]
mod tests;
mod voice;

use std::collections::VecDeque;
use std::time::Duration;

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Link, LinkError, Until};

use crate::wire::condition::{Condition, Obstacle};
use crate::wire::query::Information;
use crate::wire::sorter::{Message, Sorter};
pub(crate) use printing::Stopped;
use sending::Untidy;
pub(crate) use voice::Answers;
use voice::Voice;

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
    #[error("the printer refuses data; switch it off and on if this comes again")]
    Refused,
    #[error("all of it was sent, but this printer cannot say whether it was printed; look at the paper")]
    Unconfirmed,
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
    /// Whether answers are to be expected.
    answers: Answers,
    /// How it speaks, as far as is known.
    voice: Voice,
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
    pub(crate) fn open(
        mut connect: Connect,
        limits: Limits,
        answers: Answers,
        first_id: u32,
    ) -> Result<Self, LinkError> {
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
            answers,
            voice: Voice::of(answers),
        })
    }

    /// Asks the printer how it is, connecting again if it has hung up in the meantime.
    pub(crate) fn look(&mut self, until: &Until) -> Result<Condition, Trouble> {
        self.strays = 0;
        match self.condition_by_any_way(until) {
            Err(Trouble::Gone(error)) => {
                tracing::info!(error = %error, "the printer hung up; connecting again");
                self.reconnect()?;
                self.condition_by_any_way(until)
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

    /// Who made it, as the link knows or it says itself; what neither tells is absent. Stops asking at the first question
    /// that stays unanswered.
    pub(crate) fn identity(&mut self) -> Identity {
        let mut identity = self.link.identity();
        // Off line it only answers in real time, and its name is not a real-time answer.
        if self.voice != Voice::Answers || self.known.is_none_or(|known| !known.online) {
            return identity;
        }
        let fields = [
            (Information::Maker, &mut identity.maker),
            (Information::Model, &mut identity.model),
            (Information::Serial, &mut identity.serial),
            (Information::Firmware, &mut identity.firmware),
        ];
        for (information, field) in fields {
            match self.ask(&information, &Until::within(self.limits.answer / 2)) {
                Ok(text) if !text.is_empty() => *field = Some(text),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        identity
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
