//! What copies leave behind in the process that wants them. In a program of its own: other tests have pipes, too.

#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test program")]

#[path = "composer/fake.rs"]
mod fake;
#[path = "peers/paper.rs"]
mod paper;
#[path = "../src/testing.rs"]
mod testing;

use std::time::Duration;

use fake::{Fake, PATIENCE, composer};
use paper::{page_with_room, request, sample, with_marks};

/// Open files, threads, and children, dead ones as well.
fn had() -> [usize; 3] {
    let count = |folder: &str| std::fs::read_dir(folder).unwrap().count();
    let own = std::process::id().to_string();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let states = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let parent = |state: &String| state.rsplit(')').next()?.split_whitespace().nth(1).map(str::to_owned);
    let children = states.filter(|state| parent(state).as_ref() == Some(&own)).count();
    [count("/proc/self/fd"), count("/proc/self/task"), children]
}

#[test]
fn nothing_is_left_of_copies_and_failures() {
    let page = page_with_room();
    let before = had();
    std::thread::scope(|scope| {
        for number in 1..=3 {
            let page = &page;
            scope.spawn(move || {
                for _ in 0..3 {
                    let mut request = with_marks(request(vec![page.clone(), sample("diploma")]));
                    request.facts.number = Some(number);
                    composer().compose(request, PATIENCE).unwrap();
                }
            });
        }
    });
    assert_eq!(had(), before, "copies");
    for (script, deadline) in [
        ("exec sleep 1000", Duration::from_millis(50)),
        ("exit 3", PATIENCE),
        ("kill -KILL $$", PATIENCE),
        ("exec yes", PATIENCE),
        ("sleep 1000 & exit 0", PATIENCE),
    ] {
        Fake::new(script).asked(deadline);
        assert_eq!(had(), before, "{script}");
    }
    composer().check(PATIENCE).unwrap();
    let _ = composer().compose(request(Vec::new()), PATIENCE);
    assert_eq!(had(), before);
}
