//! What a file was before its later updates: what is appended to a PDF file leaves all bytes before it as they were (ISO 32000-1,
//! section 7.5.6), so each earlier state is a beginning of the file, up to a line `%%EOF`.

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

/// Most earlier states that are looked at, from the beginning: as many as `kiosk-pades` takes revisions, with the three ways to
/// end a line.
const MOST: usize = 3072;
const END: &[u8] = b"%%EOF";

/// SHA-256 of each state of a file.
pub(crate) struct Revisions {
    length: usize,
    hashes: Vec<(usize, [u8; 32])>,
}

impl Revisions {
    pub(crate) fn of(file: &[u8]) -> Self {
        let mut hash = Sha256::new();
        let mut hashes = Vec::new();
        let mut done = 0;
        let mut from = 0;
        while let Some(found) = file[from..].windows(END.len()).position(|bytes| bytes == END) {
            let end = from + found + END.len();
            from = end;
            // With its end of line, without, and with one half of it.
            let behind = file[end..].iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            for end in end..=end + behind {
                if end == file.len() || hashes.len() == MOST {
                    break;
                }
                hash.update(&file[done..end]);
                done = end;
                hashes.push((end, hash.clone().finalize().into()));
            }
            if hashes.len() == MOST {
                break;
            }
        }
        hash.update(&file[done..]);
        hashes.push((file.len(), hash.finalize().into()));
        Self { length: file.len(), hashes }
    }

    /// How many bytes the file had when it had this hash; the most, if it had it more than once.
    pub(crate) fn end_of(&self, hash: &[u8; 32]) -> Option<usize> {
        self.hashes.iter().rev().find(|(_, own)| own == hash).map(|(end, _)| *end)
    }

    /// Of all states, the oldest first.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = [u8; 32]> {
        self.hashes.iter().map(|(_, hash)| *hash)
    }

    /// Of the whole file.
    pub(crate) fn whole(&self) -> [u8; 32] {
        self.hashes.last().map_or([0; 32], |(_, hash)| *hash)
    }

    /// Of the whole file, bytes.
    pub(crate) fn length(&self) -> usize {
        self.length
    }
}
