//! The rules, as a pure structure: an event and the time go in, actions come out. No clock, no I/O.

mod plugs;

use kiosk_protocol::seam::{ExitMeaning, STOP_WITHIN_MS};

use plugs::Plugs;

use super::terms::{Action, Event, Lost, Millis, Phase, Work};
use crate::config::Supervision;

/// A device that was absent is looked for again after this, and after a while less often.
const ABSENT_RETRY_MS: u64 = 1_000;
const ABSENT_RETRY_LAST_MS: u64 = 5_000;
/// A held driver is tried again after this, so that a mended permission is noticed without a restart.
const HELD_RETRY_MS: u64 = 60_000;
/// The first pause after a fault; it doubles up to the last.
const BACKOFF_FIRST_MS: u64 = 250;
const BACKOFF_LAST_MS: u64 = 30_000;
/// A child that was ready for so long is forgiven its earlier faults.
const FORGIVEN_AFTER_MS: u64 = 30_000;
/// A time limit that is looked at so much too late says nothing about the child.
const OVERSLEPT_MS: u64 = 1_000;
/// A ping is sent so often.
const PING_EVERY_MS: u64 = 500;

/// The state of one device's supervisor.
#[derive(Clone, Debug)]
pub struct Machine {
    phase: Phase,
    /// How long its children may take.
    patience: Supervision,
    /// Faults since it last ran well.
    faults: u32,
    /// How often it was looked for in vain since it was last there.
    absences: u32,
    ready_since: Millis,
    pings: u64,
    /// The ping that is not answered yet, and since when.
    waiting: Option<(u64, Millis)>,
    next_ping: Millis,
    /// A child was killed and its end has not been seen.
    dying: bool,
    /// After its end the device is held.
    hold: bool,
    plugs: Plugs,
    /// For the jitter of the pauses, so that devices that fell together do not rise together.
    seed: u64,
}

impl Machine {
    /// A device that is to be started at once.
    pub fn new(patience: Supervision, seed: u64) -> Self {
        Self {
            phase: Phase::Absent { until: 0 },
            patience,
            faults: 0,
            absences: 0,
            ready_since: 0,
            pings: 0,
            waiting: None,
            next_ping: 0,
            dying: false,
            hold: false,
            plugs: Plugs::default(),
            seed: seed | 1,
        }
    }

    /// The state.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// A request may be sent now.
    pub fn takes_requests(&self) -> bool {
        self.phase == Phase::Ready && !self.dying
    }

    /// The device was not there, and has not been ready since.
    pub fn is_looking(&self) -> bool {
        self.absences > 0
    }

    /// The child was killed and its end has not been seen.
    pub fn is_killing(&self) -> bool {
        self.dying
    }

