//! A time stamp authority, an OCSP responder and lists of revoked certificates, without a network.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::pki::{Holder, extension, name, time};
use super::{Pki, pki};
use crate::algorithm::{Algorithm, Hash};
use crate::der::{
    self, BOOLEAN, CONTEXT, CONTEXT_PLAIN, ENUMERATED, GENERALIZED_TIME, INTEGER, NULL, OBJECT_IDENTIFIER, OCTETS,
    SEQUENCE, SET, write, write_number, write_set,
};
use crate::fetch::{Fetch, FetchError, TimeStamper};
use crate::oid;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Nothing answers.
    Silence,
    Refusal,
    OtherNonce,
    OtherImprint,
    /// The signer is not one for this.
    OtherSigner,
    /// One bit of the signature is another.
    BrokenSignature,
    /// No responder; only lists.
    ListsOnly,
    /// Answers of last month.
    Stale,
}

/// Everyone who answers.
pub struct Authorities {
    pub now: Cell<SystemTime>,
    pub fault: Cell<Fault>,
    /// Which number was revoked, and when.
    pub revoked: Cell<Option<(u8, SystemTime)>>,
    pub asked: Cell<usize>,
    /// Where lists say that they lie, as those do that are of a part of all certificates.
    pub lies_at: Cell<Option<&'static str>>,
}

impl Authorities {
    pub fn at(now: SystemTime) -> Self {
        Self {
            now: Cell::new(now),
            fault: Cell::new(Fault::None),
            revoked: Cell::new(None),
            asked: Cell::new(0),
            lies_at: Cell::new(None),
        }
    }

    pub fn with(self, fault: Fault) -> Self {
        self.fault.set(fault);
        self
    }

    fn broken(&self, mut signature: Vec<u8>) -> Vec<u8> {
        if self.fault.get() == Fault::BrokenSignature {
            *signature.last_mut().unwrap() ^= 1;
        }
        signature
    }

    fn ask(&self) -> Result<(), FetchError> {
        self.asked.set(self.asked.get() + 1);
        if self.fault.get() == Fault::Silence { Err(FetchError("nobody answers".to_owned())) } else { Ok(()) }
    }

    fn times(&self) -> (SystemTime, SystemTime) {
        let month = Duration::from_secs(if self.fault.get() == Fault::Stale { 30 * 86_400 } else { 0 });
        let now = self.now.get() - month;
        (now, now + Duration::from_secs(86_400))
    }

    /// A token by hand.
    fn token(&self, pki: &Pki, imprint: &[u8], nonce: &[u8]) -> Vec<u8> {
        let hash = write(SEQUENCE, &[&name(oid::SHA256), &[NULL, 0]]);
        let info = write(
            SEQUENCE,
            &[
                &write_number(&[1]),
                &name(&[0x2A, 3, 4]),
                &write(SEQUENCE, &[&hash, &write(OCTETS, &[imprint])]),
                &write_number(&[7]),
                &time(self.now.get()),
                nonce,
            ],
        );
        let by: &Holder = if self.fault.get() == Fault::OtherSigner { &pki.officer } else { &pki.authority };
        let attribute = |identifier: &[u8], value: &[u8]| write(SEQUENCE, &[&name(identifier), &write(SET, &[value])]);
        let own = write(SEQUENCE, &[&write(OCTETS, &[&Sha256::digest(&by.certificate)])]);
        let attributes = write_set(
            SET,
            vec![
                attribute(oid::CONTENT_TYPE, &name(oid::TST_INFO)),
                attribute(oid::MESSAGE_DIGEST, &write(OCTETS, &[&Sha256::digest(&info)])),
                attribute(oid::SIGNING_CERTIFICATE_V2, &write(SEQUENCE, &[&write(SEQUENCE, &[&own])])),
            ],
        );
        let signature = self.broken(by.key.sign(&attributes));
        let mut signed = attributes;
        signed[0] = CONTEXT;
        let signer = write(
            SEQUENCE,
            &[
                &write_number(&[1]),
                &write(SEQUENCE, &[&pki.issuing.name, &write(INTEGER, &[&[by.serial]])]),
                &hash,
                &signed,
                &Algorithm::EcdsaP256Sha256.identifier(),
                &write(OCTETS, &[&signature]),
            ],
        );
        let data = write(
            SEQUENCE,
            &[
                &write_number(&[3]),
                &write(SET, &[&hash]),
                &write(SEQUENCE, &[&name(oid::TST_INFO), &write(CONTEXT, &[&write(OCTETS, &[&info])])]),
                &write_set(CONTEXT, vec![by.certificate.clone(), pki.issuing.certificate.clone()]),
                &write(SET, &[&signer]),
            ],
        );
        write(SEQUENCE, &[&name(oid::SIGNED_DATA), &write(CONTEXT, &[&data])])
    }

