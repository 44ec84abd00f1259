//! Peers: programs that other people wrote and that speak our devices' languages (a scanning program, a UPS server, an
//! ESC/POS encoder, a JSON Schema validator). `make setup` installs them; a test that misses one fails and says so.

pub mod code;
pub mod openpace;
pub mod sane;
pub mod schema;

use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::rig::{process::Program, programs};

/// A peer program: its name on the `PATH`, or its absolute path.
///
/// # Panics
/// If it is not installed.
pub fn peer(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian keeps servers where a user's PATH does not look.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    // Joined to an absolute path, a folder has no say.
    let found = folders.map(|folder| folder.join(name)).find(|path| is_program(path));
    found.unwrap_or_else(|| panic!("`{name}` is not installed: run `make setup`"))
}

/// The Python that has the packages of `requirements.txt`.
///
/// # Panics
/// If it is not there.
pub fn python() -> PathBuf {
    let python = programs::source_tree().join(".venv/bin/python");
    assert!(is_program(&python), "{} is not there: run `make setup`", python.display());
    python
}

/// One of the scripts in `peers/`.
pub fn script(name: &str) -> PathBuf {
    programs::source_tree().join("tests/peers").join(name)
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// A port that was free a moment ago, for peers that cannot choose one by themselves. Somebody else may take it in
/// between; who starts a server on it looks whether it came up.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// A command line with its environment.
#[derive(Debug)]
pub struct Peer {
    arguments: Vec<String>,
}

impl Peer {
    /// A program without arguments.
    pub fn new(program: &Path) -> Self {
        Self { arguments: vec![text(program)] }
    }

    /// A script of `peers/`, with its arguments to come.
    pub fn script(name: &str) -> Self {
        Self::new(&python()).arg(script(name))
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(text(argument));
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<T: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = T>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// With this variable. Variables are set by env(1), which then becomes the program.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.arguments.insert(0, format!("{name}={}", text(value)));
        self
    }

    /// Starts it; its stderr goes to `NAME.log` in the folder.
    pub fn start(self, folder: &Path, name: &str) -> Program {
        Program::start(&peer("env"), &self.arguments, &folder.join(format!("{name}.log")))
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// If it does not end in time.
    pub async fn run(self, within: Duration) -> Ran {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let command = self.arguments.join(" ");
        let mut program = self.start(folder.path(), "peer");
        let mut lines = program.lines();
        let out = lines.rest(within).await;
        let status = program.end_within(within).await;
        Ran { command, status, out, err: program.log() }
    }
}

fn text(value: impl AsRef<OsStr>) -> String {
    let value = value.as_ref();
    value.to_str().unwrap_or_else(|| panic!("{} is not UTF-8", value.display())).to_owned()
}

/// What a program did that has ended.
#[derive(Debug)]
pub struct Ran {
    /// Its command line.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote on stdout.
    pub out: String,
    /// What it wrote on stderr.
    pub err: String,
}

impl Ran {
    /// Panics if it did not succeed; returns its stdout.
    pub fn ok(self) -> String {
        assert!(self.status.success(), "{} ended with {}:\n{}{}", self.command, self.status, self.out, self.err);
        self.out
    }

    /// Panics if it succeeded; returns its stderr.
    pub fn fails(self) -> String {
        assert!(!self.status.success(), "{} should fail:\n{}{}", self.command, self.out, self.err);
        self.err
    }
}
