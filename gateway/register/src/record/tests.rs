use proptest::prelude::*;

use super::{BEGINNING, Kind, Record};
use crate::ids::{CaseId, Code, Hash};
use crate::state::State;

fn record() -> Record {
    Record {
        seq: 7,
        at_ms: 1_800_000_000_000,
        case: CaseId([9; 16]),
        kind: Kind::Arrow,
        from: Some(State::AwaitingOfficer),
        to: Some(State::Approved),
        who: Some(Code::new("officer-1").unwrap()),
        reason: None,
        digest: None,
        number: None,
    }
}

#[test]
fn every_field_is_in_the_hash() {
    let (same, plain) = (record(), record().hash(&BEGINNING));
    assert_eq!(same.hash(&BEGINNING), plain);
    let changed: [fn(&mut Record); 10] = [
        |it| it.seq += 1,
        |it| it.at_ms -= 1,
        |it| it.case.0[15] ^= 1,
        |it| it.kind = Kind::Intent,
        |it| it.from = None,
        |it| it.to = Some(State::Refused),
        |it| it.who = None,
        // A field that moves is another content.
        |it| it.reason = it.who.take(),
        |it| it.digest = Some(Hash([0; 32])),
        |it| it.number = Some(0),
    ];
    for change in changed {
        let mut other = record();
        change(&mut other);
        assert_ne!(other.hash(&BEGINNING), plain, "{other:?}");
    }
    assert_ne!(record().hash(&Hash([1; 32])), plain);
}

proptest! {
    #[test]
    fn only_known_kinds_have_names(name in "[a-z]{0,9}") {
        if let Some(kind) = Kind::from_name(&name) {
            prop_assert_eq!(kind.name(), name);
        }
    }
}
