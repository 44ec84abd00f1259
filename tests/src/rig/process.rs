//! Processes: starting programs, signals, `/proc`, and seeing them gone.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
pub use rustix::process::Signal;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;

use super::wait;

/// A program that the rig has started. Its stderr goes to a file. Dropped, it is killed.
pub struct Program {
    child: Child,
    /// Held open: simulators end with it.
    stdin: Option<ChildStdin>,
    log: PathBuf,
}

impl Program {
    /// Starts a program with pipes at stdin and stdout.
    pub fn start(program: &Path, arguments: &[String], log: &Path) -> Self {
        Self::start_with(program, arguments, log, &[])
    }

    /// The same with more variables in its environment.
    #[expect(clippy::disallowed_methods, reason = "the rig's one place that spawns")]
    pub fn start_with(program: &Path, arguments: &[String], log: &Path, variables: &[(&str, &str)]) -> Self {
        let file = File::create(log).unwrap_or_else(|error| panic!("cannot write {}: {error}", log.display()));
        let mut child = Command::new(program)
            .args(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        Self { stdin: child.stdin.take(), child, log: log.to_owned() }
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).expect("process ids fit")
    }

    /// What it says on stdout, line by line; to be taken once.
    pub fn lines(&mut self) -> Lines {
        let stdout = self.child.stdout.take().expect("stdout is taken once");
        Lines(BufReader::new(ChildStdout::from_std(stdout).expect("a pipe can be polled")))
    }

    /// The other end of its stdin; to be taken once.
    pub fn stdin(&mut self) -> ChildStdin {
        self.stdin.take().expect("stdin is taken once")
    }

    /// The other end of its stdout, for those who wait on their own thread; to be taken once.
    pub fn stdout(&mut self) -> std::process::ChildStdout {
        self.child.stdout.take().expect("stdout is taken once")
    }

    /// What it wrote on stderr so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// Waits for its end.
    pub async fn end_within(&mut self, within: Duration) -> ExitStatus {
        wait::until("the end of a program", within, || self.ended()).await
    }

    pub(super) fn kill_and_wait(&mut self) {
        // It may have ended already; then there is only its status to be fetched.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill_and_wait();
    }
}

/// A program's stdout.
pub struct Lines(pub(super) BufReader<ChildStdout>);

impl Lines {
    /// The next line; `None` at the end.
    pub async fn next(&mut self, within: Duration) -> Option<String> {
        let mut line = String::new();
        let read = tokio::time::timeout(within, self.0.read_line(&mut line)).await;
        let read = read.unwrap_or_else(|_| panic!("no line on stdout within {within:?}"));
        (read.expect("a pipe can be read") > 0).then(|| line.trim_end().to_owned())
    }

    /// All that is still to come, until the program closes it.
    pub async fn rest(&mut self, within: Duration) -> String {
        let mut rest = String::new();
        while let Some(line) = self.next(within).await {
            rest += &line;
            rest.push('\n');
        }
        rest
    }
}

/// Somebody else's child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its process id.
    pub pid: i32,
    /// The file name of its program.
    pub program: String,
    /// When it was started, in ticks since the machine's start: together with the id it is nobody else.
    started: u64,
}

impl Process {
    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        send(self.pid, signal);
    }

    /// It runs (a process that has ended and is not waited for yet does not).
    pub fn runs(&self) -> bool {
        stat(self.pid).is_some_and(|stat| stat.started == self.started && stat.state != 'Z')
    }

    /// Waits until it is gone.
    pub async fn gone_within(&self, within: Duration) {
        wait::until(&format!("the end of {}", self.program), within, || (!self.runs()).then_some(())).await;
    }

    /// Resident memory, KiB.
    pub fn resident_kib(&self) -> u64 {
        resident_kib(self.pid)
    }

    /// Kills it if it still runs and waits for its end; does not panic, it is for clearing up.
    pub(crate) fn kill_and_wait(&self, within: Duration) {
        let handle = Pid::from_raw(self.pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        let Some(handle) = handle.filter(|_| self.runs()) else { return };
        let _ = rustix::process::pidfd_send_signal(&handle, Signal::KILL);
        let within = Timespec::try_from(within).expect("a few seconds fit");
        let _ = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&within));
    }
}

fn send(pid: i32, signal: Signal) {
    // It may have ended just now; the test sees that by itself.
    let _ = rustix::process::kill_process(Pid::from_raw(pid).expect("process ids are positive"), signal);
}

/// Resident memory of a process, KiB; 0 if it is gone.
pub fn resident_kib(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The processor's time that all threads of a process took so far, in ticks of 10 ms; 0 if it is gone.
pub fn cpu_ticks(pid: i32) -> u64 {
    stat(pid).map_or(0, |stat| stat.ticks)
}

/// The processor's time of this process's children that have ended, in ticks of 10 ms.
pub fn ended_children_ticks() -> u64 {
    stat(i32::try_from(std::process::id()).unwrap_or(0)).map_or(0, |stat| stat.children_ticks)
}

/// Open file descriptors of a process.
pub fn open_files(pid: i32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The children of a process.
pub fn children_of(parent: i32) -> Vec<Process> {
    let pids = std::fs::read_dir("/proc")
        .expect("/proc is there")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let stat = stat(pid).filter(|stat| stat.parent == parent && stat.state != 'Z')?;
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        let program = program.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        // Its file may have been built anew since.
        let program = program.map(|name| name.trim_end_matches(" (deleted)").to_owned());
        // A child that locked itself in does not show its program's path.
        Some(Process { pid, program: program.unwrap_or(stat.name), started: stat.started })
    })
    .collect()
}

/// The children of a process, their children, and so on.
pub fn descendants_of(parent: i32) -> Vec<Process> {
    let mut all = children_of(parent);
    let mut next = 0;
    while let Some(process) = all.get(next) {
        let more = children_of(process.pid);
        all.extend(more);
        next += 1;
    }
    all
}

struct Stat {
    name: String,
    state: char,
    parent: i32,
    /// In user mode and in the kernel.
    ticks: u64,
    /// Of its children that have ended and were waited for, and theirs.
    children_ticks: u64,
    started: u64,
}

/// `/proc/PID/stat`: fields 2, 3, 4, 14 to 17 and 22 of proc_pid_stat(5).
fn stat(pid: i32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold any character.
    let (head, tail) = text.rsplit_once(") ")?;
    let mut fields = tail.split(' ');
    Some(Stat {
        name: head.split_once('(')?.1.to_owned(),
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        ticks: fields.nth(9)?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?,
        children_ticks: fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?,
        started: fields.nth(4)?.parse().ok()?,
    })
}
