//! The reader of identity chips against the simulated identity card, which shares no code with it: each way to open it, each
//! proof, and each fault.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::{Duration, SystemTime};

use kiosk_emrtd::passive::{PassiveError, Revocations, TrustList};
use kiosk_emrtd::{
    AccessKey, AuthenticError, ChipError, Identity, Opened, PersonToNotify, Proof, Transport, TransportError, Verdict,
    read,
};
use kiosk_simulators::usb::reader::card::Card;
use kiosk_simulators::usb::reader::identity::{IdentityCard, Profile, csca_certificate, revocation_list};

/// Longer than this no reader waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// The card in the reader's hand, without a reader between.
struct InHand(IdentityCard);

impl Transport for &mut InHand {
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        let mut answer = |command: &Vec<u8>| {
            let reply = self.0.transmit(command);
            match (self.0.is_gone(), reply.takes > PATIENCE) {
                (true, _) => Err(TransportError::Gone),
                (_, true) => Err(TransportError::Silent),
                _ => Ok(reply.bytes),
            }
        };
        commands.iter().map(&mut answer).collect()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        self.0.reset();
        Ok(())
    }
}

fn card(toml: &str) -> InHand {
    let profile = Profile::parse(toml).unwrap_or_else(|error| panic!("{toml}: {error}"));
    let mut card = IdentityCard::new(profile).unwrap();
    card.reset();
    InHand(card)
}

fn by_can() -> AccessKey {
    AccessKey::can("000001").unwrap()
}

/// From the card's own code: the last nine digits of the number, birth and expiry.
fn by_mrz() -> AccessKey {
    AccessKey::mrz("200000001", "000615", "400615").unwrap()
}

fn read_with(card: &mut InHand, access: &AccessKey) -> Result<Identity, ChipError> {
    let mut trusted = TrustList::new();
    trusted.add_authority(&csca_certificate()).unwrap();
    trusted.add_revoked(&revocation_list()).unwrap();
    read(card, access, &trusted, SystemTime::now(), &mut |_| {})
}

fn reads(toml: &str, access: &AccessKey) -> Identity {
    read_with(&mut card(toml), access).unwrap_or_else(|error| panic!("{toml}: {error}"))
}

#[test]
fn a_genuine_card_is_read_and_its_three_proofs_pass() {
    for access in [by_can(), by_mrz()] {
        let identity = reads("", &access);
        assert_eq!(identity.opened, Opened::Pace);
        assert_eq!((&identity.zone.issuing_state[..], &identity.zone.document_number[..]), ("VNM", "200000001"));
        assert!(identity.zone.optional_data.starts_with("099200000001"));
        let fields = identity.fields.unwrap();
        assert_eq!((fields.citizen_number(), fields.full_name()), (Some("099200000001"), Some("NGUYỄN VĂN AN")));
        assert_eq!(fields.family().len(), 2);
        image::load_from_memory(&identity.portrait.unwrap().picture).expect("the portrait is a picture");
        let proofs = identity.proofs;
        assert_eq!((&proofs.passive, &proofs.active, &proofs.chip), (&Proof::Passed, &Proof::Passed, &Proof::Passed));
        assert_eq!(proofs.verdict(), Verdict::Genuine);
    }
}

#[test]
fn each_curve_cipher_and_kind_of_key_is_read() {
    for curve in ["brainpoolP256r1", "P-256", "P-384"] {
        for cipher in ["AES-128", "AES-256", "3DES"] {
            for chip in ["AES-128", "AES-256", "3DES"] {
                for (active, parameters) in [("ECDSA", "explicit"), ("RSA", "named")] {
                    let toml = format!(
                        "[chip]\ncurve = {curve:?}\ncipher = {cipher:?}\nchip_authentication = {chip:?}\n\
                         active_authentication = {active:?}\nparameters = {parameters:?}\ndg13_in_sequence = true\n"
                    );
                    let identity = reads(&toml, &by_can());
                    assert_eq!(identity.proofs.verdict(), Verdict::Genuine, "{toml}{:?}", identity.proofs);
                    assert_eq!(identity.fields.unwrap().citizen_number(), Some("099200000001"));
                }
            }
        }
    }
}

