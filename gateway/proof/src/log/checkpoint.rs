//! Checkpoints (c2sp.org/tlog-checkpoint): how large the log is, its root, and who signed that.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::note::{NoteError, NoteKind, NoteSigner, NoteVerifier};
use super::tree::Hash;

/// c2sp.org/signed-note asks for 16 at least.
const MOST_SIGNATURES: usize = 64;
pub(super) const LONGEST: usize = 32_768;

/// State of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

/// The text that is signed. Logs of ours have no extension lines, and none are read.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }
}

impl Checkpoint {
    fn parse(text: &str) -> Result<Self, NoteError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) =
            (lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::Form("it has not three lines"));
        };
        let size = size.parse().map_err(|_| NoteError::Form("its size is no number"))?;
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
        let read = Self { origin: origin.to_owned(), size, root: root.ok_or(NoteError::Form("its root is no hash"))? };
        // So there is one way to write it: no sign before the number, no zeros.
        if read.to_string() == text && !origin.is_empty() { Ok(read) } else { Err(NoteError::Form("its size")) }
    }
}

/// Who cosigned, and when (seconds since 1970).
pub type Seen<'a> = Vec<(&'a str, u64)>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl Line {
    fn is_of(&self, verifier: &NoteVerifier) -> bool {
        self.name == verifier.name() && self.id == verifier.id()
    }
}

/// A checkpoint with signatures. Reading it checks none: see [`verify`](Self::verify).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    lines: Vec<Line>,
}

impl SignedCheckpoint {
    /// Signs as the log.
    ///
    /// # Errors
    /// [`NoteError::Sign`].
    pub(super) fn sign(checkpoint: Checkpoint, signer: &dyn NoteSigner) -> Result<Self, NoteError> {
        let signature = signer.sign(checkpoint.to_string().as_bytes())?.to_vec();
        let verifier = signer.verifier();
        let line = Line { name: verifier.name().to_owned(), id: verifier.id(), signature };
        Ok(Self { checkpoint, lines: vec![line] })
    }

    /// Adds a cosignature, which says: at `time`, seconds since 1970, this was the newest state that the cosigner had seen, and
    /// it had grown from those before. To make sure of that is the cosigner's.
    ///
    /// # Errors
    /// [`NoteError`]: a key of a log, one that did not sign, or more than 64 signatures.
    pub fn cosign(&mut self, signer: &dyn NoteSigner, time: u64) -> Result<(), NoteError> {
        let verifier = signer.verifier();
        if verifier.kind() != NoteKind::Cosigner || time > i64::MAX as u64 {
            return Err(NoteError::Key(verifier.name().to_owned()));
        }
        if self.lines.len() >= MOST_SIGNATURES {
            return Err(NoteError::Form("it has 64 signatures"));
        }
        let signature = signer.sign(&cosigned(&self.checkpoint, time))?;
        let signature = [&time.to_be_bytes()[..], &signature].concat();
        self.lines.retain(|line| !line.is_of(verifier));
        self.lines.push(Line { name: verifier.name().to_owned(), id: verifier.id(), signature });
        Ok(())
    }

    /// Reads a checkpoint: bounded, and in the one form that there is.
    ///
    /// # Errors
    /// [`NoteError::Form`].
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        if note.len() > LONGEST {
            return Err(NoteError::Form("it is too long"));
        }
        if note.chars().any(|sign| sign < ' ' && sign != '\n') {
            return Err(NoteError::Form("it has control characters"));
        }
        let end = note.rfind("\n\n").ok_or(NoteError::Form("it has no signatures"))?;
        let checkpoint = Checkpoint::parse(&note[..=end])?;
        let signatures = note[end + 2..].strip_suffix('\n').ok_or(NoteError::Form("it is cut off"))?;
        let mut lines = Vec::new();
        for line in signatures.split('\n') {
            let line = line.strip_prefix("\u{2014} ").and_then(|line| line.split_once(' '));
            let (name, signature) = line.ok_or(NoteError::Form("a line is no signature"))?;
            let bytes = STANDARD.decode(signature).map_err(|_| NoteError::Form("a signature is no base 64"))?;
            let odd = |sign: char| sign.is_whitespace() || sign == '+';
            let Some((id, signature)) = bytes.split_first_chunk::<4>().filter(|(_, rest)| !rest.is_empty()) else {
                return Err(NoteError::Form("a signature is too short"));
            };
            if name.is_empty() || name.contains(odd) || lines.len() >= MOST_SIGNATURES {
                return Err(NoteError::Form("a signature has no name, or there are more than 64"));
            }
            lines.push(Line { name: name.to_owned(), id: *id, signature: signature.to_vec() });
        }
        Ok(Self { checkpoint, lines })
    }

    /// Makes sure that the log signed this and, of the cosigners that are known here, at least `quorum` did. Signatures of
    /// others are passed over, as the document says; a wrong one of a known key refuses the whole.
    ///
    /// Returns the checkpoint and, of each cosigner that signed, the name and time (seconds since 1970).
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn verify<'a, 'b>(
        &'a self,
        log: &NoteVerifier,
        cosigners: &'b [NoteVerifier],
        quorum: usize,
    ) -> Result<(&'a Checkpoint, Seen<'b>), NoteError> {
        if self.checkpoint.origin != log.name() {
            return Err(NoteError::OtherLog(self.checkpoint.origin.clone()));
        }
        let text = self.checkpoint.to_string();
        let own = |verifier: &NoteVerifier| self.lines.iter().filter(|line| line.is_of(verifier)).collect::<Vec<_>>();
        let lines = own(log);
        if log.kind() != NoteKind::Log || lines.is_empty() {
            return Err(NoteError::NotSigned(log.name().to_owned()));
        }
        for line in lines {
            let signature = line.signature.as_slice().try_into().ok();
            if !signature.is_some_and(|signature| log.fits(text.as_bytes(), signature)) {
                return Err(NoteError::Wrong(log.name().to_owned()));
            }
        }
        let mut seen = Vec::new();
        for cosigner in cosigners.iter().filter(|cosigner| cosigner.kind() == NoteKind::Cosigner) {
            let mut newest = None;
            for line in own(cosigner) {
                let parts = line.signature.split_first_chunk::<8>();
                let parts = parts.and_then(|(time, rest)| Some((u64::from_be_bytes(*time), rest.try_into().ok()?)));
                let Some((time, _)) = parts.filter(|(time, signature)| {
                    *time <= i64::MAX as u64 && cosigner.fits(&cosigned(&self.checkpoint, *time), signature)
                }) else {
                    return Err(NoteError::Wrong(cosigner.name().to_owned()));
                };
                newest = newest.max(Some(time));
            }
            // One cosigner counts once, however often it is listed.
            let listed = seen.iter().any(|(name, _)| *name == cosigner.name());
            if let (Some(time), false) = (newest, listed) {
                seen.push((cosigner.name(), time));
            }
        }
        if seen.len() < quorum {
            return Err(NoteError::NotSigned(format!("{quorum} cosigners that are known here")));
        }
        Ok((&self.checkpoint, seen))
    }

    /// What it says; not yet verified.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

fn cosigned(checkpoint: &Checkpoint, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{checkpoint}").into_bytes()
}

/// The note, as it is served.
impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        for line in &self.lines {
            let signature = STANDARD.encode([&line.id[..], &line.signature].concat());
            writeln!(f, "\u{2014} {} {signature}", line.name)?;
        }
        Ok(())
    }
}
