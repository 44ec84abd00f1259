//! The frames of the seam, as bytes. Reading and writing pipes is the business of the two ends.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::JSON_MAX;

/// Length of a frame's header: two `u32`.
pub const HEADER_BYTES: usize = 8;

/// What is wrong with a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The JSON part is empty or longer than [`JSON_MAX`].
    JsonLength(u32),
    /// The blob part is longer than this end takes.
    BlobLength {
        /// What the frame says.
        length: u32,
        /// What this end takes.
        max: u32,
    },
    /// The JSON part is not a message; the text says which field.
    Message(String),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::JsonLength(n) => write!(f, "a frame's JSON part is {n} bytes long; it must be 1 to {JSON_MAX}"),
            Self::BlobLength { length, max } => {
                write!(f, "a frame's blob part is {length} bytes long; at most {max} are taken")
            }
            Self::Message(problem) => write!(f, "a frame's JSON part is not a message: {problem}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// The lengths at the head of a frame, checked against the caps before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of JSON.
    pub json: u32,
    /// Bytes of blob.
    pub blob: u32,
}

impl Header {
    /// Reads a header; `blob_max` is the longest blob part that this end takes.
    pub fn parse(bytes: [u8; HEADER_BYTES], blob_max: u32) -> Result<Self, FrameError> {
        let [a, b, c, d, e, f, g, h] = bytes;
        let json = u32::from_be_bytes([a, b, c, d]);
        let blob = u32::from_be_bytes([e, f, g, h]);
        if json == 0 || json > JSON_MAX {
            return Err(FrameError::JsonLength(json));
        }
        if blob > blob_max {
            return Err(FrameError::BlobLength { length: blob, max: blob_max });
        }
        Ok(Self { json, blob })
    }
}

/// A message with its blob part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<M> {
    /// The JSON part.
    pub message: M,
    /// The blob part; empty if there is none.
    pub blob: Vec<u8>,
}

impl<M> Frame<M> {
    /// A message without a blob.
    pub fn bare(message: M) -> Self {
        Self { message, blob: Vec::new() }
    }
}

impl<M: Serialize> Frame<M> {
    /// The header and JSON part, ready to be written before the blob part.
    ///
    /// # Errors
    /// If either part is longer than its cap.
    pub fn head(&self, blob_max: u32) -> Result<Vec<u8>, FrameError> {
        head(&self.message, self.blob.len(), blob_max)
    }
}

/// The header and JSON part of a frame whose blob part has so many bytes.
///
/// # Errors
/// If either part is longer than its cap.
pub fn head(message: &impl Serialize, blob: usize, blob_max: u32) -> Result<Vec<u8>, FrameError> {
    let json = serde_json::to_vec(message).map_err(|error| FrameError::Message(error.to_string()))?;
    let json_length = u32::try_from(json.len()).unwrap_or(u32::MAX);
    let blob_length = u32::try_from(blob).unwrap_or(u32::MAX);
    if json_length > JSON_MAX {
        return Err(FrameError::JsonLength(json_length));
    }
    if blob_length > blob_max {
        return Err(FrameError::BlobLength { length: blob_length, max: blob_max });
    }
    let mut head = Vec::with_capacity(HEADER_BYTES + json.len());
    head.extend_from_slice(&json_length.to_be_bytes());
    head.extend_from_slice(&blob_length.to_be_bytes());
    head.extend_from_slice(&json);
    Ok(head)
}

impl<M: DeserializeOwned> Frame<M> {
    /// Puts a frame together from its parts.
    ///
    /// # Errors
    /// If the JSON part is not a message.
    pub fn from_parts(json: &[u8], blob: Vec<u8>) -> Result<Self, FrameError> {
        let text = std::str::from_utf8(json).map_err(|_| FrameError::Message("it is not UTF-8".into()))?;
        let message = crate::message::read(text).map_err(|error| FrameError::Message(error.to_string()))?;
        Ok(Self { message, blob })
    }
}
