//! Proves a certified copy, now and in decades, to who has only the paper or only the file.
//!
//! Values in, values out: nothing here opens a connection or asks for the time, and only [`Folder`] writes to a disk. Who calls
//! gives times, keys, and what the register says; private keys may be on a token (closures and [`NoteSigner`]).
//!
//! ```text
//!  on the paper   VerificationCode ──── index ───► the register finds the copy (it keeps an HMAC only)
//!                      │ hash
//!                      ▼
//!                 Claims ── qr_text ──► QR code ── open_qr ──► believed without any network
//!                      │ log_index
//!                      ▼
//!  for all        Opening ─► Log (tiles, checkpoints) ── sidecar ──► Sidecar: proves that the register did not lie
//!                      │ the same index
//!                      ▼
//!                 StatusList: what was revoked since
//! ```
//!
//! | file | what it is for | what is not there |
//! |---|---|---|
//! | `code` | the code on the paper: drawn, read forgivingly, typing errors told | how often one may try |
//! | `qr` | the text of the QR code: URL, code, signed claims | drawing it |
//! | `log` | the transparency log: tiles, checkpoints, cosignatures, proofs, the sidecar | serving it; asking witnesses |
//! | `status` | the signed list of revocations | deciding them |
//! | `cose`, `cbor` | signed claims in one deterministic form | other algorithms than ES256 |
//!
//! Whatever is read is read as if an enemy had written it: bounded before it is unpacked, in one form, with typed errors. What
//! nothing here can see: a log that was restored from an old copy, and went on from there, shows only to who kept a newer
//! checkpoint. That is what cosigners are for.
//!
//! Documents: c2sp.org (signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof); RFC 6962, 9162, 8949, 9052,
//! 8392; draft-ietf-oauth-status-list.

mod cbor;
mod code;
mod cose;
mod log;
mod qr;
mod status;

pub use code::{AgencyPrefix, CodeError, CodeHash, CodeIndex, CodeKey, VerificationCode};
pub use cose::{ClaimsError, ClaimsKey, SignHash};
pub use log::{
    Checkpoint, Entry, Event, Folder, Hash, Log, LogError, Memory, NoteError, NoteKey, NoteKind, NoteSigner,
    NoteVerifier, Opening, OpeningError, ProofError, Resource, Seen, Sidecar, SidecarError, SignedCheckpoint, Store,
    StoreError, leaf_hash, verify_consistency, verify_inclusion,
};
pub use qr::{Claims, CopyType, QrError, open_qr, qr_segments, qr_text};
pub use status::{Status, StatusError, StatusList};
