//! Taking a number, and withdrawing an entry.

use rusqlite::{Connection, OptionalExtension, params};

use crate::book::{self, Book, COLUMNS, Day, Entry, RegisterNumber, Request};
use crate::cases::{self, draft, load};
use crate::error::StoreError;
use crate::ids::{CaseId, Code};
use crate::journal;
use crate::record::{Kind, Record};
use crate::state::State;
use crate::store::{Room, Store};

impl Store {
    /// Takes the next number of a book for an approved case, in the transaction that makes the case `numbered`. A case that has
    /// its number gets the same one again, whatever is asked.
    ///
    /// # Errors
    /// [`StoreError::Clock`], [`StoreError::CodeTaken`], [`StoreError::RegisterIncomplete`], [`StoreError::Unlawful`].
    pub fn number(&mut self, case: CaseId, request: &Request) -> Result<Entry, StoreError> {
        self.must_run()?;
        if let Some(entry) = self.entry(case)? {
            return Ok(entry);
        }
        self.must_not_be_parked(case)?;
        if let Some((entries, records)) = self.incomplete {
            return Err(StoreError::RegisterIncomplete { entries, records });
        }
        let at_ms = self.now()?;
        self.write(Room::UnderWay, |change| {
            let mut case = load(change, case)?;
            let mut record = draft(case.id, Kind::Arrow, at_ms);
            (record.from, record.to) = (Some(case.state), Some(State::Numbered));
            let (State::Approved, Some(content), Some(officer)) = (case.state, case.content, case.officer.clone())
            else {
                return Err(StoreError::Unlawful { case: case.id, from: case.state, to: State::Numbered });
            };
            let book = Book { agency: request.agency.clone(), volume: request.volume, year: Day::of(at_ms).date().0 };
            let entry = Entry {
                id: last(change)?.map_or(1, |(id, _)| id + 1),
                case: case.id,
                number: next(change, book)?,
                at_ms,
                officer,
                procedure: case.procedure.clone(),
                pages: request.pages,
                content,
                code_hmac: request.code_hmac,
            };
            insert(change, &entry)?;
            record.digest = Some(entry.hash());
            record.number = Some(entry.number.number);
            cases::put(change, &mut case, &mut record)?;
            Ok(entry)
        })
    }

    /// The time in milliseconds since 1970 (UTC), if it can be trusted as much as a number needs it.
    ///
    /// # Errors
    /// [`StoreError::Clock`].
    pub fn now(&mut self) -> Result<i64, StoreError> {
        let last_ms = last(&self.connection)?.map(|(_, at_ms)| at_ms);
        Ok(self.trust.judge(self.clock.read(), last_ms)?)
    }

    /// The entry of a case, if it has one.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if it is not as it was written.
    pub fn entry(&self, case: CaseId) -> Result<Option<Entry>, StoreError> {
        book::of_case(&self.connection, case)
    }

    /// Notes that an entry holds no more; the entry stays. Also of a case that is purged or parked.
    ///
    /// # Errors
    /// [`StoreError::NotNumbered`].
    pub fn revoke(&mut self, case: CaseId, officer: &Code, reason: &Code) -> Result<i64, StoreError> {
        if self.entry(case)?.is_none() {
            return Err(StoreError::NotNumbered { case });
        }
        let at_ms = self.clock.read().utc_ms;
        self.write(Room::UnderWay, |change| {
            let mut record = draft(case, Kind::Revoked, at_ms);
            record.who = Some(officer.clone());
            record.reason = Some(reason.clone());
            match load(change, case) {
                Ok(mut case) => cases::put(change, &mut case, &mut record)?,
                Err(StoreError::Purged(_)) => journal::append(change, &mut record)?,
                Err(error) => return Err(error),
            }
            Ok(record.seq)
        })
    }

    /// All cases whose entry is revoked, in no order.
    ///
    /// # Errors
    /// What the disk does.
    pub fn revoked_cases(&self) -> Result<Vec<CaseId>, StoreError> {
        let failed = StoreError::sql("list what is revoked");
        let select = "SELECT DISTINCT case_id FROM journal WHERE kind = 'revoked'";
        let mut select = self.connection.prepare_cached(select).map_err(&failed)?;
        let cases = select.query_map([], |row| row.get(0)).map_err(&failed)?;
        cases.collect::<Result<_, _>>().map_err(&failed)
    }

    /// When and why the entry of a case was revoked first; `None` if it holds.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if a record of the case is damaged.
    pub fn revocation(&self, case: CaseId) -> Result<Option<Record>, StoreError> {
        Ok(self.history(case)?.into_iter().find(|record| record.kind == Kind::Revoked))
    }
}

/// The last entry's id and time.
fn last(connection: &Connection) -> Result<Option<(i64, i64)>, StoreError> {
    let failed = StoreError::sql("read the last entry of the register");
    let select = "SELECT id, at_ms FROM register ORDER BY id DESC LIMIT 1";
    let mut select = connection.prepare_cached(select).map_err(&failed)?;
    select.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(&failed)
}

fn next(connection: &Connection, book: Book) -> Result<RegisterNumber, StoreError> {
    let failed = StoreError::sql("look for the next number");
    let select = "SELECT max(number) FROM register WHERE agency = ?1 AND volume = ?2 AND year = ?3";
    let mut select = connection.prepare_cached(select).map_err(&failed)?;
    let row = params![book.agency, book.volume, book.year];
    let last: Option<i64> = select.query_row(row, |row| row.get(0)).map_err(&failed)?;
    Ok(RegisterNumber { book, number: last.unwrap_or(0) + 1 })
}

pub(crate) fn insert(connection: &Connection, entry: &Entry) -> Result<(), StoreError> {
    let insert =
        format!("INSERT INTO register ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
    let failed = StoreError::sql("write an entry of the register");
    let mut insert = connection.prepare_cached(&insert).map_err(&failed)?;
    let RegisterNumber { book, number } = &entry.number;
    let row = params![
        entry.id,
        entry.case,
        book.agency,
        book.volume,
        book.year,
        number,
        entry.at_ms,
        entry.officer,
        entry.procedure,
        entry.pages,
        entry.content,
        entry.code_hmac,
        entry.hash()
    ];
    match insert.execute(row) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(_, Some(said))) if said.contains("register.code_hmac") => {
            Err(StoreError::CodeTaken)
        }
        Err(error) => Err(failed(error)),
    }
}
