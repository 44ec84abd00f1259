//! Documents as pages of dots, for printers that do not take them as they are.
//!
//! A document comes from anywhere, and drawing one may take for ever, take all memory or fall; no library bounds that.
//! So this program draws in a process of its own: itself, started with [`ARGUMENT`] (`child`), which has limits of its
//! own, opens nothing, and is killed when nobody waits for it any more.

mod child;
mod pdf;
mod picture;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
mod whole;

use std::process::{ExitStatus, Stdio};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

pub(crate) use child::{ARGUMENT, draw as draw_as_child};

use crate::raster::Sheet;
use crate::trouble::Trouble;
use crate::wire::shown;

/// Longest document of dots, bytes.
const RASTER_MAX: u64 = 256 << 20;
/// Address space for drawing, bytes: the document, a picture of [`picture::PICTURE_MAX`], and the dots of a page of A3 at
/// 600 dpi, four times.
const MEMORY: u64 = 2 << 30;
/// Time of the processor for one page, seconds. The request's own deadline comes first as a rule.
const PAGE_SECONDS: u64 = 120;
/// Longest reason that is read from the child, bytes.
const REASON_MAX: u64 = 1024;

/// What a document is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Pdf,
    Jpeg,
}

impl Kind {
    /// # Errors
    /// [`Trouble::Document`] if it is neither.
    pub(crate) fn of(document: &[u8]) -> Result<Self, Trouble> {
        // ISO 32000-1, 7.5.2; readers take it within the first 1024 bytes (annex H.3.3).
        let head = &document[..document.len().min(1024)];
        if head.windows(5).any(|part| part == b"%PDF-") {
            Ok(Self::Pdf)
        } else if document.starts_with(&[0xFF, 0xD8, 0xFF]) {
            Ok(Self::Jpeg)
        } else {
            Err(Trouble::Document("the document is neither a PDF nor a JPEG".into()))
        }
    }

    /// Its media type.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// What the child is told, as one line of JSON before the document.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    kind: Kind,
    sheet: Sheet,
    /// The process that waits for the drawing.
    driver: u32,
    /// Address space, bytes.
    memory: u64,
    /// Time of the processor for each page, seconds.
    page_seconds: u64,
}

/// Draws a document. Dropped, it is given up at once.
///
/// # Errors
/// [`Trouble::Document`] or [`Trouble::TooLarge`] if it cannot be drawn as a whole.
pub(crate) async fn drawn(kind: Kind, document: &[u8], sheet: Sheet) -> Result<Vec<u8>, Trouble> {
    let order = Order { kind, sheet, driver: std::process::id(), memory: MEMORY, page_seconds: PAGE_SECONDS };
    let no_child = |what: &str, error: &dyn std::fmt::Display| {
        Trouble::Document(format!("the document cannot be drawn: {what}: {error}"))
    };
    let mut order = serde_json::to_vec(&order).map_err(|error| no_child("no order", &error))?;
    order.push(b'\n');
    #[expect(clippy::disallowed_methods, reason = "the one child of a driver: this program, which only computes")]
    let mut command = Command::new("/proc/self/exe");
    let spawned = command
        .arg(ARGUMENT)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = spawned.map_err(|error| no_child("no process to draw it in", &error))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let tell = async {
        let mut stdin = stdin?;
        // A child that is gone says why by its end.
        let told = async { stdin.write_all(&order).await.and(stdin.write_all(document).await) };
        told.await.ok()
    };
    let (_, raster, reason) = tokio::join!(tell, read(stdout, RASTER_MAX), read(stderr, REASON_MAX));
    if raster.len() as u64 > RASTER_MAX {
        let most = RASTER_MAX >> 20;
        return Err(Trouble::TooLarge(format!(
            "the document is longer than {most} MiB when drawn; print fewer pages at once"
        )));
    }
    let status = child.wait().await.map_err(|error| no_child("the process that drew it is lost", &error))?;
    ended(status, &shown(&String::from_utf8_lossy(&reason))).map(|()| raster)
}

/// All that comes, and one byte more than the most if there is more.
async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What came until it broke is judged by the child's end.
        let _ = from.take(most + 1).read_to_end(&mut bytes).await;
    }
    bytes
}

/// What the child's end means.
fn ended(status: ExitStatus, reason: &str) -> Result<(), Trouble> {
    use std::os::unix::process::ExitStatusExt;
    let xcpu = rustix::process::Signal::XCPU.as_raw();
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(child::UNREADABLE), _) => Err(Trouble::Document(reason.to_owned())),
        (Some(child::TOO_LARGE), _) => Err(Trouble::TooLarge(reason.to_owned())),
        (_, Some(signal)) if signal == xcpu => Err(Trouble::TooLarge(format!(
            "a page of the document takes more than {PAGE_SECONDS} s of computing to draw; print it from another file"
        ))),
        _ => {
            tracing::warn!(%status, "a document could not be drawn within its limits");
            Err(Trouble::Document(
                "the document cannot be drawn: it needs too much memory, or is damaged in a way that stops the drawing"
                    .into(),
            ))
        }
    }
}