    /// When [`Event::Tick`] is wanted next; `None`: not until something else happens.
    pub fn wakes_at(&self) -> Option<Millis> {
        let phase = match &self.phase {
            Phase::Absent { until } | Phase::Backoff { until } | Phase::Held { until } => Some(*until),
            Phase::Starting { deadline, .. } | Phase::Stopping { deadline } | Phase::Renewing { deadline } => {
                Some(*deadline)
            }
            Phase::Busy(work) => Some(work.give_up.unwrap_or(work.deadline)),
            Phase::Ready | Phase::Stale | Phase::Stopped => None,
        };
        if self.dying {
            return None;
        }
        let heart = match self.phase {
            Phase::Ready | Phase::Stale | Phase::Busy(_) => {
                let ping = self.waiting.map_or(self.next_ping, |(_, since)| since + self.patience.heartbeat_ms);
                Some(self.plugs.probe_at().map_or(ping, |probe| probe.min(ping)))
            }
            _ => None,
        };
        match (phase, heart) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    /// What an event means at this time.
    pub fn step(&mut self, event: Event, now: Millis) -> Vec<Action> {
        match event {
            Event::Spawned => {
                self.dying = false;
                self.plugs.looked(now);
                self.phase = Phase::Starting { deadline: now + self.patience.hello_ms, greeted: false };
                Vec::new()
            }
            Event::Hello => match &mut self.phase {
                Phase::Starting { deadline, greeted } if !*greeted => {
                    *greeted = true;
                    *deadline = now + self.patience.ready_ms;
                    vec![Action::Start]
                }
                Phase::Stopping { .. } => Vec::new(),
                _ => self.kill("it said hello twice"),
            },
            Event::Ready => match self.phase {
                Phase::Starting { greeted: true, .. } => {
                    self.phase = Phase::Ready;
                    self.absences = 0;
                    self.ready_since = now;
                    self.plugs.found();
                    self.waiting = None;
                    self.next_ping = now + PING_EVERY_MS;
                    Vec::new()
                }
                Phase::Stopping { .. } => Vec::new(),
                _ => self.kill("it said ready at the wrong time"),
            },
            Event::Sent { id, deadline } => {
                self.phase = Phase::Busy(Work { id, deadline, give_up: None });
                Vec::new()
            }
            Event::Cancelled { id } => self.cancel(Some(id), now),
            Event::Done { id } => match &self.phase {
                Phase::Busy(work) if work.id == id => {
                    self.phase = Phase::Ready;
                    Vec::new()
                }
                Phase::Stopping { .. } | Phase::Renewing { .. } => Vec::new(),
                _ => self.kill("it answered a request that it was not asked"),
            },
            Event::Stale => {
                if self.phase == Phase::Ready {
                    self.phase = Phase::Stale;
                }
                Vec::new()
            }
            Event::Fresh => {
                if self.phase == Phase::Stale {
                    self.phase = Phase::Ready;
                }
                Vec::new()
            }
            Event::Pong { seq, alive } => self.pong(seq, alive, now),
            Event::Broken => self.broken(now),
            Event::Refused => {
                self.hold = true;
                self.kill("it is not the driver that was expected")
            }
            Event::Exited(meaning) => self.exited(meaning, now),
            Event::Renew => match self.phase {
                Phase::Ready | Phase::Stale => {
                    self.phase = Phase::Renewing { deadline: now + STOP_WITHIN_MS };
                    vec![Action::CloseStdin]
                }
                // Whatever else it is, a new child is on its way or none is there.
                _ => Vec::new(),
            },
            Event::Arrival => {
                self.arrival(now);
                Vec::new()
            }
            Event::Removal => self.removal(now),
            Event::Stop => self.stop(now),
            Event::Tick => self.tick(now),
        }
    }

    fn pong(&mut self, seq: u64, alive: bool, now: Millis) -> Vec<Action> {
        if self.waiting.is_some_and(|(waiting, _)| waiting == seq) {
            self.waiting = None;
            self.next_ping = now + PING_EVERY_MS;
            if now.saturating_sub(self.ready_since) > FORGIVEN_AFTER_MS {
                self.faults = 0;
                self.plugs.is_steady();
            }
        }
        if alive { Vec::new() } else { self.kill("its working thread is stuck") }
    }

    /// Tells the child to give its request up, once.
    fn cancel(&mut self, which: Option<u64>, now: Millis) -> Vec<Action> {
        match &mut self.phase {
            Phase::Busy(work) if work.give_up.is_none() && which.is_none_or(|id| id == work.id) => {
                work.give_up = Some(now + self.patience.cancel_ms);
                vec![Action::Cancel { id: work.id }]
            }
            _ => Vec::new(),
        }
    }

    fn broken(&mut self, now: Millis) -> Vec<Action> {
        match self.phase {
            // It could not even be started.
            Phase::Absent { .. } | Phase::Backoff { .. } | Phase::Held { .. } => {
                self.back_off(now);
                Vec::new()
            }
            Phase::Stopped => Vec::new(),
            _ => self.kill("it broke its protocol"),
        }
    }

    /// Kills the child, once. What follows is decided when its end is seen.
    fn kill(&mut self, why: &'static str) -> Vec<Action> {
        let runs = matches!(
            self.phase,
            Phase::Starting { .. }
                | Phase::Ready
                | Phase::Busy(_)
                | Phase::Stale
                | Phase::Renewing { .. }
                | Phase::Stopping { .. }
        );
        if !runs || self.dying {
            return Vec::new();
        }
        self.dying = true;
        vec![Action::Kill(why)]
    }

    fn exited(&mut self, meaning: ExitMeaning, now: Millis) -> Vec<Action> {
        let killed = std::mem::take(&mut self.dying);
        let hold = std::mem::take(&mut self.hold);
        let was_there = matches!(self.phase, Phase::Ready | Phase::Stale | Phase::Busy(_));
        let lost = match &self.phase {
            Phase::Busy(work) => {
                let gone = meaning == ExitMeaning::DeviceAbsent && !killed;
                vec![Action::Lose { id: work.id, why: if gone { Lost::Device } else { Lost::Driver } }]
            }
            Phase::Stopping { .. } | Phase::Stopped => {
                self.phase = Phase::Stopped;
                return Vec::new();
            }
            Phase::Renewing { .. } => {
                self.phase = Phase::Absent { until: now };
                return self.tick(now);
            }
            _ => Vec::new(),
        };
        match meaning {
            _ if hold => self.phase = Phase::Held { until: now + HELD_RETRY_MS },
            ExitMeaning::DeviceAbsent if !killed => {
                let pause =
                    (ABSENT_RETRY_MS + ABSENT_RETRY_MS * u64::from(self.absences) / 10).min(ABSENT_RETRY_LAST_MS);
                self.absences = self.absences.saturating_add(1);
                if was_there {
                    self.plugs.lost();
                }
                let until = now + self.jittered(pause.max(self.plugs.pause()));
                self.phase = Phase::Absent { until: self.plugs.next_look(until, now) };
            }
            ExitMeaning::BadConfig | ExitMeaning::NoPermission if !killed => {
                self.plugs.forbidden(meaning == ExitMeaning::NoPermission);
                self.phase = Phase::Held { until: now + HELD_RETRY_MS };
            }
            _ => self.back_off(now),
        }
        lost
    }

    fn back_off(&mut self, now: Millis) {
        let pause = BACKOFF_FIRST_MS.saturating_mul(1 << self.faults.min(16)).min(BACKOFF_LAST_MS);
        self.faults = self.faults.saturating_add(1);
        self.phase = Phase::Backoff { until: now + self.jittered(pause) };
    }

    /// Between three quarters and five quarters of a pause (xorshift; spread is all that is asked of it).
    fn jittered(&mut self, pause: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        pause * 3 / 4 + self.seed % (pause / 2 + 1)
    }

    fn stop(&mut self, now: Millis) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Phase::Busy(work) = &self.phase {
            actions.push(Action::Lose { id: work.id, why: Lost::Stopping });
        }
        match self.phase {
            Phase::Renewing { deadline } => self.phase = Phase::Stopping { deadline },
            Phase::Starting { .. } | Phase::Ready | Phase::Busy(_) | Phase::Stale => {
                self.phase = Phase::Stopping { deadline: now + STOP_WITHIN_MS };
                actions.push(Action::CloseStdin);
            }
            Phase::Absent { .. } | Phase::Backoff { .. } | Phase::Held { .. } => self.phase = Phase::Stopped,
            Phase::Stopping { .. } | Phase::Stopped => {}
        }
        actions
    }

