mod after;
mod hostile;
mod levels;
mod trusted;

use std::time::SystemTime;

use super::*;
use crate::testing::{Authorities, Kind as FileKind, day, file, pki};
use crate::{Level, SignatureField, add_document_timestamp, add_validation_data, sign};

/// A file, signed on a day to a level.
pub(super) fn signed(file: &[u8], name: &str, level: Level, on: SystemTime) -> Vec<u8> {
    let pki = pki();
    let authorities = Authorities::at(on);
    let holder = if name == "Seal" { &pki.seal } else { &pki.officer };
    let authority = (level > Level::BB).then_some(&authorities as &dyn crate::TimeStamper);
    let field = SignatureField::invisible(name, on);
    let mut signed = sign(file, &field, &mut pki.signer(holder), authority).unwrap();
    if level >= Level::BLT {
        signed = add_validation_data(&signed, &pki.roots(), on, &authorities).unwrap();
    }
    if level >= Level::BLTA {
        signed = add_document_timestamp(&signed, &authorities).unwrap();
    }
    signed
}

pub(super) fn judged(pdf: &[u8], at: SystemTime) -> Report {
    judge(pdf, &pki().roots(), at, None).unwrap()
}

/// The report of the officer's signature.
pub(super) fn first(pdf: &[u8], at: SystemTime) -> SignatureReport {
    judged(pdf, at).signatures.into_iter().find(|one| one.field == "Officer").unwrap()
}
