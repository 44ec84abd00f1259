//! Other people's programs that a simulator runs: started, waited for, and ended with this process.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

/// Programs take some milliseconds before they listen.
const LISTENS_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Lines at the end of its log that tell why a program does not listen.
const LAST_LINES: usize = 3;

/// What makes a program of Linux's end with the thread that starts it: `setpriv` and its arguments, before the program's own.
pub(crate) const ENDS_WITH_US: [&str; 3] = ["setpriv", "--pdeathsig", "KILL"];

/// Why a program does not run.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It, or its log, cannot be had.
    Io(std::io::Error),
    /// It has ended, or does not listen in time; the end of what it said.
    Silent(String),
}

/// Starts a program whose words go to `log`; returns when it is `ready`. Dropped, it is killed.
pub(crate) async fn start(mut command: Command, log: &Path, ready: impl Fn() -> bool) -> Result<Child, Failure> {
    let out = std::fs::File::create(log).map_err(Failure::Io)?;
    command.stdin(Stdio::null()).stdout(out.try_clone().map_err(Failure::Io)?).stderr(out).kill_on_drop(true);
    let mut child = command.spawn().map_err(Failure::Io)?;
    let listens = async {
        // It says nowhere that it is ready.
        let mut look = tokio::time::interval(LOOK_EVERY);
        while !ready() {
            look.tick().await;
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
        }
        Ok::<bool, std::io::Error>(true)
    };
    match tokio::time::timeout(LISTENS_WITHIN, listens).await {
        Ok(Err(error)) => Err(Failure::Io(error)),
        Ok(Ok(true)) => Ok(child),
        Ok(Ok(false)) | Err(_) => {
            let said = std::fs::read(log).unwrap_or_default();
            let said = String::from_utf8_lossy(&said);
            let last: Vec<&str> = said.lines().rev().take(LAST_LINES).collect();
            Err(Failure::Silent(last.into_iter().rev().collect::<Vec<_>>().join("; ")))
        }
    }
}

/// It may have died by itself.
pub(crate) fn is_running(child: Option<&mut Child>) -> bool {
    child.is_some_and(|child| matches!(child.try_wait(), Ok(None)))
}
