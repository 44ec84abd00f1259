//! Opening a store: the lock, the file, what is checked, and what a restart leaves to do.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::clock::{Clock, Trust};
use crate::delivery::{Outcome, Progress};
use crate::error::StoreError;
use crate::replay;
use crate::reserve::Reserve;
use crate::schema;
use crate::store::Store;

/// The database's file in the store's folder.
const DATABASE: &str = "register.db";
/// Its log, that SQLite takes away when the store is closed.
const LOG: &str = "register.db-wal";
/// The file that only one process has locked.
const LOCK: &str = "register.lock";
const RESERVE: &str = "register.reserve";

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a stored case is kept, in milliseconds.
    pub retention_ms: i64,
    /// Room on the disk for cases that are under way when it gets full.
    pub reserve_bytes: u64,
    /// How much is looked at.
    pub check: Check,
}

/// How much is looked at when a store is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// What is needed to go on: the records behind the last look that found all whole, and all records and entries of the cases
    /// that are not purged. Everything else is looked at when it is used (whatever is given out is as it was written), and by
    /// [`Store::self_check`]. If anything is wrong, or nothing was looked at before, it becomes [`Check::Whole`].
    Quick,
    /// SQLite's `integrity_check`, the whole journal from its first record, and each entry of the register against it.
    Whole,
}

impl Default for Options {
    fn default() -> Self {
        // Seven days; 64 MiB, of which a case takes less than 100 KiB.
        Self { retention_ms: 7 * 24 * 3_600_000, reserve_bytes: 64 << 20, check: Check::Whole }
    }
}

impl Store {
    /// Opens the store in a folder; makes both if they are not there. Looks whether all is as it was written, and notes each
    /// delivery that was begun and has no outcome as `unknown`.
    ///
    /// # Errors
    /// [`StoreError::Taken`], [`StoreError::NotPrivate`], [`StoreError::TooNew`], [`StoreError::Damaged`], and what the disk does:
    /// [`StoreError::Full`] if there is no room for one more file (a store whose files are there opens on a full disk).
    /// Single damaged records are no error: [`Store::findings`].
    pub fn open(folder: &Path, options: &Options, clock: Box<dyn Clock>) -> Result<Self, StoreError> {
        make_private_folder(folder)?;
        let lock = private_file(&folder.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Taken { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(StoreError::Io { operation: "lock the store", source }),
        }
        let path = folder.join(DATABASE);
        private_file(&path)?;
        // SQLite would make its log itself, but where there is no room for a file it could not tell so.
        private_file(&folder.join(LOG))?;
        let mut connection = connect(&path)?;
        if options.check == Check::Whole {
            look_over(&connection)?;
        }
        schema::migrate(&mut connection)?;
        let replayed = if options.check == Check::Quick { replay::quick(&connection)? } else { None };
        let replayed = match replayed {
            Some(replayed) => replayed,
            None => {
                if options.check == Check::Quick {
                    look_over(&connection)?;
                }
                replay::whole(&connection)?
            }
        };
        let mut store = Self {
            connection,
            clock,
            trust: Trust::default(),
            reserve: Reserve::take(&folder.join(RESERVE), options.reserve_bytes)?,
            findings: replayed.findings,
            parked: replayed.parked,
            incomplete: replayed.incomplete,
            stopped: None,
            writes: 0,
            look: None,
            retention_ms: options.retention_ms,
            _lock: lock,
        };
        let open = replayed.cases.values().filter(|case| !store.parked.contains_key(&case.id));
        let begun =
            open.flat_map(|case| case.deliveries.values()).filter(|delivery| delivery.progress == Progress::Started);
        for delivery in begun.map(|delivery| delivery.id).collect::<Vec<_>>() {
            store.finish(delivery, Outcome::Unknown)?;
        }
        store.note_verified(replayed.verified.as_ref())?;
        store.compact()?;
        Ok(store)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags).map_err(StoreError::sql("open the database"))?;
    connection.set_prepared_statement_cache_capacity(64);
    let failed = StoreError::sql("set the database up");
    // Exclusive before the first look, so that there is no shared memory file. `auto_vacuum` holds for a new file only. 16 MiB of
    // pages: the inner ones of a million entries and their records are some 10 MB, and SQLite would keep 2 MiB.
    let settings = "
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -16384;
        PRAGMA cell_size_check = ON;
        PRAGMA trusted_schema = OFF;
        PRAGMA wal_autocheckpoint = 0;
    ";
    connection.execute_batch(settings).map_err(&failed)?;
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, String>(0));
    let mode = read("journal_mode").map_err(&failed)?;
    if mode != "wal" {
        return Err(StoreError::Damaged { what: format!("the database keeps no log: its mode is {mode}") });
    }
    Ok(connection)
}

fn look_over(connection: &Connection) -> Result<(), StoreError> {
    let look = "PRAGMA integrity_check(1)";
    let said: String =
        connection.query_row(look, [], |row| row.get(0)).map_err(StoreError::sql("look over the database"))?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Damaged { what: said }) }
}

fn make_private_folder(folder: &Path) -> Result<(), StoreError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(StoreError::of_disk("make the store's folder")(error))
        }
        _ => must_be_private(folder, &File::open(folder).map_err(StoreError::io("open the store's folder"))?),
    }
}

fn private_file(path: &Path) -> Result<File, StoreError> {
    let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path);
    let file = opened.map_err(StoreError::of_disk("open a file of the store"))?;
    must_be_private(path, &file)?;
    Ok(file)
}

fn must_be_private(path: &Path, file: &File) -> Result<(), StoreError> {
    let mode = file.metadata().map_err(StoreError::io("look at the store's mode"))?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(StoreError::NotPrivate { path: path.to_owned(), mode }) }
}

/// What a replay gives.
pub(crate) type Cases = HashMap<crate::ids::CaseId, crate::case::Case>;
