//! A process that is told something, heard and ended within a time.
//!
//! One thread does all of it with `poll`: it writes when the process reads and reads when it writes, so neither waits for the
//! other with a full pipe, and it hears the process's end on a file descriptor of its own (pidfd). The process is the first of
//! a group, and the group is killed before the process is reaped: until then its number belongs to nobody else, and nothing
//! that it started holds the pipes.

use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use crate::wire::NoAnswer;

/// Bytes of stderr that are kept; the rest is read and dropped.
pub(super) const LOG_MAX: usize = 4096;
/// Bytes that either side may be ahead of the other. Usual pipes have 64 KiB.
const PIPE: usize = 256 << 10;

/// How a talk went.
pub(super) enum Talk {
    /// The process ended by itself or was killed by another, and all that it said was heard.
    Ended { status: ExitStatus, log: String },
    /// It could not be started.
    NotThere(io::Error),
    /// It was killed, as the time was over.
    OutOfTime,
    /// It was killed, as it said what nobody wants to hear.
    NoAnswer(NoAnswer),
    /// The system failed.
    System { what: &'static str, source: io::Error },
}

/// Starts a process, writes these pieces to its stdin and closes it, gives its stdout to `hear`, and waits for its end;
/// `until` is when it is killed (`None`: never).
pub(super) fn talk(
    mut command: Command,
    pieces: &[Vec<u8>],
    until: Option<Instant>,
    hear: &mut dyn FnMut(&[u8]) -> Result<(), NoAnswer>,
) -> Talk {
    let spawned = command
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn();
    let mut running = match spawned {
        Ok(child) => Running { child, is_reaped: false },
        Err(source) => return Talk::NotThere(source),
    };
    let mut said = Vec::new();
    let mut ears = Ears { hear, log: &mut said };
    match running.hear_out(pieces, until, &mut ears) {
        Ok(()) => {}
        Err(talk) => return talk,
    }
    match running.end() {
        Ok(status) => Talk::Ended { status, log: shown(&said) },
        Err(source) => Talk::System { what: "wait for", source },
    }
}

/// Where what the process says goes.
struct Ears<'a> {
    hear: &'a mut dyn FnMut(&[u8]) -> Result<(), NoAnswer>,
    log: &'a mut Vec<u8>,
}

/// A process that is killed and reaped, whatever happens here.
struct Running {
    child: Child,
    is_reaped: bool,
}

