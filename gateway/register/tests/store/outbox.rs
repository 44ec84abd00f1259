//! Deliveries, and above all prints.

use kiosk_register::{Channel, Copy, DeliveryId, Outcome, Progress, State, Step, Store, StoreError, Todo};

use crate::rig::{case_in, code, folder, open};

#[test]
fn a_print_without_outcome_is_unknown_after_a_restart_and_is_not_begun_again() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Signed);
    let print = store.queue(case, Channel::Print, "print 1").unwrap();
    store.start(print).unwrap();
    drop(store);
    let mut store = open(&folder);
    assert_eq!(store.resume().unwrap()[0].todo, Todo::PrintUnknown(print));
    assert_eq!(store.delivery(print).unwrap().progress, Progress::Finished(Outcome::Unknown));
    assert!(matches!(store.start(print), Err(StoreError::NotStartable { .. })));
    assert!(matches!(store.finish(print, Outcome::Done), Err(StoreError::NotStarted { .. })), "only a person knows");
    assert!(matches!(store.queue(case, Channel::Print, "print 2"), Err(StoreError::WouldPrintTwice { .. })));
    assert!(matches!(store.advance(case, &Step::Delivered), Err(StoreError::NotConfirmed { .. })));
    let reprint = store.queue_reprint(case, &code("officer-1"), "print 3").unwrap();
    assert_eq!(store.start(reprint).unwrap().copy, Copy::Reprint);
    store.finish(reprint, Outcome::Done).unwrap();
    store.settle(print, &code("officer-1"), Outcome::Done).unwrap();
    store.advance(case, &Step::Delivered).unwrap();
    drop(store);
    let store = open(&folder);
    assert_eq!(store.findings(), []);
    assert_eq!(store.resume().unwrap()[0].todo, Todo::GoOn(State::Delivered));
}

#[test]
fn a_print_that_did_not_happen_is_begun_again_without_being_a_reprint() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Signed);
    let print = store.queue(case, Channel::Print, "print 1").unwrap();
    store.start(print).unwrap();
    store.finish(print, Outcome::NotDone).unwrap();
    let again = store.start(print).unwrap();
    assert_eq!((again.copy, again.attempts), (Copy::First, 2));
    store.finish(print, Outcome::Done).unwrap();
    assert!(matches!(store.start(print), Err(StoreError::NotStartable { .. })));
}

#[test]
fn a_key_means_one_delivery() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Signed);
    let other = case_in(&mut store, State::Signed);
    let mail = store.queue(case, Channel::Mail, "key").unwrap();
    assert_eq!(store.queue(case, Channel::Mail, "key").unwrap(), mail);
    for reused in [store.queue(case, Channel::Download, "key"), store.queue(other, Channel::Mail, "key")] {
        assert!(matches!(reused, Err(StoreError::KeyReused(id)) if id == mail), "{reused:?}");
    }
    for key in [String::new(), "k".repeat(257)] {
        assert!(matches!(store.queue(case, Channel::Mail, &key), Err(StoreError::TooMuch { .. })));
    }
    let early = case_in(&mut store, State::Logged);
    let refused = store.queue(early, Channel::Mail, "early");
    assert!(matches!(refused, Err(StoreError::NotSigned { state: State::Logged, .. })), "{refused:?}");
}

#[test]
fn mail_that_may_be_sent_is_sent_again_under_its_key() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Signed);
    let mail = store.queue(case, Channel::Mail, "mail").unwrap();
    store.start(mail).unwrap();
    drop(store);
    let mut store = open(&folder);
    assert_eq!(store.resume().unwrap()[0].todo, Todo::GoOn(State::Signed));
    assert_eq!(store.delivery(mail).unwrap().progress, Progress::Finished(Outcome::Unknown));
    assert_eq!(store.start(mail).unwrap().attempts, 2);
    store.finish(mail, Outcome::Done).unwrap();
    assert!(matches!(store.start(mail), Err(StoreError::NotStartable { .. })));
}

#[test]
fn what_was_taken_is_done_also_when_a_restart_came_between() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let case = case_in(&mut store, State::Signed);
    let [file, print] = [Channel::Download, Channel::Print].map(|channel| {
        let delivery = store.queue(case, channel, channel.name()).unwrap();
        store.start(delivery).unwrap().id
    });
    drop(store);
    let mut store = open(&folder);
    assert!(matches!(store.finish(file, Outcome::Unknown), Err(StoreError::NotStarted { .. })), "it says nothing new");
    store.finish(file, Outcome::Done).unwrap();
    assert_eq!(store.delivery(file).unwrap().progress, Progress::Finished(Outcome::Done));
    // Of paper, only a person can tell.
    assert!(matches!(store.finish(print, Outcome::Done), Err(StoreError::NotStarted { .. })));
}

#[test]
fn what_is_due_is_told_channel_by_channel_and_the_first_asked_for_first() {
    let (_parent, folder) = folder();
    let mut store = open(&folder);
    let cases: Vec<_> = (0..4).map(|_| case_in(&mut store, State::Signed)).collect();
    let ask = |store: &mut Store, channel: Channel| -> Vec<DeliveryId> {
        // Not in the order of the cases.
        let asked = cases.iter().rev().enumerate();
        asked.map(|(n, case)| store.queue(*case, channel, &format!("{} {n}", channel.name())).unwrap()).collect()
    };
    let (mails, prints) = (ask(&mut store, Channel::Mail), ask(&mut store, Channel::Print));
    let due = |store: &Store, channel, most| -> Vec<DeliveryId> {
        store.deliveries_due(channel, most).unwrap().iter().map(|delivery| delivery.id).collect()
    };
    assert_eq!(due(&store, Channel::Mail, 9), mails);
    assert_eq!(due(&store, Channel::Mail, 3), mails[..3]);
    assert_eq!(due(&store, Channel::Mail, 0), []);
    assert_eq!(due(&store, Channel::Download, 9), []);
    for channel in [&mails, &prints] {
        for (delivery, outcome) in channel.iter().zip([Some(Outcome::Done), Some(Outcome::NotDone), None]) {
            store.start(*delivery).unwrap();
            outcome.map(|outcome| store.finish(*delivery, outcome).unwrap());
        }
    }
    assert_eq!(due(&store, Channel::Mail, 9), [mails[1], mails[3]], "somebody is at the third");
    assert_eq!(due(&store, Channel::Print, 9), [prints[1], prints[3]]);
    drop(store);
    let mut store = open(&folder);
    assert_eq!(due(&store, Channel::Mail, 9), mails[1..], "nobody is at it any more");
    assert_eq!(due(&store, Channel::Print, 9), [prints[1], prints[3]], "there may be paper");
    for delivery in store.deliveries_due(Channel::Mail, 9).unwrap() {
        store.start(delivery.id).unwrap();
    }
}
