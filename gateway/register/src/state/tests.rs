use super::State;

#[test]
fn a_name_leads_back_to_its_state() {
    for state in State::ALL {
        assert_eq!(State::from_name(state.name()), Some(*state));
    }
    assert_eq!(State::from_name("signed "), None);
}

#[test]
fn no_way_leads_around_the_officer() {
    // Without the arrow "approved", no state behind it is reached.
    let mut reached = vec![State::Opened];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        next += 1;
        for to in State::ALL {
            if from.may_become(*to) && *to != State::Approved && !reached.contains(to) {
                reached.push(*to);
            }
        }
    }
    assert!(reached.iter().all(|state| !state.is_numbered()), "{reached:?}");
    assert!(reached.contains(&State::Refused) && reached.contains(&State::Purged));
}

#[test]
fn nothing_leaves_the_last_state_and_every_state_leads_there() {
    assert!(State::ALL.iter().all(|to| !State::Purged.may_become(*to)));
    for state in State::ALL.iter().filter(|state| **state != State::Purged) {
        assert!(State::ALL.iter().any(|to| state.may_become(*to)), "{state}");
    }
}