#[test]
fn what_a_card_adds_of_holder_document_and_whom_to_notify_is_read_and_vouched_for() {
    for dates in ["text", "BCD"] {
        let identity = reads(&format!("[chip]\ndetails = {dates:?}\n"), &by_can());
        assert_eq!(identity.proofs.verdict(), Verdict::Genuine, "{:?}", identity.proofs);
        let (holder, document) = (identity.personal.unwrap(), identity.document.unwrap());
        assert_eq!(holder.full_name().as_deref(), Some("NGUYỄN VĂN AN"));
        assert_eq!((holder.surname().as_deref(), holder.other_names()), (Some("NGUYỄN"), vec!["AN MẪU".to_owned()]));
        assert_eq!(holder.date_of_birth().unwrap().to_string(), "2000-06-15");
        assert_eq!(holder.address(), ["Số 1 Đường Mô Phỏng", "Phường Thử", "Thành phố Không Có"]);
        assert_eq!(document.issuing_authority().as_deref(), Some("Cục Mô Phỏng"));
        assert_eq!(document.date_of_issue().unwrap().to_string(), "2024-01-02");
        let names: Vec<_> = identity.to_notify.iter().filter_map(PersonToNotify::name).collect();
        assert_eq!(names, ["NGUYỄN VĂN BÌNH", "TRẦN THỊ CHI"]);
        assert_eq!(identity.to_notify[1].recorded().unwrap().to_string(), "2024-01-02");
    }
    let without = reads("", &by_can());
    assert!(without.personal.is_none() && without.document.is_none() && without.to_notify.is_empty());
    for (group, number) in [("dg11", 11), ("dg12", 12), ("dg16", 16)] {
        let toml = format!("[chip]\ndetails = \"text\"\n[faults]\nwrong_sod = {group:?}\n");
        assert_eq!(reads(&toml, &by_can()).proofs.passive, Proof::Failed(PassiveError::Changed(number)));
        // Not of much use to anybody, and no reason to read nothing at all.
        let toml = format!("[chip]\ndetails = \"text\"\n[faults]\nendless_file = {group:?}\n");
        let identity = reads(&toml, &by_can());
        assert_eq!((identity.refused, identity.proofs.passive), (vec![number], Proof::Passed));
    }
}

#[test]
fn a_card_without_pace_opens_by_its_zone_only() {
    let toml = "[faults]\nno_pace = true\n";
    let identity = reads(toml, &by_mrz());
    assert_eq!((identity.opened, identity.proofs.verdict()), (Opened::Bac, Verdict::Genuine));
    assert!(matches!(read_with(&mut card(toml), &by_can()), Err(ChipError::NoWay(_))));
    let other = AccessKey::mrz("200000002", "000615", "400615").unwrap();
    assert_eq!(read_with(&mut card(toml), &other).err(), Some(ChipError::WrongKey));
}

#[test]
fn a_way_in_that_somebody_has_hidden_is_told_and_a_weaker_one_is_not_taken_for_it() {
    for fault in ["hidden", "emptied"] {
        let identity = reads(&format!("[faults]\npace = {fault:?}\n"), &by_mrz());
        assert_eq!(identity.opened, Opened::Bac);
        let proofs = identity.proofs;
        assert_eq!(proofs.passive, Proof::Failed(PassiveError::HiddenPace));
        assert_eq!(proofs.verdict(), Verdict::Unproven, "its files are those that the state signed");
        let copy = reads(&format!("[faults]\npace = {fault:?}\ncloned = true\n"), &by_mrz()).proofs;
        assert_eq!(copy.verdict(), Verdict::Copy);
    }
    // Offered and refused: somebody wants BAC.
    for access in [by_mrz(), by_can()] {
        let refused = read_with(&mut card("[faults]\npace = \"refused\"\n"), &access).err();
        assert!(matches!(refused, Some(ChipError::Refused { .. })), "{refused:?}");
    }
}

#[test]
fn what_is_known_of_revocation_is_told() {
    let revocations = |list: Option<&[u8]>, now| {
        let mut trusted = TrustList::new();
        trusted.add_authority(&csca_certificate()).unwrap();
        if let Some(list) = list {
            trusted.add_revoked(list).unwrap();
        }
        read(&mut card(""), &by_can(), &trusted, now, &mut |_| {}).unwrap().revocations
    };
    let (list, now) = (revocation_list(), SystemTime::now());
    assert_eq!(revocations(Some(&list), now), Some(Revocations::Current));
    assert_eq!(revocations(None, now), Some(Revocations::NoList));
    assert_eq!(revocations(Some(&list), SystemTime::UNIX_EPOCH), None, "the signer does not hold yet");
}

