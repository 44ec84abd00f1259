//! Finds a key of a token and its certificate.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

use super::KeyName;
use crate::signer::SignerError;

/// The key of this name, and its certificate, DER.
pub(super) fn key(session: &Session, name: &KeyName) -> Result<(ObjectHandle, Vec<u8>), SignerError> {
    let own = match name {
        KeyName::Label(label) => Attribute::Label(label.clone().into_bytes()),
        KeyName::Id(id) => Attribute::Id(id.clone()),
    };
    let keys = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), own.clone()])?;
    let certificates = session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE), own])?;
    let (key, certificate) = match (&keys[..], &certificates[..]) {
        ([key], [certificate]) => (*key, *certificate),
        // What has another label has the same identifier.
        ([key], []) => (*key, twin(session, *key, ObjectClass::CERTIFICATE, "certificates")?),
        ([], [certificate]) => (twin(session, *certificate, ObjectClass::PRIVATE_KEY, "keys")?, *certificate),
        ([_], _) => return Err(SignerError::NotOne { what: "certificates", found: certificates.len() }),
        _ => return Err(SignerError::NotOne { what: "keys", found: keys.len() }),
    };
    match session.get_attributes(certificate, &[AttributeType::Value])?.pop() {
        Some(Attribute::Value(der)) => Ok((key, der)),
        _ => Err(SignerError::Other("the token does not give the certificate".to_owned())),
    }
}

/// Whether a key asks for the PIN before each signature. One that does not say so does not.
pub(super) fn always_asks(session: &Session, key: ObjectHandle) -> bool {
    let said = session.get_attributes(key, &[AttributeType::AlwaysAuthenticate]);
    said.is_ok_and(|said| said.contains(&Attribute::AlwaysAuthenticate(true)))
}

/// The object of another class with the same identifier.
fn twin(
    session: &Session,
    of: ObjectHandle,
    class: ObjectClass,
    what: &'static str,
) -> Result<ObjectHandle, SignerError> {
    let id = session.get_attributes(of, &[AttributeType::Id])?;
    let found = session.find_objects(&[&[Attribute::Class(class)], &id[..]].concat())?;
    match found[..] {
        [one] if !id.is_empty() => Ok(one),
        _ => Err(SignerError::NotOne { what, found: found.len() }),
    }
}
