//! Images and print data. They never travel inside JSON: a message names a blob, its bytes go over
//! `GET /v1/blobs/{id}` to the front end and in the binary half of a seam frame to a child.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a blob.
///
/// Between front end and gateway it is a random 128-bit id (32 hex digits) that is good for one session only. On the
/// seam a child chooses its own short names for the blobs it makes, and the gateway puts the random id in their place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct BlobId(pub String);

impl std::fmt::Display for BlobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
