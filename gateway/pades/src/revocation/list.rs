//! Lists of revoked certificates (RFC 5280, section 5), whole ones that the issuer signs itself.

use std::time::SystemTime;

use super::{RevocationError, Statement};
use crate::budget::Budget;
use crate::certificate::{Certificate, Signed};
use crate::der::{
    self, BOOLEAN, CONTEXT, CONTEXT_PLAIN, GENERALIZED_TIME, INTEGER, OBJECT_IDENTIFIER, OCTETS, Reader, SEQUENCE,
    UTC_TIME,
};

/// id-ce-issuingDistributionPoint 2.5.29.28
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1D, 28];

/// What a list says of a certificate.
pub(super) fn read(
    list: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    budget: &Budget,
) -> Result<Statement, RevocationError> {
    let mut outer = der::only(list, SEQUENCE)?;
    let mut content = Reader::new(outer.rest()).inside(SEQUENCE)?;
    content.optional(INTEGER)?;
    content.expect(SEQUENCE)?;
    if content.expect(SEQUENCE)?.whole != issuer.subject() || certificate.issuer() != issuer.subject() {
        return Err(RevocationError::Other);
    }
    let this_update = content.time()?;
    let has_next = matches!(content.rest().first(), Some(&(UTC_TIME | GENERALIZED_TIME)));
    let next_update = if has_next { Some(content.time()?) } else { None };
    let mut revoked = None;
    if let Some(entries) = content.optional(SEQUENCE)? {
        revoked = since(Reader::new(entries.value), certificate)?;
    }
    if let Some(extensions) = content.optional(CONTEXT)? {
        check_extensions(extensions.value, certificate)?;
    }
    let may = issuer.key_usage.is_none_or(|usage| usage.signs_lists());
    if !may || !Signed::read(&mut outer)?.is_by(issuer, budget) {
        return Err(RevocationError::Signature);
    }
    Ok(Statement { revoked, this_update, next_update, by: issuer.clone() })
}

/// Since when the certificate is among the revoked ones.
fn since(mut entries: Reader<'_>, certificate: &Certificate) -> Result<Option<SystemTime>, RevocationError> {
    while let Some(entry) = entries.next()? {
        let mut entry = Reader::new(entry.value);
        if entry.value(INTEGER)? == certificate.serial() {
            return Ok(Some(entry.time()?));
        }
    }
    Ok(None)
}

/// Lists of changes, of other issuers' certificates or of some reasons only are not taken.
fn check_extensions(extensions: &[u8], certificate: &Certificate) -> Result<(), RevocationError> {
    let mut extensions = der::only(extensions, SEQUENCE)?;
    while let Some(extension) = extensions.next()? {
        let mut extension = Reader::new(extension.value);
        let name = extension.value(OBJECT_IDENTIFIER)?;
        let is_critical = extension.optional(BOOLEAN)?.is_some_and(|critical| critical.value != [0]);
        if name != ISSUING_DISTRIBUTION_POINT {
            if is_critical {
                return Err(RevocationError::Partial);
            }
            continue;
        }
        let mut point = der::only(extension.value(OCTETS)?, SEQUENCE)?;
        while let Some(part) = point.next()? {
            let is_for_it = match part.tag {
                // Where it lies; only users' certificates; only authorities' certificates.
                CONTEXT => lies_where(part.value, certificate)?,
                tag if tag == CONTEXT_PLAIN + 1 => certificate.authority.is_none(),
                tag if tag == CONTEXT_PLAIN + 2 => certificate.authority.is_some(),
                _ => false,
            };
            if !is_for_it {
                return Err(RevocationError::Partial);
            }
        }
    }
    Ok(())
}

/// Whether a list of one part of all certificates is that of this one: it lies where the certificate says (RFC 5280, section
/// 6.3.3, step b 2 i).
fn lies_where(name: &[u8], certificate: &Certificate) -> Result<bool, RevocationError> {
    let Some(names) = Reader::new(name).optional(CONTEXT)? else { return Ok(false) };
    let mut names = Reader::new(names.value);
    while let Some(name) = names.next()? {
        if certificate.list_names.iter().any(|own| own == name.whole) {
            return Ok(true);
        }
    }
    Ok(false)
}
