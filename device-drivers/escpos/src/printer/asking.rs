//! Questions to the printer and its answers, one by one.

use kiosk_driver_sdk::{LinkError, Until};

use super::voice::{Answers, Voice};
use super::{Printer, Trouble};
use crate::wire::condition::Condition;
use crate::wire::query::{Query, RealTime, real_time};
use crate::wire::sorter::Message;

impl Printer {
    /// Asks a real-time question. Never to be done inside of a command.
    pub(super) fn ask_now<Q: RealTime<Answer = Q>>(&mut self, until: &Until) -> Result<Q, Trouble> {
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

    pub(super) fn ask<Q: Query>(&mut self, query: &Q, until: &Until) -> Result<Q::Answer, Trouble> {
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

    pub(super) fn no_answer(&self, until: &Until) -> Trouble {
        match (until.cancel.as_ref().is_some_and(kiosk_driver_sdk::CancelSignal::is_set), self.strays) {
            (true, _) => Trouble::Cancelled,
            (false, 0) => Trouble::Silent,
            (false, _) => Trouble::Garbled,
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8], until: &Until) -> Result<(), Trouble> {
        self.link.write_all(bytes, until).map_err(|error| match error {
            LinkError::Timeout { .. } => Trouble::Silent,
            LinkError::Cancelled { .. } => Trouble::Cancelled,
            LinkError::Stalled { .. } => Trouble::Refused,
            other => Trouble::Gone(other),
        })
    }

    /// The next message; `None` if none came in time.
    pub(super) fn listen(&mut self, until: &Until) -> Result<Option<Message>, Trouble> {
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
                Err(LinkError::Stalled { .. }) => return Err(Trouble::Refused),
                Err(error) => return Err(Trouble::Gone(error)),
            }
        }
    }

    fn note(&mut self, message: &Message) {
        // A wire back that leads nowhere brings noise.
        if self.answers == Answers::None {
            return;
        }
        match message {
            Message::RealTime(_) => {
                self.real_time_owed = self.real_time_owed.saturating_sub(1);
                self.voice = Voice::Answers;
            }
            Message::Plain(_) => self.plain_owed = self.plain_owed.saturating_sub(1),
            Message::Automatic(asb) => self.known = Some(Condition::from_asb(*asb)),
            Message::ProcessId(id) => self.echo = Some(*id),
            // What was waiting to be answered was cleared, too.
            Message::Cleared => self.plain_owed = 0,
            Message::Text(_) => {}
            Message::Stray(_) => self.strays += 1,
        }
    }
}
