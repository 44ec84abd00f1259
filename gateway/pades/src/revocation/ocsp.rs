//! OCSP (RFC 6960).

use super::{RevocationError, Statement};
use crate::algorithm::Hash;
use crate::budget::Budget;
use crate::certificate::{Certificate, Signed};
use crate::der::{
    self, BITS, CONTEXT, CONTEXT_PLAIN, ENUMERATED, Element, INTEGER, NULL, OBJECT_IDENTIFIER, OCTETS, Reader,
    SEQUENCE, write,
};
use crate::oid;

/// Most certificates and answers of a response that are looked at.
const CERTIFICATES: usize = 8;
const ANSWERS: usize = 64;

/// A request about one certificate. Without a nonce, as the answer is kept, and its times say what it is about.
pub(super) fn request(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    let algorithm = write(SEQUENCE, &[&write(OBJECT_IDENTIFIER, &[oid::SHA1]), &[NULL, 0]]);
    let name = Hash::Sha1.of(&[issuer.subject()]);
    let key = Hash::Sha1.of(&[issuer.key_bits()]);
    let id = write(
        SEQUENCE,
        &[&algorithm, &write(OCTETS, &[&name]), &write(OCTETS, &[&key]), &write(INTEGER, &[certificate.serial()])],
    );
    let list = write(SEQUENCE, &[&write(SEQUENCE, &[&id])]);
    write(SEQUENCE, &[&write(SEQUENCE, &[&list])])
}

/// What a response says of a certificate, signed by its issuer or by whom the issuer has named.
pub(super) fn read(
    response: &[u8],
    certificate: &Certificate,
    issuer: &Certificate,
    budget: &Budget,
) -> Result<Statement, RevocationError> {
    let mut response = der::only(response, SEQUENCE)?;
    match der::small(response.value(ENUMERATED)?) {
        Some(0) => {}
        other => return Err(RevocationError::Refused(other.unwrap_or(u32::MAX))),
    }
    let mut inside = response.inside(CONTEXT)?.inside(SEQUENCE)?;
    if inside.value(OBJECT_IDENTIFIER)? != oid::OCSP_BASIC {
        return Err(RevocationError::Other);
    }
    let mut basic = der::only(inside.value(OCTETS)?, SEQUENCE)?;
    let mut parts = basic;
    let signed = Signed::read(&mut basic);
    // Also where the algorithm is not known: is it about this certificate at all?
    let content = parts.expect(SEQUENCE)?;
    parts.expect(SEQUENCE)?;
    parts.expect(BITS)?;

    let mut data = Reader::new(content.value);
    data.optional(CONTEXT)?;
    data.next()?;
    data.time()?;
    let mut answers = data.inside(SEQUENCE)?;
    let mut found = None;
    for _ in 0..ANSWERS {
        let Some(answer) = answers.next()? else { break };
        if is_about(answer, certificate, issuer)? {
            found = Some(answer);
            break;
        }
    }
    let mut answer = Reader::new(found.ok_or(RevocationError::Other)?.value);
    answer.expect(SEQUENCE)?;
    let status = answer.next()?.ok_or(der::DerError::Truncated)?;
    let revoked = match status.tag {
        CONTEXT_PLAIN => None,
        // [1] with the time inside
        0xA1 => Some(Reader::new(status.value).time()?),
        _ => return Err(RevocationError::NotKnown),
    };
    let this_update = answer.time()?;
    let next_update = match answer.optional(CONTEXT)? {
        Some(time) => Some(Reader::new(time.value).time()?),
        None => None,
    };

    let signed = signed?;
    if signed.is_by(issuer, budget) {
        return Ok(Statement { revoked, this_update, next_update, by: issuer.clone() });
    }
    let Some(certificates) = parts.optional(CONTEXT)? else { return Err(RevocationError::Signature) };
    let mut certificates = der::only(certificates.value, SEQUENCE)?;
    for _ in 0..CERTIFICATES {
        let Some(one) = certificates.next()? else { break };
        let Ok(responder) = Certificate::read(one.whole) else { continue };
        let may =
            responder.has_purpose(oid::OCSP_SIGNING) && !responder.unknown_critical && responder.is_by(issuer, budget);
        if may && signed.is_by(&responder, budget) {
            return Ok(Statement { revoked, this_update, next_update, by: responder });
        }
    }
    Err(RevocationError::Signature)
}

/// Whether `SingleResponse` is about this certificate.
fn is_about(answer: Element<'_>, certificate: &Certificate, issuer: &Certificate) -> Result<bool, RevocationError> {
    let mut id = Reader::new(answer.value).inside(SEQUENCE)?;
    let hash = Hash::of_algorithm(id.expect(SEQUENCE)?)?;
    let (name, key, serial) = (id.value(OCTETS)?, id.value(OCTETS)?, id.value(INTEGER)?);
    Ok(serial == certificate.serial() && name == hash.of(&[issuer.subject()]) && key == hash.of(&[issuer.key_bits()]))
}
