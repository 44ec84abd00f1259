//! What plugging in and pulling out means for a device: it is looked for, or asked, at once; but a loose plug must not
//! start processes by the hundred.

use super::{Action, Machine};
use crate::supervisor::terms::{Millis, Phase};

/// From an arrival to the look: a device's nodes come one after the other.
const SETTLE_MS: u64 = 100;
/// From one look to the next that an arrival causes. Doubles, three times at most, for a device that comes and goes.
const LOOK_GAP_MS: u64 = 500;
const DOUBLINGS_MAX: u32 = 3;
/// The same, for one that failed or may not be opened: an arrival is a faint hope there.
const FAINT_GAP_MS: u64 = 5_000;
/// From one wish to be probed to the next: one unplugging is several removals.
const PROBE_GAP_MS: u64 = 250;

/// What the machine remembers of plugs.
#[derive(Clone, Debug, Default)]
pub(super) struct Plugs {
    /// When the last child was started.
    looked: Option<Millis>,
    /// Something arrived while a child was starting; if it does not find its device, the next one may.
    arrived: bool,
    /// How often the device went away since it last stayed.
    losses: u32,
    /// The device is held because it may not be opened, which udev may have changed a moment later.
    forbidden: bool,
    probed: Option<Millis>,
    probe_at: Option<Millis>,
}

impl Plugs {
    pub(super) fn looked(&mut self, now: Millis) {
        self.looked = Some(now);
        self.arrived = false;
        self.forbidden = false;
        self.probe_at = None;
    }

    pub(super) fn found(&mut self) {
        self.arrived = false;
    }

    /// It has stayed for a good while.
    pub(super) fn is_steady(&mut self) {
        self.losses = 0;
    }

    pub(super) fn lost(&mut self) {
        self.losses = self.losses.saturating_add(1);
    }

    pub(super) fn forbidden(&mut self, forbidden: bool) {
        self.forbidden = forbidden;
    }

    /// The shortest time between two looks.
    pub(super) fn pause(&self) -> u64 {
        // The first loss is no storm: somebody moves a plug.
        LOOK_GAP_MS << self.losses.saturating_sub(1).min(DOUBLINGS_MAX)
    }

    /// The time of the next look, sooner if something arrived meanwhile.
    pub(super) fn next_look(&mut self, until: Millis, now: Millis) -> Millis {
        if std::mem::take(&mut self.arrived) { until.min(self.soon(self.pause(), now)) } else { until }
    }

    fn soon(&self, gap: u64, now: Millis) -> Millis {
        self.looked.map_or(now, |looked| looked + gap).max(now + SETTLE_MS)
    }

    pub(super) fn probe_at(&self) -> Option<Millis> {
        self.probe_at
    }

    pub(super) fn takes_probe(&mut self, now: Millis) -> bool {
        let due = self.probe_at.is_some_and(|at| now >= at);
        if due {
            self.probe_at = None;
            self.probed = Some(now);
        }
        due
    }
}

impl Machine {
    /// Something was plugged in: perhaps this device.
    pub(super) fn arrival(&mut self, now: Millis) {
        let soon = self.plugs.soon(self.plugs.pause(), now);
        let faint = self.plugs.soon(FAINT_GAP_MS, now);
        let forbidden = self.plugs.forbidden;
        match &mut self.phase {
            Phase::Absent { until } => *until = soon.min(*until),
            Phase::Backoff { until } => *until = faint.min(*until),
            Phase::Held { until } if forbidden => *until = faint.min(*until),
            Phase::Starting { .. } => self.plugs.arrived = true,
            _ => {}
        }
    }

    /// Something was pulled out: perhaps this device.
    pub(super) fn removal(&mut self, now: Millis) -> Vec<Action> {
        if !matches!(self.phase, Phase::Ready | Phase::Stale | Phase::Busy(_)) {
            return Vec::new();
        }
        let due = self.plugs.probed.map_or(now, |probed| now.max(probed + PROBE_GAP_MS));
        self.plugs.probe_at.get_or_insert(due);
        self.tick(now)
    }
}
