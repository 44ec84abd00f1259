//! The reader of identity chips against OpenPACE, and OpenPACE against the simulated identity card: a chip and a terminal
//! that nobody of this project wrote.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use kiosk_emrtd::passive::{TrustList, check};
use kiosk_emrtd::{AccessKey, ChipError, Identity, Opened, PortraitFormat, Progress, Proof, Verdict, read};
use kiosk_simulators::usb::reader::card::Card;
use kiosk_simulators::usb::reader::identity::{IdentityCard, Profile, csca_certificate};
use kiosk_tests::peers::openpace::{OpenPaceCard, Secret, read_by_terminal};

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../gateway/emrtd/testdata/", $name)).as_slice()
    };
}

/// The specimen of ICAO 9303-5, as in the test data.
const ZONE: &str = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const CAN: &str = "123456";
/// EF.COM with the data groups 1 and 2 (ICAO 9303-11, appendix D.4).
const COM: [u8; 22] = [
    0x60, 0x14, 0x5F, 1, 4, b'0', b'1', b'0', b'6', 0x5F, 0x36, 6, b'0', b'4', b'0', b'0', b'0', b'0', 0x5C, 2, 0x61,
    0x75,
];

/// EF.CardAccess of a chip with one way of PACE: elliptic curves, generic mapping.
fn card_access(cipher: u8, parameters: u8) -> Vec<u8> {
    let protocol = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x02, cipher];
    [&[0x31, 0x14, 0x30, 0x12, 0x06, 0x0A], protocol.as_slice(), &[2, 1, 2, 2, 1, parameters]].concat()
}

/// The first of January 2030, when the test data's certificates hold.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000)
}

fn by_mrz() -> AccessKey {
    AccessKey::mrz("D23145890", "740812", "120415").expect("it could be one")
}

fn by_can() -> AccessKey {
    AccessKey::can(CAN).expect("six digits")
}

fn read_all(card: &mut OpenPaceCard, access: &AccessKey) -> Result<Identity, ChipError> {
    let mut trusted = TrustList::new();
    trusted.add_authority(data!("ec.crt")).expect("an authority's");
    read(card, access, &trusted, now(), &mut |_| {})
}

/// Data group 2 with a picture of so many bytes.
fn group_2(picture: usize) -> Vec<u8> {
    let jpeg = [&[0xFF, 0xD8, 0xFF, 0xE0][..], &vec![0x5A; picture - 4]].concat();
    let four = |number: usize| u32::try_from(number).expect("a short record").to_be_bytes();
    let (face, record) = (32 + jpeg.len(), 46 + jpeg.len());
    let record =
        [b"FAC\x00010\x00".as_slice(), &four(record), &[0, 1], &four(face), &[0; 16], &[0; 12], &jpeg].concat();
    let element = |tag: &[u8], value: &[u8]| {
        [tag, &[0x82], u16::try_from(value.len()).expect("a short record").to_be_bytes().as_slice(), value].concat()
    };
    element(
        &[0x75],
        &element(
            &[0x7F, 0x61],
            &[&[2, 1, 1], element(&[0x7F, 0x60], &element(&[0x5F, 0x2E], &record)).as_slice()].concat(),
        ),
    )
}

#[test]
fn a_chip_is_opened_and_read_with_each_curve_and_cipher_and_password() {
    let group_2 = group_2(20_000);
    let files = [(0x011E, COM.as_slice()), (0x0101, data!("dg1.bin")), (0x0102, &group_2)];
    for parameters in [12, 13, 15, 16, 18] {
        for cipher in 1..=4 {
            for (secret, access) in [(Secret::Can(CAN), by_can()), (Secret::Mrz(ZONE), by_mrz())] {
                let mut card = OpenPaceCard::start(secret, &card_access(cipher, parameters), &files);
                let identity = read_all(&mut card, &access);
                let identity = identity.unwrap_or_else(|error| panic!("{parameters} {cipher} {secret:?}: {error}"));
                assert_eq!(identity.opened, Opened::Pace);
                assert_eq!(identity.zone.surname, "ERIKSSON");
                let portrait = identity.portrait.unwrap();
                assert_eq!((portrait.format, portrait.picture.len()), (PortraitFormat::Jpeg, 20_000));
                assert_eq!(identity.proofs.verdict(), Verdict::Unproven, "it has no EF.SOD");
                assert!(card.calls.0 < 25, "{:?} calls and commands", card.calls);
            }
        }
    }
}

