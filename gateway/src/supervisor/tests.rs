use kiosk_protocol::seam::ExitMeaning;
use proptest::prelude::*;

use super::{Action, Event, Lost, Machine, Phase};

mod plugs;
use crate::config::Supervision;

/// A machine with the usual patience.
fn machine() -> Machine {
    Machine::new(Supervision::default(), 7)
}

/// A machine that has become ready at 100.
fn ready() -> Machine {
    let mut machine = machine();
    assert_eq!(machine.step(Event::Tick, 0), [Action::Spawn]);
    machine.step(Event::Spawned, 0);
    assert_eq!(machine.step(Event::Hello, 50), [Action::Start]);
    machine.step(Event::Ready, 100);
    assert_eq!(machine.phase(), &Phase::Ready);
    machine
}

#[test]
fn a_child_without_hello_is_killed_after_two_seconds() {
    let mut machine = machine();
    machine.step(Event::Tick, 0);
    machine.step(Event::Spawned, 0);
    assert_eq!(machine.step(Event::Tick, 1_999), []);
    assert!(matches!(machine.step(Event::Tick, 2_000)[..], [Action::Kill(_)]));
    assert_eq!(machine.step(Event::Tick, 2_001), [], "it is killed once");
}

#[test]
fn patience_is_as_configured() {
    let patience = Supervision { hello_ms: 20_000, ready_ms: 30_000, heartbeat_ms: 8_000, cancel_ms: 15_000 };
    let mut machine = Machine::new(patience, 7);
    machine.step(Event::Tick, 0);
    machine.step(Event::Spawned, 0);
    assert_eq!(machine.step(Event::Tick, 19_999), []);
    assert_eq!(machine.step(Event::Hello, 19_999), [Action::Start]);
    assert_eq!(machine.step(Event::Tick, 49_998), []);
    machine.step(Event::Ready, 49_998);
    machine.step(Event::Sent { id: 1, deadline: 50_000 }, 49_998);
    assert_eq!(machine.step(Event::Tick, 50_000), [Action::Cancel { id: 1 }]);
    let Some(Action::Ping { .. }) = machine.step(Event::Tick, 51_000).first() else { panic!("a ping is due") };
    assert_eq!(machine.step(Event::Tick, 58_999), []);
    assert!(matches!(machine.step(Event::Tick, 59_000)[..], [Action::Kill("it did not answer a ping")]));
}

#[test]
fn a_hung_child_is_started_again_within_five_seconds() {
    let mut machine = ready();
    assert!(matches!(machine.step(Event::Tick, 600)[..], [Action::Ping { .. }]));
    assert!(matches!(machine.step(Event::Tick, 2_600)[..], [Action::Kill(_)]));
    assert_eq!(machine.step(Event::Exited(ExitMeaning::Fault), 2_610), []);
    let again = machine.wakes_at().expect("a pause ends");
    assert!(again < 5_100, "{again}");
    assert_eq!(machine.step(Event::Tick, again), [Action::Spawn]);
}

#[test]
fn a_gateway_that_slept_does_not_blame_its_children() {
    let mut machine = ready();
    let Some(Action::Ping { seq }) = machine.step(Event::Tick, 600).first().cloned() else { panic!("a ping is due") };
    assert_eq!(machine.step(Event::Tick, 9_000), [], "its answer has not been looked for");
    assert_eq!(machine.step(Event::Pong { seq, alive: true }, 9_001), []);
    assert_eq!(machine.phase(), &Phase::Ready);
}

#[test]
fn an_absent_device_is_looked_for_less_and_less_often_but_at_least_every_few_seconds() {
    let mut machine = machine();
    let mut now = 0;
    for _ in 0..100 {
        machine.step(Event::Spawned, now);
        machine.step(Event::Exited(ExitMeaning::DeviceAbsent), now);
        let pause = machine.wakes_at().unwrap() - now;
        assert!((750..=6_300).contains(&pause), "{pause}");
        now += pause;
    }
    assert!(machine.is_looking() && machine.wakes_at().unwrap() > 3_000);
}

