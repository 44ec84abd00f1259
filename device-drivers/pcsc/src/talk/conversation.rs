//! A conversation whose next command depends on the last answer: reading an identity chip.

use kiosk_emrtd::{Transport, TransportError};
use pcsc::{Disposition, Error as Code, Protocols, ShareMode, Transaction};

use super::progress::{Progress, Stage};
use crate::apdu::Apdu;

/// The card, for one who speaks to it until the end of the transaction.
pub(crate) struct Conversation<'a> {
    transaction: Transaction<'a>,
    buffer: &'a mut [u8],
    progress: &'a Progress,
    broken: Option<Code>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(transaction: Transaction<'a>, buffer: &'a mut [u8], progress: &'a Progress) -> Self {
        Self { transaction, buffer, progress, broken: None }
    }

    /// Ends it; what broke it.
    pub(super) fn end(self) -> Option<Code> {
        self.broken
    }

    fn say(&mut self, command: &[u8]) -> Result<Apdu, TransportError> {
        if !self.progress.next() {
            return Err(TransportError::Silent);
        }
        let answer = self.transaction.transmit(command, self.buffer).map(<[u8]>::to_vec);
        match answer {
            Ok(answer) if !answer.is_empty() => Ok(answer),
            // Some readers answer nothing when the card was pulled out.
            other => Err(self.breaks(other.err().unwrap_or(Code::NotTransacted))),
        }
    }

    fn breaks(&mut self, code: Code) -> TransportError {
        self.broken.get_or_insert(code);
        TransportError::Failed(code.to_string())
    }
}

impl Transport for &mut Conversation<'_> {
    fn transmit(&mut self, commands: &[Apdu]) -> Result<Vec<Apdu>, TransportError> {
        commands.iter().map(|command| self.say(command)).collect()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        if self.progress.is_given_up() {
            return Err(TransportError::Silent);
        }
        self.progress.set(Stage::Connecting);
        self.transaction
            .reconnect(ShareMode::Shared, Protocols::ANY, Disposition::ResetCard)
            .map_err(|code| self.breaks(code))
    }
}
