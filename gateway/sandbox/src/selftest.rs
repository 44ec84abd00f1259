//! `--sandbox-selftest` of the programs that lock themselves in: locks in and tries everything that a document must never
//! make them do.

use std::error::Error as _;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use std::sync::mpsc::channel;

use rustix::process::{Resource, Rlimit};

use crate::{Layers, Limits, lock_in};

type Attempt = (&'static str, fn() -> Result<(), Error>);

/// What must fail, and only because it is not permitted.
const FORBIDDEN: [Attempt; 10] = [
    ("open a file", || File::open("/etc/passwd").map(drop)),
    ("create a file", || File::create("/dev/shm/kiosk-sandbox-selftest").map(drop)),
    ("list a folder", || std::fs::read_dir("/").map(drop)),
    ("look at a file", || std::fs::metadata("/etc/passwd").map(drop)),
    ("open a TCP connection", || TcpStream::connect(("127.0.0.1", 9)).map(drop)),
    ("open a UDP socket", || UdpSocket::bind(("127.0.0.1", 0)).map(drop)),
    ("open a Unix socket", || UnixDatagram::unbound().map(drop)),
    ("start a process", start_a_process),
    ("become another program", become_another_program),
    ("touch another process", || rustix::process::test_kill_process(parent()?).map_err(Error::from)),
];

#[expect(clippy::disallowed_methods, reason = "it must fail: that is the test")]
fn start_a_process() -> Result<(), Error> {
    std::process::Command::new("/bin/true").spawn().and_then(|mut child| child.wait()).map(drop)
}

/// If this succeeds, the exit status is that of /bin/false.
#[expect(clippy::disallowed_methods, reason = "it must fail: that is the test")]
fn become_another_program() -> Result<(), Error> {
    Err(std::process::Command::new("/bin/false").exec())
}

fn parent() -> Result<rustix::process::Pid, Error> {
    PARENT.get().copied().flatten().ok_or_else(|| Error::other("this process has no parent to try it on"))
}

/// Asked for before the lock, which hides it.
static PARENT: std::sync::OnceLock<Option<rustix::process::Pid>> = std::sync::OnceLock::new();

/// Runs the test in this process, and says on stdout what was tried; the exit status is 0 only if every attempt is denied,
/// in new threads and in old ones.
pub fn run(layers: Layers, limits: Limits) -> ExitCode {
    PARENT.get_or_init(rustix::process::getppid);
    // A thread from before the lock must be locked in too.
    let (go, wait) = channel::<()>();
    let old_thread = std::thread::spawn(move || {
        let _ = wait.recv();
        escapes("in a thread from before")
    });
    let holds = match lock_in(layers, limits) {
        Ok(holds) => holds,
        Err(error) => {
            let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
            eprintln!("the sandbox does not hold: {error}{cause}");
            return ExitCode::FAILURE;
        }
    };
    say(&format!("locked in: {}", holds.join(", ")));
    drop(go);
    let mut escaped = escapes("in the main thread");
    escaped += old_thread.join().unwrap_or(1);
    // Threads must still start, or nothing could be read at all.
    escaped += std::thread::spawn(|| escapes("in a new thread")).join().unwrap_or(1);
    escaped += usize::from(raise_memory_limit().is_ok());
    if escaped == 0 {
        say("all attempts were denied");
        return ExitCode::SUCCESS;
    }
    eprintln!("{escaped} attempts were not denied: the sandbox does not hold");
    ExitCode::FAILURE
}

fn raise_memory_limit() -> Result<(), Error> {
    rustix::process::setrlimit(Resource::As, Rlimit { current: None, maximum: None }).map_err(Error::from)
}

/// How many forbidden things could be done.
fn escapes(place: &str) -> usize {
    FORBIDDEN
        .iter()
        .filter(|(what, attempt)| {
            let denied = attempt().is_err_and(|error| {
                let denied = error.kind() == ErrorKind::PermissionDenied;
                if !denied {
                    eprintln!("{what} {place}: failed, but for another reason: {error}");
                }
                denied
            });
            say(&format!("{} to {what} {place}", if denied { "denied" } else { "ALLOWED" }));
            !denied
        })
        .count()
}

#[expect(clippy::print_stdout, reason = "run by hand: a person reads this")]
fn say(line: &str) {
    println!("{line}");
}
