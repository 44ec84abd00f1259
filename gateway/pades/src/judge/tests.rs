mod after;
mod hostile;
mod levels;
mod trusted;

use std::time::SystemTime;

use super::*;
use crate::testing::{Authorities, Kind as FileKind, day, file, pki, signed};
use crate::{Level, SignatureField, add_document_timestamp, add_validation_data, sign};

pub(super) fn judged(pdf: &[u8], at: SystemTime) -> Report {
    judge(pdf, &pki().roots(), at, None).unwrap()
}

/// The report of the officer's signature.
pub(super) fn first(pdf: &[u8], at: SystemTime) -> SignatureReport {
    judged(pdf, at).signatures.into_iter().find(|one| one.field == "Officer").unwrap()
}
