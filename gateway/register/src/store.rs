//! The store: one writer, and what stops it.

use std::collections::HashMap;
use std::fs::File;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::clock::{Clock, Trust};
use crate::error::StoreError;
use crate::ids::CaseId;
use crate::replay::{Finding, Replay};
use crate::reserve::Reserve;

/// After so many writes the log is written back into the database.
const WRITES_BETWEEN_CHECKPOINTS: u32 = 200;

/// The journal, the register and the outbox of a kiosk. [`Store::open`] makes one.
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) trust: Trust,
    pub(crate) reserve: Reserve,
    pub(crate) findings: Vec<Finding>,
    /// Cases whose records are damaged, with the number of the record.
    pub(crate) parked: HashMap<CaseId, i64>,
    /// Entries and records, if the register lacks some.
    pub(crate) incomplete: Option<(i64, i64)>,
    pub(crate) stopped: Option<String>,
    pub(crate) writes: u32,
    /// A self-check that is under way.
    pub(crate) look: Option<Replay>,
    pub(crate) retention_ms: i64,
    /// Held as long as the connection is there: fields fall in this order.
    pub(crate) _lock: File,
}

/// Who may take from the reserve when the disk is full.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Something new: refused.
    New,
    /// Something that is under way.
    UnderWay,
}

impl Store {
    /// What was found damaged at opening or at the last whole [`Store::self_check`]; empty if all is well.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Why nothing is written any more, if so.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// Does `work` whole and durably, or not at all. It may be done twice, the first time without a trace.
    pub(crate) fn write<T>(
        &mut self,
        room: Room,
        work: impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.must_run()?;
        let mut result = transact(&mut self.connection, &work);
        if room == Room::UnderWay && matches!(result, Err(StoreError::Full)) {
            let released = self.reserve.release().map_err(StoreError::io("give the reserve of room away"))?;
            if released {
                result = transact(&mut self.connection, &work);
            }
        }
        self.stop_after(&result);
        if result.is_ok() {
            self.writes += 1;
            if self.writes >= WRITES_BETWEEN_CHECKPOINTS {
                self.checkpoint("PASSIVE")?;
            }
        }
        result
    }

    /// Refuses what is new while the disk has no room to finish it.
    pub(crate) fn must_have_room(&mut self) -> Result<(), StoreError> {
        if self.reserve.hold() { Ok(()) } else { Err(StoreError::Full) }
    }

    pub(crate) fn must_run(&self) -> Result<(), StoreError> {
        match &self.stopped {
            Some(cause) => Err(StoreError::Stopped { cause: cause.clone() }),
            None => Ok(()),
        }
    }

    /// Writes the log back. SQLite's own way of doing so hides errors, and an error here means that the disk has failed.
    pub(crate) fn checkpoint(&mut self, how: &'static str) -> Result<(), StoreError> {
        let failed = StoreError::sql("write the log back into the database");
        let done = self.connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(())).map_err(failed);
        match done {
            // The log still has all; it is tried again with the next write.
            Err(StoreError::Full) => Ok(()),
            done => {
                self.writes = 0;
                self.stop_after(&done);
                done
            }
        }
    }

    pub(crate) fn stop_after<T>(&mut self, result: &Result<T, StoreError>) {
        if let Err(error) = result
            && error.stops()
        {
            self.stopped = Some(error.to_string());
        }
    }
}

fn transact<T>(
    connection: &mut Connection,
    work: &impl Fn(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = begun.map_err(StoreError::sql("begin to write"))?;
    let done = work(&transaction)?;
    transaction.commit().map_err(StoreError::sql("make it durable"))?;
    Ok(done)
}
