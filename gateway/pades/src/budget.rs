//! How much work one file may cause. Who writes a file chooses how often the same is read, unpacked, hashed and verified again,
//! so all of that has one end, whatever causes it. Whoever went over it gets an error at the end, never a verdict.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::algorithm::Hash;

/// Most entries of cross references, in all sections. Each takes about 70 bytes of memory.
const ENTRIES: usize = 500_000;
/// Most objects that are looked at on the way to others: revisions are walked through one by one.
const PASSED: usize = 4_000_000;
/// Most bytes of objects that are read, again and again. About ten seconds' work; tests have less time.
const READ: usize = if cfg!(test) { 32 << 20 } else { 1 << 30 };
/// Most bytes that streams are unpacked to, all together.
const UNPACKED: usize = 256 << 20;
/// Most bytes that are hashed for signatures, or searched in lists of revoked certificates: four of the largest file.
const HASHED: usize = 4 << 30;
/// Most signatures that are verified, each one once. About two seconds' work.
const VERIFIED: usize = 2048;
/// Most questions to authorities.
const ASKED: usize = 64;

/// What is used up already.
#[derive(Default)]
pub(crate) struct Budget {
    entries: Cell<usize>,
    passed: Cell<usize>,
    read: Cell<usize>,
    unpacked: Cell<usize>,
    hashed: Cell<usize>,
    verified: Cell<usize>,
    asked: Cell<usize>,
    /// Of what there was too much.
    over: Cell<Option<&'static str>>,
    /// Signatures that were verified, by the hash of what was verified with which key.
    known: RefCell<HashMap<Vec<u8>, bool>>,
}

/// There was too much of this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Over(pub(crate) &'static str);

impl Budget {
    fn spend(&self, used: &Cell<usize>, amount: usize, most: usize, what: &'static str) -> Result<(), Over> {
        used.set(used.get().saturating_add(amount));
        if used.get() <= most {
            return Ok(());
        }
        self.over.set(Some(what));
        Err(Over(what))
    }

    pub(crate) fn entries(&self, entries: usize) -> Result<(), Over> {
        self.spend(&self.entries, entries, ENTRIES, "entries of cross references")
    }

    pub(crate) fn pass(&self) -> Result<(), Over> {
        self.spend(&self.passed, 1, PASSED, "objects")
    }

    pub(crate) fn read(&self, bytes: usize) -> Result<(), Over> {
        self.spend(&self.read, bytes, READ, "objects that are read again")
    }

    pub(crate) fn unpack(&self, bytes: usize) -> Result<(), Over> {
        self.spend(&self.unpacked, bytes, UNPACKED, "packed streams")
    }

    pub(crate) fn hash(&self, bytes: usize) -> Result<(), Over> {
        self.spend(&self.hashed, bytes, HASHED, "bytes that are signed again")
    }

    pub(crate) fn ask(&self) -> Result<(), Over> {
        self.spend(&self.asked, 1, ASKED, "certificates to ask about")
    }

    /// The answer of a verification, which is done once for the same parts. When there were too many it is no, and
    /// [`Budget::end`] says so.
    pub(crate) fn verified(&self, parts: &[&[u8]], verify: impl FnOnce() -> bool) -> bool {
        let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let framed: Vec<&[u8]> = lengths.iter().zip(parts).flat_map(|(length, part)| [&length[..], part]).collect();
        let name = Hash::Sha256.of(&framed);
        if let Some(known) = self.known.borrow().get(&name) {
            return *known;
        }
        if self.spend(&self.verified, 1, VERIFIED, "signatures to verify").is_err() {
            return false;
        }
        let answer = verify();
        self.known.borrow_mut().insert(name, answer);
        answer
    }

    /// Whether there was enough for everything: what was left out is no answer.
    pub(crate) fn end(&self) -> Result<(), Over> {
        self.over.get().map_or(Ok(()), |what| Err(Over(what)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_verified_once_and_not_everything() {
        let budget = Budget::default();
        let runs = Cell::new(0);
        let verify = |part: &[u8]| {
            budget.verified(&[b"key", part], || {
                runs.set(runs.get() + 1);
                true
            })
        };
        assert!(verify(b"1") && verify(b"1"));
        assert_eq!((runs.get(), budget.end()), (1, Ok(())));
        for number in 0..VERIFIED {
            verify(&number.to_be_bytes());
        }
        assert!(!verify(b"2"), "what is not verified is no yes");
        assert_eq!((runs.get(), budget.end()), (VERIFIED, Err(Over("signatures to verify"))));
        assert!(verify(b"1"));
    }
}
