//! Secure messaging: commands go to the chip encrypted and authenticated, and so do its responses.
//!
//! ```text
//! command   CLA|0C INS P1 P2 │ Lc │ 87 01 encrypted data │ 97 Ne │ 8E code │ Le
//! response                        │ 87 01 encrypted data │ 99 status │ 8E code │ SW
//! ```
//!
//! Document: ICAO 9303-11 (8th edition), section 9.8; the objects are those of ISO/IEC 7816-4, section 10.

#[cfg(test)]
mod tests;

use crate::apdu::{Command, Response, SHORT_DATA_MAX, SHORT_EXPECTED_MAX, Status};
use crate::cipher::{Cipher, Key, MAC, Use, pad, unpad};
use crate::tlv::{self, TlvError};

/// Encrypted data: with a byte before it that names the padding, and for commands with an odd INS without.
const CRYPTOGRAM: u32 = 0x87;
const CRYPTOGRAM_ODD: u32 = 0x85;
/// Ne of the command inside.
const EXPECTED: u32 = 0x97;
/// SW1 and SW2 of the response inside.
const STATUS: u32 = 0x99;
const CODE: u32 = 0x8E;
/// Padding method 2.
const PADDED: u8 = 0x01;
/// CLA of a command with secure messaging whose header is authenticated.
const CLASS: u8 = 0x0C;

/// What is wrong with a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecureError {
    /// The chip answered without protection: it has ended the session, or lost it.
    #[error("the chip answered {0} without protection")]
    Unprotected(Status),
    /// It is no protected response.
    #[error("a protected response cannot be read: {0}")]
    Malformed(#[from] TlvError),
    /// The authentication code is wrong: it is not the chip that answers, or not to this command.
    #[error("a protected response is not authentic")]
    Code,
    /// What was encrypted has no padding, or is no whole block.
    #[error("a protected response was not encrypted as it should be")]
    Padding,
    /// The status inside is not the one outside.
    #[error("a protected response has the status {inside} inside and {outside} outside")]
    Status {
        /// Authenticated.
        inside: Status,
        /// Not authenticated.
        outside: Status,
    },
}

/// The keys and the counter of a session.
#[derive(Debug)]
pub(crate) struct SecureMessaging {
    encrypt: Key,
    authenticate: Key,
    /// The send sequence counter: counts commands and responses.
    counter: u128,
}

impl SecureMessaging {
    /// A session whose keys come from this secret.
    pub(crate) fn new(cipher: Cipher, secret: &[u8], counter: u128) -> Self {
        let (encrypt, authenticate) = (cipher.key(secret, Use::Encrypt), cipher.key(secret, Use::Authenticate));
        Self { encrypt, authenticate, counter }
    }

    fn cipher(&self) -> Cipher {
        self.encrypt.cipher()
    }

    /// The counter as a block.
    fn counter_block(&self, counter: u128) -> Vec<u8> {
        counter.to_be_bytes()[16 - self.cipher().block()..].to_vec()
    }

    fn iv(&self, counter: u128) -> Vec<u8> {
        let zeros = vec![0; self.cipher().block()];
        match self.cipher() {
            Cipher::TripleDes => zeros,
            Cipher::Aes128 | Cipher::Aes192 | Cipher::Aes256 => {
                self.encrypt.encrypt(&zeros, &self.counter_block(counter))
            }
        }
    }

    /// Protects commands that go one after the other, whatever is answered to each; [`Self::unwrap`] takes their
    /// responses in the same order.
    pub(crate) fn wrap(&self, commands: &[Command]) -> Vec<Vec<u8>> {
        // Its response counts, too.
        let counters = (1..).step_by(2).map(|ahead| self.counter.wrapping_add(ahead));
        commands.iter().zip(counters).map(|(command, counter)| self.wrap_one(command, counter)).collect()
    }

