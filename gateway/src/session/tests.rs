use std::time::{Duration, Instant};

use kiosk_protocol::device::DeviceId;
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::session::SessionId;
use proptest::prelude::*;

use super::keys::{Entry, Keys};
use super::leases::{Answer, Leases};
use super::outbox::{Gap, Outbox, WINDOW};

fn notice(seq: u64) -> ServerMessage {
    ServerMessage::Notice { seq, name: "device.changed".into(), payload: serde_json::json!({}) }
}

fn session(name: &str) -> SessionId {
    SessionId(name.into())
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_client_that_was_away_gets_what_it_missed_once_and_in_order() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    for _ in 0..5 {
        outbox.push(now, notice);
    }
    let (last, missed) = outbox.after(3).unwrap();
    assert_eq!((last, missed.len()), (5, 2));
    assert!(missed[0].contains("\"seq\":4") && missed[1].contains("\"seq\":5"));
    assert_eq!(outbox.after(5).unwrap().1.len(), 0);
    assert_eq!(outbox.after(6), Err(Gap), "a number that was never given");
}

#[test]
fn messages_are_kept_for_the_window_and_a_later_client_is_told_of_the_gap() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    outbox.push(now, notice);
    outbox.trim(now + WINDOW);
    assert!(outbox.after(0).is_ok());
    outbox.trim(now + WINDOW + SECOND);
    assert_eq!(outbox.after(0), Err(Gap));
    assert!(outbox.after(1).is_ok());
}

#[test]
fn a_lease_is_one_sessions_until_it_is_given_back_or_over() {
    let (mut leases, now, device) = (Leases::default(), Instant::now(), DeviceId("scanner".into()));
    assert_eq!(leases.acquire(&device, &session("a"), SECOND, now), Answer::Granted);
    assert_eq!(leases.acquire(&device, &session("b"), SECOND, now), Answer::Wait);
    assert!(leases.blocks(&device, &session("b"), now) && !leases.blocks(&device, &session("a"), now));
    assert!(!leases.release(&device, &session("b")), "only its owner gives it back");
    assert!(leases.release(&device, &session("a")));
    assert_eq!(leases.acquire(&device, &session("c"), SECOND, now), Answer::Wait, "b was first");
    assert_eq!(leases.acquire(&device, &session("b"), SECOND, now), Answer::Granted);
    assert_eq!(leases.expire(now + SECOND), [(device.clone(), session("b"))]);
    assert_eq!(leases.acquire(&device, &session("c"), SECOND, now + SECOND), Answer::Granted);
}

#[test]
fn a_key_gives_its_first_result_again_and_refuses_another_command() {
    let (mut keys, now) = (Keys::default(), Instant::now());
    let Entry::New(result) = keys.enter("key-0001", 1, now) else { panic!("a new key") };
    assert!(matches!(keys.enter("key-0001", 2, now), Entry::Clash));
    result.send_replace(Some(Ok(serde_json::json!("printed"))));
    drop(result);
    let Entry::Again(again) = keys.enter("key-0001", 1, now + SECOND) else { panic!("a used key") };
    assert_eq!(*again.borrow(), Some(Ok(serde_json::json!("printed"))));
    keys.expire(now + Duration::from_secs(601));
    assert!(matches!(keys.enter("key-0001", 1, now), Entry::New(_)));
}

#[test]
fn a_key_whose_command_was_refused_is_free_again() {
    let (mut keys, now) = (Keys::default(), Instant::now());
    let Entry::New(result) = keys.enter("key-0001", 1, now) else { panic!("a new key") };
    drop(result);
    assert!(matches!(keys.enter("key-0001", 2, now), Entry::New(_)));
}

#[derive(Clone, Debug)]
enum Wish {
    Acquire(usize),
    Release(usize),
    Leave(usize),
    Gone(usize),
    Later(u64),
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        (0..4_usize).prop_map(Wish::Acquire),
        (0..4_usize).prop_map(Wish::Release),
        (0..4_usize).prop_map(Wish::Leave),
        (0..4_usize).prop_map(Wish::Gone),
        (0..3_000_u64).prop_map(Wish::Later),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_a_device_has_at_most_one_owner(wishes in prop::collection::vec(wish(), 1..200)) {
        let names: Vec<SessionId> = (0..4).map(|n| session(&n.to_string())).collect();
        let (mut leases, mut now, device) = (Leases::default(), Instant::now(), DeviceId("d".into()));
        for wish in wishes {
            match wish {
                Wish::Acquire(n) => {
                    if leases.acquire(&device, &names[n], SECOND, now) == Answer::Granted {
                        prop_assert!(!leases.blocks(&device, &names[n], now));
                    }
                }
                Wish::Release(n) => { leases.release(&device, &names[n]); }
                Wish::Leave(n) => leases.leave_queue(&device, &names[n]),
                Wish::Gone(n) => { leases.release_all(&names[n]); }
                Wish::Later(ms) => { now += Duration::from_millis(ms); leases.expire(now); }
            }
            let blocked = names.iter().filter(|name| leases.blocks(&device, name, now)).count();
            prop_assert!(blocked == 0 || blocked == names.len() - 1);
        }
    }
}
