//! Bytes on their way out, and what is done when they stop there.

use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::receipt::Cut;
use kiosk_driver_sdk::{CancelSignal, LinkError, Until};

use super::voice::Voice;
use super::{Printer, Trouble};
use crate::wire;
use crate::wire::query::{ClearBuffers, PAPER_SENSOR};

/// How long one try to write may take before the printer is listened to.
const WRITE_SLICE: Duration = Duration::from_millis(100);
/// How long a command that was begun may still take after a cancel, so that the printer is not left inside of it.
const FINISH_WITHIN: Duration = Duration::from_millis(300);

/// Most messages that are taken in between two writes.
const OVERHEAR_MAX: usize = 256;

/// What a stopped receipt has left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Untidy {
    /// Bytes that the printer still takes for the rest of a picture. They are paid in white dots; where the printer
    /// has meanwhile forgotten the picture they are NUL bytes, which it ignores.
    pub(super) owed: usize,
    /// How the paper is parted from what was printed before.
    pub(super) cut: Cut,
}

/// Why a command did not go out whole, and how many of its bytes did.
pub(super) struct Cutoff {
    pub(super) trouble: Trouble,
    pub(super) taken: usize,
}

impl Printer {
    /// Sends one command, listening all the while. Stops for whatever keeps the printer from printing, for a silence
    /// of `quiet`, and for cancel and deadline, for which the command is finished if that is quickly done.
    pub(super) fn push(&mut self, command: &[u8], until: &Until, quiet: Duration) -> Result<(), Cutoff> {
        let mut taken = 0;
        let mut moved = Instant::now();
        let mut stop_by = None;
        loop {
            let sent = self.link.write_all(&command[taken..], &Until::within(WRITE_SLICE));
            let before = taken;
            taken = match sent {
                Ok(()) => command.len(),
                Err(LinkError::Timeout { done } | LinkError::Cancelled { done }) => taken + done,
                Err(LinkError::Stalled { done }) => {
                    return Err(Cutoff { trouble: Trouble::Refused, taken: taken + done });
                }
                // Nobody knows how much of it arrived. Owing all of it is safe.
                Err(error) => return Err(Cutoff { trouble: Trouble::Gone(error), taken: before }),
            };
            let heard = self.overhear().map_err(|trouble| Cutoff { trouble, taken })?;
            if let Some(obstacle) = self.known.and_then(|known| known.obstacle()) {
                return Err(Cutoff { trouble: Trouble::Obstacle(obstacle), taken });
            }
            if taken > before || heard {
                moved = Instant::now();
            } else if self.voice == Voice::PortStatus {
                // It is asked beside the data, so also in the middle of a picture; the next round looks at the answer.
                self.condition_of_port(until).map_err(|trouble| Cutoff { trouble, taken })?;
            }
            let whole = taken == command.len();
            if let Err(trouble) = go_on(until) {
                let stop_by = *stop_by.get_or_insert_with(|| Instant::now() + FINISH_WITHIN);
                if whole || Instant::now() >= stop_by {
                    return Err(Cutoff { trouble, taken });
                }
            }
            if whole {
                return Ok(());
            }
            if moved.elapsed() >= quiet {
                return Err(Cutoff { trouble: Trouble::Silent, taken });
            }
        }
    }

    /// Takes in what the printer has said; `true` if it was anything. Does not wait.
    pub(super) fn overhear(&mut self) -> Result<bool, Trouble> {
        let now = Until::within(Duration::from_millis(1));
        for heard in 0..OVERHEAR_MAX {
            if self.listen(&now)?.is_none() {
                return Ok(heard > 0);
            }
        }
        Ok(true)
    }

    /// After a receipt was stopped with paper in it: the rest is not to be printed, and the next receipt is not to hang
    /// on this one. What cannot be done now is done by [`Printer::idle`] or before the next receipt. Gives the trouble
    /// back, and after a hang-up whether the printer could be reached again.
    pub(super) fn abandon(&mut self, owed: usize, cut: Cut, trouble: Trouble) -> Trouble {
        self.untidy = Some(Untidy { owed, cut });
        let trouble = match trouble {
            Trouble::Gone(error) => match self.reconnect() {
                Ok(()) => Trouble::HungUp(error),
                // Also for the next driver: nothing more can be done from here.
                Err(_) => return Trouble::Gone(error),
            },
            other => other,
        };
        let done = match self.known.and_then(|known| known.obstacle()) {
            // The paper is not where it should be: forget the data now, cut when it is back.
            Some(_) => self.clear(),
            None => self.tidy(),
        };
        if let Err(error) = done {
            tracing::warn!(error = %error, "a stopped receipt could not be cleared from the printer yet");
        }
        trouble
    }

    /// Clears the printer and parts the paper; then nothing is left of the stopped receipt.
    pub(super) fn tidy(&mut self) -> Result<(), Trouble> {
        let Some(Untidy { cut, .. }) = self.untidy else { return Ok(()) };
        self.clear()?;
        self.write(&[&wire::INITIALIZE[..], wire::cut(cut)].concat(), &Until::within(self.limits.tidy))?;
        self.untidy = None;
        Ok(())
    }

    /// Ends the picture that the printer is in and empties its buffers.
    fn clear(&mut self) -> Result<(), Trouble> {
        if !self.pay()? {
            return Err(Trouble::Silent);
        }
        if !self.voice.confirms() {
            return Ok(());
        }
        match self.ask(&ClearBuffers, &Until::within(self.limits.tidy)) {
            // A printer without this command prints what it has; the cut that follows comes after it.
            Ok(()) | Err(Trouble::Silent | Trouble::Garbled) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// Sends the white dots that are owed; `true` if none are owed any more.
    pub(super) fn pay(&mut self) -> Result<bool, Trouble> {
        let until = Until::within(self.limits.tidy);
        while let Some(Untidy { owed: owed @ 1.., .. }) = self.untidy {
            let part = owed.min(4096);
            let sent = match self.link.write_all(&vec![0; part], &until) {
                Ok(()) => part,
                Err(LinkError::Timeout { done } | LinkError::Cancelled { done } | LinkError::Stalled { done }) => done,
                Err(error) => return Err(Trouble::Gone(error)),
            };
            if let Some(untidy) = &mut self.untidy {
                untidy.owed -= sent;
            }
            if sent < part {
                self.overhear()?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The question for the paper sensor, which is about to be sent.
    pub(super) fn paper_sensor(&mut self) -> Vec<u8> {
        self.plain_owed += 1;
        PAPER_SENSOR.to_vec()
    }
}

/// May the request go on?
pub(super) fn go_on(until: &Until) -> Result<(), Trouble> {
    if until.cancel.as_ref().is_some_and(CancelSignal::is_set) {
        return Err(Trouble::Cancelled);
    }
    if Instant::now() >= until.deadline { Err(Trouble::Late) } else { Ok(()) }
}
