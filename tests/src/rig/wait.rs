//! Waiting for a state that nobody announces: it is looked at again and again until the deadline.

use std::time::Duration;

use tokio::time::Instant;

/// How long anything may take before it counts as hung. It is no figure, those are for `make bench`: nothing that goes
/// right takes so long, on however loaded a machine, and nothing that a test waits for comes by itself so soon.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits until `look` finds something; panics with `what` if it does not in time.
pub async fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    until_async(what, within, async || look()).await
}

/// The same for a look that takes its time.
pub async fn until_async<T>(what: &str, within: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
