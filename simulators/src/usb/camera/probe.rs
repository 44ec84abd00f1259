//! How host and camera agree on a stream (UVC 1.0, section 4.3.1.1): the host proposes, the camera answers with what it
//! will do, the host commits.

use super::PAYLOAD_MAX;
use super::controls::{GET_CUR, GET_DEF, GET_INFO, GET_LEN, GET_MAX, GET_MIN, SET_CUR};
use super::format::{Choice, FORMATS, SIZES, rates, ticks};
use crate::usb::setup::{Answer, Setup};

/// VS_PROBE_CONTROL and VS_COMMIT_CONTROL (UVC 1.0, table A-13).
const PROBE: u8 = 1;
const COMMIT: u8 = 2;
/// Bytes of both in version 1.0 (UVC 1.0, table 4-47).
const LENGTH: usize = 26;

/// Where the talks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiation {
    format: u8,
    frame: u8,
    ticks: u32,
    committed: bool,
}

impl Default for Negotiation {
    fn default() -> Self {
        Self { format: 1, frame: 1, ticks: ticks(rates(FORMATS[0], SIZES[0])[0]), committed: false }
    }
}

impl Negotiation {
    /// Answers a request to the streaming interface.
    pub fn request(&mut self, setup: &Setup, data: &[u8]) -> Answer {
        match (setup.value_high(), setup.request, setup.is_in()) {
            (PROBE | COMMIT, GET_LEN, true) => Answer::Data(vec![LENGTH.to_le_bytes()[0], 0]),
            (PROBE | COMMIT, GET_INFO, true) => Answer::Data(vec![0b11]),
            (PROBE | COMMIT, GET_CUR, true) => Answer::Data(self.bytes()),
            (PROBE, GET_DEF, true) => Answer::Data(Self::default().bytes()),
            (PROBE, GET_MIN | GET_MAX, true) => Answer::Data(self.at_limit(setup.request == GET_MIN).bytes()),
            (PROBE | COMMIT, SET_CUR, false) => {
                let Some(proposed) = Self::read(data) else { return Answer::Stall };
                *self = Self { committed: setup.value_high() == COMMIT, ..proposed };
                Answer::Done
            }
            _ => Answer::Stall,
        }
    }

    /// What the host has just committed to; once.
    pub fn take_committed(&mut self) -> Option<Choice> {
        std::mem::take(&mut self.committed).then(|| self.choice())
    }

    fn choice(&self) -> Choice {
        let (format, size) = (usize::from(self.format) - 1, usize::from(self.frame) - 1);
        Choice { format: FORMATS[format], size: SIZES[size], ticks: self.ticks }
    }

    /// What the camera makes of a proposal: the nearest that it has.
    fn read(data: &[u8]) -> Option<Self> {
        let [_, _, format, frame, t0, t1, t2, t3, ..] = *data else { return None };
        let last = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
        let mut proposed = Self {
            format: format.clamp(1, last(FORMATS.len())),
            frame: frame.clamp(1, last(SIZES.len())),
            ..Self::default()
        };
        let wanted = u32::from_le_bytes([t0, t1, t2, t3]);
        let Choice { format, size, .. } = proposed.choice();
        let rates = rates(format, size).iter().map(|rate| ticks(*rate));
        // None wanted: the fastest.
        let nearest = rates.min_by_key(|ticks| if wanted == 0 { *ticks } else { ticks.abs_diff(wanted) });
        proposed.ticks = nearest.unwrap_or(proposed.ticks);
        Some(proposed)
    }

    fn at_limit(&self, low: bool) -> Self {
        let Choice { format, size, .. } = self.choice();
        let ticks = rates(format, size).iter().map(|rate| ticks(*rate));
        let ticks = if low { ticks.min() } else { ticks.max() };
        Self { ticks: ticks.unwrap_or(self.ticks), ..*self }
    }

    fn bytes(self) -> Vec<u8> {
        let mut out = vec![1, 0, self.format, self.frame];
        out.extend(self.ticks.to_le_bytes());
        out.extend([0; 10]);
        out.extend(self.choice().size.bytes().to_le_bytes());
        out.extend(u32::try_from(PAYLOAD_MAX).unwrap_or(u32::MAX).to_le_bytes());
        out
    }
}
