//! Sessions, files and the two ways to prove that the chip is no copy.

use sha2::{Digest, Sha256};

use super::super::{ActiveAuthentication, Profile, Sex, tlv};
use super::terminal::{DONE, MRZ, Terminal, profile, profiles};
use crate::usb::reader::card::Card;

#[test]
fn every_kind_of_card_opens_with_either_password_and_changes_its_keys() {
    for profile in profiles() {
        let mut terminal = Terminal::open(profile.clone());
        assert!(terminal.file(0x011e).starts_with(&[0x60]));
        assert!(terminal.authenticate_chip(), "{:?}", profile.chip);
        assert!(terminal.file(0x0102).starts_with(&[0x75, 0x82]));
        terminal = Terminal::new(profile);
        assert_eq!(terminal.pace(1, &<sha1::Sha1 as sha1::Digest>::digest(MRZ)), DONE);
    }
}

#[test]
fn a_wrong_password_is_noticed_at_the_last_step_and_the_right_one_still_works() {
    let mut terminal = Terminal::new(Profile::default());
    assert_eq!(terminal.pace(2, b"123456"), [0x63, 0]);
    assert_eq!(terminal.pace(2, b"000001"), DONE);
}

#[test]
fn basic_access_control_opens_the_card_unless_it_has_none() {
    let mut terminal = Terminal::new(Profile::default());
    assert_eq!(terminal.basic(), DONE);
    assert_eq!(&terminal.file(0x0101)[..5], &[0x61, 0x5d, 0x5f, 0x1f, 0x5a]);
    assert_eq!(Terminal::new(profile(|profile| profile.chip.bac = false)).basic(), [0x69, 0x85]);
}

#[test]
fn only_card_access_is_free() {
    let mut terminal = Terminal::new(Profile::default());
    assert_eq!(terminal.raw(&[0, 0xa4, 0, 0x0c, 2, 0x3f, 0]), [0x6d, 0]);
    assert_eq!(terminal.raw(&[0, 0xa4, 2, 0x0c, 2, 1, 0x1c]), DONE);
    let info = "3114 3012060A04007F0007020204020202010202010D 9000".replace(' ', "");
    assert_eq!(terminal.raw(&[0, 0xb0, 0, 0, 0]), super::super::keys::hex(&info));
    terminal.select_application();
    assert_eq!(terminal.raw(&[0, 0xa4, 2, 0x0c, 2, 1, 1]), [0x69, 0x82]);
    assert_eq!(terminal.raw(&[0, 0xa4, 2, 0x0c, 2, 1, 9]), [0x6a, 0x82]);
    assert_eq!(terminal.raw(&[0, 0xb0, 0x81, 0, 0]), [0x69, 0x82]);
    assert_eq!(terminal.raw(&[0, 0x88, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0]), [0x69, 0x82]);
}

#[test]
fn fingers_are_for_nobody_and_other_files_are_not_there() {
    let mut terminal = Terminal::open(Profile::default());
    assert_eq!(terminal.send([0, 0xa4, 2, 0x0c], &[1, 3], None).1, [0x69, 0x82]);
    assert_eq!(terminal.send([0, 0xb0, 0x83, 0], &[], Some(4)).1, [0x69, 0x82]);
    assert_eq!(terminal.send([0, 0xa4, 2, 0x0c], &[1, 0x0b], None).1, [0x6a, 0x82]);
    assert_eq!(terminal.send([0, 0xca, 0, 0], &[], Some(4)).1, [0x6d, 0]);
}

#[test]
fn a_read_past_the_end_says_so_and_one_behind_it_fails() {
    let mut terminal = Terminal::open(Profile::default());
    let (whole, status) = terminal.send([0, 0xb0, 0x81, 0], &[], Some(0));
    assert_eq!((whole.len(), status), (95, DONE));
    assert_eq!(terminal.send([0, 0xb0, 0, 90], &[], Some(5)), (whole[90..].to_vec(), DONE));
    assert_eq!(terminal.send([0, 0xb0, 0, 90], &[], Some(6)), (whole[90..].to_vec(), [0x62, 0x82]));
    assert_eq!(terminal.send([0, 0xb0, 0, 95], &[], Some(1)), (vec![], [0x6b, 0]));
    // With the odd instruction, Le counts the object around the data.
    assert_eq!(terminal.send([0, 0xb1, 0, 0], &[0x54, 1, 90], Some(7)), ([&[0x53, 5], &whole[90..]].concat(), DONE));
    assert_eq!(terminal.send([0, 0xb1, 0, 1], &[0x54, 1, 93], Some(9)).1, [0x62, 0x82]);
    assert_eq!(terminal.send([0, 0xb1, 1, 1], &[0x54, 2, 1, 0], Some(9)).1, [0x6b, 0]);
}

