//! A file with an empty place for a signature's message.

use sha2::{Digest, Sha256};

use super::{SignError, SignatureField, field};
use crate::pdf::update::{Update, WIDTH, fill, placeholder};
use crate::pdf::{Dict, Object, Pdf};

/// The filter of time stamps of the whole file (ETSI EN 319 142-1, section 5.4.3).
pub(crate) const TIME_STAMP_FILTER: &str = "ETSI.RFC3161";

/// A file whose signature's place is still empty.
pub(crate) struct Prepared {
    pub(crate) bytes: Vec<u8>,
    /// Where the place begins, with its bracket.
    place: usize,
    kept: usize,
}

/// Adds a field with this signature dictionary, and a place of so many bytes for its message.
pub(crate) fn prepare(
    pdf: &Pdf<'_>,
    field: &SignatureField,
    dictionary: Dict,
    kept: usize,
) -> Result<Prepared, SignError> {
    let mut update = Update::new(pdf)?;
    let value = update.reserve();
    field::add(&mut update, field, value)?;

    let mut content = Vec::new();
    dictionary.write(&mut content);
    content.truncate(content.len() - 2);
    content.extend_from_slice(b"/ByteRange ");
    let range = content.len();
    // Numbers of one width, so that filling them in moves nothing.
    content.extend_from_slice(format!("[0 {0} {0} {0}]\n/Contents ", "0".repeat(WIDTH)).as_bytes());
    let place = content.len();
    content.extend_from_slice(&placeholder(kept));
    content.extend_from_slice(b"\n>>");
    update.put_bytes(value, content);

    let updated = update.finish();
    let start = updated.places.get(&value).copied().unwrap_or_default();
    let (mut bytes, place) = (updated.bytes, start + place);
    let behind = place + 2 * kept + 2;
    let numbers = format!("[0 {place:<WIDTH$} {behind:<WIDTH$} {:<WIDTH$}]", bytes.len() - behind);
    bytes[start + range..start + range + numbers.len()].copy_from_slice(numbers.as_bytes());
    Ok(Prepared { bytes, place, kept })
}

impl Prepared {
    /// The SHA-256 hash of all but the place.
    pub(crate) fn hash(&self) -> [u8; 32] {
        let behind = self.place + 2 * self.kept + 2;
        Sha256::new().chain_update(&self.bytes[..self.place]).chain_update(&self.bytes[behind..]).finalize().into()
    }

    /// Puts the message into its place.
    pub(crate) fn fill(&mut self, message: &[u8]) -> Result<(), SignError> {
        if message.len() > self.kept {
            return Err(SignError::DoesNotFit { needed: message.len(), kept: self.kept });
        }
        fill(&mut self.bytes, self.place, message);
        Ok(())
    }
}

/// The dictionary of a time stamp of the whole file.
pub(crate) fn time_stamp_dictionary() -> Dict {
    Dict::from([
        ("Type", Object::name("DocTimeStamp")),
        ("Filter", Object::name("Adobe.PPKLite")),
        ("SubFilter", Object::name(TIME_STAMP_FILTER)),
    ])
}
