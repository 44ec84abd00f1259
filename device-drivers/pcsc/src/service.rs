//! What pcscd says of one reader's slot. A pcscd that is restarted takes all that was open with it; a new context is
//! made, and both the service and the reader get some time to come back.

use std::ffi::CString;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::card::CardReaderStatus;
use pcsc::{Context, Error as Code, ReaderState, Scope, State};

use crate::slot::{self, Slot};
use crate::trouble::{Trouble, is_reader_lost, is_service_lost};

/// How long a pcscd that went away, and then its readers, may take to come back.
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// A reader as pcscd tells of it. Its context is used for nothing else: a second call on a context waits for the first.
pub(crate) struct Service {
    reader: CString,
    context: Option<Context>,
    /// What was in the slot at the last look, with pcscd's count of insertions and removals in it.
    seen: Option<ReaderState>,
    /// Since when the service, or after its return the reader, is waited for.
    away_since: Option<Instant>,
}

impl Service {
    pub(crate) fn new(reader: CString) -> Self {
        Self { reader, context: None, seen: None, away_since: None }
    }

    /// What is in the slot now.
    ///
    /// # Errors
    /// [`Trouble`]; while a restart of pcscd may still be going on, not for good.
    pub(crate) fn look(&mut self) -> Result<CardReaderStatus, Trouble> {
        self.seen = None;
        self.look_again(Duration::ZERO)
    }

    /// What is in the slot as soon as a card has moved since the last look; after this time, what is in it then.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub(crate) fn look_again(&mut self, within: Duration) -> Result<CardReaderStatus, Trouble> {
        let looked = match self.ask(within) {
            // All that was open is gone with the pcscd that had it: ask the next one.
            Err(Some(code)) if is_service_lost(code) => {
                self.forget();
                self.ask(Duration::ZERO)
            }
            other => other,
        };
        match looked {
            Ok(status) => {
                self.away_since = None;
                Ok(status)
            }
            Err(None) => Err(Trouble::Unsettled),
            Err(Some(code)) if is_service_lost(code) => {
                self.forget();
                let since = *self.away_since.get_or_insert_with(Instant::now);
                Err(Trouble::NoService { for_good: since.elapsed() >= BACK_WITHIN })
            }
            Err(Some(code)) if is_reader_lost(code) => {
                self.seen = None;
                let still_coming = self.away_since.is_some_and(|since| since.elapsed() < BACK_WITHIN);
                Err(Trouble::NoReader { for_good: !still_coming })
            }
            Err(Some(code)) => Err(Trouble::of("SCardGetStatusChange", code)),
        }
    }

    fn forget(&mut self) {
        // The count of insertions began anew, too.
        self.seen = None;
        if self.context.take().is_some() {
            self.away_since.get_or_insert_with(Instant::now);
        }
    }

    /// The code of pcscd; none if it does not know yet.
    fn ask(&mut self, within: Duration) -> Result<CardReaderStatus, Option<Code>> {
        let context = match &self.context {
            Some(context) => context,
            None => self.context.insert(Context::establish(Scope::System)?),
        };
        let unaware = || [ReaderState::new(self.reader.clone(), State::UNAWARE)];
        let (mut state, within) = match self.seen.take() {
            Some(seen) => ([seen], within),
            None => (unaware(), Duration::ZERO),
        };
        match context.get_status_change(within, &mut state) {
            Ok(()) => {}
            // pcscd wakes nobody when another program takes the card for itself or gives it back. No card has moved, so
            // looking anew misses none.
            Err(Code::Timeout | Code::Cancelled) => {
                state = unaware();
                context.get_status_change(Duration::ZERO, &mut state)?;
            }
            Err(code) => return Err(Some(code)),
        }
        let [state] = state;
        self.note(state)
    }

    fn note(&mut self, mut state: ReaderState) -> Result<CardReaderStatus, Option<Code>> {
        let status = match slot::read(state.event_state(), state.atr()) {
            Slot::Known(status) => status,
            Slot::Gone => return Err(Some(Code::UnknownReader)),
            Slot::Unsettled => return Err(None),
        };
        state.sync_current_state();
        self.seen = Some(state);
        Ok(status)
    }
}
