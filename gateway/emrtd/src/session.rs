//! A conversation with one chip: commands in, responses out, protected once keys are agreed.

#[cfg(test)]
mod tests;

use crate::apdu::{Command, Response, SHORT_EXPECTED_MAX, Status};
use crate::error::ChipError;
use crate::secure::SecureMessaging;
use crate::tlv::TlvError;
use crate::transport::{BATCH_MAX, Transport, TransportError};

/// GET RESPONSE (ISO/IEC 7816-4, 11.8).
const GET_RESPONSE: [u8; 4] = [0x00, 0xC0, 0x00, 0x00];
/// How often a response may go on with `61xx`.
const CONTINUED_MAX: usize = 64;
/// Longest response, bytes: an extended one.
const RESPONSE_MAX: usize = (1 << 16) + 2;

/// A conversation.
pub(crate) struct Session<T> {
    transport: T,
    pub(crate) secure: Option<SecureMessaging>,
    /// Its responses come in parts (`61xx`, as contact cards with the protocol T=0 do).
    continues: bool,
}

impl<T: Transport> Session<T> {
    pub(crate) fn new(transport: T) -> Self {
        Self { transport, secure: None, continues: false }
    }

    /// Resets the chip; it is as at the beginning, without keys.
    ///
    /// # Errors
    /// If it does not come back.
    pub(crate) fn reset(&mut self) -> Result<(), ChipError> {
        self.secure = None;
        Ok(self.transport.reset()?)
    }

    /// Sends one command.
    ///
    /// # Errors
    /// If no response comes, or none that secure messaging lets through.
    pub(crate) fn send(&mut self, command: &Command) -> Result<Response, ChipError> {
        let mut responses = self.send_all(std::slice::from_ref(command))?;
        responses.pop().ok_or(ChipError::Transport(TransportError::Gone))
    }

    /// Sends one command whose response must be `9000`.
    ///
    /// # Errors
    /// The same, and [`ChipError::Refused`].
    pub(crate) fn demand(&mut self, command: &Command, step: &'static str) -> Result<Vec<u8>, ChipError> {
        let Response { data, status } = self.send(command)?;
        if status == Status::OK { Ok(data) } else { Err(ChipError::Refused { step, status }) }
    }

    /// Sends commands one after the other, whatever is answered to each.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub(crate) fn send_all(&mut self, commands: &[Command]) -> Result<Vec<Response>, ChipError> {
        let sent = match &self.secure {
            Some(secure) => secure.wrap(commands),
            None => commands.iter().map(Command::bytes).collect(),
        };
        // What a response has more must be fetched before the next command.
        let at_once = if self.continues { 1 } else { BATCH_MAX };
        let mut responses = Vec::new();
        for sent in sent.chunks(at_once) {
            let answered = self.transport.transmit(sent)?;
            if answered.len() != sent.len() {
                let problem = format!("{} responses to {} commands", answered.len(), sent.len());
                return Err(TransportError::Failed(problem).into());
            }
            for answered in answered {
                let response = self.rest_of(response(&answered)?)?;
                responses.push(match &mut self.secure {
                    Some(secure) => secure.unwrap(&response)?,
                    None => response,
                });
            }
        }
        Ok(responses)
    }

    /// Fetches what a response has more (`61xx`), as contact readers leave it to their users.
    fn rest_of(&mut self, mut response: Response) -> Result<Response, ChipError> {
        for _ in 0..CONTINUED_MAX {
            let [0x61, more] = response.status.0.to_be_bytes() else { return Ok(response) };
            self.continues = true;
            let expected = if more == 0 { SHORT_EXPECTED_MAX } else { usize::from(more) };
            let command = Command::new(GET_RESPONSE, &[], expected).bytes();
            let answered = self.transport.transmit(&[command])?;
            let next = self::response(answered.first().map_or(&[], Vec::as_slice))?;
            response.data.extend_from_slice(&next.data);
            response.status = next.status;
            if response.data.len() > RESPONSE_MAX {
                break;
            }
        }
        Err(ChipError::Malformed { what: "a response that has no end", problem: TlvError::Trailing })
    }
}

fn response(bytes: &[u8]) -> Result<Response, ChipError> {
    let read = Response::read(bytes).filter(|_| bytes.len() <= RESPONSE_MAX);
    read.ok_or(ChipError::Malformed { what: "a response", problem: TlvError::Truncated })
}