#[test]
fn the_files_that_the_state_signed_pass_and_a_chip_without_a_key_of_its_own_may_be_a_copy() {
    let files = [
        (0x011E, COM.as_slice()),
        (0x011D, data!("ec-ds.sod")),
        (0x0101, data!("dg1.bin")),
        (0x0102, data!("dg2.bin")),
    ];
    let mut card = OpenPaceCard::start(Secret::Can(CAN), &card_access(2, 13), &files);
    let proofs = read_all(&mut card, &by_can()).unwrap().proofs;
    assert_eq!(
        (&proofs.passive, &proofs.active, &proofs.chip),
        (&Proof::Passed, &Proof::NotOffered, &Proof::NotOffered)
    );
    assert_eq!(proofs.verdict(), Verdict::MayBeCopy);

    let mut changed = data!("dg1.bin").to_vec();
    // Another given name.
    *changed.iter_mut().rfind(|byte| **byte == b'M').unwrap() = b'N';
    let files = [files[0], files[1], (0x0101, &changed), files[3]];
    let mut card = OpenPaceCard::start(Secret::Can(CAN), &card_access(2, 13), &files);
    assert_eq!(read_all(&mut card, &by_can()).unwrap().proofs.verdict(), Verdict::Forged);
}

#[test]
fn wrong_access_data_do_not_open_it() {
    let files = [(0x011E, COM.as_slice()), (0x0101, data!("dg1.bin"))];
    let mut card = OpenPaceCard::start(Secret::Can("654321"), &card_access(2, 13), &files);
    assert_eq!(read_all(&mut card, &by_can()).err(), Some(ChipError::WrongKey));
    let mut card = OpenPaceCard::start(Secret::Mrz(ZONE), &card_access(2, 12), &files);
    let other = AccessKey::mrz("D23145891", "740812", "120415").unwrap();
    assert_eq!(read_all(&mut card, &other).err(), Some(ChipError::WrongKey));
    // It is the right chip all the same.
    assert!(read_all(&mut card, &by_mrz()).is_ok());
}

/// The zone of the simulated card's person, and its EF.COM: the data groups 1, 2, 3, 13, 14 and 15.
const SIMULATED_ZONE: &str =
    "IDVNM2000000015099200000001<<10006150M4006158VNM<<<<<<<<<<<6NGUYEN<<VAN<AN<<<<<<<<<<<<<<<<";
const SIMULATED_COM: &[u8] = b"\x60\x18\x5F\x01\x040107\x5F\x36\x06040000\x5C\x06\x61\x75\x63\x6D\x6E\x6F";

fn simulated(toml: &str) -> IdentityCard {
    let profile = Profile::parse(toml).expect("a profile of a card");
    let mut card = IdentityCard::new(profile).expect("a card as the profile wants it");
    card.reset();
    card
}

#[test]
fn the_simulated_card_is_opened_and_read_by_a_terminal_that_nobody_of_us_wrote() {
    let mut trusted = TrustList::new();
    trusted.add_authority(&csca_certificate()).unwrap();
    for curve in ["brainpoolP256r1", "P-256", "P-384"] {
        for cipher in ["AES-128", "AES-256", "3DES"] {
            for secret in [Secret::Can("000001"), Secret::Mrz(SIMULATED_ZONE)] {
                let mut card = simulated(&format!("[chip]\ncurve = {curve:?}\ncipher = {cipher:?}\n"));
                let files = [0x011E, 0x011D, 0x0101, 0x0102];
                let read = read_by_terminal(secret, &files, &mut |command| card.transmit(command).bytes);
                let read = read.unwrap_or_else(|error| panic!("{curve} {cipher} {secret:?}: {error}"));
                let [com, sod, group_1, group_2] = read.try_into().unwrap();
                assert_eq!(com, SIMULATED_COM);
                assert_eq!(group_1, [b"\x61\x5D\x5F\x1F\x5A", SIMULATED_ZONE.as_bytes()].concat());
                // Each byte is one that was signed.
                let groups = BTreeMap::from([(1, group_1.as_slice()), (2, group_2.as_slice())]);
                assert!(group_2.len() > 10_000 && check(&sod, &groups, &trusted, now()).is_ok());
            }
        }
    }
}

#[test]
fn the_simulated_card_lets_nobody_in_who_does_not_know_it() {
    for secret in [Secret::Can("000002"), Secret::Mrz(ZONE)] {
        let mut card = simulated("");
        let mut commands = Vec::new();
        let refused = read_by_terminal(secret, &[0x0101], &mut |command| {
            commands.push(command[..2].to_vec());
            card.transmit(command).bytes
        });
        assert_eq!(refused, Err("a step of PACE: 6300".into()));
        assert_eq!(commands.last().unwrap(), &[0, 0x86], "only the last step tells it");
    }
}

#[test]
fn how_far_a_long_file_is_is_told_on_the_way() {
    let group_2 = group_2(20_000);
    let files = [(0x011E, COM.as_slice()), (0x0101, data!("dg1.bin")), (0x0102, &group_2)];
    let mut card = OpenPaceCard::start(Secret::Can(CAN), &card_access(2, 13), &files);
    let mut told = Vec::new();
    let mut tell = |progress: Progress| told.push(progress);
    read(&mut card, &by_can(), &TrustList::new(), now(), &mut tell).unwrap();
    assert_eq!(told[0], Progress::Opened(Opened::Pace));
    let of_portrait = told.iter().filter(|progress| matches!(progress, Progress::Reading { of, .. } if *of > 20_000));
    assert!(of_portrait.count() > 4, "{told:?}");
}
