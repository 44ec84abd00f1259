use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use proptest::prelude::*;

use super::*;

const URL: &str = "https://chungthuc.hanoi.example/status/1";

fn key() -> ClaimsKey {
    let secret = SigningKey::from_slice(&[1; 32]).unwrap();
    ClaimsKey::new(secret.verifying_key().to_sec1_point(false).as_bytes()).unwrap()
}

fn signs(hash: &[u8; 32]) -> Result<[u8; 64], String> {
    let signature: p256::ecdsa::Signature = SigningKey::from_slice(&[1; 32]).unwrap().sign_prehash(hash).unwrap();
    Ok(signature.to_bytes().into())
}

fn sign(list: &StatusList) -> Vec<u8> {
    list.sign(URL, 1000, 2000, &key(), &mut signs).unwrap()
}

/// A signed list around bytes that no list of ours would hold.
fn forge(packed: &[u8]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.map(4).int(2).text(URL).int(4).unsigned(2000).int(6).unsigned(1000);
    writer.int(65_533).map(2).text("lst").bytes(packed).text("bits").unsigned(2);
    cose::sign(&writer.finish(), Some(TYPE), &key(), &mut signs).unwrap()
}

fn pack(length: usize) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    let mut left = length;
    while left > 0 {
        let part = left.min(zeros.len());
        packer.write_all(&zeros[..part]).unwrap();
        left -= part;
    }
    packer.finish().unwrap()
}

/// The draft's example for two bits (section 4.1): statuses of twelve entries, and the bytes that they make.
#[test]
fn the_bits_are_where_the_draft_has_them() {
    let mut list = StatusList::new(12).unwrap();
    for (index, status) in (0..).zip([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]) {
        let status = [Status::Valid, Status::Revoked, Status::Suspended, Status::Other][status];
        list.set(index, status).unwrap();
        assert_eq!(list.get(index), Ok(status));
    }
    assert_eq!(list.bytes, [0xC9, 0x44, 0xF9]);
}

#[test]
fn a_year_of_the_city_is_small() {
    let mut list = StatusList::new(840_000).unwrap();
    assert_eq!(list.bytes.len(), 210_000);
    let empty = sign(&list).len();
    // One of a thousand revoked, spread by a linear congruential generator (Knuth's MMIX).
    let mut random = 1u64;
    for _ in 0..840 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.set((random >> 33) % 840_000, Status::Revoked).unwrap();
    }
    let signed = sign(&list);
    assert!(empty < 1_000 && signed.len() < 5_000, "{empty} {}", signed.len());
    let (read, issued_at) = StatusList::open(&signed, URL, 1500, &[key()]).unwrap();
    assert_eq!((read, issued_at), (list, 1000));
}

#[test]
fn a_revocation_is_for_ever() {
    let mut list = StatusList::new(8).unwrap();
    list.set(5, Status::Suspended).unwrap();
    list.set(5, Status::Valid).unwrap();
    list.set(5, Status::Revoked).unwrap();
    assert_eq!(list.set(5, Status::Valid), Err(StatusError::Revoked(5)));
    list.grow(4).unwrap();
    list.grow(100).unwrap();
    assert_eq!(list.get(5), Ok(Status::Revoked));
    assert_eq!((list.get(4), list.get(6)), (Ok(Status::Valid), Ok(Status::Valid)));
    assert_eq!(list.get(100), Err(StatusError::NoPlace { index: 100, entries: 100 }));
    assert_eq!(list.get(u64::MAX), Err(StatusError::NoPlace { index: u64::MAX, entries: 100 }));
    assert!(list.set(100, Status::Valid).is_err() && list.grow(u64::MAX).is_err());
}

#[test]
fn each_refusal_says_why() {
    let signed = sign(&StatusList::new(100).unwrap());
    let open = |signed: &[u8], url, now| StatusList::open(signed, url, now, &[key()]).unwrap_err();
    assert_eq!(open(&signed, "https://other.example", 1500), StatusError::OtherList);
    assert_eq!(open(&signed, URL, 2001), StatusError::Old(2000));
    let unknown = StatusList::open(&signed, URL, 1500, &[]);
    assert_eq!(unknown, Err(StatusError::Claims(ClaimsError::UnknownKey)));
    for place in 0..signed.len() {
        for bit in 0..8 {
            let mut changed = signed.clone();
            changed[place] ^= 1 << bit;
            assert!(StatusList::open(&changed, URL, 1500, &[key()]).is_err(), "byte {place}, bit {bit}");
        }
        assert!(StatusList::open(&signed[..place], URL, 1500, &[key()]).is_err());
    }
    let claims = cose::sign(&[0xA0], None, &key(), &mut signs).unwrap();
    assert_eq!(
        open(&claims, URL, 1500),
        StatusError::Claims(ClaimsError::Form),
        "signed claims of a QR code are no list"
    );
}

#[test]
fn a_list_that_unpacks_to_too_much_is_refused_without_unpacking_it() {
    let most = forge(&pack(MOST_BYTES));
    assert_eq!(StatusList::open(&most, URL, 1500, &[key()]).unwrap().0.entries(), MOST_ENTRIES);
    for length in [MOST_BYTES + 1, 1 << 30] {
        let bomb = forge(&pack(length));
        assert_eq!(StatusList::open(&bomb, URL, 1500, &[key()]), Err(StatusError::Packed));
    }
    let packed = pack(100);
    for wrong in [&packed[..packed.len() - 1], &[&packed[..], &[0]].concat(), &[], b"none"] {
        assert_eq!(StatusList::open(&forge(wrong), URL, 1500, &[key()]), Err(StatusError::Packed));
    }
}

proptest! {
    #[test]
    fn whatever_is_packed_is_answered(packed in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = StatusList::open(&forge(&packed), URL, 1500, &[key()]);
        let _ = StatusList::open(&packed, URL, 1500, &[key()]);
    }
}
