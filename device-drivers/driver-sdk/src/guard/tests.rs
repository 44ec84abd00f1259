use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use super::{GivenUp, Guard};
use crate::cancel::CancelSignal;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(30);

#[test]
fn a_reserve_is_kept_of_a_requests_time_but_at_most_a_quarter() {
    let now = Instant::now();
    let left = |reserve| {
        let guard = Guard::new(now + LONG, CancelSignal::new(), reserve);
        (now + LONG).duration_since(guard.deadline())
    };
    assert_eq!(left(Duration::from_secs(4)), Duration::from_secs(4));
    assert!(left(LONG) <= LONG / 4 && left(LONG) > LONG / 5);
    assert!(Guard::new(now, CancelSignal::new(), LONG).remaining().is_zero());
}

#[test]
fn a_wait_for_a_channel_ends_with_what_comes_first() {
    let (sender, receiver) = sync_channel(1);
    sender.send(7).unwrap();
    assert_eq!(Guard::within(LONG).hear(&receiver, LONG, "it was waited for"), Ok(Some(7)));
    let silent = Guard::within(LONG).hear(&receiver, SHORT, "it was waited for");
    assert!(matches!(silent, Err(GivenUp::Silent { after, .. }) if after >= SHORT), "{silent:?}");
    let over = Guard::within(SHORT).hear(&receiver, LONG, "it was waited for");
    assert!(matches!(over, Err(GivenUp::OutOfTime { after, .. }) if after >= SHORT), "{over:?}");
    let cancel = CancelSignal::new();
    let guard = Guard::new(Instant::now() + LONG, cancel.clone(), Duration::ZERO);
    let setting = std::thread::spawn(move || cancel.set());
    assert_eq!(guard.hear(&receiver, LONG, "it was waited for"), Err(GivenUp::Cancelled));
    setting.join().unwrap();
    drop(sender);
    assert_eq!(Guard::within(LONG).hear(&receiver, LONG, "it was waited for"), Ok(None));
}

#[cfg(feature = "async")]
mod futures {
    use std::future::pending;

    use super::*;

    fn wait<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    #[test]
    fn a_step_ends_with_what_comes_first() {
        let never = || pending::<Result<(), GivenUp>>();
        let done = wait(Guard::within(LONG).run("a step", LONG, async { Ok::<_, GivenUp>(7) }));
        assert_eq!(done, Ok(7));
        let silent = wait(Guard::within(LONG).run("a step", SHORT, never()));
        assert!(matches!(silent, Err(GivenUp::Silent { what: "a step", .. })), "{silent:?}");
        let over = wait(Guard::within(SHORT).run("a step", LONG, never()));
        assert!(matches!(over, Err(GivenUp::OutOfTime { what: "a step", .. })), "{over:?}");
    }

    #[test]
    fn a_cancel_ends_the_step_that_runs_and_every_later_one() {
        let cancel = CancelSignal::new();
        let guard = Guard::new(Instant::now() + LONG, cancel.clone(), Duration::ZERO);
        wait(async {
            let step = guard.run("a step", LONG, pending::<Result<(), GivenUp>>());
            let (ended, ()) = tokio::join!(step, async { cancel.set() });
            assert_eq!(ended, Err(GivenUp::Cancelled));
            assert_eq!(guard.run("a step", LONG, async { Ok::<_, GivenUp>(()) }).await, Err(GivenUp::Cancelled));
            assert_eq!(guard.pause(LONG, "a pause").await, Err(GivenUp::Cancelled));
        });
    }

    #[test]
    fn a_pause_is_not_longer_than_its_request() {
        assert_eq!(wait(Guard::within(LONG).pause(SHORT, "a pause")), Ok(()));
        let over = wait(Guard::within(SHORT).pause(LONG, "a pause"));
        assert_eq!(over, Err(GivenUp::OutOfTime { what: "a pause", after: Duration::ZERO }));
    }
}
