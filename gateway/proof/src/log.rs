//! The transparency log: C2SP tlog-tiles with signed checkpoints. What was issued cannot be dated back, taken out or signed
//! behind the register's back without the log showing it.
//!
//! ```text
//! Opening (salt, event, number, hashes, time) ─► Entry (commitment) ─► Log::append ─► tiles, then the checkpoint
//!                                                                         │
//!        Sidecar (opening, inclusion proof, checkpoint) ◄── Log::sidecar ─┘      Store: Folder, Memory
//! ```
//!
//! The log holds commitments, no personal data: without its [`Opening`] an entry tells nothing, not even its event.
//!
//! Documents: c2sp.org/tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-proof; RFC 6962, RFC 9162.

mod append;
mod checkpoint;
mod entry;
mod folder;
mod note;
mod proof;
mod sidecar;
mod store;
#[cfg(test)]
mod tests;
mod tiles;
mod tree;

pub use append::{Log, LogError};
pub use checkpoint::{Checkpoint, Seen, SignedCheckpoint};
pub use entry::{Entry, Event, Opening, OpeningError};
pub use folder::Folder;
pub use note::{NoteError, NoteKey, NoteKind, NoteSigner, NoteVerifier};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use sidecar::{Sidecar, SidecarError};
pub use store::{Memory, Resource, Store, StoreError};
pub use tree::{Hash, leaf_hash};
