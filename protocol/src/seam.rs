//! What the gateway and its children (drivers, workers) say to each other on stdin and stdout.
//!
//! ```text
//! frame = u32 length of JSON | u32 length of blob | JSON | blob        (lengths big-endian, capped)
//!
//! gateway                                     child
//!    │ ◄───────────── hello {protocol, driver, version, kind}     within 2 s of its start
//!    │ start {address, config} ─────────────►
//!    │ ◄───────────── ready {identity, capabilities}              within 10 s
//!    │ request {id, name, …} ───────────────►                     one in flight
//!    │ ◄───────────── chunk, event                                any number
//!    │ cancel {id} ─────────────────────────►
//!    │ ◄───────────── done {id, ok | error}                       exactly one per request, also after cancel
//!    │ ping {seq} ──────────────────────────►
//!    │ ◄───────────── pong {seq, device_alive}                    lost for 2 s: killed and restarted
//!    │ ◄───────────── stale | fresh, event status                 any time after ready
//!    │ probe ───────────────────────────────►                     something was unplugged: ask the device now
//!    │ pictures {wanted} ───────────────────►                     cameras and second screens, any time after ready
//!    │ ◄───────────── picture {number, taken_us}                  while wanted
//!    │ (end of stdin) ──────────────────────►                     leave the device safe and exit 0
//! ```
//!
//! stderr is the child's log, one line an entry.

mod frame;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::blob::BlobId;
use crate::device::{Identity, Kind};
use crate::error::Failure;
pub use frame::{Frame, FrameError, HEADER_BYTES, Header, head};

/// The version of this protocol. A child that says another one is held, with a clear message.
pub const SEAM_VERSION: u16 = 1;

/// Longest JSON part of a frame, bytes.
pub const JSON_MAX: u32 = 1 << 20;
/// Longest blob part of a frame from a child, bytes; longer blobs come in several chunks.
pub const CHUNK_MAX: u32 = 1 << 20;
/// Longest blob part of a frame to a child, bytes: all attachments of one request together.
pub const ATTACHMENTS_MAX: u32 = 64 << 20;

/// A child must say hello this soon after its start.
pub const HELLO_WITHIN_MS: u64 = 2_000;
/// A child must be ready this soon after `start`.
pub const READY_WITHIN_MS: u64 = 10_000;
/// A child that leaves a ping unanswered this long is killed.
pub const PONG_WITHIN_MS: u64 = 2_000;
/// A child that has not answered a cancelled or overdue request this soon is killed.
///
/// Long enough for the longest step that cannot be interrupted (finding the text of a page on a slow machine); the
/// client does not wait for it where nothing but its own patience is at stake.
pub const CANCEL_WITHIN_MS: u64 = 5_000;
/// A child that still runs this long after the end of its stdin is killed.
pub const STOP_WITHIN_MS: u64 = 2_000;

/// How a child ended, as its exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitMeaning {
    /// 0: it was told to stop.
    Stopped,
    /// 64 (`EX_USAGE`): its address or configuration is wrong. Held until somebody changes it.
    BadConfig,
    /// 69 (`EX_UNAVAILABLE`): the device is not there. Tried again until it appears.
    DeviceAbsent,
    /// 77 (`EX_NOPERM`): it may not open the device. Held until somebody changes that.
    NoPermission,
    /// Anything else, and any signal: a fault; started again with growing pauses.
    Fault,
}

impl ExitMeaning {
    /// What an exit status means; `None` is a death by signal.
    pub fn of(code: Option<i32>) -> Self {
        match code {
            Some(0) => Self::Stopped,
            Some(64) => Self::BadConfig,
            Some(69) => Self::DeviceAbsent,
            Some(77) => Self::NoPermission,
            _ => Self::Fault,
        }
    }

    /// The exit status that says it.
    pub fn code(self) -> u8 {
        match self {
            Self::Stopped => 0,
            Self::BadConfig => 64,
            Self::DeviceAbsent => 69,
            Self::NoPermission => 77,
            Self::Fault => 70,
        }
    }
}

/// A blob that goes along with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Its name, as the request's payload calls it.
    pub blob: BlobId,
    /// Its length. The frame's blob part holds all attachments, one after the other.
    pub bytes: u32,
}

/// To the child. Later versions may add types: a child passes over those that it does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToChild {
    /// Open the device. The first message, once.
    Start {
        /// Where it is, for example `tcp:192.168.1.9:9100`.
        address: String,
        /// The driver's own settings.
        config: Value,
    },
    /// Do something.
    Request {
        /// The gateway's number for it.
        id: u64,
        /// The call, for example `scanner.scan`.
        name: String,
        /// The answer must be there this many milliseconds after the request arrived.
        deadline_ms: u64,
        /// What the call needs; already checked against the call's shape.
        payload: Value,
        /// What lies in the blob part.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attachments: Vec<Attachment>,
    },
    /// Give up a request: answer it soon.
    Cancel {
        /// Which.
        id: u64,
    },
    /// Are you there, and is the device?
    Ping {
        /// To be given back.
        seq: u64,
    },
    /// Something was pulled out of this machine: ask the device at once whether it is still there, instead of when its
    /// next turn comes. Not answered; a device that is gone ends the child with 69.
    Probe,
    /// Somebody wants to see live pictures, or nobody any more. Only to kinds that have them; not answered.
    Pictures {
        /// Send them.
        wanted: bool,
    },
    /// A message of a type that this version does not know, blob part and all: to be passed over. Never sent.
    #[serde(other, skip_serializing)]
    Unknown,
}

/// From the child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromChild {
    /// The first message.
    Hello {
        /// [`SEAM_VERSION`].
        protocol: u16,
        /// The driver's name, as in its `driver.toml`.
        driver: String,
        /// The driver's version.
        version: String,
        /// The kind of device it serves.
        kind: Kind,
    },
    /// The device is open.
    Ready {
        /// What it says it is.
        identity: Identity,
        /// What it can do.
        capabilities: Value,
    },
    /// The device could not be opened; the child exits next, with the status that says what kind of trouble it is.
    Failed {
        /// What is wrong, with the next step.
        failure: Failure,
    },
    /// Something happened: an event of the running request, or the device's `status` (with `request` absent).
    ///
    /// Every field `blob` of the payload (and of the reply) names a blob that the child made with `chunk`.
    Event {
        /// The request it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
        /// The event's name, for example `scanner.page`.
        name: String,
        /// What it says.
        payload: Value,
    },
    /// Bytes of a blob, in the frame's blob part.
    Chunk {
        /// The request it belongs to.
        request: u64,
        /// The child's name for the blob, unique in this request.
        blob: BlobId,
        /// Its media type; the same in every chunk.
        media_type: String,
        /// More chunks follow.
        more: bool,
    },
    /// A live picture, in the frame's blob part; only while they are wanted. Empty: nothing to see.
    Picture {
        /// Counts them.
        number: u32,
        /// When it was taken, microseconds, on a clock of the driver's own that only goes forward.
        taken_us: u64,
    },
    /// The device does not answer (any more).
    Stale {
        /// Why the driver thinks so.
        reason: String,
    },
    /// The device answers again.
    Fresh,
    /// A request is over.
    Done {
        /// Which.
        id: u64,
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The answer to a ping.
    Pong {
        /// From the ping.
        seq: u64,
        /// The thread that serves the device moves: it waits for work, or is within the time of a probe or request.
        /// `false`: it is stuck, and the child is killed. A device that does not answer while the driver is well is
        /// told with `stale` instead.
        device_alive: bool,
    },
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The reply of the call.
    Ok(Value),
    /// The failure.
    Error(Failure),
}
