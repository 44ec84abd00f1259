use kiosk_protocol::seam::ExitMeaning;
use proptest::prelude::*;

use super::{machine, ready};
use crate::config::Supervision;
use crate::supervisor::{Action, Event, Machine, Phase};

/// A machine whose device was found absent at 100.
fn absent() -> Machine {
    let mut machine = machine();
    assert_eq!(machine.step(Event::Tick, 0), [Action::Spawn]);
    machine.step(Event::Spawned, 0);
    machine.step(Event::Exited(ExitMeaning::DeviceAbsent), 100);
    machine
}

#[test]
fn an_absent_device_is_looked_for_soon_after_an_arrival() {
    let mut machine = absent();
    assert!(machine.wakes_at().unwrap() > 800);
    assert_eq!(machine.step(Event::Arrival, 550), []);
    assert_eq!(machine.wakes_at(), Some(650));
    // More of the same plug does not put it off.
    machine.step(Event::Arrival, 640);
    assert_eq!(machine.step(Event::Tick, 650), [Action::Spawn]);
}

#[test]
fn an_arrival_during_a_look_is_followed_by_another_look() {
    let mut machine = absent();
    machine.step(Event::Spawned, 2_000);
    machine.step(Event::Arrival, 2_050);
    machine.step(Event::Exited(ExitMeaning::DeviceAbsent), 2_100);
    assert_eq!(machine.wakes_at(), Some(2_500));
}

#[test]
fn an_arrival_never_puts_a_look_off() {
    let mut machine = absent();
    let due = machine.wakes_at().unwrap();
    machine.step(Event::Arrival, due - 1);
    assert_eq!(machine.wakes_at(), Some(due));
}

#[test]
fn a_device_that_may_not_be_opened_is_tried_again_after_an_arrival_and_a_wrong_configuration_is_not() {
    for (meaning, again) in [(ExitMeaning::NoPermission, 5_000), (ExitMeaning::BadConfig, 60_100)] {
        let mut machine = machine();
        machine.step(Event::Tick, 0);
        machine.step(Event::Spawned, 0);
        machine.step(Event::Exited(meaning), 100);
        machine.step(Event::Arrival, 200);
        assert_eq!(machine.wakes_at(), Some(again), "{meaning:?}");
    }
}

#[test]
fn a_running_device_is_asked_at_once_after_a_removal_and_not_for_each_of_many() {
    let mut machine = ready();
    assert_eq!(machine.step(Event::Removal, 200), [Action::Probe]);
    assert_eq!(machine.step(Event::Removal, 210), []);
    assert_eq!(machine.step(Event::Removal, 220), []);
    assert_eq!(machine.wakes_at(), Some(450), "the last of them is not forgotten");
    assert_eq!(machine.step(Event::Tick, 450), [Action::Probe]);
    assert_eq!(machine.wakes_at(), Some(600), "the next ping");
}

#[test]
fn a_removal_means_nothing_to_a_device_that_is_not_there() {
    let mut machine = absent();
    let due = machine.wakes_at();
    assert_eq!(machine.step(Event::Removal, 200), []);
    assert_eq!(machine.wakes_at(), due);
}

/// Plays a device that comes and goes; returns when children were started and when it was ready last.
fn storm(seed: u64, blinks: u64, period: u64) -> (Vec<u64>, Machine, u64) {
    let mut machine = Machine::new(Supervision::default(), seed);
    let mut starts = Vec::new();
    let mut now = 0;
    let mut due = true;
    for blink in 0..blinks {
        let (comes, goes) = (blink * period, blink * period + period / 2);
        for (at, event, there) in [(comes, Event::Arrival, true), (goes, Event::Removal, false)] {
            // What the machine wants before the plug moves.
            while let Some(wake) = machine.wakes_at().filter(|wake| *wake < at).or(due.then_some(now)) {
                due = false;
                now = wake.max(now);
                for action in machine.step(Event::Tick, now) {
                    if action == Action::Spawn {
                        starts.push(now);
                        machine.step(Event::Spawned, now);
                        machine.step(Event::Hello, now);
                        // The plug is out in between.
                        if there {
                            machine.step(Event::Exited(ExitMeaning::DeviceAbsent), now);
                        } else {
                            machine.step(Event::Ready, now);
                        }
                    }
                    if let Action::Ping { seq } = action {
                        machine.step(Event::Pong { seq, alive: true }, now);
                    }
                }
            }
            now = now.max(at);
            machine.step(event, now);
            if !there && matches!(machine.phase(), Phase::Ready) {
                machine.step(Event::Exited(ExitMeaning::DeviceAbsent), now);
            }
        }
    }
    (starts, machine, now)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_blink_storm_starts_few_processes_and_the_device_comes_back_after_it(seed in any::<u64>(), period in 20..2_000_u64) {
        let (starts, mut machine, now) = storm(seed, 1_000, period);
        for window in starts.windows(4) {
            prop_assert!(window[3] - window[0] >= 1_000, "more than three in a second: {window:?}");
        }
        prop_assert!(starts.len() >= 4, "it is looked for");
        let seconds = 1_000 * period / 1_000 + 1;
        prop_assert!(starts.len() as u64 <= 5 + seconds, "{} in {seconds} s", starts.len());
        // The plug stays in: found within a few seconds.
        machine.step(Event::Arrival, now);
        let look = machine.wakes_at().unwrap();
        prop_assert!(look <= now + 4_100, "{look} after {now}");
    }
}
