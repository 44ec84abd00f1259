//! Which way the printer speaks: by answers, by no more than the port status of its USB interface, or not at all.
//!
//! Printers without answers exist: one-way USB interfaces, serial cables without the wire back. They can be printed on,
//! but nothing can be confirmed: the outcome of each receipt stays `unknown`.

use kiosk_driver_sdk::{LinkError, Until};
use serde::Deserialize;

use super::{Printer, Trouble};
use crate::wire::condition::Condition;
use crate::wire::query::{ErrorCause, OfflineCause, Online, RollPaper};

/// `config.answers`: what is to be expected of the printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answers {
    /// That it answers; a USB printer that does not is judged by its port status.
    #[default]
    Auto,
    /// That it answers; one that does not is not printed on.
    Required,
    /// Nothing: it is printed on without being asked.
    None,
}

/// How the printer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// It has said nothing yet.
    Unheard,
    /// It answers questions.
    Answers,
    /// It does not, but its USB interface tells of paper and error.
    PortStatus,
    /// It does not, and nobody expects it.
    None,
}

impl Voice {
    pub(super) fn of(answers: Answers) -> Self {
        if answers == Answers::None { Self::None } else { Self::Unheard }
    }

    /// A receipt can be confirmed.
    pub(super) fn confirms(self) -> bool {
        matches!(self, Self::Unheard | Self::Answers)
    }
}

impl Printer {
    /// How it is, by its answers or what there is in the place of them.
    pub(super) fn condition_by_any_way(&mut self, until: &Until) -> Result<Condition, Trouble> {
        match self.voice {
            Voice::Answers => self.condition(until),
            Voice::Unheard => match self.condition(until) {
                Err(Trouble::Silent) if self.answers == Answers::Auto => {
                    let condition = self.condition_of_port(until)?.ok_or(Trouble::Silent)?;
                    tracing::warn!(
                        "the printer does not answer; it is judged by its port status, and no receipt can be confirmed"
                    );
                    self.voice = Voice::PortStatus;
                    Ok(condition)
                }
                other => other,
            },
            // It had a port status when this voice was found.
            Voice::PortStatus => self.condition_of_port(until)?.ok_or(Trouble::Silent),
            Voice::None => {
                // Only to notice an unplug; what it says is not believed.
                self.condition_of_port(until)?;
                self.known = Some(Condition::UNTOLD);
                Ok(Condition::UNTOLD)
            }
        }
    }

    /// Before a receipt a printer that was silent is asked again: it may have been switched off.
    pub(super) fn ask_again(&mut self, until: &Until) {
        if self.voice == Voice::PortStatus && self.condition(until).is_ok() {
            tracing::info!("the printer answers now");
        }
    }

    /// How a receipt ends that was sent whole to a printer that cannot confirm it: at best with nothing against it.
    pub(super) fn unconfirmed(&mut self, until: &Until) -> Trouble {
        match self.condition_by_any_way(until) {
            Ok(condition) => condition.obstacle().map_or(Trouble::Unconfirmed, Trouble::Obstacle),
            Err(trouble) => trouble,
        }
    }

    /// By the port status of its USB interface; `None` if the link has none.
    pub(super) fn condition_of_port(&mut self, until: &Until) -> Result<Option<Condition>, Trouble> {
        let status = self.link.port_status(&until.at_most(self.limits.answer)).map_err(|error| match error {
            LinkError::Timeout { .. } => Trouble::Silent,
            LinkError::Cancelled { .. } => Trouble::Cancelled,
            LinkError::Stalled { .. } => Trouble::Refused,
            other => Trouble::Gone(other),
        })?;
        let condition = status.map(Condition::from_port);
        if self.voice == Voice::PortStatus {
            self.known = condition;
        }
        Ok(condition)
    }

    /// By its answers to DLE EOT.
    pub(super) fn condition(&mut self, until: &Until) -> Result<Condition, Trouble> {
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
}
