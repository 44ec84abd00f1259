//! Pictures out of a stream of parts (RFC 2046, 5.1; `multipart/x-mixed-replace`), as cameras send it and not as it is
//! written: with and without lengths, with wrong lengths, with boundaries that have too many or too few dashes, with
//! bare line feeds. A picture counts as soon as it is whole, so that none waits for the one behind it.
//!
//! Pure: bytes come in, pictures come out; never more than one picture and its head is kept.

#[cfg(test)]
mod tests;

use std::time::Instant;

use memchr::memmem;

/// Longest picture that is taken, bytes.
pub(crate) const PICTURE_MAX: usize = 16 << 20;
/// Longest head of a part, bytes.
const HEAD_MAX: usize = 8 << 10;
/// Most boundaries within a part that are looked at although its length says that it goes on: each look takes longer.
const DOUBTS_MAX: u8 = 4;
/// Longest boundary, bytes: RFC 2046 allows 70.
const BOUNDARY_MAX: usize = 200;

/// A whole picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Its bytes, as they came, without what is behind its end.
    pub(crate) bytes: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// When its part began to come.
    pub(crate) begun: Instant,
}

/// What came out of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Picture(Picture),
    /// A part that is no whole picture.
    Damaged(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before a boundary: what comes is nothing.
    Between,
    /// In the head of a part.
    Head { begun: Instant },
    /// In a part.
    Body(Body),
    /// Behind the last part.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Body {
    begun: Instant,
    /// What its head says, until that turns out to be wrong.
    length: Option<usize>,
    /// So much of it has no boundary.
    searched: usize,
    /// Boundaries before that length that no picture ended at.
    doubts: u8,
}

/// A stream of parts.
#[derive(Debug)]
pub(crate) struct Multipart {
    /// Two dashes and the boundary without the dashes that it begins with.
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    at: At,
}

impl Multipart {
    /// With the boundary of a media type, `multipart/x-mixed-replace; boundary="frame"`; `None` if it has none.
    pub(crate) fn of(media_type: &str) -> Option<Self> {
        let boundary = boundary(media_type)?;
        // Some cameras name the boundary with the dashes before it, others without those that it begins with.
        let core = boundary.trim_start_matches('-');
        if core.is_empty() || boundary.len() > BOUNDARY_MAX {
            return None;
        }
        Some(Self { delimiter: [b"--", core.as_bytes()].concat(), buffer: Vec::new(), at: At::Between })
    }