    fn tick(&mut self, now: Millis) -> Vec<Action> {
        if self.dying {
            return Vec::new();
        }
        match &self.phase {
            Phase::Absent { until } | Phase::Backoff { until } | Phase::Held { until } if now >= *until => {
                return vec![Action::Spawn];
            }
            Phase::Starting { deadline, greeted } if now >= *deadline => {
                return self.kill(if *greeted { "it was not ready in time" } else { "it said no hello" });
            }
            Phase::Stopping { deadline } | Phase::Renewing { deadline } if now >= *deadline => {
                return self.kill("it did not stop in time");
            }
            Phase::Busy(Work { give_up: Some(deadline), .. }) if now >= *deadline => {
                return self.kill("it did not give up a request in time");
            }
            _ => {}
        }
        let mut actions = Vec::new();
        if let Phase::Busy(Work { deadline, give_up: None, .. }) = &self.phase
            && now >= *deadline
        {
            actions.extend(self.cancel(None, now));
        }
        if matches!(self.phase, Phase::Ready | Phase::Busy(_) | Phase::Stale) {
            match self.waiting {
                // Looked at much too late: it was this process that slept, not the child.
                Some((seq, since)) if now >= since + self.patience.heartbeat_ms + OVERSLEPT_MS => {
                    self.waiting = Some((seq, now))
                }
                Some((_, since)) if now >= since + self.patience.heartbeat_ms => {
                    actions.extend(self.kill("it did not answer a ping"));
                }
                None if now >= self.next_ping => {
                    self.pings += 1;
                    self.waiting = Some((self.pings, now));
                    actions.push(Action::Ping { seq: self.pings });
                }
                _ => {}
            }
            if self.plugs.takes_probe(now) && !self.dying {
                actions.push(Action::Probe);
            }
        }
        actions
    }
}
