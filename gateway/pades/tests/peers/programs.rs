//! Runs programs that are not ours, and speaks just enough HTTP for the test authorities.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kiosk_pades::FetchError;

/// Longest answer of an authority, bytes.
const ANSWER: u64 = 16 << 20;
const WAIT: Duration = Duration::from_secs(10);

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

/// One exchange over HTTP; a body is posted.
pub(crate) fn exchange(address: &str, kind: &str, body: Option<&[u8]>) -> Result<Vec<u8>, FetchError> {
    let failed = |error: std::io::Error| FetchError(error.to_string());
    let rest = address.strip_prefix("http://").ok_or_else(|| FetchError("only http:// here".to_owned()))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    stream.set_read_timeout(Some(WAIT)).map_err(failed)?;
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} /{path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).map_err(failed)?;
    let mut answer = Vec::new();
    stream.take(ANSWER).read_to_end(&mut answer).map_err(failed)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or(FetchError("no answer".to_owned()))?;
    if !(answer.starts_with(b"HTTP/1.1 200") || answer.starts_with(b"HTTP/1.0 200")) {
        return Err(FetchError(String::from_utf8_lossy(&answer[..end]).into_owned()));
    }
    Ok(answer.split_off(end + 4))
}
