//! The one place that starts programs, and the conversation with a child over its pipes.
//!
//! A [`Conversation`] takes any reader and writer, so that tests can hold one end in memory. What is not here: when a
//! child is started, killed or believed ([`crate::supervisor`]).

mod conversation;
mod log;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Output, Stdio};

use kiosk_protocol::seam::ExitMeaning;
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};

pub use conversation::{Conversation, Heard, Voice};

/// Bytes that a child can write before it has to wait: a live picture in one piece. Usual are 64 KiB.
const PIPE: usize = 256 << 10;

/// A running child.
pub struct Child {
    /// What it says, and the way to speak to it.
    pub conversation: Conversation,
    /// Kills it, with everything it started.
    pub kill: Kill,
    /// Comes once, when it has ended.
    pub ended: oneshot::Receiver<ExitMeaning>,
    /// Its process id, for the log and metrics.
    pub pid: u32,
}

/// The means to kill a child. Dropping it kills too: no child outlives its owner.
pub struct Kill(mpsc::Sender<()>);

impl Kill {
    /// Sends SIGKILL to the child's process group.
    pub fn kill(&self) {
        // One place in the channel: a second wish changes nothing.
        let _ = self.0.try_send(());
    }
}

/// A program that could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start `{program}`: {source}")]
pub struct SpawnError {
    program: String,
    source: std::io::Error,
}

/// Starts a child that speaks the seam on its stdin and stdout. `label` names it in the log; of the environment it gets little
/// more than what is given.
///
/// # Errors
/// If the program cannot be started.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn(program: &Path, label: &str, environment: &BTreeMap<String, String>) -> Result<Child, SpawnError> {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "KIOSK_LOG", "LANG", "TZ"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // Recognisers that use OpenMP spin on small machines; one thread each is quicker, and it is read when it is loaded.
    command.env("OMP_THREAD_LIMIT", "1");
    command.envs(environment);
    let spawned = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = spawned.map_err(|source| SpawnError { program: program.display().to_string(), source })?;
    let stdin = child.stdin.take().expect("stdin is a pipe");
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let stderr = child.stderr.take().expect("stderr is a pipe");
    // Where a user has too much of such memory already (pipe(7)), the usual size is only slower.
    let _ = rustix::pipe::fcntl_setpipe_size(&stdout, PIPE);
    let pid = child.id().unwrap_or_default();
    tokio::spawn(log::forward(stderr, label.to_owned()));
    let (kill, mut killed) = mpsc::channel(1);
    let (end, ended) = oneshot::channel();
    tokio::spawn(async move {
        let status = tokio::select! {
            status = child.wait() => status,
            _ = killed.recv() => {
                kill_group(pid);
                child.wait().await
            }
        };
        let _ = end.send(meaning(status));
    });
    Ok(Child { conversation: Conversation::over(stdout, stdin), kill: Kill(kill), ended, pid })
}

fn meaning(status: std::io::Result<ExitStatus>) -> ExitMeaning {
    status.map_or(ExitMeaning::Fault, |status| ExitMeaning::of(status.code()))
}

fn kill_group(pid: u32) {
    let group = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It may have ended on its own just now; then there is nothing to kill.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// Runs a program of this package to its end, for a command of the terminal: gives how it ended and what it wrote.
///
/// # Errors
/// If the program cannot be started.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn run_tool(program: &Path, arguments: &[&OsStr]) -> Result<Output, SpawnError> {
    let done = std::process::Command::new(program).args(arguments).stdin(Stdio::null()).output();
    done.map_err(|source| SpawnError { program: program.display().to_string(), source })
}

/// A helper program of the demo (the simulators), which is not a child of the seam: its stdout comes back line by line.
///
/// # Errors
/// If the program cannot be started.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn_tool(program: &Path, arguments: &[String]) -> Result<tokio::process::Child, SpawnError> {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| SpawnError { program: program.display().to_string(), source })
}
