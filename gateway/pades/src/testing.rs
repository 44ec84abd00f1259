//! What tests of several rooms need: authorities, keys and files that are made in code.

mod authority;
mod file;
mod pki;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use authority::{Authorities, Fault};
pub(crate) use file::{Kind, appended, file, object_stream, packed};
pub(crate) use pki::{Holder, Pki, pki};

/// The first of June 2026, when everything in tests begins, and so many days later.
pub(crate) fn day(days: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_780_272_000 + days * 86_400)
}
