//! What is personal, and how it goes: keys and rows are overwritten, and nothing of them is left in any file of the folder.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, params};

use crate::cases::{draft, load};
use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};
use crate::journal;
use crate::personal::{DocumentKey, Personal};
use crate::record::{Kind, sha256};
use crate::state::State;
use crate::store::{Room, Store};

/// Most bytes of a personal value.
const VALUE_MOST: usize = 64 << 10;
/// Most personal values of a case.
const VALUES_MOST: i64 = 100;
/// So long the file is made smaller in one go; the rest is made by the next one.
const COMPACT_MOST: Duration = Duration::from_secs(2);
/// Pages between two looks at the time.
const PAGES_AT_ONCE: u32 = 64;

/// Why a case is purged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purge {
    /// It is stored, refused, or revoked and logged, and was kept long enough.
    Retention,
    /// A person has decided so: it was given up before an officer approved it, is revoked, is parked, or need not be kept.
    Decision {
        /// Who.
        by: Code,
    },
}

impl Store {
    /// Keeps a personal value with a case, in place of the one of the same name; at most 64 KiB, and 100 of a case.
    ///
    /// # Errors
    /// [`StoreError::TooMuch`].
    pub fn put_personal(&mut self, case: CaseId, name: &Code, value: &Personal) -> Result<(), StoreError> {
        self.must_not_be_parked(case)?;
        self.write(Room::UnderWay, |change| {
            load(change, case)?;
            put_personal(change, case, name, value)
        })
    }

    /// A personal value of a case; `None` if it has none of this name.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if it is not as it was written.
    pub fn personal(&self, case: CaseId, name: &Code) -> Result<Option<Personal>, StoreError> {
        let select = "SELECT value, value_check FROM personal WHERE case_id = ?1 AND name = ?2";
        let row = self.connection.query_row(select, params![case, name], |row| Ok((row.get(0)?, row.get(1)?)));
        let row: Option<(Vec<u8>, Hash)> = row.optional().map_err(StoreError::sql("read a personal value"))?;
        match row {
            Some((value, check)) if sha256(&value) != check => {
                Err(StoreError::DamagedRow { what: format!("personal value of case {case:?}") })
            }
            row => Ok(row.map(|(value, _)| Personal(value))),
        }
    }

    /// The key of a case's documents.
    ///
    /// # Errors
    /// [`StoreError::UnknownCase`] also if it is purged; [`StoreError::DamagedRow`].
    pub fn document_key(&self, case: CaseId) -> Result<DocumentKey, StoreError> {
        let select = "SELECT document_key, key_check FROM cases WHERE id = ?1";
        let row = self.connection.query_row(select, [case], |row| Ok((row.get(0)?, row.get(1)?)));
        let row: Option<([u8; 32], Hash)> = row.optional().map_err(StoreError::sql("read a key"))?;
        let (key, check) = row.ok_or(StoreError::UnknownCase(case))?;
        if sha256(&key) != check {
            return Err(StoreError::DamagedRow { what: format!("key of case {case:?}") });
        }
        Ok(DocumentKey(key))
    }

    /// Destroys the key and all rows of a case. Its records and its entry of the register stay; they name nobody.
    ///
    /// # Errors
    /// [`StoreError::TooEarly`], [`StoreError::Clock`] if it is for retention; [`StoreError::Unlawful`] from a state that leads
    /// elsewhere; [`StoreError::Parked`] if no person has decided so.
    pub fn purge(&mut self, case: CaseId, why: &Purge) -> Result<(), StoreError> {
        let parked = self.parked.contains_key(&case);
        let now = self.clock.read();
        if *why == Purge::Retention {
            let known = self.case(case)?;
            // One that has its number only is logged first, or the log would never have it.
            let is_revoked = known.revoked && known.state != State::Numbered;
            if !is_revoked && !matches!(known.state, State::Stored | State::Refused) {
                return Err(StoreError::Unlawful { case, from: known.state, to: State::Purged });
            }
            let left_ms = known.changed_ms + self.retention_ms - self.trust.judge(now, None)?;
            if left_ms > 0 {
                return Err(StoreError::TooEarly { case, left_ms });
            }
        }
        self.write(Room::UnderWay, |change| {
            let failed = StoreError::sql("purge a case");
            let mut record = draft(case, Kind::Arrow, now.utc_ms);
            record.to = Some(State::Purged);
            if let Purge::Decision { by } = why {
                record.who = Some(by.clone());
            }
            // What a parked case was is not known.
            if !parked {
                let mut known = load(change, case)?;
                record.from = Some(known.state);
                known.apply(&record)?;
            }
            journal::append(change, &mut record)?;
            for delete in [
                "DELETE FROM personal WHERE case_id = ?1",
                "DELETE FROM outbox WHERE case_id = ?1",
                "DELETE FROM cases WHERE id = ?1",
            ] {
                change.execute(delete, [case]).map_err(&failed)?;
            }
            change.execute("UPDATE head SET compaction_due = 1 WHERE id = 1", []).map_err(&failed)?;
            Ok(())
        })?;
        self.parked.remove(&case);
        self.compact().map(|_| ())
    }

