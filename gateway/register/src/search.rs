//! Looking things up in the register, exporting it and counting in it. Nothing here writes.

use std::io::Write;

use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::book::{COLUMNS, Day, Entry, RegisterNumber};
use crate::error::StoreError;
use crate::ids::{Code, Hash};
use crate::record::Kind;
use crate::state::State;
use crate::store::Store;

/// Most entries of one answer.
const PAGE_MOST: usize = 1000;
/// Most lines of statistics: a year of 30 officers with 30 procedures has fewer.
const LINES_MOST: usize = 400_000;

/// Which entries are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Not before this time, in milliseconds since 1970 (UTC).
    pub from_ms: i64,
    /// Before this time.
    pub until_ms: i64,
    /// Certified by this officer.
    pub officer: Option<Code>,
    /// Behind this [`Entry::id`]: the last one of the page before; 0 for the first page.
    pub after: i64,
    /// At most so many, and never more than 1000.
    pub most: usize,
}

/// How the register is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a head line. No field can hold a comma, a quotation mark or a formula.
    Csv,
    /// One JSON object on each line.
    JsonLines,
}

/// How many entries there are of a day, an officer and a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The day, in Vietnam's time.
    pub day: Day,
    /// Who certified.
    pub officer: String,
    /// For which procedure.
    pub procedure: String,
    /// How many.
    pub entries: i64,
    /// Of these, revoked until now.
    pub revoked: i64,
}

/// A line of an export.
#[derive(Serialize)]
struct Line {
    number: String,
    agency: String,
    volume: u32,
    at_ms: i64,
    date: Day,
    officer: String,
    procedure: String,
    pages: u32,
    content: String,
    file: Option<String>,
    code_hmac: String,
    revoked_ms: Option<i64>,
    revoked_by: Option<String>,
    revoked_for: Option<String>,
}

const HEAD: &str =
    "number,agency,volume,at_ms,date,officer,procedure,pages,content,file,code_hmac,revoked_ms,revoked_by,revoked_for";

impl Store {
    /// The entry of a number.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`].
    pub fn find_number(&self, number: &RegisterNumber) -> Result<Option<Entry>, StoreError> {
        let book = &number.book;
        let of = params![book.agency, book.volume, book.year, number.number];
        self.find("agency = ?1 AND volume = ?2 AND year = ?3 AND number = ?4", of)
    }

    /// The entry of a verification code, by the code's HMAC.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`].
    pub fn find_code(&self, code_hmac: &Hash) -> Result<Option<Entry>, StoreError> {
        self.find("code_hmac = ?1", params![code_hmac])
    }

    /// The entry of a signed file, by the hash that its case was signed with.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`].
    pub fn find_file(&self, file: &Hash) -> Result<Option<Entry>, StoreError> {
        let signed = "SELECT case_id FROM journal WHERE digest = ?1 AND kind = 'arrow' AND to_state = 'signed'";
        self.find(&format!("case_id = ({signed})"), params![file])
    }

    fn find(&self, which: &str, of: &[&dyn rusqlite::ToSql]) -> Result<Option<Entry>, StoreError> {
        let failed = StoreError::sql("look into the register");
        let select = format!("SELECT {COLUMNS} FROM register WHERE {which}");
        let mut select = self.connection.prepare_cached(&select).map_err(&failed)?;
        select.query_row(of, |row| Ok(Entry::read(row))).optional().map_err(&failed)?.transpose()
    }

