//! Where a blob's bytes are: in memory, or in an unnamed file. Memory is overwritten when the last holder lets go.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use bytes::Bytes;
use zeroize::Zeroizing;

/// How far a blob is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// So many bytes are there, more will come.
    Growing(u64),
    /// All bytes are there.
    Complete(u64),
    /// Nothing more will come.
    Failed,
}

pub(super) enum Data {
    /// Pieces, each with the offset at which it ends, and the small ones that came after them, put together.
    Memory { pieces: Vec<(u64, Bytes)>, tail: Zeroizing<Vec<u8>> },
    /// An unnamed file.
    Spool { file: File, length: u64 },
}

/// Small pieces are put together up to this: each piece has a cost of its own beside its bytes.
const TAIL: usize = 64 * 1024;

fn whole(pieces: &[(u64, Bytes)]) -> u64 {
    pieces.last().map_or(0, |(end, _)| *end)
}

impl Data {
    pub(super) fn new() -> Self {
        Self::Memory { pieces: Vec::new(), tail: Zeroizing::default() }
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Memory { pieces, tail } => whole(pieces) + tail.len() as u64,
            Self::Spool { length, .. } => *length,
        }
    }

    pub(super) fn in_memory(&self) -> u64 {
        match self {
            Self::Memory { .. } => self.len(),
            Self::Spool { .. } => 0,
        }
    }

    /// Adds bytes; with `spill` all of it moves to a file first.
    pub(super) fn append(&mut self, bytes: Vec<u8>, spill: bool, spool: &Path) -> std::io::Result<()> {
        if let (Self::Memory { pieces, tail }, true) = (&*self, spill) {
            let mut file = tempfile::tempfile_in(spool)?;
            for (_, piece) in pieces {
                file.write_all(piece)?;
            }
            file.write_all(tail)?;
            *self = Self::Spool { file, length: self.len() };
        }
        match self {
            Self::Memory { pieces, tail } => {
                let large = bytes.len() >= TAIL / 4;
                if !tail.is_empty() && (large || tail.len() + bytes.len() > TAIL) {
                    let full = std::mem::take(tail);
                    pieces.push((whole(pieces) + full.len() as u64, Bytes::from_owner(full)));
                }
                if large {
                    pieces.push((whole(pieces) + bytes.len() as u64, Bytes::from_owner(Zeroizing::new(bytes))));
                } else {
                    // All room at once: a vector that grows would leave copies behind.
                    let room = TAIL - tail.len();
                    tail.reserve_exact(room);
                    tail.extend_from_slice(&bytes);
                }
            }
            Self::Spool { file, length } => {
                file.write_all_at(&bytes, *length)?;
                *length += bytes.len() as u64;
            }
        }
        Ok(())
    }

    /// At most `max` bytes from an offset; empty at the end.
    pub(super) fn read(&self, offset: u64, max: usize) -> std::io::Result<Bytes> {
        match self {
            Self::Memory { pieces, tail } => {
                let index = pieces.partition_point(|(end, _)| *end <= offset);
                let Some((end, piece)) = pieces.get(index) else {
                    let from = usize::try_from(offset - whole(pieces)).unwrap_or(usize::MAX).min(tail.len());
                    let piece = tail[from..tail.len().min(from + max)].to_vec();
                    return Ok(Bytes::from_owner(Zeroizing::new(piece)));
                };
                let begin = end - piece.len() as u64;
                let from = usize::try_from(offset - begin).unwrap_or(usize::MAX).min(piece.len());
                Ok(piece.slice(from..piece.len().min(from + max)))
            }
            Self::Spool { file, length } => {
                let left = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
                let mut bytes = vec![0; left.min(max)];
                file.read_exact_at(&mut bytes, offset)?;
                Ok(Bytes::from_owner(Zeroizing::new(bytes)))
            }
        }
    }

    /// Forgets everything. The file has no name: it is gone with its last handle.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }
}