    /// Makes the files smaller after a purge, for at most about two seconds, and takes what was purged out of the log. Tells
    /// whether nothing is left to do. Goes on by itself at the next purge and the next opening.
    ///
    /// # Errors
    /// What the disk does.
    pub fn compact(&mut self) -> Result<bool, StoreError> {
        self.must_run()?;
        let done = self.try_compact(Instant::now() + COMPACT_MOST);
        self.stop_after(&done);
        match done {
            // What was deleted is overwritten in the log at least; the files get smaller when there is room.
            Err(StoreError::Full) => Ok(false),
            done => done,
        }
    }

    fn try_compact(&mut self, until: Instant) -> Result<bool, StoreError> {
        let failed = StoreError::sql("make the database smaller");
        let due = "SELECT compaction_due FROM head WHERE id = 1";
        if !self.connection.query_row(due, [], |row| row.get::<_, bool>(0)).map_err(&failed)? {
            return Ok(true);
        }
        let left = loop {
            let left: i64 =
                self.connection.pragma_query_value(None, "freelist_count", |row| row.get(0)).map_err(&failed)?;
            if left == 0 || Instant::now() >= until {
                break left;
            }
            let batch = format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})");
            self.connection.execute_batch(&batch).map_err(&failed)?;
        };
        let busy = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: bool = self.connection.query_row(busy, [], |row| row.get(0)).map_err(&failed)?;
        self.writes = 0;
        if left > 0 || busy {
            return Ok(false);
        }
        self.connection.execute("UPDATE head SET compaction_due = 0 WHERE id = 1", []).map_err(&failed)?;
        Ok(true)
    }

    /// The cases that were kept long enough, the oldest first; at most a thousand.
    ///
    /// # Errors
    /// [`StoreError::Clock`] while the clock is not trusted.
    pub fn purge_due(&mut self) -> Result<Vec<CaseId>, StoreError> {
        let now = self.clock.read();
        let latest = self.trust.judge(now, None)? - self.retention_ms;
        let failed = StoreError::sql("look for cases to purge");
        let select = "SELECT id FROM cases WHERE (state IN (?1, ?2) OR (revoked = 1 AND state <> ?4))
            AND changed_ms <= ?3 ORDER BY changed_ms LIMIT 1000";
        let mut select = self.connection.prepare_cached(select).map_err(&failed)?;
        let row = params![State::Stored.name(), State::Refused.name(), latest, State::Numbered.name()];
        let ids = select.query_map(row, |row| row.get(0)).map_err(&failed)?;
        let ids: Vec<CaseId> = ids.collect::<Result<_, _>>().map_err(&failed)?;
        Ok(ids.into_iter().filter(|case| !self.parked.contains_key(case)).collect())
    }
}

/// Keeps a personal value with a case that is there.
pub(crate) fn put_personal(
    connection: &Connection,
    case: CaseId,
    name: &Code,
    value: &Personal,
) -> Result<(), StoreError> {
    if value.0.len() > VALUE_MOST {
        return Err(StoreError::TooMuch { what: "bytes of a personal value", most: VALUE_MOST });
    }
    let failed = StoreError::sql("write a personal value");
    let count = "SELECT count(*) FROM personal WHERE case_id = ?1 AND name <> ?2";
    let count: i64 = connection.query_row(count, params![case, name], |row| row.get(0)).map_err(&failed)?;
    if count >= VALUES_MOST {
        return Err(StoreError::TooMuch { what: "personal values of a case", most: 100 });
    }
    let insert = "INSERT OR REPLACE INTO personal (case_id, name, value, value_check) VALUES (?1, ?2, ?3, ?4)";
    connection.execute(insert, params![case, name, value.0, sha256(&value.0)]).map_err(&failed)?;
    Ok(())
}
