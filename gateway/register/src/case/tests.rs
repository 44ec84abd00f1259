use super::Case;
use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};
use crate::record::{Kind, Record};
use crate::state::State;

fn record(kind: Kind, from: Option<State>, to: Option<State>) -> Record {
    let who = Some(Code::new("someone").unwrap());
    let (digest, number) = (Some(Hash([1; 32])), Some(1));
    Record { seq: 1, at_ms: 0, case: CaseId([1; 16]), kind, from, to, who, reason: None, digest, number }
}

fn case_in(state: State) -> Case {
    let mut case = Case::begin(&record(Kind::Opened, None, Some(State::Opened))).unwrap();
    case.state = state;
    case
}

#[test]
fn of_all_arrows_only_the_lawful_ones_are_taken() {
    for from in State::ALL {
        for to in State::ALL {
            let mut case = case_in(*from);
            case.intent = Some(*to).filter(|to| to.needs_intent());
            let before = case.clone();
            let gone = case.apply(&record(Kind::Arrow, Some(*from), Some(*to)));
            // A delivery needs an outbox; it has its own test.
            if from.may_become(*to) && *to != State::Delivered {
                gone.unwrap();
                assert_eq!((case.state, case.intent), (*to, None));
            } else {
                let error = gone.unwrap_err();
                let named = matches!(error, StoreError::Unlawful { from: f, to: t, .. } if f == *from && t == *to);
                assert!(named || matches!(error, StoreError::NotConfirmed { .. }), "{from} to {to}: {error}");
                assert_eq!(case, before);
            }
        }
    }
}

#[test]
fn an_effect_without_its_intent_is_refused() {
    for (from, to) in
        [(State::Numbered, State::Logged), (State::Logged, State::Signed), (State::Delivered, State::Stored)]
    {
        let mut case = case_in(from);
        let arrow = record(Kind::Arrow, Some(from), Some(to));
        assert!(matches!(case.apply(&arrow), Err(StoreError::NoIntent { .. })));
        let intent = record(Kind::Intent, Some(from), Some(to));
        case.apply(&intent).unwrap();
        assert!(matches!(case.apply(&intent), Err(StoreError::IntentOpen { .. })));
        case.apply(&record(Kind::Abandoned, Some(from), Some(to))).unwrap();
        assert!(matches!(case.apply(&arrow), Err(StoreError::NoIntent { .. })));
        case.apply(&intent).unwrap();
        case.apply(&arrow).unwrap();
        assert_eq!(case.state, to);
    }
    let mut case = case_in(State::Opened);
    let intent = record(Kind::Intent, Some(State::Opened), Some(State::Captured));
    assert!(matches!(case.apply(&intent), Err(StoreError::Unlawful { .. })), "nothing happens outside");
}