    fn wrap_one(&self, command: &Command, counter: u128) -> Vec<u8> {
        let block = self.cipher().block();
        let [class, instruction, p1, p2] = command.header;
        let header = [class | CLASS, instruction, p1, p2];
        let mut objects = Vec::new();
        if !command.data.is_empty() {
            let sealed = self.encrypt.encrypt(&self.iv(counter), &pad(command.data.clone(), block));
            objects = if instruction % 2 == 0 {
                tlv::write(CRYPTOGRAM, &[&[PADDED], sealed.as_slice()].concat())
            } else {
                tlv::write(CRYPTOGRAM_ODD, &sealed)
            };
        }
        if command.expected > 0 {
            // The most is written as zero.
            let [.., high, low] = command.expected.to_be_bytes();
            let extended = command.expected > SHORT_EXPECTED_MAX;
            let most = [high, low];
            objects.extend(tlv::write(EXPECTED, if extended { &most } else { &most[1..] }));
        }
        let head = [self.counter_block(counter), pad(header.to_vec(), block)].concat();
        let authenticated = if objects.is_empty() { head } else { [head, pad(objects.clone(), block)].concat() };
        // Without objects the padding of the header ends it.
        let code = self.authenticate.mac(&authenticated);
        objects.extend(tlv::write(CODE, &code));
        // An expectation of 256 is "what fits": chips and readers without extended lengths are spared them.
        let long = command.expected != SHORT_EXPECTED_MAX && self.sealed_length(command.expected) > SHORT_EXPECTED_MAX;
        let extended = objects.len() > SHORT_DATA_MAX || long;
        let expected = if extended { 1 << 16 } else { SHORT_EXPECTED_MAX };
        Command { header, data: objects, expected }.bytes()
    }

    /// Bytes of a protected response with so many bytes.
    fn sealed_length(&self, data: usize) -> usize {
        let around = 4 + 2 + MAC;
        let block = self.cipher().block();
        match data {
            0 => around,
            _ => {
                let sealed = (data + 1).next_multiple_of(block) + 1;
                let head = 2 + if sealed < 0x80 {
                    0
                } else if sealed < 0x100 {
                    1
                } else {
                    2
                };
                head + sealed + around
            }
        }
    }

    /// The most data that a response with short lengths can bring.
    pub(crate) fn short_data_max(&self) -> usize {
        (1..SHORT_EXPECTED_MAX).rev().find(|data| self.sealed_length(*data) <= SHORT_EXPECTED_MAX).unwrap_or(1)
    }

    /// Opens the response to the oldest command that has none yet.
    ///
    /// # Errors
    /// [`SecureError`]; the session is of no use after it.
    pub(crate) fn unwrap(&mut self, response: &Response) -> Result<Response, SecureError> {
        if response.data.is_empty() {
            return Err(SecureError::Unprotected(response.status));
        }
        self.counter = self.counter.wrapping_add(2);
        let block = self.cipher().block();
        let (mut authenticated, mut sealed, mut status, mut code) =
            (self.counter_block(self.counter), None, None, None);
        let mut rest = response.data.as_slice();
        while !rest.is_empty() {
            let (element, behind) = tlv::split(rest)?;
            match element.tag {
                CRYPTOGRAM | CRYPTOGRAM_ODD => sealed = Some(element),
                STATUS => status = Some(element.value),
                // Nothing counts that is not authenticated.
                CODE if behind.is_empty() => code = Some(element.value),
                CODE => return Err(TlvError::Trailing.into()),
                _ => {}
            }
            if element.tag != CODE {
                authenticated.extend_from_slice(&rest[..rest.len() - behind.len()]);
            }
            rest = behind;
        }
        let code = code.ok_or(TlvError::Missing(CODE))?;
        if !self.authenticate.is_mac_of(&pad(authenticated, block), code) {
            return Err(SecureError::Code);
        }
        let inside = status.and_then(|status| <[u8; 2]>::try_from(status).ok()).map(u16::from_be_bytes).map(Status);
        let inside = inside.ok_or(TlvError::Missing(STATUS))?;
        if inside != response.status {
            return Err(SecureError::Status { inside, outside: response.status });
        }
        let data = match sealed {
            None => Vec::new(),
            Some(element) => {
                let sealed = match element.tag {
                    CRYPTOGRAM => element.value.strip_prefix(&[PADDED]).ok_or(SecureError::Padding)?,
                    _ => element.value,
                };
                let plain = self.encrypt.decrypt(&self.iv(self.counter), sealed).ok_or(SecureError::Padding)?;
                unpad(plain).ok_or(SecureError::Padding)?
            }
        };
        Ok(Response { data, status: inside })
    }
}