    /// A page of entries, in their order.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if one of them is damaged.
    pub fn search(&self, search: &Search) -> Result<Vec<Entry>, StoreError> {
        let failed = StoreError::sql("search the register");
        // Times never go back, so the order of ids is that of times. The plus sign keeps SQLite from the other index.
        let which = if search.officer.is_some() {
            "officer = ?4 AND id > ?3 AND +at_ms >= ?1 AND +at_ms < ?2 ORDER BY id"
        } else {
            "at_ms >= max(?1, ifnull((SELECT at_ms FROM register WHERE id = ?3), ?1)) AND at_ms < ?2 AND id > ?3 AND ?4 IS NULL
             ORDER BY at_ms, id"
        };
        let select = format!("SELECT {COLUMNS} FROM register WHERE {which} LIMIT ?5");
        let most = i64::try_from(search.most.min(PAGE_MOST)).unwrap_or(0);
        let of = params![search.from_ms, search.until_ms, search.after, search.officer, most];
        let mut select = self.connection.prepare_cached(&select).map_err(&failed)?;
        let mut rows = select.query(of).map_err(&failed)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            found.push(Entry::read(row)?);
        }
        Ok(found)
    }

    /// Writes a page of the entries that are looked for; the first one with the head line. Gives [`Search::after`] of the next
    /// page; `None` if this is the last.
    ///
    /// # Errors
    /// [`StoreError::Io`] of the writer, [`StoreError::DamagedRow`]: what was written then is not whole.
    pub fn export(&self, search: &Search, format: Format, to: &mut dyn Write) -> Result<Option<i64>, StoreError> {
        let failed = StoreError::io("write the export");
        if format == Format::Csv && search.after == 0 {
            write!(to, "{HEAD}\r\n").map_err(&failed)?;
        }
        let page = self.search(search)?;
        for entry in &page {
            let line = self.line(entry)?;
            match format {
                Format::Csv => write_csv(&line, to).map_err(&failed)?,
                Format::JsonLines => {
                    serde_json::to_writer(&mut *to, &line).map_err(|error| failed(error.into()))?;
                    to.write_all(b"\n").map_err(&failed)?;
                }
            }
        }
        to.flush().map_err(&failed)?;
        Ok(page.last().map(|last| last.id))
    }

    fn line(&self, entry: &Entry) -> Result<Line, StoreError> {
        let records = self.history(entry.case)?;
        let revoked = records.iter().find(|record| record.kind == Kind::Revoked);
        let signed = records.iter().find(|record| record.kind == Kind::Arrow && record.to == Some(State::Signed));
        let text = |code: &Option<Code>| code.as_ref().map(Code::to_string);
        Ok(Line {
            number: entry.number.to_string(),
            agency: entry.number.book.agency.to_string(),
            volume: entry.number.book.volume,
            at_ms: entry.at_ms,
            date: Day::of(entry.at_ms),
            officer: entry.officer.to_string(),
            procedure: entry.procedure.to_string(),
            pages: entry.pages,
            content: entry.content.to_string(),
            file: signed.and_then(|record| record.digest).map(|file| file.to_string()),
            code_hmac: entry.code_hmac.to_string(),
            revoked_ms: revoked.map(|record| record.at_ms),
            revoked_by: revoked.and_then(|record| text(&record.who)),
            revoked_for: revoked.and_then(|record| text(&record.reason)),
        })
    }

    /// How many entries there are of each day, officer and procedure, from one time (inclusive) to another.
    ///
    /// # Errors
    /// [`StoreError::TooMuch`] if there are more than 400,000 lines: ask for a shorter time.
    pub fn statistics(&self, from_ms: i64, until_ms: i64) -> Result<Vec<Count>, StoreError> {
        let failed = StoreError::sql("count in the register");
        let select = "SELECT (at_ms + 25200000) / 86400000, officer, procedure, count(*),
                sum(EXISTS (SELECT 1 FROM journal WHERE kind = 'revoked' AND journal.case_id = register.case_id))
            FROM register WHERE at_ms >= ?1 AND at_ms < ?2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";
        let mut select = self.connection.prepare_cached(select).map_err(&failed)?;
        let mut rows = select.query(params![from_ms, until_ms]).map_err(&failed)?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            if counts.len() >= LINES_MOST {
                return Err(StoreError::TooMuch { what: "lines of statistics", most: LINES_MOST });
            }
            let count = || -> rusqlite::Result<Count> {
                let (day, officer, procedure) = (Day { days: row.get(0)? }, row.get(1)?, row.get(2)?);
                Ok(Count { day, officer, procedure, entries: row.get(3)?, revoked: row.get(4)? })
            };
            counts.push(count().map_err(&failed)?);
        }
        Ok(counts)
    }
}

fn write_csv(line: &Line, to: &mut dyn Write) -> std::io::Result<()> {
    let Line { number, agency, volume, at_ms, date, officer, procedure, pages, content, code_hmac, .. } = line;
    let file = line.file.as_deref().unwrap_or_default();
    let revoked_ms = line.revoked_ms.map_or_else(String::new, |at_ms| at_ms.to_string());
    let by = line.revoked_by.as_deref().unwrap_or_default();
    let why = line.revoked_for.as_deref().unwrap_or_default();
    write!(
        to,
        "{number},{agency},{volume},{at_ms},{date},{officer},{procedure},{pages},{content},{file},{code_hmac},"
    )?;
    write!(to, "{revoked_ms},{by},{why}\r\n")
}
