use proptest::prelude::*;

use super::*;

#[test]
fn waits_grow_to_a_day_until_it_is_given_up() {
    let waits = |days| {
        let schedule = Schedule { days };
        (1..).map_while(move |tries| schedule.wait_after(tries)).map(|wait| wait.as_secs() / MINUTE).collect::<Vec<_>>()
    };
    assert_eq!(waits(0), []);
    assert_eq!(waits(1), [1, 5, 15, 60, 240, 720]);
    assert_eq!(waits(5), [1, 5, 15, 60, 240, 720, 1_440, 1_440, 1_440, 1_440]);
    assert_eq!(Schedule::default(), Schedule { days: 5 });
}

#[test]
fn no_try_is_no_try_to_wait_after() {
    assert_eq!(Schedule::default().wait_after(0), None);
    assert_eq!(Schedule { days: u16::MAX }.wait_after(u32::MAX), None);
}

proptest! {
    #[test]
    fn the_last_try_begins_within_the_days(days in 0u16..1_000) {
        let schedule = Schedule { days };
        let waits: Vec<_> = (1..).map_while(|tries| schedule.wait_after(tries)).collect();
        prop_assert!(waits.is_sorted());
        prop_assert!(waits.iter().sum::<Duration>() <= Duration::from_secs(u64::from(days) * DAY));
        prop_assert!(waits.len() <= usize::from(days) + WAITS_S.len());
    }
}