    /// A list of an authority, with what was revoked on it.
    fn list_of(&self, issuer: &Holder) -> Vec<u8> {
        let (this, next) = self.times();
        let entries = match self.revoked.get() {
            Some((serial, since)) => {
                write(SEQUENCE, &[&write(SEQUENCE, &[&write(INTEGER, &[&[serial]]), &time(since)])])
            }
            None => Vec::new(),
        };
        let number = extension(&[0x55, 0x1D, 20], false, &write_number(&[1]));
        let place = self.lies_at.get().map_or_else(Vec::new, |place| {
            let name = write(CONTEXT, &[&write(CONTEXT, &[&write(CONTEXT_PLAIN + 6, &[place.as_bytes()])])]);
            extension(&[0x55, 0x1D, 28], true, &write(SEQUENCE, &[&name]))
        });
        let extensions = write(SEQUENCE, &[&number, &place]);
        let content = write(
            SEQUENCE,
            &[
                &write_number(&[1]),
                &Algorithm::EcdsaP256Sha256.identifier(),
                &issuer.name,
                &time(this),
                &time(next),
                &entries,
                &write(CONTEXT, &[&extensions]),
            ],
        );
        issuer.key.signed(&content, &[])
    }
}

impl TimeStamper for Authorities {
    fn time_stamp(&self, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        self.ask()?;
        let mut request = der::only(request, SEQUENCE).unwrap();
        assert_eq!(request.value(INTEGER).unwrap(), [1]);
        let mut imprint = request.inside(SEQUENCE).unwrap();
        imprint.expect(SEQUENCE).unwrap();
        let mut imprint = imprint.value(OCTETS).unwrap().to_vec();
        let mut nonce = request.expect(INTEGER).unwrap().whole.to_vec();
        assert_eq!(request.value(BOOLEAN).unwrap(), [0xFF]);
        match self.fault.get() {
            Fault::Refusal => return Ok(write(SEQUENCE, &[&write(SEQUENCE, &[&write_number(&[2])])])),
            Fault::OtherNonce => *nonce.last_mut().unwrap() ^= 1,
            Fault::OtherImprint => imprint[0] ^= 1,
            _ => {}
        }
        let token = self.token(pki(), &imprint, &nonce);
        Ok(write(SEQUENCE, &[&write(SEQUENCE, &[&write_number(&[0])]), &token]))
    }

    fn token_bytes(&self) -> usize {
        2048
    }
}

impl Fetch for Authorities {
    fn ocsp(&self, address: &str, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        self.ask()?;
        assert_eq!(address, "http://pki.test/ocsp");
        match self.fault.get() {
            Fault::ListsOnly => return Err(FetchError("no responder".to_owned())),
            Fault::Refusal => return Ok(write(SEQUENCE, &[&write(ENUMERATED, &[&[6]])])),
            _ => {}
        }
        let pki = pki();
        let list = der::only(request, SEQUENCE).unwrap().inside(SEQUENCE).unwrap().inside(SEQUENCE).unwrap();
        let id = { list }.inside(SEQUENCE).unwrap().expect(SEQUENCE).unwrap();
        let mut parts = der::Reader::new(id.value);
        parts.expect(SEQUENCE).unwrap();
        assert_eq!(parts.value(OCTETS).unwrap(), Hash::Sha1.of(&[&pki.issuing.name]));
        assert_eq!(parts.value(OCTETS).unwrap(), Hash::Sha1.of(&[&pki.issuing.key.bits()]));
        let serial = parts.value(INTEGER).unwrap();

        let status = match self.revoked.get() {
            Some((revoked, since)) if serial == [revoked] => write(CONTEXT + 1, &[&time(since)]),
            _ => write(CONTEXT_PLAIN, &[]),
        };
        let (this, next) = self.times();
        let answer = write(SEQUENCE, &[id.whole, &status, &time(this), &write(CONTEXT, &[&time(next)])]);
        let by = if self.fault.get() == Fault::OtherSigner { &pki.officer } else { &pki.responder };
        let content = write(
            SEQUENCE,
            &[
                &write(CONTEXT + 1, &[&by.name]),
                &write(GENERALIZED_TIME, &[der::only(&time(this), GENERALIZED_TIME).unwrap().rest()]),
                &write(SEQUENCE, &[&answer]),
            ],
        );
        let more = write(CONTEXT, &[&write(SEQUENCE, &[&by.certificate])]);
        let signature = self.broken(by.key.sign(&content));
        let algorithm = Algorithm::EcdsaP256Sha256.identifier();
        let basic = write(SEQUENCE, &[&content, &algorithm, &write(der::BITS, &[&[0], &signature]), &more]);
        let bytes = write(SEQUENCE, &[&write(OBJECT_IDENTIFIER, &[oid::OCSP_BASIC]), &write(OCTETS, &[&basic])]);
        Ok(write(SEQUENCE, &[&write(ENUMERATED, &[&[0]]), &write(CONTEXT, &[&bytes])]))
    }

    fn list(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        self.ask()?;
        Ok(match address {
            "http://pki.test/root.crl" => self.list_of(&pki().root),
            "http://pki.test/issuing.crl" => self.list_of(&pki().issuing),
            other => panic!("{other}"),
        })
    }
}
