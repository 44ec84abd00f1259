//! The words of the supervisor: states, events, actions.

use kiosk_protocol::seam::ExitMeaning;

/// Milliseconds of a monotonic clock.
pub(super) type Millis = u64;

/// The states, with what belongs to each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No device; looked for again at `until`.
    Absent {
        /// When.
        until: Millis,
    },
    /// A child runs and has not said ready.
    Starting {
        /// It must have said the next thing by then.
        deadline: Millis,
        /// It has said hello.
        greeted: bool,
    },
    /// The child waits for a request.
    Ready,
    /// The child works on a request.
    Busy(Work),
    /// The child runs, the device does not answer.
    Stale,
    /// The child failed; started again at `until`.
    Backoff {
        /// When.
        until: Millis,
    },
    /// The child needs a person; tried again at `until`.
    Held {
        /// When.
        until: Millis,
    },
    /// The child was told to end, and the next is started when it has: so everything that it knew is gone.
    Renewing {
        /// It is killed then.
        deadline: Millis,
    },
    /// The child was told to stop.
    Stopping {
        /// It is killed then.
        deadline: Millis,
    },
    /// Over.
    Stopped,
}

/// A request in flight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// Its number.
    pub id: u64,
    /// It must be answered by then.
    pub deadline: Millis,
    /// The child was told to give it up and must answer by then.
    pub give_up: Option<Millis>,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A child was started.
    Spawned,
    /// A child said hello, and it is the one that was expected.
    Hello,
    /// A child said ready.
    Ready,
    /// A request was sent to the child.
    Sent {
        /// Its number.
        id: u64,
        /// It must be answered by then.
        deadline: Millis,
    },
    /// Somebody gave the request up.
    Cancelled {
        /// Its number.
        id: u64,
    },
    /// The child answered a request.
    Done {
        /// Its number.
        id: u64,
    },
    /// The child says that the device does not answer.
    Stale,
    /// The child says that the device answers again.
    Fresh,
    /// The child answered a ping.
    Pong {
        /// Its number.
        seq: u64,
        /// The device lives, and the child is not stuck.
        alive: bool,
    },
    /// The child broke its protocol, cannot be spoken to, or could not be started.
    Broken,
    /// The child is not the one that was expected (other protocol version, other kind): no use in trying again soon.
    Refused,
    /// The child ended.
    Exited(ExitMeaning),
    /// The child is to be replaced by a new one (only between requests).
    Renew,
    /// Something was plugged into this machine: perhaps this device.
    Arrival,
    /// Something was pulled out of this machine: perhaps this device.
    Removal,
    /// The gateway is stopping.
    Stop,
    /// Time has passed.
    Tick,
}

/// Why a request will not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The child died, hung or broke its protocol.
    Driver,
    /// The device went away.
    Device,
    /// The gateway is stopping.
    Stopping,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start a child.
    Spawn,
    /// Send `start`.
    Start,
    /// Send a ping.
    Ping {
        /// Its number.
        seq: u64,
    },
    /// Send a wish that the device be asked at once whether it is still there.
    Probe,
    /// Send a cancel.
    Cancel {
        /// The request's number.
        id: u64,
    },
    /// End the child's stdin.
    CloseStdin,
    /// Kill the child.
    Kill(&'static str),
    /// Tell the client that the request will not be answered.
    Lose {
        /// The request's number.
        id: u64,
        /// Why.
        why: Lost,
    },
}
