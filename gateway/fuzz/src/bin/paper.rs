//! What is read off a copy, and what is signed like it: the code as it is typed, the text of the QR code, signed claims, the
//! list of revocations. Raw, and signed with the agency's key around anything.
#![no_main]

use kiosk_fuzz::seeds;
use kiosk_pades::testing::day;
use kiosk_proof::{
    AgencyPrefix, Claims, CopyType, NoteSigner, NoteVerifier, Status, StatusList, VerificationCode, open_qr,
    qr_segments, qr_text,
};
use kiosk_verify::Time;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

#[path = "../../../verify/src/tests/world.rs"]
#[allow(dead_code)]
mod world;

const NOW: u64 = 1_780_272_000;
const LIST_TYPE: &[u8] = b"\x10\x78\x1Aapplication/statuslist+cwt";

/// A string of bytes (RFC 8949, section 3.1).
fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("inputs are shorter");
    let head = match length {
        0..24 => vec![0x40 | length as u8],
        24..0x100 => vec![0x58, length as u8],
        _ => [&[0x59][..], &length.to_be_bytes()].concat(),
    };
    [&head, bytes].concat()
}

/// A COSE_Sign1 that the agency's key has signed (RFC 9052, section 4), of claims, or of a list with its type.
fn forged(payload: &[u8], kind: &[u8]) -> Vec<u8> {
    let pairs = if kind.is_empty() { 0xA2 } else { 0xA3 };
    let header = string(&[&[pairs, 1, 0x26, 4, 0x44], &world::claims_key().id()[..], kind].concat());
    let payload = string(payload);
    let signed = [b"\x84\x6ASignature1".as_slice(), &header, &[0x40], &payload].concat();
    let signature = world::sign(&Sha256::digest(signed).into()).expect("a signature");
    [&[0xD2, 0x84], &header[..], &[0xA0], &payload, &string(&signature)].concat()
}

/// The payload of a list of revocations around what it packs.
fn list(packed: &[u8]) -> Vec<u8> {
    let url = world::URL.as_bytes();
    let times = [&[4, 0x1A][..], &0x7FFF_FFFF_u32.to_be_bytes(), &[6, 0]].concat();
    let head = [&[0xA4, 2, 0x78, url.len() as u8][..], url, &times, &[0x19, 0xFF, 0xFD, 0xA2, 0x63]].concat();
    [&head[..], b"lst", &string(packed), b"\x64bits\x02"].concat()
}

fn made() -> Vec<Vec<u8>> {
    let code = VerificationCode::draw(&world::prefix()).expect("a code");
    let claims = Claims {
        issuer: "HN1".to_owned(),
        issued_at: NOW,
        code: code.hash(),
        number: world::NUMBER,
        book: world::BOOK.to_owned(),
        copy_type: CopyType::OfOriginal,
        pages: 2,
        content: world::content(),
        log_index: 3,
    };
    let payload = |signed: &[u8], header: usize, head: usize| signed[3 + header + 1 + head..signed.len() - 66].to_vec();
    let signed = claims.sign(&world::claims_key(), &mut world::sign).expect("signed claims");
    let revoked = world::list(Status::Revoked, 1000, day(30));
    vec![
        code.expose().into_bytes(),
        format!(" {}\u{2013}", code.expose().to_lowercase()).into_bytes(),
        world::qr(&code, &claims).into_bytes(),
        payload(&signed, 9, 2),
        signed,
        // zlib (RFC 1950) of nothing, and of a list.
        vec![0x78, 0x9C, 3, 0, 0, 0, 0, 1],
        payload(&revoked, 39, 2),
        revoked,
        world::log_signer().verifier().to_string().into_bytes(),
        b"2026-11-29T08:05:00+07:00".to_vec(),
    ]
}

fuzz_target!(
    init: {
        seeds("paper", made);
    },
    |data: &[u8]| {
        if data.len() > 60_000 {
            return;
        }
        let (keys, prefix) = ([world::claims_key()], world::prefix());
        for signed in [data.to_vec(), forged(data, &[])] {
            let Ok(claims) = Claims::open(&signed, &keys) else { continue };
            let again = claims.sign(&keys[0], &mut world::sign).expect("what was read can be signed");
            assert_eq!(again, signed, "claims have one form");
        }
        for signed in [data.to_vec(), forged(data, LIST_TYPE), forged(&list(data), LIST_TYPE)] {
            let Ok((list, issued_at)) = StatusList::open(&signed, world::URL, NOW, &keys) else { continue };
            let again = list.sign(world::URL, issued_at, NOW, &keys[0], &mut world::sign).expect("it can be signed");
            assert_eq!(StatusList::open(&again, world::URL, NOW, &keys), Ok((list.clone(), issued_at)));
            assert!(list.get(list.entries()).is_err() && (list.entries() == 0 || list.get(0).is_ok()));
        }

        let Ok(text) = std::str::from_utf8(data) else { return };
        if let Ok(code) = VerificationCode::read(text, &prefix) {
            let shown = code.expose();
            for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " ")] {
                assert_eq!(VerificationCode::read(&typed, &prefix).as_ref(), Ok(&code));
            }
        }
        if let Ok((code, claims)) = open_qr(text, world::HOST, &prefix, &keys) {
            let again = qr_text(world::HOST, &code, &claims, &keys[0], &mut world::sign);
            assert_eq!(again.as_deref(), Ok(text), "a QR code has one form");
            assert!(qr_segments(text).is_some());
        }
        assert!(qr_segments(text).is_none_or(|parts| parts.concat() == text));
        if let Ok(key) = NoteVerifier::parse(text) {
            assert_eq!(key.to_string(), text, "a key has one line");
        }
        if let Some(time) = Time::parse(text) {
            assert_eq!(Time::parse(&time.to_string()), Some(time));
        }
        if let Ok(prefix) = AgencyPrefix::new(text) {
            assert_eq!(prefix.to_string(), text);
        }
    }
);
