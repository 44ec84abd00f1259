//! The list of revocations: a Token Status List (draft-ietf-oauth-status-list) of two bits for each entry, packed with zlib
//! (RFC 1950), in a CWT that is signed like the claims of a QR code. Small enough to be kept by who checks offline.
//!
//! A copy's place in the list is the index of its issue in the transparency log, which its claims name: nothing else need be
//! printed. So the list has places for the log's other entries too; they stay 0 and take next to no room.
//!
//! Payload, in the deterministic form (section 5.2 of the draft): 2 subject, the list's own URL; 4 until when it is good; 6 issued
//! at; 65533 the list: `{"lst": bytes, "bits": 2}`.

#[cfg(test)]
mod tests;

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::cbor::{Malformed, Reader, Writer};
use crate::cose::{self, ClaimsError, ClaimsKey, SignHash};

/// The type in the protected header (section 5.2 of the draft).
const TYPE: &str = "application/statuslist+cwt";
const BITS: u64 = 2;
const ENTRIES_PER_BYTE: u64 = 4;
/// 16 million entries: nineteen years of the busiest city, 4 MiB when unpacked.
const MOST_ENTRIES: u64 = 1 << 24;
const LONGEST_URL: usize = 255;
const MOST_BYTES: usize = (MOST_ENTRIES / ENTRIES_PER_BYTE) as usize;
/// What zlib cannot pack grows by less than this.
const LONGEST: usize = MOST_BYTES + 65_536;

/// What became of a copy (section 7 of the draft).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing is known against it.
    Valid = 0,
    /// Revoked, for ever.
    Revoked = 1,
    /// Not to be relied on for now.
    Suspended = 2,
    /// A meaning that this version does not know: not to be relied on.
    Other = 3,
}

/// Why a list is not changed, or not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatusError {
    /// The list is too short for this place, or would be too long.
    #[error("the list has {entries} places, and none at {index}; a list has {MOST_ENTRIES} at most")]
    NoPlace {
        /// Which place.
        index: u64,
        /// Places that the list has.
        entries: u64,
    },
    /// A revocation is for ever.
    #[error("the copy at {0} is revoked, which cannot be taken back; issue another copy")]
    Revoked(u64),
    /// The list unpacks to more than any list has, or does not unpack.
    #[error("the list of revocations does not unpack to a list; fetch it again")]
    Packed,
    /// The list is of another place.
    #[error("this is the list of revocations of another place; fetch the agency's")]
    OtherList,
    /// Too old to be relied on.
    #[error("the list of revocations was good until {0} (seconds since 1970); fetch a new one")]
    Old(u64),
    /// About its signature.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
}

impl From<Malformed> for StatusError {
    fn from(_: Malformed) -> Self {
        Self::Claims(ClaimsError::Form)
    }
}

