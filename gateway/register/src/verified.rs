//! How far the journal was found whole, so that not each opening must read all of it.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::ids::{CaseId, Hash};

/// So that no other program's hashes are these.
const DOMAIN: &[u8] = b"kiosk-register verified 1";

/// All was whole up to a record, and what there was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verified {
    /// The number of the last record that was read.
    pub(crate) seq: i64,
    /// Its hash.
    pub(crate) hash: Hash,
    /// How many of the records gave a number.
    pub(crate) numbered: i64,
    /// [`cases_hash`] of the cases that were not purged.
    pub(crate) cases: Hash,
}

impl Verified {
    /// What was noted; `None` if nothing was, or if it is not as it was written.
    pub(crate) fn read(connection: &Connection) -> Result<Option<Self>, StoreError> {
        let select = "SELECT seq, hash, numbered, cases, row_check FROM verified WHERE id = 1";
        let row = connection.query_row(select, [], |row| {
            let parts = || -> rusqlite::Result<(Self, Hash)> {
                let verified = Self { seq: row.get(0)?, hash: row.get(1)?, numbered: row.get(2)?, cases: row.get(3)? };
                Ok((verified, row.get(4)?))
            };
            Ok(parts().ok())
        });
        let row = row.optional().map_err(StoreError::sql("read how far the journal was verified"))?;
        Ok(row.flatten().filter(|(verified, check)| verified.check() == *check).map(|(verified, _)| verified))
    }

    pub(crate) fn write(&self, connection: &Connection) -> Result<(), StoreError> {
        let failed = StoreError::sql("note how far the journal was verified");
        let insert = "INSERT OR REPLACE INTO verified (id, seq, hash, numbered, cases, row_check)
            VALUES (1, ?1, ?2, ?3, ?4, ?5)";
        let row = params![self.seq, self.hash, self.numbered, self.cases, self.check()];
        connection.execute(insert, row).map_err(failed).map(|_| ())
    }

    fn check(&self) -> Hash {
        let mut hasher = Sha256::new();
        // All of them have fixed lengths.
        hasher.update(DOMAIN);
        hasher.update(self.seq.to_be_bytes());
        hasher.update(self.hash.0);
        hasher.update(self.numbered.to_be_bytes());
        hasher.update(self.cases.0);
        Hash(hasher.finalize().into())
    }
}

/// One hash of some cases, in whatever order they come.
pub(crate) fn cases_hash<'a>(cases: impl Iterator<Item = &'a CaseId>) -> Hash {
    let mut cases: Vec<&CaseId> = cases.collect();
    cases.sort_unstable();
    let mut hasher = Sha256::new();
    for case in cases {
        hasher.update(case.0);
    }
    Hash(hasher.finalize().into())
}
