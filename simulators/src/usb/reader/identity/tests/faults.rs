//! What is wrong with a card is wrong as it should be.

use std::time::Duration;

use super::super::{ActiveAuthentication, ChipAuthentication, File, Profile, tlv};
use super::terminal::{DONE, Terminal, profile};
use crate::usb::reader::card::{Card, CardOrder};

#[test]
fn without_pace_the_card_opens_by_basic_access_control_only() {
    let mut terminal = Terminal::new(profile(|profile| profile.faults.no_pace = true));
    assert_eq!(terminal.raw(&[0, 0xa4, 2, 0x0c, 2, 1, 0x1c]), [0x6a, 0x82]);
    assert_eq!(terminal.pace(2, b"000001"), [0x6a, 0x80]);
    assert_eq!(terminal.basic(), DONE);
}

#[test]
fn a_copy_has_other_private_keys_than_it_says() {
    for kind in [ActiveAuthentication::Ecdsa, ActiveAuthentication::Rsa] {
        let mut terminal = Terminal::open(profile(|profile| {
            profile.faults.cloned = true;
            profile.chip.active_authentication = kind;
        }));
        let (signature, status) = terminal.send([0, 0x88, 0, 0], &[1; 8], Some(0));
        assert_eq!(status, DONE);
        let group = terminal.file(0x010f);
        if kind == ActiveAuthentication::Ecdsa {
            assert!(!super::trust::verifies(&group[group.len() - 65..], &[1; 8], &signature));
        } else {
            assert!(!super::trust::rsa_public(&group, &signature).ends_with(&[0x34, 0xcc]));
        }
        assert!(!terminal.authenticate_chip());
    }
}

#[test]
fn a_card_without_chip_authentication_says_nothing_of_it() {
    let mut terminal = Terminal::open(profile(|profile| profile.chip.chip_authentication = ChipAuthentication::None));
    let group = terminal.file(0x010e);
    let set = tlv::read(tlv::read(&group).unwrap().0.value).unwrap().0.value;
    assert_eq!(tlv::read_all(set).unwrap().len(), 2);
}

#[test]
fn mute_slow_endless_and_removed_cards_are_so() {
    let card = |text: &str| super::super::IdentityCard::new(Profile::parse(text).unwrap()).unwrap();
    let select = [0, 0xa4, 2, 0x0c, 2, 1, 0x1c];
    let mut mute = card("[faults]\nmute_at = 2");
    assert_eq!(
        (mute.transmit(&select).takes, mute.transmit(&select).takes),
        (Duration::ZERO, Duration::from_hours(24))
    );
    assert_eq!(card("[faults]\nslow_ms = 250").transmit(&select).takes, Duration::from_millis(250));
    let mut endless = card("[faults]\nendless_61 = true");
    assert_eq!(endless.transmit(&select).bytes, [0x61, 0x10]);
    assert_eq!(endless.transmit(&[0, 0xc0, 0, 0, 0x10]).bytes.len(), 18);
    let mut removed = card("[faults]\nremoved_at = 1");
    removed.transmit(&select);
    assert!(!removed.is_gone());
    removed.transmit(&select);
    assert!(removed.is_gone());
}

#[test]
fn files_lie_about_their_length() {
    let mut terminal = Terminal::open(profile(|profile| {
        profile.faults.endless_file = Some(File::Dg2);
        profile.faults.short_file = Some(File::Dg13);
    }));
    let (head, status) = terminal.send([0, 0xb0, 0x82, 0], &[], Some(6));
    assert_eq!((head, status), (vec![0x75, 0x84, 0x7f, 0xff, 0xff, 0xff], DONE));
    let far = terminal.send([0, 0xb1, 0, 0], &[0x54, 4, 0x7f, 0, 0, 0], Some(8));
    assert_eq!(far, (vec![0x53, 6, 0, 0, 0, 0, 0, 0], DONE));
    let short = terminal.file(0x010d);
    let says = usize::from(u16::from_be_bytes([short[2], short[3]]));
    assert_eq!((short[1], short.len() + 1000), (0x82, 4 + says));
}

#[test]
fn cards_are_named_on_the_command_line() {
    let named = |name: &str| CardOrder::named(name).card(None).unwrap().unwrap();
    assert_eq!(named("identity").name(), "identity");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("card.toml");
    std::fs::write(&file, "[faults]\nslow_ms = 3\n").unwrap();
    let name = format!("identity:{}", file.display());
    assert_eq!(named(&name).transmit(&[]).takes, Duration::from_millis(3));
    let error = CardOrder::named("identity:/nowhere.toml").card(None).unwrap_err().to_string();
    assert!(error.contains("/nowhere.toml") && error.contains("os error 2"), "{error}");
}