#[test]
fn a_request_is_lost_when_its_child_dies_and_the_reason_is_told() {
    let mut machine = ready();
    machine.step(Event::Sent { id: 3, deadline: 9_000 }, 200);
    assert_eq!(machine.step(Event::Exited(ExitMeaning::Fault), 300), [Action::Lose { id: 3, why: Lost::Driver }]);
    let mut machine = ready();
    machine.step(Event::Sent { id: 3, deadline: 9_000 }, 200);
    assert_eq!(
        machine.step(Event::Exited(ExitMeaning::DeviceAbsent), 300),
        [Action::Lose { id: 3, why: Lost::Device }]
    );
    assert!(matches!(machine.phase(), Phase::Absent { .. }));
}

#[test]
fn an_overdue_request_is_cancelled_and_then_its_child_is_killed() {
    let mut machine = ready();
    machine.step(Event::Sent { id: 3, deadline: 1_000 }, 200);
    let actions = machine.step(Event::Tick, 1_000);
    assert!(actions.contains(&Action::Cancel { id: 3 }), "{actions:?}");
    machine.step(Event::Pong { seq: 1, alive: true }, 1_010);
    let Some(Action::Ping { seq }) = machine.step(Event::Tick, 4_500).first().cloned() else { panic!("a ping is due") };
    machine.step(Event::Pong { seq, alive: true }, 4_510);
    let kill = machine.step(Event::Tick, 6_000);
    assert!(matches!(kill[..], [Action::Kill(_)]), "{kill:?}");
}

#[test]
fn wrong_configuration_holds_the_device_until_it_is_looked_at_again() {
    let mut machine = machine();
    machine.step(Event::Tick, 0);
    machine.step(Event::Spawned, 0);
    machine.step(Event::Exited(ExitMeaning::BadConfig), 100);
    assert_eq!(machine.phase(), &Phase::Held { until: 60_100 });
    assert_eq!(machine.step(Event::Tick, 60_100), [Action::Spawn]);
}

#[test]
fn pauses_grow_and_are_forgiven_after_a_good_while() {
    let mut machine = ready();
    let mut now = 200;
    let mut last = 0;
    for _ in 0..6 {
        machine.step(Event::Exited(ExitMeaning::Fault), now);
        let pause = machine.wakes_at().unwrap() - now;
        assert!(pause > last, "{pause} after {last}");
        last = pause;
        now += pause;
        machine.step(Event::Spawned, now);
        machine.step(Event::Hello, now);
        machine.step(Event::Ready, now);
    }
    now += 31_000;
    let Some(Action::Ping { seq }) = machine.step(Event::Tick, now).first().cloned() else { panic!("a ping is due") };
    machine.step(Event::Pong { seq, alive: true }, now);
    machine.step(Event::Exited(ExitMeaning::Fault), now);
    assert!(machine.wakes_at().unwrap() - now < 500);
}

#[test]
fn a_stopped_child_is_given_time_and_then_killed() {
    let mut machine = ready();
    assert_eq!(machine.step(Event::Stop, 500), [Action::CloseStdin]);
    assert!(matches!(machine.step(Event::Tick, 2_500)[..], [Action::Kill(_)]));
    machine.step(Event::Exited(ExitMeaning::Fault), 2_510);
    assert_eq!(machine.phase(), &Phase::Stopped);
}

#[test]
fn a_renewed_child_is_followed_by_the_next_at_once() {
    let mut machine = ready();
    assert_eq!(machine.step(Event::Renew, 500), [Action::CloseStdin]);
    assert!(!machine.takes_requests());
    assert_eq!(machine.step(Event::Exited(ExitMeaning::Stopped), 510), [Action::Spawn]);
    let mut machine = ready();
    machine.step(Event::Sent { id: 1, deadline: 9_000 }, 200);
    assert_eq!(machine.step(Event::Renew, 500), [], "never in the middle of a request");
}

#[derive(Clone, Debug)]
enum Happening {
    Event(Event),
    Later(u64),
    Wake,
}

