//! Who has which device alone, and who waits for it. Pure: the time goes in.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use kiosk_protocol::device::DeviceId;
use kiosk_protocol::session::SessionId;

/// Most sessions that wait for one device.
const WAITING_MAX: usize = 16;

/// What became of a wish for a lease.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The session has it, until then.
    Granted,
    /// Others are before it.
    Wait,
    /// Too many wait.
    Full,
}

#[derive(Debug, Default)]
struct Slot {
    owner: Option<(SessionId, Instant)>,
    waiting: VecDeque<SessionId>,
}

/// All leases.
#[derive(Debug, Default)]
pub(super) struct Leases(HashMap<DeviceId, Slot>);

impl Leases {
    /// Asks for a device, or extends the lease, or asks again whether it is the session's turn.
    pub(super) fn acquire(&mut self, device: &DeviceId, session: &SessionId, ttl: Duration, now: Instant) -> Answer {
        let slot = self.0.entry(device.clone()).or_default();
        if slot.owner.as_ref().is_some_and(|(owner, until)| owner != session && *until > now) {
            if !slot.waiting.contains(session) {
                if slot.waiting.len() >= WAITING_MAX {
                    return Answer::Full;
                }
                slot.waiting.push_back(session.clone());
            }
            return Answer::Wait;
        }
        let mine = slot.owner.as_ref().is_some_and(|(owner, until)| owner == session && *until > now);
        if !mine && slot.waiting.front().is_some_and(|first| first != session) {
            if !slot.waiting.contains(session) {
                slot.waiting.push_back(session.clone());
            }
            return Answer::Wait;
        }
        slot.waiting.retain(|waiting| waiting != session);
        slot.owner = Some((session.clone(), now + ttl));
        Answer::Granted
    }

    /// Stops waiting for a device.
    pub(super) fn leave_queue(&mut self, device: &DeviceId, session: &SessionId) {
        if let Some(slot) = self.0.get_mut(device) {
            slot.waiting.retain(|waiting| waiting != session);
        }
    }

    /// Gives a device back; `false` if the session did not have it.
    pub(super) fn release(&mut self, device: &DeviceId, session: &SessionId) -> bool {
        let slot = self.0.get_mut(device);
        slot.is_some_and(|slot| slot.owner.take_if(|(owner, _)| owner == session).is_some())
    }

    /// Gives back all that a session has or waits for; returns what it had.
    pub(super) fn release_all(&mut self, session: &SessionId) -> Vec<DeviceId> {
        let mut had = Vec::new();
        for (device, slot) in &mut self.0 {
            if slot.owner.take_if(|(owner, _)| owner == session).is_some() {
                had.push(device.clone());
            }
            slot.waiting.retain(|waiting| waiting != session);
        }
        had
    }

    /// Another session has the device.
    pub(super) fn blocks(&self, device: &DeviceId, session: &SessionId, now: Instant) -> bool {
        self.0
            .get(device)
            .and_then(|slot| slot.owner.as_ref())
            .is_some_and(|(owner, until)| owner != session && *until > now)
    }

    /// Ends the leases whose time is over; returns them.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(DeviceId, SessionId)> {
        let mut over = Vec::new();
        for (device, slot) in &mut self.0 {
            if let Some((owner, _)) = slot.owner.take_if(|(_, until)| *until <= now) {
                over.push((device.clone(), owner));
            }
        }
        over
    }
}
