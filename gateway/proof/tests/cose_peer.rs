//! Signed claims, ours and those of the Python package `cwt`, each read by the other.

#![expect(clippy::unwrap_used, reason = "a test program")]

use std::path::Path;
use std::process::Command;

use kiosk_proof::{Claims, ClaimsError, ClaimsKey, CodeHash, CopyType, StatusList};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};

const SECRET: [u8; 32] = [1; 32];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|place| u8::from_str_radix(&text[2 * place..2 * place + 2], 16).unwrap()).collect()
}

/// What the peer says; nothing if it refuses.
fn peer(arguments: &[&str]) -> Option<Vec<u8>> {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = crate_root.join("../../.venv/bin/python");
    assert!(python.is_file(), "the Python peers (tests/requirements.txt) are not there: run `make setup`");
    #[expect(clippy::disallowed_methods, reason = "a peer")]
    let said = Command::new(python).arg(crate_root.join("tests/peers/cose.py")).args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&said.stderr);
    match said.status.code() {
        Some(0) => Some(from_hex(String::from_utf8_lossy(&said.stdout).trim())),
        Some(2) => None,
        _ => panic!("the package cwt (tests/requirements.txt) does not work: run `make setup`\n{error}"),
    }
}

fn point(secret: &[u8; 32]) -> Vec<u8> {
    SigningKey::from_slice(secret).unwrap().verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

fn signs(hash: &[u8; 32]) -> Result<[u8; 64], String> {
    let signature: Signature = SigningKey::from_slice(&SECRET).unwrap().sign_prehash(hash).unwrap();
    Ok(signature.to_bytes().into())
}

fn claims() -> Claims {
    Claims {
        issuer: "HN1".to_owned(),
        issued_at: 1_790_000_000,
        code: CodeHash::from_bytes([5; 16]),
        number: 48_215,
        book: "01-SCTĐT/BS".to_owned(),
        copy_type: CopyType::OfOriginal,
        pages: 2,
        content: [0xAB; 32],
        log_index: 7,
    }
}

#[test]
fn each_reads_the_others_claims_and_refuses_changed_ones() {
    let (own, other) = (point(&SECRET), point(&[2; 32]));
    let key = ClaimsKey::new(&own).unwrap();
    let signed = claims().sign(&key, &mut signs).unwrap();
    let kid = hex(&key.id());
    let (x, y) = (hex(&own[1..33]), hex(&own[33..]));
    let open = |signed: &[u8]| peer(&["open", &x, &y, &kid, &hex(signed)]);
    let payload = open(&signed).expect("the peer reads our claims");
    assert!(signed.windows(payload.len()).any(|part| part == payload));
    assert_eq!(peer(&["open", &hex(&other[1..33]), &hex(&other[33..]), &kid, &hex(&signed)]), None, "another key");
    let number = signed.windows(2).position(|part| part == 48_215u16.to_be_bytes()).unwrap();
    let mut changed = signed.clone();
    changed[number] ^= 1;
    assert_eq!(open(&changed), None, "another number");
    assert_eq!(Claims::open(&changed, std::slice::from_ref(&key)), Err(ClaimsError::WrongSignature));

    let theirs = peer(&["sign", &hex(&SECRET), &x, &y, &kid, &hex(&payload)]).unwrap();
    assert_ne!(theirs, signed, "signed at random");
    assert_eq!(Claims::open(&theirs, std::slice::from_ref(&key)), Ok(claims()));
    let mut changed = theirs.clone();
    changed[number] ^= 1;
    assert_eq!(Claims::open(&changed, std::slice::from_ref(&key)), Err(ClaimsError::WrongSignature));
    assert_eq!(Claims::open(&theirs, &[ClaimsKey::new(&other).unwrap()]), Err(ClaimsError::UnknownKey));
}

#[test]
fn the_peer_reads_our_list_of_revocations() {
    let own = point(&SECRET);
    let key = ClaimsKey::new(&own).unwrap();
    let list = StatusList::new(840_000).unwrap();
    let signed = list.sign("https://chungthuc.hanoi.example/status/1", 1, 2, &key, &mut signs).unwrap();
    let open = |signed: &[u8]| peer(&["open", &hex(&own[1..33]), &hex(&own[33..]), &hex(&key.id()), &hex(signed)]);
    assert!(open(&signed).is_some());
    let mut changed = signed;
    changed[100] ^= 1;
    assert!(open(&changed).is_none());
}
