//! Puts a message together.

use sha2::{Digest, Sha256};

use crate::algorithm::Algorithm;
use crate::certificate::Certificate;
use crate::der::{CONTEXT, INTEGER, NULL, OBJECT_IDENTIFIER, OCTETS, SEQUENCE, SET, write, write_number, write_set};
use crate::oid;

/// What a signature's message is made of, apart from what is signed.
pub(crate) struct Parts<'a> {
    pub(crate) algorithm: Algorithm,
    /// The signer's.
    pub(crate) certificate: &'a Certificate,
    /// Also the signer's, DER.
    pub(crate) chain: &'a [Vec<u8>],
}

fn name(identifier: &[u8]) -> Vec<u8> {
    write(OBJECT_IDENTIFIER, &[identifier])
}

fn attribute(identifier: &[u8], value: Vec<u8>) -> Vec<u8> {
    write(SEQUENCE, &[&name(identifier), &write(SET, &[&value])])
}

impl Parts<'_> {
    /// The attributes that are signed, as the SET whose signature is asked for. The time is not among them: it is in the
    /// signature's dictionary (ETSI EN 319 142-1, section 6.3).
    pub(crate) fn attributes(&self, digest: &[u8; 32]) -> Vec<u8> {
        let hash = Sha256::digest(&self.certificate.der);
        // ESSCertIDv2 with SHA-256, its default.
        let identifier = write(SEQUENCE, &[&write(OCTETS, &[&hash])]);
        let certificates = write(SEQUENCE, &[&write(SEQUENCE, &[&identifier])]);
        write_set(
            SET,
            vec![
                attribute(oid::CONTENT_TYPE, name(oid::DATA)),
                attribute(oid::MESSAGE_DIGEST, write(OCTETS, &[digest])),
                attribute(oid::SIGNING_CERTIFICATE_V2, certificates),
            ],
        )
    }

    /// The message. A time stamp is not signed.
    pub(crate) fn message(&self, attributes: &[u8], signature: &[u8], time_stamp: Option<&[u8]>) -> Vec<u8> {
        let hash = write(SEQUENCE, &[&name(oid::SHA256), &[NULL, 0]]);
        let who = write(SEQUENCE, &[self.certificate.issuer(), &write(INTEGER, &[self.certificate.serial()])]);
        // The same set under another tag.
        let mut signed = attributes.to_vec();
        signed[0] = CONTEXT;
        let unsigned = time_stamp.map_or_else(Vec::new, |token| {
            let stamp = attribute(oid::TIME_STAMP_TOKEN, token.to_vec());
            write(CONTEXT + 1, &[&stamp])
        });
        let signer = write(
            SEQUENCE,
            &[
                &write_number(&[1]),
                &who,
                &hash,
                &signed,
                &self.algorithm.identifier(),
                &write(OCTETS, &[signature]),
                &unsigned,
            ],
        );
        let data = write(
            SEQUENCE,
            &[
                &write_number(&[1]),
                &write(SET, &[&hash]),
                &write(SEQUENCE, &[&name(oid::DATA)]),
                &write_set(CONTEXT, self.chain.to_vec()),
                &write(SET, &[&signer]),
            ],
        );
        write(SEQUENCE, &[&name(oid::SIGNED_DATA), &write(CONTEXT, &[&data])])
    }

    /// How many bytes the message has at most, with a signature and a time stamp of so many.
    pub(crate) fn most_bytes(&self, signature: usize, time_stamp: Option<usize>) -> usize {
        let token = time_stamp.map(|bytes| vec![0; bytes]);
        self.message(&self.attributes(&[0; 32]), &vec![0; signature], token.as_deref()).len()
    }
}
