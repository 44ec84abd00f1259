//! Why the store did not do what it was asked for.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::clock::ClockError;
use crate::delivery::DeliveryId;
use crate::ids::CaseId;
use crate::state::State;

/// Why the store did not do what it was asked for. Nothing of it was done then, but for what [`StoreError::Stopped`] says.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("another process has the store {} open: end it first", folder.display())]
    Taken {
        /// The store's folder.
        folder: PathBuf,
    },
    /// Others could read it.
    #[error("{} has mode {mode:03o}; a store is for its owner only: chmod go-rwx", path.display())]
    NotPrivate {
        /// The folder or file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A newer program made it.
    #[error("the store has version {found}, and this program knows {known}: use the newer program")]
    TooNew {
        /// The store's version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The file is no store, or the disk has changed it.
    #[error("the store is damaged ({what}): bring back its last backup, and compare the register with the log")]
    Damaged {
        /// What SQLite says of it.
        what: String,
    },
    /// The disk has no room, or none for one more file; cases that are open may go on, but none is opened.
    #[error("the disk is full: free some room; nothing new is begun before that")]
    Full,
    /// The disk failed before. Nothing is written until the store is opened anew, since what the disk has is not known.
    #[error("the store has stopped since the disk failed ({cause}): look at the disk, then start again")]
    Stopped {
        /// What failed then.
        cause: String,
    },
    /// The disk fails. What was asked for may be there after the next opening.
    #[error("the disk failed at: {operation}")]
    Disk {
        /// What was tried.
        operation: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// A file or a writer.
    #[error("failed at: {operation}")]
    Io {
        /// What was tried.
        operation: &'static str,
        /// Why.
        source: io::Error,
    },
    /// SQLite refused for another reason.
    #[error("the database refused at: {operation}")]
    Database {
        /// What was tried.
        operation: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    Random,
    /// There is no such case.
    #[error("there is no case {0:?}")]
    UnknownCase(CaseId),
    /// It is purged.
    #[error("case {0:?} is purged")]
    Purged(CaseId),
    /// Its records are damaged.
    #[error("case {case:?} is parked: record {record} of the journal is damaged; a person must look at it")]
    Parked {
        /// Which case.
        case: CaseId,
        /// The number of the record.
        record: i64,
    },
    /// No such arrow.
    #[error("case {case:?} is {from} and cannot become {to}")]
    Unlawful {
        /// Which case.
        case: CaseId,
        /// Where it is.
        from: State,
        /// Where it was to go.
        to: State,
    },
    /// Its effect was not announced.
    #[error("case {case:?} cannot become {to} before that is intended: write the intent first")]
    NoIntent {
        /// Which case.
        case: CaseId,
        /// Where it was to go.
        to: State,
    },
    /// Something was begun and has no outcome.
    #[error("case {case:?} has begun to become {to}: write what came of it first")]
    IntentOpen {
        /// Which case.
        case: CaseId,
        /// What was begun.
        to: State,
    },
    /// The clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// Two copies would have one code.
    #[error("this verification code is taken: draw another one")]
    CodeTaken,
    /// It has no entry in the register.
    #[error("case {case:?} has no number")]
    NotNumbered {
        /// Which case.
        case: CaseId,
    },
    /// The register has fewer or more entries than the journal.
    #[error(
        "the register has {entries} entries and the journal {records}: no number is given before a person has looked"
    )]
    RegisterIncomplete {
        /// In the register.
        entries: i64,
        /// In the journal.
        records: i64,
    },
    /// A row is not what was written.
    #[error("the {what} is damaged")]
    DamagedRow {
        /// Which row.
        what: String,
    },
    /// Only what is signed is delivered.
    #[error("case {case:?} is {state}, and only a signed copy is delivered")]
    NotSigned {
        /// Which case.
        case: CaseId,
        /// Where it is.
        state: State,
    },
    /// The same key for two deliveries.
    #[error("this key is another delivery's ({0:?}): use a new one")]
    KeyReused(DeliveryId),
    /// There is no such delivery.
    #[error("there is no delivery {}", .0.0)]
    UnknownDelivery(DeliveryId),
    /// It cannot be begun (again).
    #[error("delivery {} is {progress} and is not begun again; ask for a reprint", delivery.0)]
    NotStartable {
        /// Which.
        delivery: DeliveryId,
        /// Where it is.
        progress: &'static str,
    },
    /// It was not begun, or is over.
    #[error("delivery {} is not under way", delivery.0)]
    NotStarted {
        /// Which.
        delivery: DeliveryId,
    },
    /// Paper of it may lie somewhere.
    #[error("case {case:?} may be printed already: ask for a reprint, which says that it is one")]
    WouldPrintTwice {
        /// Which case.
        case: CaseId,
    },
    /// Nothing has reached the citizen.
    #[error("case {case:?} has no confirmed delivery")]
    NotConfirmed {
        /// Which case.
        case: CaseId,
    },
    /// It must be kept still.
    #[error("case {case:?} is kept for another {left_ms} ms")]
    TooEarly {
        /// Which case.
        case: CaseId,
        /// How long.
        left_ms: i64,
    },
    /// A value is too long, or there are too many.
    #[error("{what}: at most {most}")]
    TooMuch {
        /// What.
        what: &'static str,
        /// How many are taken.
        most: usize,
    },
    /// A record that could not have been written.
    #[error("a record is not consistent: {what}")]
    Inconsistent {
        /// What is wrong with it.
        what: &'static str,
    },
}

impl StoreError {
    /// Whether nothing may be written after it: it is not known what the disk has.
    pub(crate) fn stops(&self) -> bool {
        matches!(self, Self::Disk { .. } | Self::Damaged { .. })
    }

    /// Makes an error of SQLite's one of ours.
    pub(crate) fn sql(operation: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        move |source| match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { what: source.to_string() },
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                Self::Disk { operation, source }
            }
            // A value of a type or a form that nobody has written.
            None if !matches!(source, rusqlite::Error::QueryReturnedNoRows) => {
                Self::Damaged { what: source.to_string() }
            }
            _ => Self::Database { operation, source },
        }
    }

    /// Makes an error of a file on the store's own disk one of ours.
    pub(crate) fn of_disk(operation: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { operation, source },
        }
    }

    pub(crate) fn io(operation: &'static str) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { operation, source }
    }
}
