//! The one place that runs OpenSSL's program: with a deadline, and bounded both ways.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::Semaphore;

/// An RSA key takes a second, several on a machine that is busy.
const WITHIN: Duration = Duration::from_secs(60);
/// Largest output taken. The largest that there is, a revocation list, has some 40 bytes for each certificate revoked.
const OUTPUT_MAX: u64 = 1 << 20;
/// Programs at a time; the others wait.
const AT_A_TIME: usize = 4;

/// Why OpenSSL did not do it.
#[derive(Debug, thiserror::Error)]
pub enum OpenSslError {
    /// It is not there.
    #[error("the program openssl is not there: install Debian's package openssl")]
    Missing,
    /// It cannot be run.
    #[error("the program openssl cannot be run")]
    Io(#[from] std::io::Error),
    /// It takes too long.
    #[error("`openssl {command}` was not done after {} s", WITHIN.as_secs())]
    Late {
        /// Its first word.
        command: String,
    },
    /// It says no.
    #[error("`openssl {command}` failed: {said}")]
    Failed {
        /// Its first word.
        command: String,
        /// The end of what it said.
        said: String,
    },
}

/// OpenSSL, in the authority's folder.
#[derive(Debug)]
pub(super) struct OpenSsl {
    folder: PathBuf,
    /// What certificates say of where lists and answers are.
    url: String,
    places: Semaphore,
}

impl OpenSsl {
    pub(super) fn new(folder: PathBuf, url: String) -> Self {
        Self { folder, url, places: Semaphore::new(AT_A_TIME) }
    }

    /// Runs it; what it writes to its standard output.
    pub(super) async fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, OpenSslError> {
        self.run_with_serial(arguments, input, "none").await
    }

    /// The same, where a stamp's number comes from this file.
    #[expect(clippy::disallowed_methods, reason = "no child of the gateway's")]
    pub(super) async fn run_with_serial(
        &self,
        arguments: &[&str],
        input: &[u8],
        serial: &str,
    ) -> Result<Vec<u8>, OpenSslError> {
        // It is never closed.
        let _place = self.places.acquire().await;
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(&self.folder);
        command.env("OPENSSL_CONF", "openssl.cnf").env("AUTHORITY", &self.url).env("STAMP_SERIAL", serial);
        let named = arguments.first().copied().unwrap_or_default();
        let out = run(command, input).await.map_err(|error| match error {
            RunError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => OpenSslError::Missing,
            RunError::Io(error) => OpenSslError::Io(error),
            RunError::Late => OpenSslError::Late { command: named.to_owned() },
            RunError::Failed(said) => OpenSslError::Failed { command: named.to_owned(), said },
        })?;
        Ok(out)
    }
}

/// Why a program did not do it.
#[derive(Debug)]
pub(super) enum RunError {
    Io(std::io::Error),
    Late,
    /// The end of what it said.
    Failed(String),
}

/// Runs a program with this input, within the deadline; what it writes to its standard output.
pub(super) async fn run(mut command: Command, input: &[u8]) -> Result<Vec<u8>, RunError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(RunError::Io)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(mut stdin) = stdin {
            // It may have heard enough before the end; its exit status tells what that means.
            let _ = stdin.write_all(input).await;
        }
    };
    let all = async {
        let ((), out, said) = tokio::join!(write, read(stdout), read(stderr));
        Ok::<_, std::io::Error>((out?, said?, child.wait().await?))
    };
    let (out, said, status) =
        tokio::time::timeout(WITHIN, all).await.map_err(|_| RunError::Late)?.map_err(RunError::Io)?;
    if status.success() {
        return Ok(out);
    }
    let said = String::from_utf8_lossy(&said);
    let last: Vec<&str> = said.lines().rev().take(3).collect();
    Err(RunError::Failed(last.into_iter().rev().collect::<Vec<_>>().join("; ")))
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(OUTPUT_MAX + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > OUTPUT_MAX {
        return Err(std::io::Error::other(format!("it writes more than {OUTPUT_MAX} bytes")));
    }
    Ok(bytes)
}
