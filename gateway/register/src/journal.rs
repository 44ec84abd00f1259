//! The journal's table: records in, records out.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};
use crate::record::{BEGINNING, Kind, Record};
use crate::state::State;

/// All columns, in the order of [`Chained::read`].
pub(crate) const COLUMNS: &str =
    "seq, at_ms, case_id, kind, from_state, to_state, who, reason, digest, number, previous, hash";

/// A record with its place in the chain.
pub(crate) struct Chained {
    pub(crate) record: Record,
    pub(crate) previous: Hash,
    pub(crate) hash: Hash,
}

impl Chained {
    /// Reads a row as it is; `None` if it is nothing that was written by this program.
    pub(crate) fn read(row: &Row<'_>) -> Option<Self> {
        let text = |column: usize| row.get::<_, Option<String>>(column).ok();
        let code = |column: usize| row.get::<_, Option<Code>>(column).ok();
        let state = |column: usize| match text(column)? {
            None => Some(None),
            Some(name) => State::from_name(&name).map(Some),
        };
        let record = Record {
            seq: row.get(0).ok()?,
            at_ms: row.get(1).ok()?,
            case: row.get(2).ok()?,
            kind: Kind::from_name(&text(3)??)?,
            from: state(4)?,
            to: state(5)?,
            who: code(6)?,
            reason: code(7)?,
            digest: row.get(8).ok()?,
            number: row.get(9).ok()?,
        };
        Some(Self { record, previous: row.get(10).ok()?, hash: row.get(11).ok()? })
    }

    /// Whether it is as it was written.
    pub(crate) fn is_whole(&self) -> bool {
        self.record.hash(&self.previous) == self.hash
    }
}

/// What the head says, or the last record if it says less.
pub(crate) fn end(connection: &Connection) -> Result<(i64, Hash), StoreError> {
    let failed = StoreError::sql("read the end of the journal");
    let mut head = connection.prepare_cached("SELECT seq, hash FROM head WHERE id = 1").map_err(&failed)?;
    let head: (i64, Hash) = head.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(&failed)?;
    let mut last =
        connection.prepare_cached("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").map_err(&failed)?;
    let last = last.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(&failed)?;
    let last: (i64, Hash) = last.unwrap_or((0, BEGINNING));
    Ok(if last.0 > head.0 { last } else { head })
}

/// Puts a record at the end, with the next number.
pub(crate) fn append(connection: &Connection, record: &mut Record) -> Result<(), StoreError> {
    let (last, previous) = end(connection)?;
    record.seq = last + 1;
    let hash = insert(connection, record, previous)?;
    set_head(connection, record.seq, hash)
}

/// Writes a record behind the one with the hash `previous`; gives its own hash.
pub(crate) fn insert(connection: &Connection, record: &Record, previous: Hash) -> Result<Hash, StoreError> {
    let failed = StoreError::sql("write a record");
    let hash = record.hash(&previous);
    let insert = format!("INSERT INTO journal ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    let mut insert = connection.prepare_cached(&insert).map_err(&failed)?;
    let (from, to) = (record.from.map(State::name), record.to.map(State::name));
    let (who, reason) = (&record.who, &record.reason);
    let (kind, digest, number) = (record.kind.name(), record.digest, record.number);
    let row =
        params![record.seq, record.at_ms, record.case, kind, from, to, who, reason, digest, number, previous, hash];
    insert.execute(row).map_err(&failed)?;
    Ok(hash)
}

pub(crate) fn set_head(connection: &Connection, seq: i64, hash: Hash) -> Result<(), StoreError> {
    let failed = StoreError::sql("write the journal's head");
    let mut head = connection.prepare_cached("UPDATE head SET seq = ?1, hash = ?2 WHERE id = 1").map_err(&failed)?;
    head.execute(params![seq, hash]).map_err(&failed)?;
    Ok(())
}

/// The records of a case, in order.
///
/// # Errors
/// [`StoreError::DamagedRow`] if one of them is not as it was written.
pub(crate) fn of_case(connection: &Connection, case: CaseId) -> Result<Vec<Record>, StoreError> {
    let failed = StoreError::sql("read the records of a case");
    let select = format!("SELECT {COLUMNS} FROM journal WHERE case_id = ?1 ORDER BY seq");
    let mut select = connection.prepare_cached(&select).map_err(&failed)?;
    let mut rows = select.query([case]).map_err(&failed)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        let whole = Chained::read(row).filter(Chained::is_whole);
        let damaged = || StoreError::DamagedRow { what: format!("record of case {case:?}") };
        records.push(whole.ok_or_else(damaged)?.record);
    }
    Ok(records)
}
