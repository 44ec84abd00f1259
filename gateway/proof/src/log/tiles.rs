//! Reads hashes out of tiles, and makes proofs of them.

use std::collections::BTreeMap;

use super::append::LogError;
use super::store::{Resource, Store};
use super::tree::{Hash, node_hash, root_of, split};

/// Hashes in a full tile.
pub(super) const FULL: u64 = 256;

/// How many hashes tile `index` of `level` has in a log of `size` entries.
pub(super) fn width(size: u64, level: u8, index: u64) -> u16 {
    // `FULL` at most.
    (size >> (8 * u32::from(level))).saturating_sub(index * FULL).min(FULL) as u16
}

/// Reads a tile, or entries, of this width, out of the full one if the partial one is gone.
pub(super) fn read_or_full<S: Store>(store: &S, wanted: Resource) -> Result<Option<Vec<u8>>, LogError> {
    if let Some(bytes) = store.read(wanted)? {
        return Ok(Some(bytes));
    }
    let full = match wanted {
        Resource::Checkpoint => return Ok(None),
        Resource::Tile { level, index, .. } => Resource::Tile { level, index, width: 256 },
        Resource::Entries { index, .. } => Resource::Entries { index, width: 256 },
    };
    Ok(store.read(full)?)
}

pub(super) fn read_tile<S: Store>(store: &S, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, LogError> {
    let file = Resource::Tile { level, index, width };
    let damaged = || LogError::Damaged(file.to_string());
    let bytes = read_or_full(store, file)?.ok_or_else(damaged)?;
    let (mut hashes, rest) = (bytes.as_chunks::<32>().0.to_vec(), bytes.as_chunks::<32>().1);
    let fits = rest.is_empty() && (hashes.len() == usize::from(width) || hashes.len() == 256);
    if !fits {
        return Err(damaged());
    }
    hashes.truncate(usize::from(width));
    Ok(hashes)
}

/// Hashes of a log of `size` entries; each tile is read once.
pub(super) struct Tiles<'a, S> {
    store: &'a S,
    size: u64,
    read: BTreeMap<(u8, u64), Vec<Hash>>,
}

impl<'a, S: Store> Tiles<'a, S> {
    pub(super) fn new(store: &'a S, size: u64) -> Self {
        Self { store, size, read: BTreeMap::new() }
    }

    /// Root over `leaves`, a power of two, that begin at a multiple of it.
    fn perfect(&mut self, start: u64, leaves: u64) -> Result<Hash, LogError> {
        let height = leaves.trailing_zeros();
        let level = (height / 8).min(7) as u8;
        let first = start >> (8 * u32::from(level));
        let index = first / FULL;
        let hashes = match self.read.entry((level, index)) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(read_tile(self.store, level, index, width(self.size, level, index))?)
            }
        };
        let offset = (first % FULL) as usize;
        let own = hashes.get(offset..offset + (1 << (height % 8)));
        own.map(root_of).ok_or(LogError::NoEntry { index: start, size: self.size })
    }

    /// Root over the entries from `start`, a multiple of a power of two that is not below their number, to `end`.
    fn range(&mut self, start: u64, end: u64) -> Result<Hash, LogError> {
        let leaves = end - start;
        if leaves.is_power_of_two() {
            return self.perfect(start, leaves);
        }
        let left = split(leaves);
        let left_root = self.perfect(start, left)?;
        Ok(node_hash(&left_root, &self.range(start + left, end)?))
    }

    /// Root of the first `size` entries.
    pub(super) fn root(&mut self, size: u64) -> Result<Hash, LogError> {
        if size == 0 { Ok(super::tree::empty_hash()) } else { self.range(0, size) }
    }

    /// RFC 6962, section 2.1.1.
    pub(super) fn inclusion(&mut self, index: u64, size: u64) -> Result<Vec<Hash>, LogError> {
        let (mut start, mut end, mut path) = (0, size, Vec::new());
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// RFC 6962, section 2.1.2.
    pub(super) fn consistency(&mut self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        let (mut start, mut end, mut path) = (0, new, Vec::new());
        if old == 0 {
            return Ok(path);
        }
        while end != old {
            let middle = start + split(end - start);
            if old <= middle {
                path.push(self.range(middle, end)?);
                end = middle;
            } else {
                path.push(self.range(start, middle)?);
                start = middle;
            }
        }
        // The old tree's last part, unless that is the whole old tree: who checks has its root.
        if start > 0 {
            path.push(self.range(start, end)?);
        }
        path.reverse();
        Ok(path)
    }
}