fn happening() -> impl Strategy<Value = Happening> {
    let meaning = prop_oneof![
        Just(ExitMeaning::Stopped),
        Just(ExitMeaning::BadConfig),
        Just(ExitMeaning::DeviceAbsent),
        Just(ExitMeaning::NoPermission),
        Just(ExitMeaning::Fault),
    ];
    let event = prop_oneof![
        Just(Event::Hello),
        Just(Event::Ready),
        (0..4_u64).prop_map(|id| Event::Done { id }),
        (0..4_u64).prop_map(|id| Event::Cancelled { id }),
        Just(Event::Stale),
        Just(Event::Fresh),
        (0..9_u64, any::<bool>()).prop_map(|(seq, alive)| Event::Pong { seq, alive }),
        Just(Event::Broken),
        Just(Event::Refused),
        meaning.prop_map(Event::Exited),
        Just(Event::Renew),
        Just(Event::Arrival),
        Just(Event::Removal),
        Just(Event::Stop),
    ];
    prop_oneof![event.prop_map(Happening::Event), (0..5_000_u64).prop_map(Happening::Later), Just(Happening::Wake)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    /// Plays a world that obeys the actions and throws random events in between.
    #[test]
    fn whatever_happens_there_is_at_most_one_child_and_never_a_dead_end(
        happenings in prop::collection::vec(happening(), 1..80),
        seed in any::<u64>(),
    ) {
        let mut machine = Machine::new(Supervision::default(), seed);
        let mut now = 0;
        let (mut child, mut stopped) = (false, false);
        let mut in_flight: Option<u64> = None;
        let mut next_id = 0;
        for happening in happenings {
            let event = match happening {
                Happening::Later(ms) => { now += ms; Event::Tick }
                Happening::Wake => { now = machine.wakes_at().unwrap_or(now).max(now); Event::Tick }
                // Plugs do not ask whether a child runs.
                Happening::Event(event @ (Event::Arrival | Event::Removal)) => event,
                // Only a child that runs can say or do something.
                Happening::Event(Event::Stop) => { stopped = true; Event::Stop }
                Happening::Event(event) if child => event,
                Happening::Event(_) => Event::Tick,
            };
            if matches!(event, Event::Exited(_)) { child = false; }
            let done = match &event { Event::Done { id } => Some(*id), _ => None };
            let before = machine.phase().clone();
            for action in machine.step(event, now) {
                match action {
                    Action::Spawn => {
                        prop_assert!(!child, "a second child");
                        prop_assert!(!stopped, "started after stop");
                        child = true;
                        machine.step(Event::Spawned, now);
                    }
                    Action::Kill(_) => {
                        prop_assert!(child, "nothing to kill");
                        child = false;
                        for action in machine.step(Event::Exited(ExitMeaning::Fault), now) {
                            match action {
                                Action::Lose { id, .. } => prop_assert_eq!(in_flight.take(), Some(id)),
                                Action::Spawn => {
                                    child = true;
                                    machine.step(Event::Spawned, now);
                                }
                                other => prop_assert!(false, "{other:?}"),
                            }
                        }
                    }
                    Action::Lose { id, .. } => prop_assert_eq!(in_flight.take(), Some(id), "lost once, and only if in flight"),
                    Action::Cancel { id } => prop_assert_eq!(in_flight, Some(id)),
                    Action::Start | Action::Ping { .. } | Action::Probe | Action::CloseStdin => prop_assert!(child),
                }
            }
            if let (Some(id), Phase::Busy(work)) = (done, &before)
                && work.id == id
            {
                in_flight = None;
            }
            if machine.takes_requests() && in_flight.is_none() {
                next_id = (next_id + 1) % 4;
                in_flight = Some(next_id);
                machine.step(Event::Sent { id: next_id, deadline: now + 1_000 }, now);
            }
            // Never a dead end: while not over, either a child runs or a time to wake is known.
            if machine.phase() != &Phase::Stopped {
                prop_assert!(child || machine.wakes_at().is_some(), "{:?}", machine.phase());
            }
            // A request in flight means a busy child, and the other way round.
            prop_assert_eq!(in_flight.is_some(), matches!(machine.phase(), Phase::Busy(_)));
        }
    }
}