#[test]
fn wrong_access_data_are_told_and_the_right_ones_open_it_afterwards() {
    let mut card = card("");
    assert_eq!(read_with(&mut card, &AccessKey::can("000002").unwrap()).err(), Some(ChipError::WrongKey));
    card.0.reset();
    assert!(read_with(&mut card, &by_can()).is_ok());
}

#[test]
fn what_is_not_genuine_is_told_apart() {
    let verdict = |faults: &str| {
        let proofs = reads(&format!("[faults]\n{faults}\n"), &by_can()).proofs;
        (proofs.verdict(), proofs.passive)
    };
    for group in ["dg1", "dg2", "dg13", "dg15"] {
        let number = group[2..].parse().unwrap();
        let (verdict, passive) = verdict(&format!("wrong_sod = {group:?}"));
        assert_eq!((verdict, passive), (Verdict::Forged, Proof::Failed(PassiveError::Changed(number))));
    }
    assert_eq!(verdict("wrong_key = true"), (Verdict::Forged, Proof::Failed(PassiveError::Signature)));
    assert_eq!(verdict("signer = \"revoked\""), (Verdict::Forged, Proof::Failed(PassiveError::Revoked)));
    // It may be the clock.
    let (unproven, passive) = verdict("signer = \"expired\"");
    assert!(matches!(passive, Proof::Failed(PassiveError::OutOfTime { .. })) && unproven == Verdict::Unproven);
    // All its files are genuine, and it has not the private keys.
    for chip in ["AES-128", "3DES", "none"] {
        for active in ["ECDSA", "RSA", "none"] {
            let toml = format!(
                "[chip]\nchip_authentication = {chip:?}\nactive_authentication = {active:?}\n[faults]\ncloned = true\n"
            );
            let proofs = reads(&toml, &by_can()).proofs;
            let expected = if (chip, active) == ("none", "none") { Verdict::MayBeCopy } else { Verdict::Copy };
            assert_eq!((proofs.verdict(), proofs.passive.has_passed()), (expected, true), "{toml}{proofs:?}");
        }
    }
}

#[test]
fn a_copy_that_hides_what_would_give_it_away_is_a_copy() {
    for group in ["dg14", "dg15"] {
        let proofs = reads(&format!("[faults]\nhidden = {group:?}\n"), &by_can()).proofs;
        let (hidden, other) =
            if group == "dg14" { (&proofs.chip, &proofs.active) } else { (&proofs.active, &proofs.chip) };
        assert!(matches!(hidden, Proof::Failed(AuthenticError::Hidden(_))), "{proofs:?}");
        assert!(other.has_passed() && proofs.passive.has_passed(), "{proofs:?}");
        assert_eq!(proofs.verdict(), Verdict::Copy);
    }
}

#[test]
fn a_card_that_goes_falls_silent_or_lies_gives_one_typed_error() {
    let fails = |faults: &str| read_with(&mut card(&format!("[faults]\n{faults}\n")), &by_can()).err();
    for at in 1..60 {
        let gone = fails(&format!("removed_at = {at}"));
        assert!(matches!(gone, Some(ChipError::Transport(TransportError::Gone)) | None), "{at}: {gone:?}");
        let mute = fails(&format!("mute_at = {at}"));
        assert!(matches!(mute, Some(ChipError::Transport(TransportError::Silent)) | None), "{at}: {mute:?}");
    }
    assert!(matches!(fails("endless_61 = true"), Some(ChipError::Malformed { .. })));
    for file in ["dg1", "dg2", "sod", "com"] {
        let long = fails(&format!("endless_file = {file:?}"));
        assert!(matches!(long, Some(ChipError::TooLong { .. })), "{file}: {long:?}");
        let short = fails(&format!("short_file = {file:?}"));
        assert!(matches!(short, Some(ChipError::TooShort { .. } | ChipError::Refused { .. })), "{file}: {short:?}");
    }
}
