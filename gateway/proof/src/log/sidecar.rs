//! The file that goes with a copy and proves, without any network, that it was logged (c2sp.org/tlog-proof). Its extra data is
//! the [`Opening`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{self, Checkpoint, SignedCheckpoint};
use super::entry::Opening;
use super::note::{NoteError, NoteVerifier};
use super::proof::{ProofError, verify_inclusion};
use super::tree::{Hash, leaf_hash};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2⁶⁴ entries is 64 high.
const MOST_HASHES: usize = 64;
const LONGEST: usize = checkpoint::LONGEST + 8192;

/// Why a sidecar proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SidecarError {
    /// Not of the form.
    #[error("the proof file is damaged ({0}); fetch it again")]
    Form(&'static str),
    /// About its checkpoint.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It does not prove this.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// An entry's opening, the proof that it is in the log, and the log's state. File name extension: `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sidecar {
    opening: Opening,
    index: u64,
    proof: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

impl Sidecar {
    pub(super) fn new(opening: Opening, index: u64, proof: Vec<Hash>, checkpoint: SignedCheckpoint) -> Self {
        Self { opening, index, proof, checkpoint }
    }

    /// Reads a sidecar: bounded, and in the one form that there is. It proves nothing before [`verify`](Self::verify).
    ///
    /// # Errors
    /// [`SidecarError`].
    pub fn parse(text: &str) -> Result<Self, SidecarError> {
        if text.len() > LONGEST {
            return Err(SidecarError::Form("it is too long"));
        }
        let (head, note) = text.split_once("\n\n").ok_or(SidecarError::Form("it has no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(SidecarError::Form("it is none"));
        }
        let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
        let extra = extra.and_then(|extra| STANDARD.decode(extra).ok());
        let opening = extra.and_then(|extra| Opening::from_bytes(&extra).ok());
        let opening = opening.ok_or(SidecarError::Form("it does not say what was logged"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|index| index.parse().ok().filter(|number: &u64| number.to_string() == index));
        let index = index.ok_or(SidecarError::Form("its index is no number"))?;
        let hash = |line: &str| STANDARD.decode(line).ok().and_then(|hash| Hash::try_from(hash).ok());
        let proof: Option<Vec<Hash>> = lines.take(MOST_HASHES + 1).map(hash).collect();
        let proof = proof.filter(|proof| proof.len() <= MOST_HASHES).ok_or(SidecarError::Form("a line is no hash"))?;
        Ok(Self { opening, index, proof, checkpoint: SignedCheckpoint::parse(note)? })
    }

    /// Makes sure that the log holds what the opening says. Gives the opening and the state that proves it. That it is about
    /// this copy is told by its code, content and number: compare them.
    ///
    /// # Errors
    /// [`SidecarError`].
    pub fn verify(
        &self,
        log: &NoteVerifier,
        cosigners: &[NoteVerifier],
        quorum: usize,
    ) -> Result<(&Opening, &Checkpoint), SidecarError> {
        let (state, _) = self.checkpoint.verify(log, cosigners, quorum)?;
        let leaf = leaf_hash(self.opening.entry().as_bytes());
        verify_inclusion(&leaf, self.index, state.size, &state.root, &self.proof)?;
        Ok((&self.opening, state))
    }

    /// Place of the entry in the log.
    pub fn index(&self) -> u64 {
        self.index
    }
}

/// The file.
impl fmt::Display for Sidecar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nextra {}\nindex {}", STANDARD.encode(self.opening.to_bytes()), self.index)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
