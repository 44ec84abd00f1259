//! Secure messaging, seen from the chip (ICAO Doc 9303-11, section 9.8).

use super::cipher::{AUTHENTICATION, Cipher, ENCRYPTION, pad, unpad};
use super::command::{Command, Expected};
use super::status::{OBJECT_MISSING, OBJECT_WRONG, Status};
use super::tlv;
use crate::usb::reader::apdu::Apdu;

/// Data objects (Doc 9303-11, section 9.8.4).
const CRYPTOGRAM: u32 = 0x85;
const PADDED_CRYPTOGRAM: u32 = 0x87;
const LE: u32 = 0x97;
const STATUS: u32 = 0x99;
const CHECKSUM: u32 = 0x8e;
/// The padding of 87 is method 2 of ISO/IEC 9797-1.
const PADDED: u8 = 0x01;
/// The class byte as it goes into the checksum says "secured, header authenticated".
const SECURED: u8 = 0x0c;
/// Room of an answer with a short Le, less the objects 99 and 8E and what 87 needs around its blocks.
const SHORT_ROOM: usize = 256 - 4 - 10 - 4;
/// The same of a long one, less than there is.
const LONG_ROOM: usize = 65_536 - 64;

/// Keys and counter of a session.
#[derive(Debug)]
pub(super) struct Session {
    cipher: Cipher,
    encryption: Vec<u8>,
    authentication: Vec<u8>,
    /// The send sequence counter; of DES the low 64 bits.
    counter: u128,
}

impl Session {
    /// From the secret of a key agreement; the counter starts at zero (Doc 9303-11, section 9.8.6.3).
    pub(super) fn new(cipher: Cipher, secret: &[u8]) -> Self {
        let (encryption, authentication) = (cipher.derive(secret, ENCRYPTION), cipher.derive(secret, AUTHENTICATION));
        Self { cipher, encryption, authentication, counter: 0 }
    }

    /// The same with a counter that starts elsewhere, as after basic access control.
    pub(super) fn from(self, counter: u64) -> Self {
        Self { counter: counter.into(), ..self }
    }

    #[cfg(test)]
    pub(super) fn with_keys(cipher: Cipher, encryption: Vec<u8>, authentication: Vec<u8>, counter: u64) -> Self {
        Self { cipher, encryption, authentication, counter: counter.into() }
    }

    /// Bytes that fit into an answer.
    pub(super) fn room(&self, extended: bool) -> usize {
        let room = if extended { LONG_ROOM } else { SHORT_ROOM };
        room / self.cipher.block() * self.cipher.block() - 1
    }

    fn step(&mut self) -> Vec<u8> {
        self.counter = self.counter.wrapping_add(1);
        self.counter.to_be_bytes()[16 - self.cipher.block()..].to_vec()
    }

    /// The start value of the cipher: AES encrypts the counter, DES has zeros (sections 9.8.6.1 and 9.8.6.2).
    fn iv(&self, counter: &[u8]) -> Option<Vec<u8>> {
        match self.cipher {
            Cipher::TripleDes => Some(vec![0; 8]),
            Cipher::Aes128 | Cipher::Aes256 => self.cipher.encrypt(&self.encryption, &[0; 16], counter),
        }
    }

    /// Takes the protection off a command.
    pub(super) fn unwrap(&mut self, apdu: &Apdu<'_>) -> Result<Command, Status> {
        let counter = self.step();
        let objects = tlv::read_all(apdu.data).ok_or(OBJECT_WRONG)?;
        let (checksum, objects) = match objects.as_slice() {
            [objects @ .., last] if last.tag == CHECKSUM => (last.value, objects),
            others if others.iter().any(|object| object.tag == CHECKSUM) => return Err(OBJECT_WRONG),
            _ => return Err(OBJECT_MISSING),
        };
        let header = [apdu.class | SECURED, apdu.instruction, apdu.p1, apdu.p2];
        let mut message = [counter.clone(), pad(&header, self.cipher.block())].concat();
        for object in objects {
            message.extend(object.whole);
        }
        // Without objects, the header's padding is all there is (ISO/IEC 7816-4, section 10.2.3.1); some pad twice.
        let (cipher, key) = (self.cipher, &self.authentication);
        let bare = objects.is_empty() && cipher.mac_of_blocks(key, &message).as_deref() == Some(checksum);
        if !bare && cipher.mac(key, &message).as_deref() != Some(checksum) {
            return Err(OBJECT_WRONG);
        }
        let (mut data, mut expected) = (Vec::new(), None);
        for object in objects {
            match (object.tag, object.value) {
                (PADDED_CRYPTOGRAM, [PADDED, cryptogram @ ..]) if apdu.instruction & 1 == 0 => {
                    data = self.decrypt(&counter, cryptogram).ok_or(OBJECT_WRONG)?;
                }
                (CRYPTOGRAM, cryptogram) if apdu.instruction & 1 == 1 => {
                    data = self.decrypt(&counter, cryptogram).ok_or(OBJECT_WRONG)?;
                }
                (LE, [le]) => expected = Some(Expected::short(*le)),
                (LE, [high, low]) => expected = Some(Expected::extended(*high, *low)),
                _ => return Err(OBJECT_WRONG),
            }
        }
        let class = apdu.class & !SECURED;
        Ok(Command { class, instruction: apdu.instruction, p1: apdu.p1, p2: apdu.p2, data, expected })
    }

    fn decrypt(&self, counter: &[u8], cryptogram: &[u8]) -> Option<Vec<u8>> {
        let plain = self.cipher.decrypt(&self.encryption, &self.iv(counter)?, cryptogram)?;
        unpad(&plain).map(<[u8]>::to_vec)
    }

    /// Protects an answer.
    pub(super) fn wrap(&mut self, instruction: u8, data: &[u8], status: Status) -> Vec<u8> {
        let counter = self.step();
        let mut answer = Vec::new();
        if !data.is_empty() {
            let padded = pad(data, self.cipher.block());
            let iv = self.iv(&counter).unwrap_or_default();
            let cryptogram = self.cipher.encrypt(&self.encryption, &iv, &padded).unwrap_or_default();
            answer = match instruction & 1 {
                0 => tlv::of(PADDED_CRYPTOGRAM, &[&[PADDED], &cryptogram]),
                _ => tlv::tlv(CRYPTOGRAM, &cryptogram),
            };
        }
        answer.extend(tlv::tlv(STATUS, &status));
        let checksum = self.cipher.mac(&self.authentication, &[counter, answer.clone()].concat());
        answer.extend(tlv::tlv(CHECKSUM, &checksum.unwrap_or_default()));
        answer.extend(status);
        answer
    }
}
