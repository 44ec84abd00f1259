//! The register's books, numbers and entries.

#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension, Row};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};

/// The series of electronic certified copies: sổ chứng thực điện tử, bản sao.
const SERIES: &str = "SCTĐT/BS";
/// So that no other program's hashes are these.
const DOMAIN: &[u8] = b"kiosk-register entry 1";
/// Vietnam has had UTC+7 and no summer time since 1975.
const LOCAL_MS: i64 = 7 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// One book: an agency's, of a year. It begins with number 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Book {
    /// Whose.
    pub agency: Code,
    /// Which one of the year; 1 if there is one only.
    pub volume: u32,
    /// The year, in Vietnam's time.
    pub year: i32,
}

/// A number in a book.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegisterNumber {
    /// The book.
    pub book: Book,
    /// The number: 1, 2, 3, … without gaps.
    pub number: i64,
}

/// As it stands in the copy: `1834/2026-SCTĐT/BS`.
impl std::fmt::Display for RegisterNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}-{SERIES}", self.number, self.book.year)
    }
}

/// What a number is asked for with; the rest is in the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose book.
    pub agency: Code,
    /// Which one of the year.
    pub volume: u32,
    /// Pages of the copy.
    pub pages: u32,
    /// HMAC of its verification code; the code itself is not kept.
    pub code_hmac: Hash,
}

/// An entry of the register. It names no citizen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place among all entries of the store.
    pub id: i64,
    /// The case that it is for; one has one number at most.
    pub case: CaseId,
    /// Its number.
    pub number: RegisterNumber,
    /// When, in milliseconds since 1970 (UTC); never before the entry before.
    pub at_ms: i64,
    /// Who certified.
    pub officer: Code,
    /// For which procedure.
    pub procedure: Code,
    /// Pages of the copy.
    pub pages: u32,
    /// The hash of what the officer approved.
    pub content: Hash,
    /// HMAC of its verification code.
    pub code_hmac: Hash,
}

impl Entry {
    /// The hash that the journal's record `numbered` has.
    pub(crate) fn hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        field(DOMAIN);
        field(&self.id.to_be_bytes());
        field(&self.case.0);
        field(self.number.book.agency.as_str().as_bytes());
        field(&self.number.book.volume.to_be_bytes());
        field(&self.number.book.year.to_be_bytes());
        field(&self.number.number.to_be_bytes());
        field(&self.at_ms.to_be_bytes());
        field(self.officer.as_str().as_bytes());
        field(self.procedure.as_str().as_bytes());
        field(&self.pages.to_be_bytes());
        field(&self.content.0);
        field(&self.code_hmac.0);
        Hash(hasher.finalize().into())
    }

    /// The entry of a row of [`COLUMNS`].
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if it is not as it was written.
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let parts = || -> rusqlite::Result<(Self, Hash)> {
            let book = Book { agency: row.get(2)?, volume: row.get(3)?, year: row.get(4)? };
            let entry = Self {
                id: row.get(0)?,
                case: row.get(1)?,
                number: RegisterNumber { book, number: row.get(5)? },
                at_ms: row.get(6)?,
                officer: row.get(7)?,
                procedure: row.get(8)?,
                pages: row.get(9)?,
                content: row.get(10)?,
                code_hmac: row.get(11)?,
            };
            Ok((entry, row.get(12)?))
        };
        match parts() {
            Ok((entry, hash)) if entry.hash() == hash => Ok(entry),
            _ => {
                let id = row.get::<_, i64>(0).map_or("?".to_owned(), |id| id.to_string());
                Err(StoreError::DamagedRow { what: format!("entry {id} of the register") })
            }
        }
    }
}

/// The columns of an entry.
pub(crate) const COLUMNS: &str =
    "id, case_id, agency, volume, year, number, at_ms, officer, procedure, pages, content, code_hmac, hash";

/// The entry of a case.
pub(crate) fn of_case(connection: &Connection, case: CaseId) -> Result<Option<Entry>, StoreError> {
    let failed = StoreError::sql("read an entry of the register");
    let select = format!("SELECT {COLUMNS} FROM register WHERE case_id = ?1");
    let mut select = connection.prepare_cached(&select).map_err(&failed)?;
    select.query_row([case], |row| Ok(Entry::read(row))).optional().map_err(&failed)?.transpose()
}

/// A day of Vietnam's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// Days since 1970-01-01.
    pub(crate) days: i64,
}

impl Day {
    /// The day of a time in milliseconds since 1970 (UTC).
    pub fn of(at_ms: i64) -> Self {
        Self { days: at_ms.saturating_add(LOCAL_MS).div_euclid(DAY_MS) }
    }

    /// Year, month 1 to 12, day 1 to 31. (Proleptic Gregorian; the era of 400 years begins on the 1st of March, so that the
    /// leap day is a year's last one.)
    pub fn date(self) -> (i32, u32, u32) {
        let shifted = self.days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        (i32::try_from(year).unwrap_or(i32::MAX), small(month), small(day))
    }
}

/// As in ISO 8601: `2026-11-28`.
impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
