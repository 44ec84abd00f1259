//! Runs programs that are not ours.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The Python that has the packages of `tests/requirements.txt`.
pub(crate) fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    assert!(python.is_file(), "{} is not there: run `make setup`", python.display());
    python
}

fn command(program: impl AsRef<Path>) -> Command {
    #[expect(clippy::disallowed_methods, reason = "programs that judge what we signed")]
    Command::new(program.as_ref())
}

/// What a program did that has ended.
pub(crate) struct Ran {
    command: String,
    succeeded: bool,
    out: String,
    err: String,
}

impl Ran {
    /// What it wrote; it must have succeeded.
    pub(crate) fn ok(self) -> String {
        assert!(self.succeeded, "{}:\n{}{}", self.command, self.out, self.err);
        self.out
    }
}

/// Runs a program to its end.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Ran {
    let mut command = command(program);
    command.args(arguments);
    ended(command, &[])
}

/// Runs a program so much later, with something on its stdin.
pub(crate) fn run_at(later: Duration, program: &Path, arguments: &[String], input: &[u8]) -> Ran {
    let mut command = at(later, program);
    command.args(arguments);
    ended(command, input)
}

/// A program that sees the time so much later.
pub(crate) fn at(later: Duration, program: &Path) -> Command {
    if later.is_zero() {
        return command(program);
    }
    // The program `faketime` starts another one that would outlive it; so only its library is taken.
    let library = run("faketime", &["-f", "+0s", "printenv", "LD_PRELOAD"]).ok();
    let mut command = command(program);
    command.env("LD_PRELOAD", library.trim()).env("FAKETIME", format!("+{}s", later.as_secs()));
    command
}

fn ended(mut command: Command, input: &[u8]) -> Ran {
    let text = format!("{command:?}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child: Child =
        command.spawn().unwrap_or_else(|error| panic!("{text} cannot run, so run `make setup`: {error}"));
    // It reads its input line by line, and its answers are fewer than a pipe takes before it has read all.
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        command: text,
        succeeded: output.status.success(),
        out: text_of(&output.stdout),
        err: text_of(&output.stderr),
    }
}
