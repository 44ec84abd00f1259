//! A boot keyboard (HID 1.11, appendices B and E) with the layout of the United States: what a scanner in keyboard mode
//! is, and what a fault adds to other devices.

use super::descriptor::{Class, Endpoint, Interface};
use super::hid;
use super::setup::{Answer, Setup};

/// The report descriptor of HID 1.11, appendix E.6: modifiers, one reserved byte, LEDs, six keys.
pub const REPORT_DESCRIPTOR: &[u8] = &[
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, // generic desktop, keyboard, application
    0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, // modifiers
    0x95, 0x01, 0x75, 0x08, 0x81, 0x01, // reserved
    0x95, 0x05, 0x75, 0x01, 0x05, 0x08, 0x19, 0x01, 0x29, 0x05, 0x91, 0x02, // LEDs
    0x95, 0x01, 0x75, 0x03, 0x91, 0x01, // padding of the LEDs
    0x95, 0x06, 0x75, 0x08, 0x15, 0x00, 0x25, 0x65, 0x05, 0x07, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, // keys
    0xc0,
];

/// HID, boot interface, keyboard (HID 1.11, section 4.2 and 4.3).
const CLASS: Class = Class(3, 1, 1);

/// The interface, with its endpoint at this address.
#[must_use]
pub fn interface(address: u8) -> Interface {
    Interface {
        class: CLASS,
        association: None,
        extra: hid::descriptor(REPORT_DESCRIPTOR.len()),
        endpoints: vec![Endpoint::interrupt(address, 8, 8)],
    }
}

/// Requests to a keyboard on which nobody types.
pub(super) fn extra(setup: &Setup) -> Answer {
    hid::request(setup, REPORT_DESCRIPTOR).unwrap_or(match (setup.request_type, setup.request) {
        (0xa1, hid::GET_REPORT) => Answer::Data(vec![0; 8]),
        (0x21, hid::SET_REPORT) => Answer::Done,
        _ => Answer::Stall,
    })
}

/// Left shift, as a modifier.
const SHIFT: u8 = 0x02;

/// Usage ids of the page "Keyboard/Keypad" (HID Usage Tables 1.12, section 10), by the sign without and with shift.
const KEYS: &[(u8, char, char)] = &[
    (0x1e, '1', '!'),
    (0x1f, '2', '@'),
    (0x20, '3', '#'),
    (0x21, '4', '$'),
    (0x22, '5', '%'),
    (0x23, '6', '^'),
    (0x24, '7', '&'),
    (0x25, '8', '*'),
    (0x26, '9', '('),
    (0x27, '0', ')'),
    (0x28, '\n', '\n'),
    (0x28, '\r', '\r'),
    (0x2b, '\t', '\t'),
    (0x2c, ' ', ' '),
    (0x2d, '-', '_'),
    (0x2e, '=', '+'),
    (0x2f, '[', '{'),
    (0x30, ']', '}'),
    (0x31, '\\', '|'),
    (0x33, ';', ':'),
    (0x34, '\'', '"'),
    (0x35, '`', '~'),
    (0x36, ',', '<'),
    (0x37, '.', '>'),
    (0x38, '/', '?'),
];

/// The reports that type a sign: pressed, released. None when no key of this layout has it.
#[must_use]
pub fn reports(sign: char) -> Option<[[u8; 8]; 2]> {
    let (modifier, usage) = match sign {
        'a'..='z' => (0, 0x04 + (sign as u32 - 'a' as u32).to_le_bytes()[0]),
        'A'..='Z' => (SHIFT, 0x04 + (sign as u32 - 'A' as u32).to_le_bytes()[0]),
        _ => {
            let (usage, plain, _) = KEYS.iter().find(|(_, plain, shifted)| sign == *plain || sign == *shifted)?;
            (if sign == *plain { 0 } else { SHIFT }, *usage)
        }
    };
    Some([[modifier, 0, usage, 0, 0, 0, 0, 0], [0; 8]])
}
