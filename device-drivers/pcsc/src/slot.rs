//! What is in the slot, from the flags that `SCardGetStatusChange` gives (PC/SC Workgroup, part 5, 3.2.5; pcsc-lite's
//! `pcsclite.h`, `SCARD_STATE_*`).

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::card::{CardReaderStatus, CardState};
use pcsc::State;

use crate::apdu::digits;

/// A slot as pcscd sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot {
    /// There is no such reader any more.
    Gone,
    /// pcscd does not know yet.
    Unsettled,
    /// This is in it.
    Known(CardReaderStatus),
}

/// Reads the flags.
pub(crate) fn read(state: State, atr: &[u8]) -> Slot {
    if state.intersects(State::UNKNOWN | State::UNAVAILABLE | State::IGNORE) {
        return Slot::Gone;
    }
    let card = if state.contains(State::EMPTY) {
        CardState::Absent
    } else if state.contains(State::MUTE) {
        CardState::Mute
    } else if state.contains(State::PRESENT | State::EXCLUSIVE) {
        CardState::InUse
    } else if state.contains(State::PRESENT) {
        CardState::Present
    } else {
        return Slot::Unsettled;
    };
    let spoken_to = matches!(card, CardState::Present | CardState::InUse) && !atr.is_empty();
    Slot::Known(CardReaderStatus { card, atr: spoken_to.then(|| digits(atr)) })
}
