//! Where a job is, seen from the thread that waits for it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::SeqCst};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stage {
    /// The end of what the thread did before.
    Queued,
    /// The card, which is powered up or reset.
    Connecting,
    /// The end of another program's transaction.
    WaitingForOthers,
    /// An answer of the card.
    Speaking,
}

/// Where a job is.
pub(super) struct Progress {
    commands: usize,
    sent: AtomicUsize,
    stage: AtomicU8,
    abandoned: AtomicBool,
}

impl Progress {
    pub(super) fn new(commands: usize) -> Self {
        let (sent, stage, abandoned) =
            (AtomicUsize::new(0), AtomicU8::new(Stage::Queued as u8), AtomicBool::new(false));
        Self { commands, sent, stage, abandoned }
    }

    pub(super) fn set(&self, stage: Stage) {
        self.stage.store(stage as u8, SeqCst);
    }

    /// The next command is sent now.
    pub(super) fn next(&self) {
        self.sent.fetch_add(1, SeqCst);
        self.set(Stage::Speaking);
    }

    pub(super) fn abandon(&self) {
        self.abandoned.store(true, SeqCst);
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(SeqCst)
    }

    pub(super) fn has_begun(&self) -> bool {
        self.sent.load(SeqCst) > 0
    }

    pub(super) fn stage(&self) -> Stage {
        let stages = [Stage::Queued, Stage::Connecting, Stage::WaitingForOthers, Stage::Speaking];
        stages[usize::from(self.stage.load(SeqCst))]
    }
}

/// Goes on after "the request's time ran out".
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.sent.load(SeqCst);
        match self.stage() {
            Stage::Queued => {
                f.write_str("before the card was spoken to: the reader had not given an earlier command back")
            }
            Stage::Connecting => f.write_str("while the card was powered up"),
            Stage::WaitingForOthers => f.write_str("while another program had the card for itself"),
            Stage::Speaking => write!(f, "while the card was at command {sent} of {}", self.commands),
        }
    }
}
