//! No bytes, protected or not, make a card panic or say less than two bytes.

use proptest::prelude::*;

use super::super::Profile;
use super::super::tlv::{oid, read_all, unsigned};
use super::terminal::Terminal;
use crate::usb::reader::apdu::Apdu;

/// Commands with heads that the card knows, and bodies that it does not.
fn apdus() -> impl Strategy<Value = Vec<u8>> {
    let class = prop::sample::select(vec![0, 0x10, 0x0c, 0x1c, 0x80]);
    let instruction = prop::sample::select(vec![0xa4, 0xb0, 0xb1, 0x84, 0x82, 0x88, 0x22, 0x86, 0xc0]);
    let places =
        prop::sample::select(vec![[0, 0], [2, 0x0c], [4, 0], [0xc1, 0xa4], [0x41, 0xa4], [0x41, 0xa6], [0x82, 9]]);
    let body = prop::collection::vec(any::<u8>(), 0..40);
    let known =
        (class, instruction, places, body, any::<bool>()).prop_map(|(class, instruction, [p1, p2], body, object)| {
            let body = if object { super::super::tlv::tlv(0x7c, &body) } else { body };
            let length = u8::try_from(body.len()).unwrap();
            [&[class, instruction, p1, p2, length][..], &body, &[0]].concat()
        });
    prop_oneof![3 => known, 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_apdus_are_answered(apdus in prop::collection::vec(apdus(), 1..30)) {
        let mut terminal = Terminal::new(Profile::default());
        for apdu in apdus {
            prop_assert!(terminal.raw(&apdu).len() >= 2);
        }
    }

    #[test]
    fn any_protected_apdus_are_answered(apdus in prop::collection::vec(apdus(), 1..30)) {
        let mut terminal = Terminal::open(Profile::default());
        for bytes in apdus {
            let Some(apdu) = Apdu::read(&bytes) else { continue };
            let Apdu { instruction, p1, p2, data, .. } = apdu;
            let apdu = terminal.keys.as_mut().unwrap().wrap([0, instruction, p1, p2], data, Some(0));
            let answer = terminal.raw(&apdu);
            prop_assert!(answer.len() >= 2);
            if answer.len() == 2 {
                break;
            }
            // New keys after chip authentication are no matter here.
            terminal.keys.as_mut().unwrap().skip();
        }
    }

    #[test]
    fn numbers_are_written_as_der_wants(bytes in prop::collection::vec(any::<u8>(), 0..20), arc in any::<u32>()) {
        let number = unsigned(&bytes);
        let value = read_all(&number).unwrap()[0].value.to_vec();
        prop_assert!(value[0] < 0x80 && (value.len() == 1 || value[0] != 0 || value[1] >= 0x80));
        let oid = oid(&[1, 2, arc]);
        let groups = read_all(&oid).unwrap()[0].value[1..].to_vec();
        prop_assert_eq!(groups.iter().fold(0u64, |sum, byte| sum << 7 | u64::from(byte & 0x7f)), u64::from(arc));
    }
}
