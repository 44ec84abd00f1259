//! What all human interface devices have in common (HID 1.11): descriptor, class requests, report descriptors as items.

use super::setup::{Answer, Setup};

/// bRequest values (HID 1.11, section 7.2).
pub const GET_REPORT: u8 = 0x01;
/// See [`GET_REPORT`].
pub const SET_REPORT: u8 = 0x09;
const GET_IDLE: u8 = 0x02;
const GET_PROTOCOL: u8 = 0x03;
const SET_IDLE: u8 = 0x0a;
const SET_PROTOCOL: u8 = 0x0b;
/// bDescriptorType values (HID 1.11, section 7.1).
const HID: u8 = 0x21;
const REPORT: u8 = 0x22;

/// Report types in the high byte of wValue (HID 1.11, section 7.2.1).
pub const INPUT: u8 = 1;
/// See [`INPUT`].
pub const OUTPUT: u8 = 2;
/// See [`INPUT`].
pub const FEATURE: u8 = 3;

/// The HID descriptor (HID 1.11, section 6.2.1) of an interface whose report descriptor has this length.
#[must_use]
pub fn descriptor(report_length: usize) -> Vec<u8> {
    let [low, high] = u16::try_from(report_length).unwrap_or(u16::MAX).to_le_bytes();
    vec![9, HID, 0x11, 0x01, 0, 1, REPORT, low, high]
}

/// Answers descriptor, idle and protocol requests; reports are the device's own matter.
#[must_use]
pub fn request(setup: &Setup, report_descriptor: &[u8]) -> Option<Answer> {
    Some(match (setup.request_type, setup.request, setup.value_high()) {
        // GET_DESCRIPTOR to the interface.
        (0x81, 6, REPORT) => Answer::Data(report_descriptor.to_vec()),
        (0x81, 6, HID) => Answer::Data(descriptor(report_descriptor.len())),
        (0x21, SET_IDLE | SET_PROTOCOL, _) => Answer::Done,
        (0xa1, GET_IDLE, _) => Answer::Data(vec![0]),
        (0xa1, GET_PROTOCOL, _) => Answer::Data(vec![1]),
        _ => return None,
    })
}
