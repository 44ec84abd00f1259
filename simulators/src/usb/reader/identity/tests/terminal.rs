//! A terminal, as far as the tests need one. Ciphers and curves are the card's own; the worked examples pin those down.

use sha1::{Digest, Sha1};

use super::super::cipher::{AUTHENTICATION, Cipher, ENCRYPTION, PASSWORD, pad, unpad};
use super::super::curve::Curve;
use super::super::{ActiveAuthentication, ChipAuthentication, IdentityCard, Profile, tlv};
use crate::usb::reader::card::Card;

pub(super) const APPLICATION: [u8; 7] = [0xa0, 0, 0, 2, 0x47, 0x10, 1];
pub(super) const DONE: [u8; 2] = [0x90, 0];
/// Of the built-in person: document number, birth and expiry with their check digits.
pub(super) const MRZ: &str = "200000001500061504006158";

/// A card that is talked to.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) card: IdentityCard,
    pub(super) profile: Profile,
    pub(super) keys: Option<Keys>,
}

#[derive(Debug, Clone)]
pub(super) struct Keys {
    pub(super) cipher: Cipher,
    encryption: Vec<u8>,
    authentication: Vec<u8>,
    counter: u128,
}

impl Keys {
    pub(super) fn new(cipher: Cipher, secret: &[u8], counter: u64) -> Self {
        let (encryption, authentication) = (cipher.derive(secret, ENCRYPTION), cipher.derive(secret, AUTHENTICATION));
        Self { cipher, encryption, authentication, counter: counter.into() }
    }

    fn step(&mut self) -> Vec<u8> {
        self.counter += 1;
        self.counter.to_be_bytes()[16 - self.cipher.block()..].to_vec()
    }

    /// The answer's number, when nobody reads it.
    pub(super) fn skip(&mut self) {
        self.counter += 1;
    }

    fn iv(&self, counter: &[u8]) -> Vec<u8> {
        match self.cipher {
            Cipher::TripleDes => vec![0; 8],
            _ => self.cipher.encrypt(&self.encryption, &[0; 16], counter).unwrap(),
        }
    }

    /// A protected command, extended.
    pub(super) fn wrap(&mut self, header: [u8; 4], data: &[u8], le: Option<u16>) -> Vec<u8> {
        let counter = self.step();
        let header = [header[0] | 0x0c, header[1], header[2], header[3]];
        let mut objects = Vec::new();
        if !data.is_empty() {
            let block = self.cipher.block();
            let cryptogram = self.cipher.encrypt(&self.encryption, &self.iv(&counter), &pad(data, block)).unwrap();
            objects.extend(match header[1] & 1 {
                0 => tlv::of(0x87, &[&[1], &cryptogram]),
                _ => tlv::tlv(0x85, &cryptogram),
            });
        }
        objects.extend(le.into_iter().flat_map(|le| tlv::tlv(0x97, &le.to_be_bytes())));
        let message = [counter, pad(&header, self.cipher.block()), objects.clone()].concat();
        objects.extend(tlv::tlv(0x8e, &self.cipher.mac(&self.authentication, &message).unwrap()));
        let length = u16::try_from(objects.len()).unwrap().to_be_bytes();
        [&header[..], &[0], &length, &objects, &[0, 0]].concat()
    }

    pub(super) fn unwrap(&mut self, answer: &[u8]) -> (Vec<u8>, [u8; 2]) {
        let counter = self.step();
        let (body, status) = answer.split_last_chunk::<2>().unwrap();
        let objects = tlv::read_all(body).unwrap();
        let checksum = tlv::find(&objects, 0x8e).unwrap_or_else(|| panic!("not protected: {answer:02x?}"));
        let message = [&counter, &body[..body.len() - 10]].concat();
        assert_eq!(self.cipher.mac(&self.authentication, &message).unwrap(), checksum);
        assert_eq!(tlv::find(&objects, 0x99).unwrap(), status);
        let cryptogram = tlv::find(&objects, 0x87).map(|value| &value[1..]).or(tlv::find(&objects, 0x85));
        let data = cryptogram.map(|cryptogram| {
            let plain = self.cipher.decrypt(&self.encryption, &self.iv(&counter), cryptogram).unwrap();
            unpad(&plain).unwrap().to_vec()
        });
        (data.unwrap_or_default(), *status)
    }
}

pub(super) fn profile(change: impl FnOnce(&mut Profile)) -> Profile {
    let mut profile = Profile::default();
    change(&mut profile);
    profile
}

impl Terminal {
    pub(super) fn new(profile: Profile) -> Self {
        Self { card: IdentityCard::new(profile.clone()).unwrap(), profile, keys: None }
    }

    pub(super) fn raw(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.card.transmit(apdu).bytes
    }