#[test]
fn a_long_file_is_read_with_the_odd_instruction() {
    let folder = tempfile::tempdir().unwrap();
    let noise = image::RgbImage::from_fn(300, 400, |x, y| {
        image::Rgb(Sha256::digest([x.to_le_bytes(), y.to_le_bytes()].concat())[..3].try_into().unwrap())
    });
    noise.save(folder.path().join("face.jpg")).unwrap();
    std::fs::write(folder.path().join("card.toml"), "[person]\nportrait = 'face.jpg'\n").unwrap();
    let profile = Profile::load(&folder.path().join("card.toml")).unwrap();
    let jpeg = std::fs::read(folder.path().join("face.jpg")).unwrap();
    assert!(jpeg.len() > 0x8000);
    assert!(Terminal::open(profile).file(0x0102).ends_with(&jpeg));
}

#[test]
fn short_commands_get_as_much_as_fits() {
    let mut terminal = Terminal::open(Profile::default());
    let mut keys = terminal.keys.clone().unwrap();
    let long = keys.wrap([0, 0xb0, 0x82, 0], &[], Some(0x100));
    let (header, body) = (&long[..4], &long[7..long.len() - 2]);
    let short = [header, &[u8::try_from(body.len()).unwrap()], body, &[0]].concat();
    let answer = terminal.raw(&short);
    assert!(answer.len() <= 258);
    assert_eq!((keys.unwrap(&answer).0.len(), answer.len()), (223, 242 + 2));
}

#[test]
fn a_command_without_protection_or_with_a_wrong_one_ends_the_session() {
    for (spoil, status) in [(None, [0x69, 0x82]), (Some(0), [0x69, 0x88]), (Some(1), [0x69, 0x87])] {
        let mut terminal = Terminal::open(Profile::default());
        let mut apdu = terminal.keys.clone().unwrap().wrap([0, 0xa4, 2, 0x0c], &[1, 1], None);
        match spoil {
            None => apdu = vec![0, 0xa4, 2, 0x0c, 2, 1, 1],
            Some(0) => apdu[20] ^= 1,
            Some(_) => apdu = vec![0x0c, 0xb0, 0, 0, 3, 0x97, 1, 4, 0],
        }
        assert_eq!(terminal.raw(&apdu), status);
        let next = terminal.keys.clone().unwrap().wrap([0, 0xa4, 2, 0x0c], &[1, 1], None);
        assert_eq!(terminal.raw(&next), [0x69, 0x88]);
        assert_eq!(terminal.raw(&[0, 0xa4, 2, 0x0c, 2, 1, 1]), [0x69, 0x82]);
        terminal.keys = None;
        assert_eq!(terminal.pace(2, b"000001"), DONE);
    }
}

#[test]
fn a_reset_forgets_session_and_application() {
    let mut terminal = Terminal::open(Profile::default());
    terminal.card.reset();
    assert_eq!(terminal.raw(&[0, 0xa4, 2, 0x0c, 2, 1, 0x1c]), DONE);
    assert_eq!(terminal.card.atr()[1..].iter().fold(0, |sum, byte| sum ^ byte), 0);
}

#[test]
fn steps_out_of_order_are_refused() {
    let mut terminal = Terminal::new(Profile::default());
    assert_eq!(terminal.step(0x10, &[], 0x80).unwrap_err(), [0x69, 0x85]);
    let oid = super::super::keys::hex("800A04007F00070202040202830102");
    assert_eq!(terminal.send([0, 0x22, 0xc1, 0xa4], &oid, None).1, DONE);
    assert_eq!(terminal.step(0x10, &tlv::tlv(0x81, &[4; 65]), 0x82).unwrap_err(), [0x6a, 0x80]);
    assert_eq!(terminal.send([0, 0x22, 0xc1, 0xa4], &oid, None).1, DONE);
    assert_eq!(terminal.step(0x10, &[], 0x80).unwrap().len(), 16);
    // A point that is not on the curve.
    assert_eq!(terminal.step(0x10, &tlv::tlv(0x81, &[4; 65]), 0x82).unwrap_err(), [0x63, 0]);
}

#[test]
fn a_step_may_come_in_pieces() {
    let mut terminal = Terminal::new(Profile::default());
    let oid = super::super::keys::hex("800A04007F00070202040202830102");
    assert_eq!(terminal.send([0, 0x22, 0xc1, 0xa4], &oid, None).1, DONE);
    assert_eq!(terminal.raw(&[0x10, 0x86, 0, 0, 1, 0x7c, 0]), DONE);
    assert_eq!(terminal.raw(&[0x10, 0x86, 0, 0, 1, 0, 0]).len(), 22);
}

