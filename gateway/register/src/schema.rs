//! The tables, and how older ones become these.

#[cfg(test)]
mod tests;

use rusqlite::Connection;

use crate::error::StoreError;

/// "kreg", in SQLite's header: the file is a store and nothing else.
const APPLICATION_ID: i64 = 0x6B72_6567;

/// Each step makes the version that is its place; a step that was released is never changed.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE head (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        compaction_due INTEGER NOT NULL
    ) STRICT;
    INSERT INTO head VALUES (1, 0, zeroblob(32), 0);

    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        case_id BLOB NOT NULL CHECK (length(case_id) = 16),
        kind TEXT NOT NULL,
        from_state TEXT,
        to_state TEXT,
        who TEXT,
        reason TEXT,
        digest BLOB CHECK (length(digest) = 32),
        number INTEGER,
        previous BLOB NOT NULL CHECK (length(previous) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE INDEX journal_by_case ON journal (case_id, seq);
    CREATE INDEX journal_revoked ON journal (case_id) WHERE kind = 'revoked';
    CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
    CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;

    CREATE TABLE cases (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        state TEXT NOT NULL,
        intent TEXT,
        procedure TEXT NOT NULL,
        opened_ms INTEGER NOT NULL,
        changed_ms INTEGER NOT NULL,
        last INTEGER NOT NULL,
        officer TEXT,
        content BLOB,
        file BLOB,
        revoked INTEGER NOT NULL,
        document_key BLOB NOT NULL CHECK (length(document_key) = 32),
        key_check BLOB NOT NULL CHECK (length(key_check) = 32)
    ) STRICT;

    CREATE TABLE personal (
        case_id BLOB NOT NULL REFERENCES cases (id),
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        value_check BLOB NOT NULL CHECK (length(value_check) = 32),
        PRIMARY KEY (case_id, name)
    ) STRICT;

    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        case_id BLOB NOT NULL REFERENCES cases (id),
        channel TEXT NOT NULL,
        reprint INTEGER NOT NULL,
        key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
        progress TEXT NOT NULL,
        attempts INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX outbox_by_case ON outbox (case_id);

    CREATE TABLE register (
        id INTEGER PRIMARY KEY,
        case_id BLOB NOT NULL UNIQUE CHECK (length(case_id) = 16),
        agency TEXT NOT NULL,
        volume INTEGER NOT NULL,
        year INTEGER NOT NULL,
        number INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        officer TEXT NOT NULL,
        procedure TEXT NOT NULL,
        pages INTEGER NOT NULL,
        content BLOB NOT NULL CHECK (length(content) = 32),
        code_hmac BLOB NOT NULL UNIQUE CHECK (length(code_hmac) = 32),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        UNIQUE (agency, volume, year, number)
    ) STRICT;
    CREATE INDEX register_by_time ON register (at_ms, id);
    CREATE INDEX register_by_officer ON register (officer, id);
    CREATE TRIGGER register_is_not_changed BEFORE UPDATE ON register
        BEGIN SELECT RAISE(ABORT, 'the register is only added to'); END;
    CREATE TRIGGER register_is_not_deleted BEFORE DELETE ON register
        BEGIN SELECT RAISE(ABORT, 'the register is only added to'); END;
",
    "
    CREATE INDEX cases_by_state ON cases (state, opened_ms, id);
    CREATE INDEX outbox_by_channel ON outbox (channel, progress, id);
",
    "
    CREATE TABLE verified (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL,
        numbered INTEGER NOT NULL,
        cases BLOB NOT NULL,
        row_check BLOB NOT NULL
    ) STRICT;
",
    "
    CREATE INDEX journal_signed ON journal (digest) WHERE kind = 'arrow' AND to_state = 'signed';
    CREATE INDEX cases_revoked ON cases (changed_ms) WHERE revoked = 1;
",
];

/// The newest version.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings a database to the newest version; each step whole or not at all.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = read("user_version").map_err(StoreError::sql("read the version"))?;
    let application = read("application_id").map_err(StoreError::sql("read the application's mark"))?;
    if found > VERSION {
        return Err(StoreError::TooNew { found, known: VERSION });
    }
    if found < 0 || (found > 0) != (application == APPLICATION_ID) {
        return Err(StoreError::Damaged { what: "the file is not a store's".to_owned() });
    }
    for (version, step) in (1..).zip(MIGRATIONS).skip_while(|(version, _)| *version <= found) {
        let failed = StoreError::sql("bring the store to this version");
        let change = connection.transaction().map_err(&failed)?;
        change.execute_batch(step).map_err(&failed)?;
        change.pragma_update(None, "application_id", APPLICATION_ID).map_err(&failed)?;
        change.pragma_update(None, "user_version", version).map_err(&failed)?;
        change.commit().map_err(&failed)?;
    }
    Ok(())
}