    /// Protected when there is a session.
    pub(super) fn send(&mut self, header: [u8; 4], data: &[u8], le: Option<u16>) -> (Vec<u8>, [u8; 2]) {
        if let Some(mut keys) = self.keys.take() {
            let answer = self.card.transmit(&keys.wrap(header, data, le)).bytes;
            let answer = keys.unwrap(&answer);
            self.keys = Some(keys);
            return answer;
        }
        let mut apdu = header.to_vec();
        apdu.push(0);
        if !data.is_empty() {
            apdu.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            apdu.extend(data);
        }
        match le {
            Some(le) => apdu.extend(le.to_be_bytes()),
            None if data.is_empty() => drop(apdu.pop()),
            None => {}
        }
        let answer = self.raw(&apdu);
        let (data, status) = answer.split_last_chunk::<2>().unwrap();
        (data.to_vec(), *status)
    }

    pub(super) fn select_application(&mut self) {
        assert_eq!(self.send([0, 0xa4, 4, 0x0c], &APPLICATION, None), (vec![], DONE));
    }

    pub(super) fn basic(&mut self) -> [u8; 2] {
        self.select_application();
        let challenge = self.raw(&[0, 0x84, 0, 0, 8]);
        let (own, own_key) = ([7; 8], [9; 16]);
        let des = Cipher::TripleDes;
        let seed = &Sha1::digest(MRZ)[..16];
        let (encryption, authentication) = (des.derive(seed, ENCRYPTION), des.derive(seed, AUTHENTICATION));
        let plain = [&own[..], &challenge[..8], &own_key].concat();
        let mut data = des.encrypt(&encryption, &[0; 8], &plain).unwrap();
        data.extend(des.mac(&authentication, &data).unwrap());
        let (answer, status) = self.send([0, 0x82, 0, 0], &data, Some(40));
        if status == DONE {
            let plain = des.decrypt(&encryption, &[0; 8], &answer[..32]).unwrap();
            assert_eq!((&plain[..8], &plain[8..16]), (&challenge[..8], &own[..]));
            let secret: Vec<u8> = plain[16..].iter().zip(own_key).map(|(their, own)| their ^ own).collect();
            let counter = [&challenge[4..8], &own[4..]].concat().try_into().unwrap();
            self.keys = Some(Keys::new(des, &secret, u64::from_be_bytes(counter)));
        }
        status
    }

    pub(super) fn step(&mut self, class: u8, data: &[u8], tag: u32) -> Result<Vec<u8>, [u8; 2]> {
        let (answer, status) = self.send([class, 0x86, 0, 0], &tlv::tlv(0x7c, data), Some(0));
        if status != DONE {
            return Err(status);
        }
        let (object, _) = tlv::read(&answer).unwrap();
        assert_eq!(object.tag, 0x7c);
        Ok(tlv::find(&tlv::read_all(object.value).unwrap(), tag).unwrap().to_vec())
    }

    /// PACE; gives the status of the step that failed.
    pub(super) fn pace(&mut self, reference: u8, secret: &[u8]) -> [u8; 2] {
        self.run_pace(reference, secret).err().unwrap_or(DONE)
    }

    fn run_pace(&mut self, reference: u8, secret: &[u8]) -> Result<(), [u8; 2]> {
        let (cipher, curve) = (self.profile.chip.cipher, self.profile.chip.curve);
        let oid = tlv::oid_value(&[0, 4, 0, 127, 0, 7, 2, 2, 4, 2, cipher.arc()]);
        let choice =
            [tlv::tlv(0x80, &oid), tlv::tlv(0x83, &[reference]), tlv::tlv(0x84, &[curve.parameter_id()])].concat();
        let (_, status) = self.send([0, 0x22, 0xc1, 0xa4], &choice, None);
        if status != DONE {
            return Err(status);
        }
        let key = cipher.derive(secret, PASSWORD);
        let nonce = self.step(0x10, &[], 0x80)?;
        let nonce = cipher.decrypt(&key, &vec![0; cipher.block()], &nonce).unwrap();
        let private = curve.scalar(&[0x5a; 32]);
        let theirs = self.step(0x10, &tlv::tlv(0x81, &curve.public(&private).unwrap()), 0x82)?;
        let shared = curve.multiply(&theirs, &private).unwrap();
        let base = curve.add(&curve.public(&curve.scalar(&nonce)).unwrap(), &shared).unwrap();
        let own = curve.multiply(&base, &private).unwrap();
        let theirs = self.step(0x10, &tlv::tlv(0x83, &own), 0x84)?;
        let secret = curve.agree(&theirs, &private).unwrap();
        let token = |public: &[u8]| {
            let input = tlv::of(0x7f49, &[&tlv::tlv(6, &oid), &tlv::tlv(0x86, public)]);
            cipher.token(&cipher.derive(&secret, AUTHENTICATION), &input).unwrap()
        };
        assert_eq!(self.step(0, &tlv::tlv(0x85, &token(&theirs)), 0x86)?, token(&own));
        self.keys = Some(Keys::new(cipher, &secret, 0));
        Ok(())
    }