/// Two bits for each copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusList {
    /// Four entries a byte, the first in the lowest bits (section 4.1 of the draft).
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list in which nothing is revoked. It has at least this many places.
    ///
    /// # Errors
    /// [`StatusError::NoPlace`].
    pub fn new(entries: u64) -> Result<Self, StatusError> {
        let mut list = Self::default();
        list.grow(entries)?;
        Ok(list)
    }

    /// Makes room for more. A list never shrinks.
    ///
    /// # Errors
    /// [`StatusError::NoPlace`].
    pub fn grow(&mut self, entries: u64) -> Result<(), StatusError> {
        let length = usize::try_from(entries.div_ceil(ENTRIES_PER_BYTE)).unwrap_or(usize::MAX);
        if length > MOST_BYTES {
            return Err(StatusError::NoPlace { index: entries, entries: self.entries() });
        }
        self.bytes.resize(length.max(self.bytes.len()), 0);
        Ok(())
    }

    /// Places.
    pub fn entries(&self) -> u64 {
        self.bytes.len() as u64 * ENTRIES_PER_BYTE
    }

    /// The status at a place. A place behind the end is an error, never valid: a list that is too old says nothing.
    ///
    /// # Errors
    /// [`StatusError::NoPlace`].
    pub fn get(&self, index: u64) -> Result<Status, StatusError> {
        let byte = usize::try_from(index / ENTRIES_PER_BYTE).ok().and_then(|place| self.bytes.get(place));
        let byte = byte.ok_or(StatusError::NoPlace { index, entries: self.entries() })?;
        Ok(match byte >> (BITS * (index % ENTRIES_PER_BYTE)) & 0b11 {
            0 => Status::Valid,
            1 => Status::Revoked,
            2 => Status::Suspended,
            _ => Status::Other,
        })
    }

    /// Sets the status at a place.
    ///
    /// # Errors
    /// [`StatusError::NoPlace`]; [`StatusError::Revoked`] for a copy that is revoked, whatever the new status.
    pub fn set(&mut self, index: u64, status: Status) -> Result<(), StatusError> {
        let entries = self.entries();
        if self.get(index)? == Status::Revoked && status != Status::Revoked {
            return Err(StatusError::Revoked(index));
        }
        let place = usize::try_from(index / ENTRIES_PER_BYTE).ok();
        let byte = place.and_then(|place| self.bytes.get_mut(place)).ok_or(StatusError::NoPlace { index, entries })?;
        let shift = BITS * (index % ENTRIES_PER_BYTE);
        *byte = *byte & !(0b11 << shift) | (status as u8) << shift;
        Ok(())
    }

    /// Packs and signs the list. `url`: where it is served. Times in seconds since 1970.
    ///
    /// # Errors
    /// [`StatusError::Claims`].
    pub fn sign(
        &self,
        url: &str,
        issued_at: u64,
        good_until: u64,
        key: &ClaimsKey,
        sign_hash: SignHash<'_>,
    ) -> Result<Vec<u8>, StatusError> {
        if url.is_empty() || url.len() > LONGEST_URL {
            return Err(ClaimsError::Fact("the list's URL").into());
        }
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
        // To memory: this cannot fail.
        let packed = packer.write_all(&self.bytes).and_then(|()| packer.finish()).map_err(|_| StatusError::Packed)?;
        let mut writer = Writer::default();
        writer.map(4).int(2).text(url).int(4).unsigned(good_until).int(6).unsigned(issued_at);
        writer.int(65_533).map(2).text("lst").bytes(&packed).text("bits").unsigned(BITS);
        Ok(cose::sign(&writer.finish(), Some(TYPE), key, sign_hash)?)
    }

    /// Reads a signed list, and believes it if one of these keys signed it, for this `url`, and it is good still at `now`. Gives
    /// the list and when it was issued: of two lists the newer counts.
    ///
    /// # Errors
    /// [`StatusError`].
    pub fn open(signed: &[u8], url: &str, now: u64, keys: &[ClaimsKey]) -> Result<(Self, u64), StatusError> {
        if signed.len() > LONGEST {
            return Err(ClaimsError::Form.into());
        }
        let mut reader = Reader::new(cose::open(signed, Some(TYPE), keys)?);
        reader.map(4)?;
        let subject = reader.key(2)?.text()?;
        let good_until = reader.key(4)?.unsigned()?;
        let issued_at = reader.key(6)?.unsigned()?;
        reader.key(65_533)?.map(2)?;
        let (list, packed) = (reader.text()?, reader.bytes()?);
        let (bits, width) = (reader.text()?, reader.unsigned()?);
        reader.end()?;
        if (list, bits, width) != ("lst", "bits", BITS) {
            return Err(ClaimsError::Form.into());
        }
        if subject != url {
            return Err(StatusError::OtherList);
        }
        if now > good_until {
            return Err(StatusError::Old(good_until));
        }
        Ok((Self { bytes: unpack(packed).ok_or(StatusError::Packed)? }, issued_at))
    }
}

/// At most as much as the longest list has.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut unpacker = ZlibDecoder::new(packed);
    unpacker.by_ref().take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    let whole = unpacker.total_in() == packed.len() as u64 && bytes.len() <= MOST_BYTES;
    whole.then_some(bytes)
}
