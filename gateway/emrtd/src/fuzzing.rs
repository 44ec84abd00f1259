//! For `gateway/fuzz` alone: what is in no public item, given any bytes. Nothing of it is in the gateway.

use crate::apdu::{Response, Status};
use crate::cipher::{Cipher, Use, pad};
use crate::keys::{Hash, PublicKey, Scheme};
use crate::secure::SecureMessaging;
use crate::{authentic, security, tlv};

/// An element with this tag and value.
pub fn element(tag: u32, value: &[u8]) -> Vec<u8> {
    tlv::write(tag, value)
}

/// Reads bytes as elements, and these as elements, and so on.
pub fn elements(bytes: &[u8]) {
    let mut total = 0;
    for element in tlv::each(bytes).flatten() {
        total += element.value.len();
        assert_eq!(tlv::only(&tlv::write(element.tag, element.value), element.tag), Ok(element.value));
        elements(element.value);
    }
    assert!(total <= bytes.len(), "nothing is read that is not there");
}

/// Opens bytes as a protected response: as they are, and with the authentication code that a chip would give.
pub fn secure_response(bytes: &[u8]) {
    let Some(([kind, high, low], objects)) = bytes.split_first_chunk() else { return };
    let cipher = [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes192, Cipher::Aes256][usize::from(kind % 4)];
    let status = Status(u16::from_be_bytes([*high, *low]));
    let opened = |data: Vec<u8>| SecureMessaging::new(cipher, &[7; 16], 0).unwrap(&Response { data, status });
    let _ = opened(objects.to_vec());
    let counter = &2_u128.to_be_bytes()[16 - cipher.block()..];
    let inside = [objects, &tlv::write(0x99, &[*high, *low])].concat();
    let code = cipher.key(&[7; 16], Use::Authenticate).mac(&pad([counter, &inside].concat(), cipher.block()));
    if let Ok(response) = opened([inside, tlv::write(0x8E, &code)].concat()) {
        assert!(response.status == status && response.data.len() <= objects.len());
    }
}

/// Reads bytes as a list of security information, as a public key, and as an algorithm and what is signed with it.
pub fn security_infos(bytes: &[u8]) {
    if let Ok(infos) = security::pace_infos(bytes) {
        let _ = infos.iter().filter_map(security::PaceInfo::known).count();
        let _ = security::hides_pace(bytes, &infos);
    }
    authentic::read_group_14(&tlv::write(0x6E, bytes));
    authentic::read_group_14(bytes);
    let scheme = Scheme::of_algorithm(bytes);
    if let Ok(key) = PublicKey::read(bytes) {
        let _ = key.recover(bytes);
        let _ = key.has_signed(scheme.unwrap_or(Scheme::Ecdsa(None)), Hash::Sha256, bytes, bytes);
    }
}
