use kiosk_driver_sdk::protocol::card::{CardReaderStatus, CardState};
use pcsc::State;
use proptest::prelude::*;

use super::{Slot, read};

const ATR: &[u8] = &[0x3b, 0x88, 0x80, 0x01];

#[test]
fn the_flags_of_pcscd_say_what_is_in_the_slot() {
    let with_atr = Some("3b888001".to_owned());
    for (state, card, atr) in [
        (State::EMPTY, CardState::Absent, None),
        (State::PRESENT, CardState::Present, with_atr.clone()),
        // Another program may speak to it too.
        (State::PRESENT | State::INUSE, CardState::Present, with_atr.clone()),
        // Powered off while nobody speaks to it.
        (State::PRESENT | State::UNPOWERED, CardState::Present, with_atr.clone()),
        (State::PRESENT | State::INUSE | State::EXCLUSIVE, CardState::InUse, with_atr),
        (State::PRESENT | State::MUTE, CardState::Mute, None),
    ] {
        assert_eq!(read(state | State::CHANGED, ATR), Slot::Known(CardReaderStatus { card, atr }), "{state:?}");
    }
}

#[test]
fn a_reader_that_is_gone_is_not_an_empty_one() {
    assert_eq!(read(State::UNKNOWN | State::UNAVAILABLE | State::CHANGED, &[]), Slot::Gone);
    assert_eq!(read(State::UNAVAILABLE | State::EMPTY, &[]), Slot::Gone);
    assert_eq!(read(State::UNAWARE, &[]), Slot::Unsettled);
    assert_eq!(read(State::CHANGED, ATR), Slot::Unsettled);
}

proptest! {
    #[test]
    fn only_a_card_that_can_be_spoken_to_has_an_answer_to_reset(
        bits in any::<u16>(), atr in proptest::collection::vec(any::<u8>(), 0..33)
    ) {
        if let Slot::Known(status) = read(State::from_bits_truncate(bits.into()), &atr) {
            let speaks = matches!(status.card, CardState::Present | CardState::InUse);
            prop_assert_eq!(status.atr.is_some(), speaks && !atr.is_empty());
        }
    }
}