#[test]
fn the_chip_signs_what_it_is_asked() {
    let challenge = [1, 2, 3, 4, 5, 6, 7, 8];
    let mut terminal = Terminal::open(Profile::default());
    let (signature, _) = terminal.send([0, 0x88, 0, 0], &challenge, Some(0));
    let key = super::super::keys::SigningKey::new("active authentication").public();
    assert!(terminal.file(0x010f).ends_with(&key));
    assert!(super::trust::verifies(&key, &challenge, &signature));

    let mut terminal =
        Terminal::open(profile(|profile| profile.chip.active_authentication = ActiveAuthentication::Rsa));
    let (signature, _) = terminal.send([0, 0x88, 0, 0], &challenge, Some(0));
    let recovered = super::trust::rsa_public(&terminal.file(0x010f), &signature);
    let (message, hash) = recovered[1..254].split_at(221);
    assert_eq!((recovered[0], &recovered[254..]), (0x6a, &[0x34, 0xcc][..]));
    assert_eq!(hash, Sha256::digest([message, &challenge].concat()).as_slice());

    let mut terminal =
        Terminal::open(profile(|profile| profile.chip.active_authentication = ActiveAuthentication::None));
    assert_eq!(terminal.send([0, 0x88, 0, 0], &challenge, Some(0)).1, [0x6d, 0]);
    assert_eq!(terminal.send([0, 0xa4, 2, 0x0c], &[1, 0x0f], None).1, [0x6a, 0x82]);
}

#[test]
fn what_the_profile_says_stands_in_the_data_groups() {
    let text = "seed = 7\n[person]\nnumber = '099385000002'\nfull_name = 'ĐẶNG THỊ ÁNH NGUYỆT'\nsex = 'Nữ'\n\
                birth_date = '01/09/1985'\nexpiry_date = 'Không thời hạn'\nold_number = '099000002'";
    let profile = Profile::parse(text).unwrap();
    assert_eq!(profile.person.sex, Sex::Female);
    let mut terminal = Terminal::new(profile);
    assert_eq!(terminal.pace(2, b"000002"), DONE);
    terminal.select_application();
    let zone = "IDVNM3850000022099385000002<<88509015F9912315VNM<<<<<<<<<<<4DANG<<THI<ANH<NGUYET<<<<<<<<<<";
    assert_eq!(String::from_utf8_lossy(&terminal.file(0x0101)[5..]), zone);
    let details = terminal.file(0x010d);
    let (object, rest) = tlv::read(&details).unwrap();
    let entries = tlv::read_all(object.value).unwrap();
    assert_eq!((object.tag, rest.len(), entries.len()), (0x6d, 0, 14));
    let values: Vec<_> = entries.iter().map(|entry| tlv::read_all(entry.value).unwrap()).collect();
    assert_eq!((values[1][0].value, values[1][1].value), (&[2][..], "ĐẶNG THỊ ÁNH NGUYỆT".as_bytes()));
    assert_eq!((values[12].len(), values[12][2].tag), (3, 0x30));
    assert_eq!((values[13][0].value, values[13][1].value), (&[16][..], &b"099000002"[..]));
}

#[test]
fn the_fields_in_the_readme_are_those_of_the_built_in_person() {
    let readme = include_str!("../../../../../README.md");
    let (_, example) = readme.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    assert_eq!(Profile::parse(example).unwrap(), Profile::default());
    // Those that are commented out are fields, too.
    let all = example.replace("\n# ", "\n").replace("portrait = \"face.jpg\"", "");
    let all = Profile::parse(&all).unwrap();
    assert_eq!((all.person.can.as_deref(), all.faults.removed_at), (Some("000001"), Some(20)));
}

#[test]
fn a_profile_that_fits_no_card_is_refused_with_a_reason() {
    for (text, reason) in [
        ("[person]\nnumber = '123456789012'", "099"),
        ("[person]\ncan = '12345'", "six digits"),
        ("[person]\nfull_name = '123'", "letters"),
        ("[person]\nportrait = '/nowhere/face.jpg'", "portrait"),
        ("[person]\nbirth_date = '2000-01-01'", "31/12/2030"),
        ("[person]\nbirthday = '01/01/2000'", "birthday"),
        ("[chip]\ncurve = 'P-521'", "P-521"),
        ("[faults]\nsigner = 'dead'", "dead"),
        ("[faults]\nwrong_sod = 'sod'", "wrong_sod"),
        ("[chip]\nactive_authentication = 'none'\n[faults]\nshort_file = 'dg15'", "Dg15"),
    ] {
        let error = Profile::parse(text).and_then(super::super::IdentityCard::new).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        assert!(format!("{error}: {source}").contains(reason), "{error}: {source}");
    }
}
