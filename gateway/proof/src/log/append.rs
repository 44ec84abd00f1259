//! The log itself: appends, and never takes back.
//!
//! Tiles are durable before a checkpoint that needs them is signed, and the checkpoint is durable before an entry is called
//! appended. After a crash in between, the last checkpoint holds; what lies behind it was never signed, and is written over.

use std::ops::Range;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::entry::{Entry, Opening};
use super::note::{NoteError, NoteSigner, NoteVerifier};
use super::proof::{ProofError, verify_inclusion};
use super::sidecar::Sidecar;
use super::store::{Resource, Store, StoreError};
use super::tiles::{FULL, Tiles, read_or_full, read_tile, width};
use super::tree::{Hash, empty_hash, leaf_hash, node_hash, perfect_trees, root_of};

/// Why the log does not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file could not be read or written. Nothing was appended; try again.
    #[error("nothing was appended")]
    Store(#[from] StoreError),
    /// The checkpoint may be written or not, so what is in the log is not known until it is opened again.
    #[error("whether the entries were appended is not known; open the log again and look")]
    Unknown(#[source] Option<StoreError>),
    /// A file does not fit the checkpoint.
    #[error("{0} of the log is missing or does not fit its checkpoint; restore it from a copy")]
    Damaged(String),
    /// There is no log here, or its checkpoint is gone.
    #[error("there is no checkpoint; if there was a log, restore it, else create one")]
    NoLog,
    /// There is a log already.
    #[error("there is a log already; open it")]
    LogExists,
    /// The log has no such entry.
    #[error("the log has {size} entries, and none at {index}")]
    NoEntry {
        /// Which was asked for.
        index: u64,
        /// Entries that the log has.
        size: u64,
    },
    /// About the checkpoint or its key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The entry at this place is another.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// The right edge of the tree: all that appending needs.
#[derive(Clone, Default)]
struct Edge {
    size: u64,
    /// Hashes of each level's partial tile; fewer than 256 in each.
    levels: Vec<Vec<Hash>>,
    /// Entries of the partial tile of level 0, as their file has them.
    entries: Vec<u8>,
}

impl Edge {
    /// Takes an entry in, and gives the files that it fills.
    fn push(&mut self, entry: &[u8; 32], full: &mut Vec<(Resource, Vec<u8>)>) {
        // c2sp.org/tlog-tiles: before each entry its length, two bytes, the highest first.
        self.entries.extend([0, 32]);
        self.entries.extend(entry);
        let mut hash = leaf_hash(entry);
        for level in 0u8.. {
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(hash);
            if (hashes.len() as u64) < FULL {
                break;
            }
            let index = self.size >> (8 * (u32::from(level) + 1));
            full.push((Resource::Tile { level, index, width: 256 }, hashes.concat()));
            hash = root_of(hashes);
            hashes.clear();
            if level == 0 {
                full.push((Resource::Entries { index, width: 256 }, std::mem::take(&mut self.entries)));
            }
        }
        self.size += 1;
    }

    /// The files of its first `levels` levels that are not full.
    fn partial(&self, levels: usize) -> Vec<(Resource, Vec<u8>)> {
        let mut files = Vec::new();
        for (level, hashes) in (0u8..).zip(&self.levels).take(levels).filter(|(_, hashes)| !hashes.is_empty()) {
            let index = self.size >> (8 * (u32::from(level) + 1));
            let width = u16::try_from(hashes.len()).unwrap_or(256);
            files.push((Resource::Tile { level, index, width }, hashes.concat()));
            if level == 0 {
                files.push((Resource::Entries { index, width }, self.entries.clone()));
            }
        }
        files
    }

    fn root(&self) -> Hash {
        let mut trees = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = &hashes[..];
            for count in perfect_trees(hashes.len()) {
                let (own, after) = rest.split_at(count);
                trees.push(root_of(own));
                rest = after;
            }
        }
        let whole = trees.into_iter().rev().reduce(|right, left| node_hash(&left, &right));
        whole.unwrap_or_else(empty_hash)
    }
}

/// A log that is appended to. One at a time for each store.
pub struct Log<S> {
    store: S,
    signer: Box<dyn NoteSigner + Send>,
    edge: Edge,
    checkpoint: SignedCheckpoint,
    known: bool,
}

impl<S: Store> Log<S> {
    /// Begins an empty log. Its origin is the signer's name.
    ///
    /// # Errors
    /// [`LogError::LogExists`], or of store and key.
    pub fn create(mut store: S, signer: Box<dyn NoteSigner + Send>) -> Result<Self, LogError> {
        if store.read(Resource::Checkpoint)?.is_some() {
            return Err(LogError::LogExists);
        }
        let origin = signer.verifier().name().to_owned();
        let checkpoint = SignedCheckpoint::sign(Checkpoint { origin, size: 0, root: empty_hash() }, signer.as_ref())?;
        store.write(&[(Resource::Checkpoint, checkpoint.to_string().into_bytes())])?;
        Ok(Self { store, signer, edge: Edge::default(), checkpoint, known: true })
    }

    /// Opens a log where it stopped, and holds its right edge against its checkpoint. For all of it see [`check`](Self::check).
    ///
    /// # Errors
    /// [`LogError`]: none there, damaged, or signed by another key.
    pub fn open(mut store: S, signer: Box<dyn NoteSigner + Send>) -> Result<Self, LogError> {
        let note = store.read(Resource::Checkpoint)?.ok_or(LogError::NoLog)?;
        let text = String::from_utf8(note).map_err(|_| NoteError::Form("it is no text"))?;
        let checkpoint = SignedCheckpoint::parse(&text)?;
        let (state, _) = checkpoint.verify(signer.verifier(), &[], 0)?;
        let mut edge = Edge { size: state.size, ..Edge::default() };
        for level in (0u8..8).take_while(|level| state.size >> (8 * u32::from(*level)) > 0) {
            let index = state.size >> (8 * u32::from(level)) >> 8;
            let width = width(state.size, level, index);
            edge.levels.push(if width == 0 { Vec::new() } else { read_tile(&store, level, index, width)? });
        }
        let index = state.size / FULL;
        let width = width(state.size, 0, index);
        if width > 0 {
            let file = Resource::Entries { index, width };
            let entries = read_entries(&store, file)?;
            let hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
            if edge.levels.first() != Some(&hashes) {
                return Err(LogError::Damaged(file.to_string()));
            }
            edge.entries = entries.iter().flat_map(|entry| [&[0, 32], &entry[..]].concat()).collect();
        }
        if edge.root() != state.root {
            return Err(LogError::Damaged(Resource::Tile { level: 0, index, width }.to_string()));
        }
        // Whoever wrote it may have been stopped before it was durable, and others may have seen it already.
        store.write(&[(Resource::Checkpoint, text.into_bytes())])?;
        Ok(Self { store, signer, edge, checkpoint, known: true })
    }

    /// Appends entries, in one step: all or none. When this returns, they and the checkpoint over them outlive a power cut.
    /// Gives their places.
    ///
    /// # Errors
    /// [`LogError`]. After [`LogError::Unknown`] the log does nothing more until it is opened again.
    pub fn append(&mut self, entries: &[Entry]) -> Result<Range<u64>, LogError> {
        if !self.known {
            return Err(LogError::Unknown(None));
        }
        let places = self.edge.size..self.edge.size + entries.len() as u64;
        if entries.is_empty() {
            return Ok(places);
        }
        let mut edge = self.edge.clone();
        let mut files = Vec::new();
        for entry in entries {
            edge.push(entry.as_bytes(), &mut files);
        }
        let full: Vec<Resource> = files.iter().map(|(file, _)| *file).collect();
        // A level changes only when one below it was filled.
        let levels = full.iter().map(|file| if let Resource::Tile { level, .. } = file { level + 2 } else { 1 });
        files.extend(edge.partial(levels.max().unwrap_or(1).into()));
        self.store.write(&files)?;
        let state = Checkpoint { origin: self.verifier().name().to_owned(), size: edge.size, root: edge.root() };
        let checkpoint = SignedCheckpoint::sign(state, self.signer.as_ref())?;
        if let Err(error) = self.store.write(&[(Resource::Checkpoint, checkpoint.to_string().into_bytes())]) {
            self.known = false;
            return Err(LogError::Unknown(Some(error)));
        }
        (self.edge, self.checkpoint) = (edge, checkpoint);
        full.into_iter().for_each(|file| self.store.forget_partial(file));
        Ok(places)
    }

    /// The newest checkpoint, with the signatures that it has.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Whose log this is.
    pub fn verifier(&self) -> &NoteVerifier {
        self.signer.verifier()
    }

    /// Entries.
    pub fn size(&self) -> u64 {
        self.edge.size
    }

    /// The store, to serve from.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Serves a checkpoint that came back with cosignatures, if it is the newest still. One that is older is good for
    /// [`sidecar`](Self::sidecar) all the same.
    ///
    /// # Errors
    /// [`LogError::Note`]: not the newest, or a signature of these cosigners is wrong. Else of the store.
    pub fn publish(&mut self, cosigned: SignedCheckpoint, cosigners: &[NoteVerifier]) -> Result<(), LogError> {
        if !self.known {
            return Err(LogError::Unknown(None));
        }
        let (state, _) = cosigned.verify(self.verifier(), cosigners, 1)?;
        if state != self.checkpoint.unverified() {
            return Err(LogError::Note(NoteError::Form("it is not the newest")));
        }
        self.store.write(&[(Resource::Checkpoint, cosigned.to_string().into_bytes())])?;
        self.checkpoint = cosigned;
        Ok(())
    }

    /// The proof that an entry is in the log, for who holds the copy; in the state of this checkpoint, newest or older.
    ///
    /// # Errors
    /// [`LogError`]: no such entry in that state, another entry, or a checkpoint of another log.
    pub fn sidecar(&self, opening: Opening, index: u64, checkpoint: &SignedCheckpoint) -> Result<Sidecar, LogError> {
        let (state, _) = checkpoint.verify(self.verifier(), &[], 0)?;
        let proof = self.inclusion(index, state.size)?;
        verify_inclusion(&leaf_hash(opening.entry().as_bytes()), index, state.size, &state.root, &proof)?;
        Ok(Sidecar::new(opening, index, proof, checkpoint.clone()))
    }

    /// The proof that the first `size` entries have this one at `index`: hashes from the leaf's sibling up.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        if index >= size || size > self.size() {
            return Err(LogError::NoEntry { index, size: size.min(self.size()) });
        }
        Tiles::new(&self.store, self.size()).inclusion(index, size)
    }

    /// The proof that the log's first `new` entries grew from its first `old`.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        if old > new || new > self.size() {
            return Err(LogError::NoEntry { index: new.max(old), size: self.size() });
        }
        Tiles::new(&self.store, self.size()).consistency(old, new)
    }

    /// Root over the first `size` entries.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn root(&self, size: u64) -> Result<Hash, LogError> {
        if size > self.size() {
            return Err(LogError::NoEntry { index: size, size: self.size() });
        }
        Tiles::new(&self.store, self.size()).root(size)
    }

    /// The entry at a place.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn entry(&self, index: u64) -> Result<Entry, LogError> {
        let none = LogError::NoEntry { index, size: self.size() };
        if index >= self.size() {
            return Err(none);
        }
        let width = width(self.size(), 0, index / FULL);
        let entries = read_entries(&self.store, Resource::Entries { index: index / FULL, width })?;
        entries.get((index % FULL) as usize).map(|entry| Entry(*entry)).ok_or(none)
    }

    /// All entries, in order; each file is read once.
    pub fn entries(&self) -> impl Iterator<Item = Result<Entry, LogError>> + '_ {
        (0..self.size().div_ceil(FULL)).flat_map(|index| {
            let width = width(self.size(), 0, index);
            match read_entries(&self.store, Resource::Entries { index, width }) {
                Ok(entries) => entries.into_iter().map(|entry| Ok(Entry(entry))).collect(),
                Err(error) => vec![Err(error)],
            }
        })
    }

    /// Reads the whole log and holds each tile and the checkpoint against its entries. For every day; one pass, little memory.
    ///
    /// # Errors
    /// [`LogError::Damaged`] with the first file that does not fit.
    pub fn check(&self) -> Result<(), LogError> {
        let mut edge = Edge::default();
        for index in 0..self.size().div_ceil(FULL) {
            let width = width(self.size(), 0, index);
            let mut full = Vec::new();
            for entry in read_entries(&self.store, Resource::Entries { index, width })? {
                edge.push(&entry, &mut full);
            }
            self.fits(full)?;
        }
        self.fits(edge.partial(edge.levels.len()))?;
        let fits = edge.root() == self.checkpoint.unverified().root;
        if fits { Ok(()) } else { Err(LogError::Damaged(Resource::Checkpoint.to_string())) }
    }

    fn fits(&self, files: Vec<(Resource, Vec<u8>)>) -> Result<(), LogError> {
        for (file, bytes) in files {
            if self.store.read(file)?.as_ref() != Some(&bytes) {
                return Err(LogError::Damaged(file.to_string()));
            }
        }
        Ok(())
    }
}

fn read_entries<S: Store>(store: &S, file: Resource) -> Result<Vec<[u8; 32]>, LogError> {
    let damaged = || LogError::Damaged(file.to_string());
    let Resource::Entries { width, .. } = file else { return Err(damaged()) };
    let bytes = read_or_full(store, file)?.ok_or_else(damaged)?;
    let (entries, rest) = bytes.as_chunks::<34>();
    let fits = rest.is_empty() && (entries.len() == usize::from(width) || entries.len() == 256);
    if !fits || entries.iter().any(|entry| entry[..2] != [0, 32]) {
        return Err(damaged());
    }
    let own = entries.iter().take(usize::from(width));
    Ok(own.map(|entry| std::array::from_fn(|place| entry[place + 2])).collect())
}
