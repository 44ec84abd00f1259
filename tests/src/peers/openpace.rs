//! A chip and a terminal on OpenPACE, as programs (`peers/openpace_card.c`, `peers/openpace_terminal.c`).

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use kiosk_emrtd::{Transport, TransportError};

/// What opens the chip.
#[derive(Clone, Copy, Debug)]
pub enum Secret<'a> {
    /// The card access number.
    Can(&'a str),
    /// All lines of the machine readable zone, one after the other.
    Mrz(&'a str),
}

impl<'a> Secret<'a> {
    fn words(self) -> [&'a str; 2] {
        match self {
            Secret::Can(digits) => ["can", digits],
            Secret::Mrz(lines) => ["mrz", lines],
        }
    }
}

/// Has a terminal open a card, which answers commands, and read these files of it, whole.
///
/// # Errors
/// What the terminal says of the step that went wrong.
pub fn read_by_terminal(
    secret: Secret<'_>,
    files: &[u16],
    card: &mut dyn FnMut(&[u8]) -> Vec<u8>,
) -> Result<Vec<Vec<u8>>, String> {
    #[expect(clippy::disallowed_methods, reason = "a peer that speaks on its stdin and stdout, call by call")]
    let mut program = std::process::Command::new(env!("OPENPACE_TERMINAL"));
    program.args(secret.words()).args(files.iter().map(|id| format!("{id:04X}")));
    let child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("tests/build.rs has built it");
    let (mut stdin, stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let (mut contents, mut wrong) = (Vec::new(), None);
    for line in BufReader::new(stdout).lines() {
        let line = line.expect("a pipe of text");
        match line.split_once(' ') {
            Some(("=", content)) => contents.push(bytes(content).expect("digits")),
            Some((_, reason)) => wrong = Some(reason.to_owned()),
            None => writeln!(stdin, "{}", hex(&card(&bytes(&line).expect("digits")))).expect("it listens"),
        }
    }
    let ended = child.wait().expect("a child");
    match wrong {
        None if ended.success() => Ok(contents),
        wrong => Err(wrong.unwrap_or_else(|| ended.to_string())),
    }
}

/// A running chip; it ends with this value.
pub struct OpenPaceCard {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// How often it was called, and with how many commands in all.
    pub calls: (usize, usize),
}

impl OpenPaceCard {
    /// Starts a chip with this EF.CardAccess and these files.
    pub fn start(secret: Secret<'_>, card_access: &[u8], files: &[(u16, &[u8])]) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a peer that speaks on its stdin and stdout, call by call")]
        let mut program = std::process::Command::new(env!("OPENPACE_CARD"));
        program.args(secret.words());
        program.arg(hex(card_access));
        for (id, content) in files {
            program.args([format!("{id:04X}"), hex(content)]);
        }
        let mut child =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tests/build.rs has built it");
        let (stdin, stdout) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        Self { child, stdin, stdout: BufReader::new(stdout), calls: (0, 0) }
    }

    fn answer(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        writeln!(self.stdin, "{}", hex(command)).ok()?;
        let mut line = String::new();
        self.stdout.read_line(&mut line).ok()?;
        bytes(line.trim())
    }
}

impl Transport for &mut OpenPaceCard {
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        self.calls = (self.calls.0 + 1, self.calls.1 + commands.len());
        commands.iter().map(|command| self.answer(command).ok_or(TransportError::Gone)).collect()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}

impl Drop for OpenPaceCard {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}
