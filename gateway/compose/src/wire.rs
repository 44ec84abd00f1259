//! What goes between who wants a copy and the process that composes it: one request on its stdin, one answer on its stdout.
//!
//! ```text
//! request = frame of JSON | frame of each picture, in the pages' order | frame of the QR code's contents, if there is a
//!           verification | frame of the signature, of the seal, if there are pictures of them
//! answer  = frame of JSON | frame of the PDF file (empty if the copy is refused)
//! frame   = u32 length, big-endian | so many bytes
//! ```
//!
//! In the JSON floats are their bits ([`bits`]): they arrive exactly, and what is no number arrives as such and is refused
//! for that. Pictures are apart ([`apart`]): the JSON has only whether they are there. No length is allocated before it was
//! compared with its cap.

pub(crate) mod apart;
pub(crate) mod bits;
mod intake;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

pub(crate) use intake::{Intake, NoAnswer};

use crate::compose::ComposedCopy;
use crate::limits::{MAX_BYTES, MAX_MARK_BYTES, MAX_PIXELS};
use crate::refusal::Refusal;
use crate::request::{PageImage, Request};

/// Longest JSON of a request, bytes. A word has about 100 with its place, so these are the words of a thousand full pages.
pub(crate) const HEAD_MAX: u32 = 32 << 20;
/// Longest picture of a request, bytes: the most pixels.
#[expect(clippy::cast_possible_truncation, reason = "120,000,000")]
const BLOB_MAX: u32 = (MAX_PIXELS * 3) as u32;
/// All pictures and other bytes of a request, together.
const BLOBS_MAX: usize = MAX_BYTES + 2 * MAX_MARK_BYTES + (1 << 16);
/// Longest JSON of an answer, bytes: sizes and hashes of 200 pages are 40 KB.
pub(crate) const ANSWER_MAX: u32 = 256 << 10;
/// Longest PDF file of an answer, bytes: all pictures, fonts, and the words of the request.
#[expect(clippy::cast_possible_truncation, reason = "320 MiB")]
pub(crate) const PDF_MAX: u32 = (MAX_BYTES + (64 << 20)) as u32;

/// Why a request could not be sent or read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It is longer than its cap.
    #[error("the request is longer than its limit")]
    TooLarge,
    /// It is no request. The reader's own words are not told: they quote what they read.
    #[error("the request cannot be read ({0:?}); who asks and who composes must be of one version")]
    Garbled(serde_json::error::Category),
    /// The pipe broke, or ended too early.
    #[error("the pipe broke")]
    Pipe(#[from] io::Error),
}

/// What the composer answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// A copy; its file is apart.
    Copy(ComposedCopy),
    /// None, and why.
    Refused(Refusal),
}

/// All bytes of a request that are not in its JSON, in their order.
fn blobs(request: &mut Request) -> Vec<&mut Vec<u8>> {
    let pictures = request.pages.iter_mut().map(|page| match &mut page.image {
        PageImage::Jpeg(bytes) | PageImage::Png(bytes) | PageImage::Rgb(bytes) => bytes,
    });
    let code = request.verification.iter_mut().map(|verification| &mut verification.qr);
    let marks = [&mut request.signature, &mut request.seal].into_iter().filter_map(|mark| mark.png.as_mut());
    pictures.chain(code).chain(marks).collect()
}

/// A request as the pieces of bytes that are to be written one after the other.
///
/// # Errors
/// [`WireError::TooLarge`]
pub(crate) fn pieces(request: &mut Request) -> Result<Vec<Vec<u8>>, WireError> {
    let mut head = Head(Vec::new());
    serde_json::to_writer(&mut head, request).map_err(|_| WireError::TooLarge)?;
    let Head(head) = head;
    let mut pieces = vec![length(head.len(), HEAD_MAX)?.to_vec(), head];
    let mut all = 0_usize;
    for blob in blobs(request) {
        all = all.saturating_add(blob.len());
        if all > BLOBS_MAX {
            return Err(WireError::TooLarge);
        }
        pieces.push(length(blob.len(), BLOB_MAX)?.to_vec());
        pieces.push(std::mem::take(blob));
    }
    Ok(pieces)
}

/// JSON up to its cap.
struct Head(Vec<u8>);

impl Write for Head {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if length(self.0.len() + bytes.len(), HEAD_MAX).is_err() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn length(bytes: usize, most: u32) -> Result<[u8; 4], WireError> {
    let length = u32::try_from(bytes).ok().filter(|&length| length <= most);
    length.map(u32::to_be_bytes).ok_or(WireError::TooLarge)
}

/// One frame of at most so many bytes.
fn frame(from: &mut impl Read, most: usize) -> Result<Vec<u8>, WireError> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > most {
        return Err(WireError::TooLarge);
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Reads a request, in the process that composes.
pub(crate) fn read_request(from: &mut impl Read) -> Result<Request, WireError> {
    let size = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
    let head = frame(from, size(HEAD_MAX))?;
    let request: Result<Request, _> = serde_json::from_slice(&head);
    let mut request = request.map_err(|error| WireError::Garbled(error.classify()))?;
    drop(head);
    let mut left = BLOBS_MAX;
    for blob in blobs(&mut request) {
        *blob = frame(from, size(BLOB_MAX).min(left))?;
        left -= blob.len();
    }
    Ok(request)
}

/// Writes an answer, in the process that composes.
pub(crate) fn write_answer(to: &mut impl Write, answer: &Answer) -> Result<(), WireError> {
    let head = serde_json::to_vec(answer).map_err(|error| WireError::Garbled(error.classify()))?;
    let pdf: &[u8] = if let Answer::Copy(copy) = answer { &copy.pdf } else { &[] };
    to.write_all(&length(head.len(), ANSWER_MAX)?)?;
    to.write_all(&head)?;
    to.write_all(&length(pdf.len(), PDF_MAX)?)?;
    to.write_all(pdf)?;
    Ok(to.flush()?)
}
