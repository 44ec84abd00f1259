//! Where a log's files are.

use std::collections::BTreeMap;
use std::fmt;

/// One file of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The signed checkpoint: the only file that changes.
    Checkpoint,
    /// Hashes of one level.
    Tile {
        /// 0 holds hashes of leaves, 1 roots of full tiles of level 0, and so on.
        level: u8,
        /// Which one of its level.
        index: u64,
        /// Hashes in it, 1 to 256; 256 is a full tile.
        width: u16,
    },
    /// The entries whose hashes are in the tile of level 0.
    Entries {
        /// As the tile's.
        index: u64,
        /// As the tile's.
        width: u16,
    },
}

impl Resource {
    /// The longest that any of them can be, bytes: a bundle of 256 entries of ours is 8,960, a checkpoint is bounded to this.
    pub const LONGEST: usize = 65_536;
}

/// The path below the log's prefix (c2sp.org/tlog-tiles), such as `tile/0/x001/234.p/17`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Checkpoint => return f.write_str("checkpoint"),
            Self::Tile { level, index, width } => {
                write!(f, "tile/{level}/")?;
                (*index, *width)
            }
            Self::Entries { index, width } => {
                f.write_str("tile/entries/")?;
                (*index, *width)
            }
        };
        let mut groups = vec![index % 1000];
        let mut rest = index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if width < 256 {
            write!(f, ".p/{width}")?;
        }
        Ok(())
    }
}

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{file} of the log could not be {what}; look at the disk")]
pub struct StoreError {
    /// Its path below the log's folder.
    pub file: String,
    /// "read", "written" and so on.
    pub what: &'static str,
    /// Why.
    #[source]
    pub source: std::io::Error,
}

/// Keeps a log's files. One [`super::Log`] writes to it at a time.
pub trait Store {
    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError`], also for a file longer than [`Resource::LONGEST`].
    fn read(&self, file: Resource) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes files, each whole or not at all, in any order. When this returns, all of them outlive a power cut.
    ///
    /// # Errors
    /// [`StoreError`]: each file may be the old one or the new one.
    fn write(&mut self, files: &[(Resource, Vec<u8>)]) -> Result<(), StoreError>;

    /// Forgets partial files of a tile or of entries that are full now. They are not needed: this may do nothing, and fail.
    fn forget_partial(&mut self, full: Resource);
}

/// A log in memory, for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory(BTreeMap<Resource, Vec<u8>>);

impl Store for Memory {
    fn read(&self, file: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(&file).cloned())
    }

    fn write(&mut self, files: &[(Resource, Vec<u8>)]) -> Result<(), StoreError> {
        self.0.extend(files.iter().cloned());
        Ok(())
    }

    fn forget_partial(&mut self, full: Resource) {
        self.0.retain(|file, _| match (file, full) {
            (Resource::Tile { level, index, width: ..256 }, Resource::Tile { level: of, index: at, .. }) => {
                (*level, *index) != (of, at)
            }
            (Resource::Entries { index, width: ..256 }, Resource::Entries { index: at, .. }) => *index != at,
            _ => true,
        });
    }
}
