//! Exposure, focus, brightness, contrast (UVC 1.0, sections 4.2.2.1 and 4.2.2.3), and why the last request failed.

use serde_json::{Map, Value};

use crate::usb::setup::{Answer, Setup};

/// The camera terminal's number.
pub const CAMERA: u8 = 1;
/// The processing unit's number.
pub const PROCESSING: u8 = 2;

/// bRequest values (UVC 1.0, table A-8).
pub const SET_CUR: u8 = 0x01;
/// See [`SET_CUR`].
pub const GET_CUR: u8 = 0x81;
/// See [`SET_CUR`].
pub const GET_MIN: u8 = 0x82;
/// See [`SET_CUR`].
pub const GET_MAX: u8 = 0x83;
/// See [`SET_CUR`].
pub const GET_RES: u8 = 0x84;
/// See [`SET_CUR`].
pub const GET_LEN: u8 = 0x85;
/// See [`SET_CUR`].
pub const GET_INFO: u8 = 0x86;
/// See [`SET_CUR`].
pub const GET_DEF: u8 = 0x87;

/// VC_REQUEST_ERROR_CODE_CONTROL of the interface itself (UVC 1.0, section 4.2.1.2), and its values.
const ERROR_CODE: u8 = 2;
const WRONG_STATE: u8 = 2;
const OUT_OF_RANGE: u8 = 4;
const INVALID_UNIT: u8 = 5;
const INVALID_CONTROL: u8 = 6;
const INVALID_REQUEST: u8 = 7;

/// One control.
#[derive(Debug, Clone, Copy)]
struct Control {
    name: &'static str,
    unit: u8,
    /// CT_… or PU_… (UVC 1.0, tables ).
    selector: u8,
    bytes: usize,
    low: i32,
    high: i32,
    step: i32,
    default: i32,
    now: i32,
    /// It can be set only while this control has this value.
    needs: Option<(&'static str, i32)>,
}

const EXPOSURE_MODE: &str = "exposure_mode";
/// bAutoExposureMode (UVC 1.0, table 4-10): by hand, or by the aperture; the step is the set of those there are.
const BY_HAND: i32 = 1;
const BY_ITSELF: i32 = 8;

const CONTROLS: [Control; 6] = [
    Control {
        name: EXPOSURE_MODE,
        unit: CAMERA,
        selector: 2,
        bytes: 1,
        low: BY_HAND,
        high: BY_ITSELF,
        step: BY_HAND | BY_ITSELF,
        default: BY_ITSELF,
        now: BY_ITSELF,
        needs: None,
    },
    // In units of 100 µs.
    Control {
        name: "exposure_time",
        unit: CAMERA,
        selector: 4,
        bytes: 4,
        low: 1,
        high: 10_000,
        step: 1,
        default: 156,
        now: 156,
        needs: Some((EXPOSURE_MODE, BY_HAND)),
    },
    // In millimetres.
    Control {
        name: "focus",
        unit: CAMERA,
        selector: 6,
        bytes: 2,
        low: 0,
        high: 255,
        step: 5,
        default: 60,
        now: 60,
        needs: Some(("focus_by_itself", 0)),
    },
    Control {
        name: "focus_by_itself",
        unit: CAMERA,
        selector: 8,
        bytes: 1,
        low: 0,
        high: 1,
        step: 1,
        default: 1,
        now: 1,
        needs: None,
    },
    Control {
        name: "brightness",
        unit: PROCESSING,
        selector: 2,
        bytes: 2,
        low: -64,
        high: 64,
        step: 1,
        default: 0,
        now: 0,
        needs: None,
    },
    Control {
        name: "contrast",
        unit: PROCESSING,
        selector: 3,
        bytes: 2,
        low: 0,
        high: 64,
        step: 1,
        default: 32,
        now: 32,
        needs: None,
    },
];

/// All controls as they stand.
#[derive(Debug)]
pub struct Controls {
    controls: [Control; 6],
    error: u8,
}

impl Default for Controls {
    fn default() -> Self {
        Self { controls: CONTROLS, error: 0 }
    }
}

impl Controls {
    /// Answers a request to the control interface.
    pub fn request(&mut self, setup: &Setup, data: &[u8]) -> Answer {
        let (unit, selector) = (setup.index_high(), setup.value_high());
        if (unit, selector) == (0, ERROR_CODE) {
            return match setup.request {
                GET_CUR => Answer::Data(vec![std::mem::take(&mut self.error)]),
                GET_INFO => Answer::Data(vec![1]),
                GET_LEN => Answer::Data(vec![1, 0]),
                _ => Answer::Stall,
            };
        }
        let answer = self.answer(unit, selector, setup, data);
        self.error = answer.as_ref().err().copied().unwrap_or(0);
        answer.unwrap_or(Answer::Stall)
    }

    fn answer(&mut self, unit: u8, selector: u8, setup: &Setup, data: &[u8]) -> Result<Answer, u8> {
        if !matches!(unit, CAMERA | PROCESSING) {
            return Err(INVALID_UNIT);
        }
        let found = self.controls.iter().position(|control| (control.unit, control.selector) == (unit, selector));
        let place = found.ok_or(INVALID_CONTROL)?;
        let control = self.controls[place];
        let bytes = |value: i32| Ok(Answer::Data(value.to_le_bytes()[..control.bytes].to_vec()));
        match (setup.request, setup.is_in()) {
            (GET_CUR, true) => bytes(control.now),
            (GET_MIN, true) => bytes(control.low),
            (GET_MAX, true) => bytes(control.high),
            (GET_RES, true) => bytes(control.step),
            (GET_DEF, true) => bytes(control.default),
            (GET_LEN, true) => Ok(Answer::Data(vec![control.bytes.to_le_bytes()[0], 0])),
            // It can be read and set.
            (GET_INFO, true) => Ok(Answer::Data(vec![0b11])),
            (SET_CUR, false) => {
                let value = read(data, control.bytes, control.low < 0).ok_or(INVALID_REQUEST)?;
                let allowed = if control.name == EXPOSURE_MODE {
                    matches!(value, BY_HAND | BY_ITSELF)
                } else {
                    (control.low..=control.high).contains(&value)
                };
                if !allowed {
                    return Err(OUT_OF_RANGE);
                }
                if control.needs.is_some_and(|(name, value)| self.value(name) != Some(value)) {
                    return Err(WRONG_STATE);
                }
                self.controls[place].now = value;
                Ok(Answer::Done)
            }
            _ => Err(INVALID_REQUEST),
        }
    }

    fn value(&self, name: &str) -> Option<i32> {
        self.controls.iter().find(|control| control.name == name).map(|control| control.now)
    }

    /// For the control port.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let values = self.controls.iter().map(|control| (control.name.to_owned(), control.now.into()));
        Value::Object(values.collect::<Map<_, _>>())
    }
}

/// A number of so many bytes, least byte first.
fn read(data: &[u8], bytes: usize, signed: bool) -> Option<i32> {
    match *data {
        [b0] if bytes == 1 => Some(b0.into()),
        [b0, b1] if bytes == 2 && signed => Some(i16::from_le_bytes([b0, b1]).into()),
        [b0, b1] if bytes == 2 => Some(u16::from_le_bytes([b0, b1]).into()),
        [b0, b1, b2, b3] if bytes == 4 => i32::try_from(u32::from_le_bytes([b0, b1, b2, b3])).ok(),
        _ => None,
    }
}
