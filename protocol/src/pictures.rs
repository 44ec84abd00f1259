//! Live pictures: what a camera sees, and what a second screen shows. They go out as binary messages for as long as a
//! session looks; a client that is slow gets the newest and misses those before it.
//!
//! ```text
//! binary message = u32 stream | u32 number | u64 taken | picture       (big-endian)
//! ```
//!
//! `stream` is what `pictures.start` answered. `number` counts the pictures of the device from when it began to send;
//! a gap says how many were left out. `taken` is the device's time of the picture, microseconds, on a clock of its own
//! that only goes forward. The picture is a JPEG or PNG; an empty one says: nothing to see, blank the place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes before the picture in a binary message.
pub const PICTURE_HEADER_BYTES: usize = 16;
/// Longest live picture, bytes.
pub const PICTURE_MAX: u32 = crate::seam::CHUNK_MAX;

/// The reply to `pictures.start`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PictureStream {
    /// The number that the stream's binary messages begin with.
    pub stream: u32,
}

/// The head of a binary message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureHeader {
    /// Which stream.
    pub stream: u32,
    /// Which picture of the device.
    pub number: u32,
    /// When it was taken, microseconds.
    pub taken_us: u64,
}

impl PictureHeader {
    /// As it goes over the wire.
    pub fn to_bytes(self) -> [u8; PICTURE_HEADER_BYTES] {
        let mut bytes = [0; PICTURE_HEADER_BYTES];
        bytes[..4].copy_from_slice(&self.stream.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.number.to_be_bytes());
        bytes[8..].copy_from_slice(&self.taken_us.to_be_bytes());
        bytes
    }

    /// Reads the head of a binary message; the rest is the picture. `None` if it is too short to have one.
    pub fn split(message: &[u8]) -> Option<(Self, &[u8])> {
        let (stream, rest) = message.split_first_chunk::<4>()?;
        let (number, rest) = rest.split_first_chunk::<4>()?;
        let (taken, picture) = rest.split_first_chunk::<8>()?;
        let header = Self {
            stream: u32::from_be_bytes(*stream),
            number: u32::from_be_bytes(*number),
            taken_us: u64::from_be_bytes(*taken),
        };
        Some((header, picture))
    }
}
