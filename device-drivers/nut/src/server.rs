//! The conversation with one NUT server: connect, ask, connect again. What an answer means is in `wire`.

#[cfg(test)]
mod tests;

use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::{Link, LinkError, OpenError, Until};

use crate::wire::{LINE_MAX, Query, Reading, Refusal, WireError};

/// How long a connection may take. Twice this (`localhost` has two addresses) and [`ANSWER_WITHIN`] fit into the time of
/// one probe.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_millis(1200);
/// How long one answer may take: with the usual 500 ms between two questions, silence shows within a second.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_millis(450);

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// Makes a new connection to the server.
pub(crate) type Dial = Box<dyn FnMut() -> Result<Box<dyn Link>, LinkError> + Send>;

/// A NUT server, connected or not.
pub(crate) struct Server {
    dial: Dial,
    link: Option<Box<dyn Link>>,
}

impl Server {
    pub(crate) fn new(dial: Dial) -> Self {
        Self { dial, link: None }
    }

    /// Asks once; a connection that was lost since the last time is made anew. After any error but a refusal the
    /// connection is given up, because nobody knows which answer would come next on it.
    pub(crate) fn ask<Q: Query>(&mut self, query: &Q, until: &Until) -> Result<Q::Answer, AskError> {
        if let Some(link) = self.link.take() {
            match self.exchange(link, query, until) {
                Err(AskError::Link(LinkError::Closed { .. })) => {}
                outcome => return outcome,
            }
        }
        let link = (self.dial)()?;
        self.exchange(link, query, until)
    }

    fn exchange<Q: Query>(&mut self, mut link: Box<dyn Link>, query: &Q, until: &Until) -> Result<Q::Answer, AskError> {
        let outcome = exchange(link.as_mut(), query, until);
        if matches!(outcome, Ok(_) | Err(AskError::Wire(WireError::Refused(_)))) {
            self.link = Some(link);
        }
        outcome
    }
}

fn exchange<Q: Query>(link: &mut dyn Link, query: &Q, until: &Until) -> Result<Q::Answer, AskError> {
    link.write_all(&query.bytes(), until)?;
    let mut reading = Reading::new(query);
    let mut pending = Vec::new();
    let mut buffer = [0; LINE_MAX];
    loop {
        let n = link.read(&mut buffer, until)?;
        pending.extend_from_slice(&buffer[..n]);
        let mut used = 0;
        while let Some(end) = pending[used..].iter().position(|byte| *byte == b'\n') {
            let line = &pending[used..used + end];
            used += end + 1;
            match reading.line(line) {
                Ok(None) => {}
                // One query is on its way at a time: bytes behind the answer's last line belong to nothing.
                Ok(Some(_)) | Err(WireError::Refused(_)) if used < pending.len() => {
                    return Err(WireError::Unasked.into());
                }
                Ok(Some(answer)) => return Ok(answer),
                Err(error) => return Err(error.into()),
            }
        }
        pending.drain(..used);
        if pending.len() > LINE_MAX {
            return Err(WireError::LineTooLong.into());
        }
    }
}

impl AskError {
    /// For the client and the supervisor: `device_absent` ends the driver, all else makes the UPS stale.
    pub(crate) fn failure(&self) -> Failure {
        let code = match self {
            // The address was right when the driver was opened: a name that no longer resolves.
            Self::Link(LinkError::BadAddress(_)) => ErrorCode::DeviceAbsent,
            Self::Link(error) => error.code(),
            // The UPS was taken out of the server's configuration: opening it again will say so.
            Self::Wire(WireError::Refused(Refusal::UnknownUps)) => ErrorCode::DeviceAbsent,
            Self::Wire(WireError::Refused(Refusal::DataStale | Refusal::DriverNotConnected)) => ErrorCode::DeviceSilent,
            Self::Wire(_) => ErrorCode::DeviceFault,
        };
        let failure = Failure::new(code, self.to_string());
        match self {
            Self::Wire(WireError::Refused(refusal)) => failure.device_code(refusal.word()),
            _ => failure,
        }
    }

    /// For the supervisor when the UPS is opened.
    pub(crate) fn open_error(self) -> OpenError {
        match self {
            Self::Link(error) => error.into(),
            Self::Wire(WireError::Refused(refusal)) => {
                let detail = format!("the NUT server refused the query: {refusal}");
                match refusal {
                    Refusal::UnknownUps => OpenError::BadConfig(detail),
                    Refusal::AccessDenied => OpenError::NoPermission(detail),
                    Refusal::DataStale | Refusal::DriverNotConnected => OpenError::Absent(detail),
                    Refusal::Other(_) => OpenError::Fault(detail),
                }
            }
            Self::Wire(error) => OpenError::Fault(error.to_string()),
        }
    }
}
