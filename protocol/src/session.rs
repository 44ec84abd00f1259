//! Sessions, leases: the calls that the gateway answers itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{DeviceId, DeviceView};

/// No fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// The name of a session, for logs and leases. Not a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SessionId(pub String);

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret of a session: it opens its blobs and resumes it. It prints as a fixed word.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SessionToken(pub String);

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

/// The versions of the protocol that a client speaks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionRange {
    /// The lowest.
    pub min: u16,
    /// The highest.
    pub max: u16,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its name, at most 64 characters.
    pub name: String,
    /// Its version, at most 64 characters.
    pub version: String,
}

/// A wish to go on with an earlier session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The token that the session's first `session.hello` gave.
    pub token: SessionToken,
    /// The `seq` of the last message that arrived; the messages after it are sent again.
    pub cursor: u64,
}

/// `session.hello`: the first message of every connection, within 5 seconds.
///
/// Fields that this version does not know are passed over, so that a newer client can offer a range of versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hello {
    /// The versions that the client speaks.
    pub versions: VersionRange,
    /// The client, for the log.
    pub client: Program,
    /// Go on with an earlier session; absent: begin a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// The limits that the gateway keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Longest message from the client, bytes.
    pub message_bytes: u32,
    /// Most commands in flight in one session.
    pub in_flight: u16,
    /// How long a session waits for its client to come back, milliseconds.
    pub resume_window_ms: u32,
    /// How long leases survive a broken connection, milliseconds.
    pub lease_grace_ms: u32,
}

/// The reply to `session.hello`: the session and the devices as they are now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Welcome {
    /// The version both will speak.
    pub version: u16,
    /// The gateway.
    pub gateway: Program,
    /// This run of the gateway. It remembers idempotency keys as long as it runs; after a restart (another instance) a
    /// command with a side effect must not be sent again by itself, for nobody knows whether it was done.
    pub instance: String,
    /// The session.
    pub session: SessionId,
    /// Its secret, for `resume` and for `GET /v1/blobs/{id}` (`Authorization: Bearer …`).
    pub token: SessionToken,
    /// The earlier session goes on: every message after the cursor follows. `false`: this is a new session, and what
    /// an earlier one had (commands, blobs, leases) is gone.
    pub resumed: bool,
    /// The `seq` that the first message after this one follows.
    pub cursor: u64,
    /// All devices as they are now; afterwards only changes come, as `device.changed`.
    pub devices: Vec<DeviceView>,
    /// What the gateway allows.
    pub limits: Limits,
}

/// `lease.acquire`: have a device alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcquireLease {
    /// How long, milliseconds; acquiring it again extends it. 1 second to 15 minutes.
    #[serde(default = "default_ttl")]
    #[schemars(range(min = 1_000, max = 900_000))]
    pub ttl_ms: u32,
}

fn default_ttl() -> u32 {
    60_000
}

/// The reply to `lease.acquire`, when the device is the session's alone. Waits in a queue until then (at most `timeout_ms`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lease {
    /// The device.
    pub device: DeviceId,
    /// When it ends unless it is extended, milliseconds from now.
    pub ttl_ms: u32,
}

/// Notice `lease.lost`: a lease ended without being released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaseLost {
    /// The device.
    pub device: DeviceId,
}