    /// The last part is over.
    pub(crate) fn is_over(&self) -> bool {
        self.at == At::End
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8], now: Instant) -> Vec<Found> {
        self.buffer.extend_from_slice(bytes);
        let mut found = Vec::new();
        while self.step(now, &mut found) {}
        found
    }

    /// One step; says whether another one may be possible.
    fn step(&mut self, now: Instant, found: &mut Vec<Found>) -> bool {
        match self.at {
            At::Between => self.between(now),
            At::Head { begun } => self.head(begun, found),
            At::Body(body) => self.body(body, found),
            At::End => {
                self.buffer.clear();
                false
            }
        }
    }

    fn between(&mut self, now: Instant) -> bool {
        let Some(at) = memmem::find(&self.buffer, &self.delimiter) else {
            // The beginning of a boundary may have come already.
            let keep = self.buffer.len().min(self.delimiter.len());
            self.buffer.drain(..self.buffer.len() - keep);
            return false;
        };
        let behind = at + self.delimiter.len();
        // `--` behind it is the end (RFC 2046, 5.1.1); else the rest of the line is nothing.
        let rest = &self.buffer[behind..];
        if rest.starts_with(b"--") {
            self.at = At::End;
            return true;
        }
        let Some(line) = memchr::memchr(b'\n', rest) else {
            if rest.len() > HEAD_MAX {
                self.buffer.drain(..behind);
                return true;
            }
            return false;
        };
        self.buffer.drain(..=behind + line);
        self.at = At::Head { begun: now };
        true
    }

    fn head(&mut self, begun: Instant, found: &mut Vec<Found>) -> bool {
        let Some(end) = end_of_head(&self.buffer) else {
            if self.buffer.len() > HEAD_MAX {
                found.push(Found::Damaged(format!("the head of a part is longer than {HEAD_MAX} bytes")));
                self.at = At::Between;
                return true;
            }
            return false;
        };
        let length = content_length(&self.buffer[..end]);
        self.buffer.drain(..end);
        self.at = At::Body(Body { begun, length, searched: 0, doubts: 0 });
        true
    }

    fn body(&mut self, body: Body, found: &mut Vec<Found>) -> bool {
        let Body { begun, length, searched, mut doubts } = body;
        // A length is believed where a picture ends there.
        if let Some(length) = length.filter(|length| *length <= self.buffer.len()) {
            if let Ok(seen) = kiosk_jpeg::check(&self.buffer[..length])
                && is_padding(&self.buffer[seen.end..length])
            {
                let (width, height, end) = (seen.width, seen.height, seen.end);
                found.push(Found::Picture(Picture { bytes: self.take(length, end), width, height, begun }));
                return true;
            }
            self.at = At::Body(Body { length: None, ..body });
            return true;
        }
        let from = searched.saturating_sub(self.delimiter.len());
        let doubted = length.is_some() && doubts == DOUBTS_MAX;
        if let Some(at) = memmem::find(&self.buffer[from..], &self.delimiter).filter(|_| !doubted) {
            let part = without_line_end(&self.buffer[..from + at]);
            match kiosk_jpeg::check(&self.buffer[..part]) {
                Ok(seen) => {
                    let (width, height, end) = (seen.width, seen.height, seen.end);
                    found.push(Found::Picture(Picture { bytes: self.take(part, end), width, height, begun }));
                    return true;
                }
                Err(problem) if length.is_none() => {
                    found.push(Found::Damaged(problem.to_string()));
                    self.buffer.drain(..from + at);
                    self.at = At::Between;
                    return true;
                }
                Err(_) => doubts += 1,
            }
        }
        if self.buffer.len() > PICTURE_MAX {
            found.push(Found::Damaged(format!("it is longer than {} MiB", PICTURE_MAX >> 20)));
            self.buffer.clear();
            self.at = At::Between;
            return false;
        }
        self.at = At::Body(Body { searched: self.buffer.len(), doubts, ..body });
        false
    }

    /// The part at the beginning of the buffer, whose picture ends at `end`.
    fn take(&mut self, part: usize, end: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.buffer.drain(..part).collect();
        bytes.truncate(end);
        self.at = At::Between;
        bytes
    }
}

/// Where a head ends: behind its first empty line.
fn end_of_head(buffer: &[u8]) -> Option<usize> {
    let mut line = 0;
    for end in memchr::memchr_iter(b'\n', &buffer[..buffer.len().min(HEAD_MAX)]) {
        if matches!(&buffer[line..end], b"" | b"\r") {
            return Some(end + 1);
        }
        line = end + 1;
    }
    None
}

/// The length that a head tells; none if it is no number, or more than is taken.
fn content_length(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head);
    let value = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-length").then(|| value.trim().to_owned())
    })?;
    value.parse().ok().filter(|length| (1..=PICTURE_MAX).contains(length))
}

/// Behind a picture some cameras send zeros or a line end.
fn is_padding(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, 0 | b'\r' | b'\n'))
}

/// The line end before a boundary belongs to the boundary, as do dashes that it has too many.
fn without_line_end(bytes: &[u8]) -> usize {
    let dashes = bytes.iter().rev().take_while(|byte| **byte == b'-').count();
    let bytes = &bytes[..bytes.len() - dashes];
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes).len()
}

/// The `boundary` of a media type, also in quotes.
fn boundary(media_type: &str) -> Option<&str> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"').trim())
    })
}
