//! Adds a time stamp of the whole file (level B-LTA). Added again before its authority's certificate runs out, each time with
//! fresh validation data before it, it keeps the signatures for as long as somebody does so.
//!
//! Document: ETSI EN 319 142-1, section 5.4.3.

use std::time::UNIX_EPOCH;

use crate::fetch::TimeStamper;
use crate::pdf::{Object, Pdf, PdfError};
use crate::sign::{SignError, SignatureField, prepare, time_stamp_dictionary};
use crate::timestamp;

/// Adds a time stamp of the whole file, in a field that is not shown.
///
/// # Errors
/// [`SignError`].
pub fn add_document_timestamp(pdf: &[u8], authority: &dyn TimeStamper) -> Result<Vec<u8>, SignError> {
    let pdf = Pdf::read(pdf)?;
    let field = SignatureField::invisible(&free_name(&pdf)?, UNIX_EPOCH);
    let mut prepared = prepare(&pdf, &field, time_stamp_dictionary(), authority.token_bytes())?;
    let token = timestamp::get(authority, &prepared.hash())?;
    prepared.fill(&token)?;
    Ok(prepared.bytes)
}

/// A name that no field has.
fn free_name(pdf: &Pdf<'_>) -> Result<String, PdfError> {
    let view = pdf.now();
    let form = view.dict(&view.catalog()?.1, "AcroForm")?.unwrap_or_default();
    let mut taken = Vec::new();
    for field in view.array(&form, "Fields")? {
        taken.extend(view.resolve(&field)?.dict().and_then(|field| field.get("T")).and_then(Object::shown));
    }
    let free = (1..=taken.len() + 1).map(|number| format!("TimeStamp{number}")).find(|name| !taken.contains(name));
    free.ok_or(PdfError::TooMuch("fields of the form"))
}
