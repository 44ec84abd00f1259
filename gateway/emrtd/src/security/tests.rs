use proptest::prelude::*;

use super::*;
use crate::testing::hex;

/// ICAO 9303-11, appendix G.1: EF.CardAccess.
const CARD_ACCESS: &str = "31143012060A04007F0007020204020202010202010D";

#[test]
fn the_way_of_the_worked_example_is_read() {
    let infos = pace_infos(&hex(CARD_ACCESS)).unwrap();
    assert_eq!(infos, [PaceInfo { protocol: hex("04007F00070202040202"), parameter_id: Some(13) }]);
    assert_eq!(infos[0].known(), Some((Curve::BrainpoolP256r1, Cipher::Aes128)));
}

#[test]
fn ways_that_are_not_known_are_passed_over() {
    let info = |mapping: u8, cipher: u8, id: u32| PaceInfo {
        protocol: [&PACE[..], &[mapping, cipher]].concat(),
        parameter_id: Some(id),
    };
    // Finite fields; integrated mapping; a cipher and a curve of the future.
    for unknown in [info(1, 2, 0), info(4, 2, 13), info(2, 9, 13), info(2, 2, 99), info(2, 2, 8)] {
        assert_eq!(unknown.known(), None, "{unknown:?}");
    }
    assert_eq!(info(6, 4, 12).known(), Some((Curve::P256, Cipher::Aes256)));
    assert_eq!(PaceInfo { parameter_id: None, ..info(2, 2, 12) }.known(), None);
}

#[test]
fn other_entries_are_no_hindrance_and_wrong_ones_are_told() {
    // Chip authentication before it, bytes behind the list.
    let authentication = "3012060A04007F00070202030202020102020101";
    let list = hex(&["3128", authentication, &CARD_ACCESS[4..], "FFFF"].concat());
    assert_eq!(pace_infos(&list), pace_infos(&hex(CARD_ACCESS)));
    assert_eq!(pace_infos(&hex("3000")), Err(TlvError::Missing(SET)));
    assert_eq!(pace_infos(&hex("31020400")), Err(TlvError::Missing(SEQUENCE)));
}

#[test]
fn a_way_that_was_taken_away_is_missed() {
    let info = |cipher: u8, id: u8| format!("3012060A04007F0007020204020{cipher}0201020201{id:02X}");
    let list = |infos: &[String]| hex(&format!("31{:02X}{}", infos.concat().len() / 2, infos.concat()));
    let (weak, strong, unknown) = (info(1, 13), info(4, 13), info(2, 99));
    let signed = list(&[weak.clone(), strong.clone(), unknown.clone()]);
    let hides = |offered: &[String]| hides_pace(&signed, &pace_infos(&list(offered)).unwrap());
    assert_eq!(hides(&[strong.clone(), weak.clone()]), Ok(false), "what is not known here is not missed");
    assert_eq!(hides(&[weak.clone(), unknown]), Ok(true), "the strong one");
    assert_eq!((hides(&[]), hides(&[info(4, 12), weak])), (Ok(true), Ok(true)));
    // A chip of the first years lists nothing in data group 14.
    assert_eq!(hides_pace(&list(&[]), &pace_infos(&list(&[strong])).unwrap()), Ok(false));
    assert!(hides_pace(&[0x30, 0], &[]).is_err());
}

proptest! {
    #[test]
    fn no_list_makes_it_fall(mut bytes: Vec<u8>, at in 0..30_usize, value: u8) {
        let _ = pace_infos(&bytes);
        bytes = hex(CARD_ACCESS);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        let _ = pace_infos(&bytes).map(|infos| infos.iter().filter_map(PaceInfo::known).count());
    }
}