impl Running {
    /// Kills the process and all that it started, and reaps it. Its status is its own if it had ended before.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if !self.is_reaped {
            self.kill();
        }
        let status = self.child.wait();
        self.is_reaped = true;
        status
    }

    fn kill(&self) {
        if let Some(group) = pid(&self.child) {
            // Nobody is left in it as a rule.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    fn hear_out(&mut self, pieces: &[Vec<u8>], until: Option<Instant>, ears: &mut Ears<'_>) -> Result<(), Talk> {
        let failed = |what| move |source: rustix::io::Errno| Talk::System { what, source: source.into() };
        let end = pid(&self.child).map(|pid| pidfd_open(pid, PidfdFlags::empty()));
        let mut pipes = Pipes {
            stdin: self.child.stdin.take(),
            stdout: self.child.stdout.take(),
            stderr: self.child.stderr.take(),
            end: Some(end.ok_or(rustix::io::Errno::SRCH).flatten().map_err(failed("watch"))?),
            unsent: Unsent { pieces, sent: 0 },
        };
        pipes.prepare().map_err(failed("talk to"))?;
        let mut buffer = vec![0; PIPE];
        while !pipes.are_closed() {
            for ready in pipes.ready(until)? {
                match ready {
                    End::Stdin => pipes.send(),
                    End::Stdout => pipes.hear(&mut buffer, ears.hear)?,
                    End::Stderr => pipes.log(&mut buffer, ears.log),
                    End::Process => {
                        // What it started must not hold the pipes; what it said is still in them.
                        self.kill();
                        (pipes.stdin, pipes.end) = (None, None);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_reaped {
            let _ = self.end();
        }
    }
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// What can be waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Stdin,
    Stdout,
    Stderr,
    Process,
}

/// Our ends of a process's pipes, as long as they are open.
struct Pipes<'a> {
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// Can be read when the process has ended.
    end: Option<OwnedFd>,
    unsent: Unsent<'a>,
}

impl Pipes<'_> {
    fn prepare(&mut self) -> rustix::io::Result<()> {
        let ends = [
            self.stdin.as_ref().map(AsFd::as_fd),
            self.stdout.as_ref().map(AsFd::as_fd),
            self.stderr.as_ref().map(AsFd::as_fd),
        ];
        for end in ends.into_iter().flatten() {
            // Where a user has too much of such memory already (pipe(7)), the usual size is only slower.
            let _ = rustix::pipe::fcntl_setpipe_size(end, PIPE);
            rustix::io::ioctl_fionbio(end, true)?;
        }
        Ok(())
    }

    /// Whether the process has ended and all that it said was heard.
    fn are_closed(&self) -> bool {
        self.stdout.is_none() && self.stderr.is_none() && self.end.is_none()
    }

    /// Waits until something can be done, or the time is over.
    fn ready(&self, until: Option<Instant>) -> Result<Vec<End>, Talk> {
        let ends = [
            (End::Stdin, self.stdin.as_ref().map(AsFd::as_fd), PollFlags::OUT),
            (End::Stdout, self.stdout.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (End::Stderr, self.stderr.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (End::Process, self.end.as_ref().map(AsFd::as_fd), PollFlags::IN),
        ];
        let (mut names, mut waited) = (Vec::new(), Vec::new());
        for (name, end, flags) in ends {
            if let Some(end) = end {
                names.push(name);
                waited.push(PollFd::from_borrowed_fd(end, flags));
            }
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(Talk::OutOfTime);
        }
        // More than fits is for ever.
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut waited, left.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Talk::System { what: "hear", source: error.into() }),
        }
        let ready = names.into_iter().zip(waited).filter(|(_, waited)| !waited.revents().is_empty());
        Ok(ready.map(|(name, _)| name).collect())
    }

    /// Writes what the process takes now. One that does not want it is judged by what it answers.
    fn send(&mut self) {
        let Some(stdin) = &mut self.stdin else { return };
        if matches!(self.unsent.send(stdin), Ok(true) | Err(_)) {
            self.stdin = None;
        }
    }

    fn hear(&mut self, buffer: &mut [u8], hear: &mut dyn FnMut(&[u8]) -> Result<(), NoAnswer>) -> Result<(), Talk> {
        let Some(stdout) = &mut self.stdout else { return Ok(()) };
        match read(stdout, buffer) {
            Some(0) => self.stdout = None,
            Some(bytes) => hear(&buffer[..bytes]).map_err(Talk::NoAnswer)?,
            None => {}
        }
        Ok(())
    }

    fn log(&mut self, buffer: &mut [u8], log: &mut Vec<u8>) {
        let Some(stderr) = &mut self.stderr else { return };
        match read(stderr, buffer) {
            Some(0) => self.stderr = None,
            Some(bytes) => log.extend_from_slice(&buffer[..bytes.min(LOG_MAX.saturating_sub(log.len()))]),
            None => {}
        }
    }
}

/// Reads what is there: 0 at the end, which an error is as well; `None` if nothing is there yet.
fn read(from: &mut impl Read, buffer: &mut [u8]) -> Option<usize> {
    match from.read(buffer) {
        Ok(bytes) => Some(bytes),
        Err(error) if is_for_now(&error) => None,
        Err(_) => Some(0),
    }
}

fn is_for_now(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// What has not been written yet.
struct Unsent<'a> {
    pieces: &'a [Vec<u8>],
    /// Bytes of the first of them that have been.
    sent: usize,
}

impl Unsent<'_> {
    /// Writes as much as goes; true if that was all.
    fn send(&mut self, to: &mut impl Write) -> io::Result<bool> {
        while let Some((first, rest)) = self.pieces.split_first() {
            let left = first.get(self.sent..).unwrap_or_default();
            if left.is_empty() {
                (self.pieces, self.sent) = (rest, 0);
                continue;
            }
            match to.write(left) {
                Ok(bytes) => self.sent += bytes,
                Err(error) if is_for_now(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// A log as one line without controls.
fn shown(log: &[u8]) -> String {
    let text = String::from_utf8_lossy(log);
    let text: String = text.trim().chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    text.trim().to_owned()
}
