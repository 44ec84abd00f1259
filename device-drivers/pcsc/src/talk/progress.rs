//! Where a job is, seen from the thread that answers for it when it is given up.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kiosk_driver_sdk::protocol::error::{Failure, Retry};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The card, which is powered up or reset.
    Connecting,
    /// The end of another program's transaction.
    WaitingForOthers,
    /// An answer of the card.
    Speaking,
}

/// Where a job is.
pub(crate) struct Progress {
    commands: usize,
    at: Mutex<At>,
}

struct At {
    sent: usize,
    stage: Stage,
    given_up: bool,
}

impl Progress {
    /// Of a job of so many commands; 0: nobody knows how many.
    pub(crate) fn new(commands: usize) -> Self {
        Self { commands, at: Mutex::new(At { sent: 0, stage: Stage::Connecting, given_up: false }) }
    }

    pub(super) fn set(&self, stage: Stage) {
        self.at().stage = stage;
    }

    /// The next command is sent now; `false` if none may be sent any more.
    pub(super) fn next(&self) -> bool {
        let mut at = self.at();
        if !at.given_up {
            (at.sent, at.stage) = (at.sent + 1, Stage::Speaking);
        }
        !at.given_up
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.at().given_up
    }

    /// No further command is sent; what is told of it. Nothing can call a command back: its answer, if it ever comes, is
    /// thrown away.
    pub(crate) fn give_up(&self, why: Failure) -> Failure {
        let mut at = self.at();
        at.given_up = true;
        let retry = if at.sent > 0 { Retry::Unknown } else { Retry::Safe };
        let doing = at.doing(self.commands);
        Failure { detail: format!("{} {doing}", why.detail), ..why }.retry(retry)
    }

    fn at(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl At {
    /// Goes on after "the request's time ran out".
    fn doing(&self, commands: usize) -> impl fmt::Display + use<> {
        match self.stage {
            Stage::Connecting => "while the card was powered up".to_owned(),
            Stage::WaitingForOthers => "while another program had the card for itself".to_owned(),
            Stage::Speaking if commands == 0 => format!("while the card was at its command {}", self.sent),
            Stage::Speaking => format!("while the card was at command {} of {commands}", self.sent),
        }
    }
}