    /// PACE with the access number, and the application.
    pub(super) fn open(profile: Profile) -> Self {
        let mut terminal = Self::new(profile);
        assert_eq!(terminal.pace(2, b"000001"), DONE);
        terminal.select_application();
        terminal
    }

    /// Chip authentication with the key of data group 14; false when the card does not get the same keys.
    pub(super) fn authenticate_chip(&mut self) -> bool {
        let curve = self.profile.chip.curve;
        let private = curve.scalar(&[0x3c; 32]);
        let public = curve.public(&private).unwrap();
        let theirs = chip_key(&self.file(0x010e), curve);
        let (cipher, arc) = match self.profile.chip.chip_authentication {
            ChipAuthentication::Aes128 => (Cipher::Aes128, 2),
            ChipAuthentication::Aes256 => (Cipher::Aes256, 4),
            ChipAuthentication::TripleDes | ChipAuthentication::None => (Cipher::TripleDes, 1),
        };
        if cipher == Cipher::TripleDes {
            assert_eq!(self.send([0, 0x22, 0x41, 0xa6], &tlv::tlv(0x91, &public), None).1, DONE);
        } else {
            let oid = tlv::oid_value(&[0, 4, 0, 127, 0, 7, 2, 2, 3, 2, arc]);
            assert_eq!(self.send([0, 0x22, 0x41, 0xa4], &tlv::tlv(0x80, &oid), None).1, DONE);
            let data = tlv::tlv(0x7c, &tlv::tlv(0x80, &public));
            assert_eq!(self.send([0, 0x86, 0, 0], &data, Some(0)), (vec![0x7c, 0], DONE));
        }
        let mut keys = Keys::new(cipher, &curve.agree(&theirs, &private).unwrap(), 0);
        let answer = self.raw(&keys.wrap([0, 0xa4, 2, 0x0c], &[1, 1], None));
        let agreed = answer.len() > 2 && keys.unwrap(&answer).1 == DONE;
        self.keys = Some(keys);
        agreed
    }

    /// A whole file, by its short identifier and with the odd instruction where offsets are long.
    pub(super) fn file(&mut self, id: u16) -> Vec<u8> {
        let [high, low] = id.to_be_bytes();
        assert_eq!(self.send([0, 0xa4, 2, 0x0c], &[high, low], None), (vec![], DONE), "{id:04x}");
        let mut file = Vec::new();
        loop {
            let (part, status) = match u16::try_from(file.len()) {
                Ok(offset @ ..0x8000) => {
                    let [high, low] = offset.to_be_bytes();
                    self.send([0, 0xb0, high, low], &[], Some(0x0700))
                }
                _ => {
                    let offset = u32::try_from(file.len()).unwrap().to_be_bytes();
                    let (part, status) = self.send([0, 0xb1, 0, 0], &tlv::tlv(0x54, &offset[1..]), Some(0x0700));
                    (tlv::read(&part).map(|(object, _)| object.value.to_vec()).unwrap_or_default(), status)
                }
            };
            file.extend(&part);
            if status != DONE {
                assert!(matches!(status, [0x62, 0x82] | [0x6b, 0]), "{status:02x?}");
                return file;
            }
        }
    }
}

/// The public point of ChipAuthenticationPublicKeyInfo.
fn chip_key(group: &[u8], curve: Curve) -> Vec<u8> {
    let (group, _) = tlv::read(group).unwrap();
    let (set, _) = tlv::read(group.value).unwrap();
    let infos = tlv::read_all(set.value).unwrap();
    let oid = tlv::oid_value(&[0, 4, 0, 127, 0, 7, 2, 2, 1, 2]);
    let info = infos.iter().map(|info| tlv::read_all(info.value).unwrap()).find(|info| info[0].value == oid).unwrap();
    let key = tlv::read_all(info[1].value).unwrap()[1].value;
    assert_eq!(key.len(), 2 + 2 * curve.length());
    key[1..].to_vec()
}

/// With one setting of everything.
pub(super) fn profiles() -> Vec<Profile> {
    vec![
        Profile::default(),
        profile(|profile| {
            profile.chip.curve = Curve::P256;
            profile.chip.cipher = Cipher::TripleDes;
            profile.chip.chip_authentication = ChipAuthentication::TripleDes;
            profile.chip.active_authentication = ActiveAuthentication::Rsa;
        }),
        profile(|profile| {
            profile.chip.curve = Curve::P384;
            profile.chip.cipher = Cipher::Aes256;
            profile.chip.chip_authentication = ChipAuthentication::Aes256;
        }),
    ]
}
