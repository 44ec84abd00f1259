//! Time stamps: requests, responses, and the tokens in them.
//!
//! Document: RFC 3161; RFC 5816; ETSI EN 319 422.

use std::time::SystemTime;

use crate::algorithm::{AlgorithmError, Hash};
use crate::cms::{CmsError, Message};
use crate::der::{self, BOOLEAN, DerError, INTEGER, NULL, OBJECT_IDENTIFIER, OCTETS, SEQUENCE, write, write_number};
use crate::fetch::{FetchError, TimeStamper};
use crate::oid;

/// Why there is no time stamp, or one that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeStampError {
    /// Nothing came from the authority.
    #[error("the time stamp authority gave nothing")]
    Fetch(#[from] FetchError),
    /// What came cannot be read.
    #[error("a time stamp cannot be read: {0}")]
    Malformed(#[from] DerError),
    /// The authority refused, with this `PKIStatus` (RFC 3161, section 2.4.2).
    #[error("the time stamp authority refused with status {0}")]
    Refused(u32),
    /// Its message is not what the authority has signed.
    #[error("a time stamp is not what its authority has signed")]
    Message(#[from] CmsError),
    /// Its hash is none that is taken.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmError),
    /// It stamps something else.
    #[error("a time stamp is over something else")]
    Imprint,
    /// It answers another request.
    #[error("a time stamp answers another request")]
    Nonce,
    /// Its certificate is not one for time stamps only (RFC 3161, section 2.3).
    #[error("the certificate of a time stamp is not one for time stamps")]
    Purpose,
    /// There is no randomness for the request.
    #[error("the operating system gives no random numbers")]
    Random,
}

/// A token that was read, but not checked.
pub(crate) struct Token<'a> {
    pub(crate) message: Message<'a>,
    pub(crate) time: SystemTime,
    hash: Hash,
    imprint: &'a [u8],
    nonce: Option<&'a [u8]>,
}

impl<'a> Token<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, TimeStampError> {
        let message = Message::read(bytes)?;
        let mut info = der::only(message.content.ok_or(CmsError::ContentType)?, SEQUENCE)?;
        info.expect(INTEGER)?;
        info.expect(OBJECT_IDENTIFIER)?;
        let mut imprint = info.inside(SEQUENCE)?;
        let hash = Hash::of_algorithm(imprint.expect(SEQUENCE)?)?;
        let imprint = imprint.value(OCTETS)?;
        info.expect(INTEGER)?;
        let time = info.time()?;
        info.optional(SEQUENCE)?;
        info.optional(BOOLEAN)?;
        let nonce = info.optional(INTEGER)?.map(|nonce| nonce.value);
        Ok(Self { message, time, hash, imprint, nonce })
    }

    /// Checks that it was signed, by a certificate for time stamps, over something whose hash is asked for.
    pub(crate) fn check(&self, hashed: impl FnOnce(Hash) -> Vec<u8>) -> Result<(), TimeStampError> {
        let content = self.message.content.unwrap_or_default();
        self.message.check(oid::TST_INFO, |hash| hash.of(&[content]))?;
        self.message.check_certificate()?;
        if self.hash == Hash::Sha1 {
            return Err(AlgorithmError::Unknown("a time stamp with SHA-1").into());
        }
        if hashed(self.hash) != self.imprint {
            return Err(TimeStampError::Imprint);
        }
        let purposes = self.message.signer.purposes.as_ref();
        let is_only = purposes.is_some_and(|(critical, all)| *critical && *all == [oid::TIME_STAMPING]);
        if is_only { Ok(()) } else { Err(TimeStampError::Purpose) }
    }
}

/// Gets a token over a SHA-256 hash, and checks it, but not whether its authority is trusted.
pub(crate) fn get(authority: &dyn TimeStamper, hash: &[u8; 32]) -> Result<Vec<u8>, TimeStampError> {
    let mut nonce = [0_u8; 16];
    getrandom::fill(&mut nonce).map_err(|_| TimeStampError::Random)?;
    // As a number it keeps all its bytes.
    nonce[0] = nonce[0] & 0x7F | 0x40;
    let algorithm = write(SEQUENCE, &[&write(OBJECT_IDENTIFIER, &[oid::SHA256]), &[NULL, 0]]);
    let request = write(
        SEQUENCE,
        &[
            &write_number(&[1]),
            &write(SEQUENCE, &[&algorithm, &write(OCTETS, &[hash])]),
            &write_number(&nonce),
            // The authority's certificate is to be in the token.
            &write(BOOLEAN, &[&[0xFF]]),
        ],
    );
    let response = authority.time_stamp(&request)?;
    let token = token_of(&response)?;
    let read = Token::read(token)?;
    if read.nonce != Some(&nonce[..]) {
        return Err(TimeStampError::Nonce);
    }
    read.check(|own| if own == Hash::Sha256 { hash.to_vec() } else { Vec::new() })?;
    Ok(token.to_vec())
}

/// The token of a `TimeStampResp`.
fn token_of(response: &[u8]) -> Result<&[u8], TimeStampError> {
    let mut response = der::only(response, SEQUENCE)?;
    let mut status = response.inside(SEQUENCE)?;
    // Granted, or granted with changes.
    match der::small(status.value(INTEGER)?) {
        Some(0 | 1) => {}
        other => return Err(TimeStampError::Refused(other.unwrap_or(u32::MAX))),
    }
    let token = response.expect(SEQUENCE)?;
    response.end()?;
    Ok(token.whole)
}
