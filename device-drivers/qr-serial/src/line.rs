//! The conversation: a command and its answer, again if it went wrong, whatever the protocol.
//!
//! All commands may be repeated: each sets something or asks for something.

#[cfg(test)]
mod tests;

use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::{Link, LinkError, Until};

use crate::wire::{ANSWER_MAX, Command, Heard, Parsed};

/// So often a command is tried.
const TRIES: u32 = 3;
/// An answer takes at most this.
const ANSWERS_WITHIN: Duration = Duration::from_millis(800);
/// And, because lines are slow, so much more for each byte of the command: twice what a byte takes at 9600 baud.
const PER_BYTE: Duration = Duration::from_millis(2);
/// A line on which nothing came for so long is quiet.
const QUIET: Duration = Duration::from_millis(50);
/// How long to look for what has come already. Links refuse to look for no time at all.
const GLANCE: Duration = Duration::from_millis(1);
/// Most reads of what nobody waits for: a panel that never stops must not hold up the driver.
const READS_MAX: usize = 100;

/// A command that was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// The link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The panel says no, each time.
    #[error("the panel refused a command with code {0:02X}")]
    Refused(u8),
    /// What came back is no answer, each time.
    #[error(
        "the panel answered what its protocol does not have; look at the baud rate, the wiring and config.protocol"
    )]
    Garbled,
}

impl AskError {
    /// A further try may help.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Garbled | Self::Link(LinkError::Timeout { .. }))
    }

    /// As a failure for the client; `meaning` explains the panel's code.
    pub(crate) fn failure(self, meaning: fn(u8) -> &'static str) -> Failure {
        match self {
            Self::Link(error) => error.into(),
            Self::Refused(code) => {
                let detail = format!("the panel refused a command with code {code:02X}: {}", meaning(code));
                Failure::new(ErrorCode::DeviceFault, detail).device_code(format!("{code:02X}"))
            }
            Self::Garbled => Failure::new(ErrorCode::DeviceFault, self.to_string()),
        }
    }
}

/// The line to a panel.
pub(crate) struct Line {
    link: Box<dyn Link>,
    heard: Vec<u8>,
    restarted: bool,
    tries: u32,
}

impl Line {
    pub(crate) fn new(link: Box<dyn Link>) -> Self {
        Self { link, heard: Vec::new(), restarted: false, tries: TRIES }
    }

    /// From now on each command is tried once only: nobody can wait any more.
    pub(crate) fn hurry(&mut self) {
        self.tries = 1;
    }

    /// The panel has started anew since this was last asked.
    pub(crate) fn take_restarted(&mut self) -> bool {
        std::mem::take(&mut self.restarted)
    }

    /// Tells the panel something and waits for its answer.
    ///
    /// # Errors
    /// When the link fails, or the last of three tries went wrong.
    pub(crate) fn ask<C: Command>(&mut self, command: &C, until: &Until) -> Result<C::Answer, AskError> {
        let mut tried = 1;
        loop {
            match self.once(command, until) {
                Err(error) if error.may_pass() && tried < self.tries => self.resync(command, until)?,
                result => return result,
            }
            tried += 1;
        }
    }

    /// Ends whatever the panel has heard half, and waits until it says nothing more.
    ///
    /// # Errors
    /// When the link fails.
    pub(crate) fn resync<C: Command>(&mut self, command: &C, until: &Until) -> Result<(), AskError> {
        self.link.write_all(C::RESYNC, &until.at_most(ANSWERS_WITHIN))?;
        self.skip(command, QUIET, until)
    }

    /// Takes what still comes after an answer.
    ///
    /// # Errors
    /// When the link fails.
    pub(crate) fn settle<C: Command>(&mut self, command: &C, until: &Until) -> Result<(), AskError> {
        self.skip(command, QUIET, until)
    }

    /// Takes what has come by itself.
    ///
    /// # Errors
    /// When the link fails.
    pub(crate) fn glance<C: Command>(&mut self, command: &C, until: &Until) -> Result<(), AskError> {
        self.skip(command, GLANCE, until)
    }

    fn once<C: Command>(&mut self, command: &C, until: &Until) -> Result<C::Answer, AskError> {
        self.skip(command, GLANCE, until)?;
        let bytes = command.bytes();
        let slow = PER_BYTE * u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let until = until.at_most(ANSWERS_WITHIN + slow);
        self.link.write_all(&bytes, &until)?;
        loop {
            match command.parse(&self.heard) {
                Parsed::Whole(heard, length) => {
                    self.heard.drain(..length);
                    match heard {
                        Heard::Answer(answer) => return Ok(answer),
                        Heard::Refused(code) => return Err(AskError::Refused(code)),
                        Heard::Restarted => self.restarted = true,
                        Heard::Other => {}
                    }
                }
                Parsed::More if self.heard.len() < ANSWER_MAX => self.read(&until)?,
                Parsed::More | Parsed::Garbage => return Err(AskError::Garbled),
            }
        }
    }

    /// What nobody waits for: looked at only for whether the panel has started anew.
    fn skip<C: Command>(&mut self, command: &C, quiet: Duration, until: &Until) -> Result<(), AskError> {
        for _ in 0..READS_MAX {
            loop {
                match command.parse(&self.heard) {
                    Parsed::Whole(heard, length) => {
                        self.heard.drain(..length);
                        self.restarted |= matches!(heard, Heard::Restarted);
                    }
                    Parsed::Garbage => self.heard.clear(),
                    Parsed::More => break,
                }
            }
            match self.read(&until.at_most(quiet)) {
                Ok(()) if self.heard.len() < ANSWER_MAX => {}
                Ok(()) => self.heard.clear(),
                Err(LinkError::Timeout { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        self.heard.clear();
        Ok(())
    }

    fn read(&mut self, until: &Until) -> Result<(), LinkError> {
        let mut bytes = [0; 256];
        let count = self.link.read(&mut bytes, until)?;
        self.heard.extend_from_slice(&bytes[..count]);
        Ok(())
    }
}
