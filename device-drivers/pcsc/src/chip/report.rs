//! What was read, as the protocol tells it.

use std::fmt::Display;
use std::time::SystemTime;

use kiosk_driver_sdk::protocol::identity::{
    CardDocument, CardHolder, ChipIdentity, ChipOpened, ChipProof, ChipProofs, ChipVerdict, ProofResult,
};
use kiosk_driver_sdk::protocol::personal::PersonalText;
use kiosk_emrtd::passive::Revocations;
use kiosk_emrtd::{Date, DocumentDetails, Identity, Opened, PersonalDetails, Proof, Verdict, VietnameseFields};

/// The report, without the portrait.
pub(super) fn of(identity: &Identity, now: SystemTime) -> ChipIdentity {
    ChipIdentity {
        verdict: match identity.proofs.verdict() {
            Verdict::Genuine => ChipVerdict::Genuine,
            Verdict::MayBeCopy => ChipVerdict::MayBeCopy,
            Verdict::Copy => ChipVerdict::Copy,
            Verdict::Unproven => ChipVerdict::Unproven,
            Verdict::Forged => ChipVerdict::Forged,
        },
        proofs: ChipProofs {
            passive: passive(identity),
            active: proof(&identity.proofs.active),
            chip: proof(&identity.proofs.chip),
        },
        opened: match identity.opened {
            Opened::Pace => ChipOpened::Pace,
            Opened::Bac => ChipOpened::Bac,
        },
        holder: holder(identity, now),
        document: document(identity, now),
        portrait: None,
        unread_groups: identity.refused.clone(),
    }
}

/// An old revocation list, or none, is no reason not to believe the files, but one to tell.
fn passive(identity: &Identity) -> ChipProof {
    let proof = proof(&identity.proofs.passive);
    let reason = match identity.revocations {
        Some(Revocations::Outdated) => {
            Some("the authority's revocation list is out of date: give the reader a newer one")
        }
        Some(Revocations::NoList) => {
            Some("whether the signer was revoked is not known: the reader has no revocation list of the authority")
        }
        Some(Revocations::Current) | None => None,
    };
    ChipProof { reason: proof.reason.or(reason.map(str::to_owned)), ..proof }
}

fn proof<E: Display>(proof: &Proof<E>) -> ChipProof {
    let (result, reason) = match proof {
        Proof::Passed => (ProofResult::Passed, None),
        Proof::NotOffered => (ProofResult::NotOffered, None),
        Proof::Failed(reason) => (ProofResult::Failed, Some(reason.to_string())),
        Proof::NotPossible(reason) => (ProofResult::NotPossible, Some(reason.to_string())),
    };
    ChipProof { result, reason }
}

/// From the Vietnamese fields where the card has them, else from what any state may add, else from the machine readable zone.
fn holder(identity: &Identity, now: SystemTime) -> CardHolder {
    let (zone, added) = (&identity.zone, identity.personal.as_ref());
    let field = |of: fn(&VietnameseFields) -> Option<&str>| identity.fields.as_ref().and_then(of).map(personal);
    let name = format!("{} {}", zone.surname, zone.given_names);
    let name = added.and_then(PersonalDetails::full_name).unwrap_or_else(|| name.trim().to_owned());
    let born = added.and_then(PersonalDetails::date_of_birth).or_else(|| zone.born(now));
    let born = born.map_or_else(|| zone.date_of_birth.clone(), |date| date.to_string());
    let address = added.map(PersonalDetails::address).filter(|lines| !lines.is_empty());
    let address = address.map(|lines| personal(&lines.join(", ")));
    CardHolder {
        full_name: field(VietnameseFields::full_name).unwrap_or_else(|| personal(&name)),
        surname: personal(&zone.surname),
        given_names: personal(&zone.given_names),
        sex: matches!(zone.sex, 'M' | 'F').then(|| personal(&zone.sex.to_string())),
        date_of_birth: personal(&born),
        nationality: personal(&zone.nationality),
        citizen_number: field(VietnameseFields::citizen_number),
        place_of_origin: field(VietnameseFields::place_of_origin),
        place_of_residence: field(VietnameseFields::place_of_residence).or(address),
    }
}

fn document(identity: &Identity, now: SystemTime) -> CardDocument {
    let (zone, expires) = (&identity.zone, identity.zone.expires());
    let issued = identity.fields.as_ref().and_then(VietnameseFields::date_of_issue).and_then(Date::written);
    let issued = issued.or_else(|| identity.document.as_ref().and_then(DocumentDetails::date_of_issue));
    CardDocument {
        number: personal(&zone.document_number),
        issuing_state: personal(&zone.issuing_state),
        date_of_issue: issued.map(|date| personal(&date.to_string())),
        date_of_expiry: expires.map(|date| personal(&date.to_string())),
        // It holds on its last day.
        expired: expires.zip(Date::of(now)).is_some_and(|(expires, today)| expires < today),
    }
}

/// A card's text may hold anything; what goes to a page has no control characters.
fn personal(text: &str) -> PersonalText {
    PersonalText::new(text.chars().filter(|one| !one.is_control()).collect::<String>())
}
