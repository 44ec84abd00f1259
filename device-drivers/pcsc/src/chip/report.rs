//! What was read, as the protocol tells it.

use std::fmt::Display;
use std::time::SystemTime;

use kiosk_driver_sdk::protocol::identity::{
    CardDocument, CardHolder, ChipIdentity, ChipOpened, ChipProof, ChipProofs, ChipVerdict, ProofResult,
};
use kiosk_driver_sdk::protocol::personal::PersonalText;
use kiosk_emrtd::{Date, Identity, Mrz, Opened, Proof, Verdict, VietnameseFields};

/// The report, without the portrait.
pub(super) fn of(identity: &Identity, now: SystemTime) -> ChipIdentity {
    let (zone, fields) = (&identity.zone, identity.fields.as_ref());
    ChipIdentity {
        verdict: match identity.proofs.verdict() {
            Verdict::Genuine => ChipVerdict::Genuine,
            Verdict::MayBeCopy => ChipVerdict::MayBeCopy,
            Verdict::Copy => ChipVerdict::Copy,
            Verdict::Unproven => ChipVerdict::Unproven,
            Verdict::Forged => ChipVerdict::Forged,
        },
        proofs: ChipProofs {
            passive: proof(&identity.proofs.passive),
            active: proof(&identity.proofs.active),
            chip: proof(&identity.proofs.chip),
        },
        opened: match identity.opened {
            Opened::Pace => ChipOpened::Pace,
            Opened::Bac => ChipOpened::Bac,
        },
        holder: holder(zone, fields, now),
        document: document(zone, fields, now),
        portrait: None,
        unread_groups: identity.refused.clone(),
    }
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

fn holder(zone: &Mrz, fields: Option<&VietnameseFields>, now: SystemTime) -> CardHolder {
    let field = |of: fn(&VietnameseFields) -> Option<&str>| fields.and_then(of).map(personal);
    let name = format!("{} {}", zone.surname, zone.given_names);
    let born = zone.born(now).map_or_else(|| zone.date_of_birth.clone(), |date| date.to_string());
    CardHolder {
        full_name: field(VietnameseFields::full_name).unwrap_or_else(|| personal(name.trim())),
        surname: personal(&zone.surname),
        given_names: personal(&zone.given_names),
        sex: matches!(zone.sex, 'M' | 'F').then(|| personal(&zone.sex.to_string())),
        date_of_birth: personal(&born),
        nationality: personal(&zone.nationality),
        citizen_number: field(VietnameseFields::citizen_number),
        place_of_origin: field(VietnameseFields::place_of_origin),
        place_of_residence: field(VietnameseFields::place_of_residence),
    }
}

fn document(zone: &Mrz, fields: Option<&VietnameseFields>, now: SystemTime) -> CardDocument {
    let expires = zone.expires();
    let issued = fields.and_then(VietnameseFields::date_of_issue).and_then(Date::written);
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
