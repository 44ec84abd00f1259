//! Reads the chips of identity cards and passports (ICAO 9303, "eMRTD"): opens them, reads their files, and says what is in
//! them.
//!
//! Values in, values out: a chip is whatever takes commands and gives responses ([`Transport`]). Nothing here knows a
//! reader, a session or a page; nothing is written to a chip but what opens it; no file of it is believed before it is
//! checked, and no length that it tells makes anything be allocated.
//!
//! ```text
//! identity ──► chip ──► session ──► transport
//!    │          │  └ pace, bac: the keys, from access data
//!    │          └ files ──► groups: zone, portrait, fields, details
//!    └ authentic, passive: the proofs
//! ```
//!
//! Document: ICAO Doc 9303, parts 3, 5, 10 and 11, 8th edition.

mod access;
mod apdu;
mod authentic;
mod bac;
mod chip;
mod cipher;
mod curve;
mod error;
mod files;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod groups;
mod identity;
mod keys;
mod mrz;
mod pace;
pub mod passive;
mod secure;
mod security;
mod session;
#[cfg(test)]
mod testing;
mod tlv;
mod transport;

pub use access::{AccessError, AccessKey};
pub use apdu::Status;
pub use authentic::AuthenticError;
pub use chip::Opened;
pub use curve::CurveError;
pub use error::ChipError;
pub use files::File;
pub use groups::{
    DocumentDetails, GroupError, PersonToNotify, PersonalDetails, Portrait, PortraitFormat, ShownPortrait,
    VietnameseFields, zone,
};
pub use identity::{Identity, Progress, Proof, Proofs, Verdict, read};
pub use keys::KeyError;
pub use mrz::{Date, Mrz, MrzError};
pub use secure::SecureError;
pub use tlv::TlvError;
pub use transport::{BATCH_MAX, Transport, TransportError};
