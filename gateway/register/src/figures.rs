//! A large register, quickly, for the example `figures`.

use std::ops::RangeInclusive;

use rusqlite::{Connection, params};

use crate::book::{Book, Day, Entry, RegisterNumber};
use crate::case::Case;
use crate::cases::draft;
use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};
use crate::journal;
use crate::number;
use crate::record::{Kind, Record, sha256};
use crate::state::State;
use crate::store::{Room, Store};

impl Store {
    /// Puts whole cases behind those that are there, each with all its records and its entry in the register; `kept` ones are
    /// stored, the others purged. All of them in one transaction, which no real case ever is.
    #[doc(hidden)]
    pub fn fill_for_figures(
        &mut self,
        numbers: RangeInclusive<i64>,
        kept: bool,
        officer: &Code,
    ) -> Result<(), StoreError> {
        let at_ms = self.clock.read().utc_ms;
        self.write(Room::New, |change| {
            let (mut seq, mut hash) = journal::end(change)?;
            for number in numbers.clone() {
                let (entry, records) = copy(number, kept, at_ms, officer)?;
                number::insert(change, &entry)?;
                let mut case: Option<Case> = None;
                for mut record in records {
                    seq += 1;
                    record.seq = seq;
                    hash = journal::insert(change, &record, hash)?;
                    match &mut case {
                        Some(case) => case.apply(&record)?,
                        None => case = Case::begin(&record),
                    }
                }
                if let Some(case) = case.filter(|_| kept) {
                    put_rows(change, &case)?;
                }
            }
            journal::set_head(change, seq, hash)
        })?;
        self.checkpoint("TRUNCATE")
    }
}

/// The entry and all records of a copy.
fn copy(number: i64, kept: bool, at_ms: i64, officer: &Code) -> Result<(Entry, Vec<Record>), StoreError> {
    let content = sha256(&number.to_be_bytes());
    let (mut case, code_hmac) = ([0; 16], sha256(&content.0));
    case.copy_from_slice(&code_hmac.0[16..]);
    let case = CaseId(case);
    let year = Day::of(at_ms).date().0;
    let entry = Entry {
        id: number,
        case,
        number: RegisterNumber { book: Book { agency: officer.clone(), volume: 1, year }, number },
        at_ms,
        officer: officer.clone(),
        procedure: officer.clone(),
        pages: 1,
        content,
        code_hmac,
    };
    let mut records = Vec::new();
    let mut add = |kind, from, to, who: Option<&Code>, reason: Option<&str>, digest: Option<Hash>, number| {
        let mut record = draft(case, kind, at_ms);
        (record.from, record.to, record.who, record.digest, record.number) = (from, to, who.cloned(), digest, number);
        let reason = reason.map(Code::new).transpose();
        record.reason = reason.map_err(|_| StoreError::Inconsistent { what: "a reason" })?;
        records.push(record);
        Ok::<(), StoreError>(())
    };
    add(Kind::Opened, None, Some(State::Opened), Some(officer), None, None, None)?;
    let mut from = State::Opened;
    for to in State::ALL.iter().copied().skip(1).filter(|to| !matches!(to, State::Refused | State::SentBack)) {
        if to == State::Purged && kept {
            break;
        }
        if to.needs_intent() {
            add(Kind::Intent, Some(from), Some(to), None, None, None, None)?;
        }
        if to == State::Delivered {
            add(Kind::Leaf, None, None, None, None, Some(content), None)?;
            add(Kind::Queued, None, None, None, Some("mail"), Some(code_hmac), Some(number))?;
            add(Kind::Started, None, None, None, None, None, Some(number))?;
            add(Kind::Finished, None, None, None, Some("done"), None, Some(number))?;
        }
        let digest = match to {
            State::Numbered => Some(entry.hash()),
            State::Prepared | State::Logged | State::Signed => Some(content),
            _ => None,
        };
        let given = (to == State::Numbered).then_some(number);
        let who = (to == State::Approved).then_some(officer);
        add(Kind::Arrow, Some(from), Some(to), who, None, digest, given)?;
        from = to;
    }
    Ok((entry, records))
}

fn put_rows(change: &Connection, case: &Case) -> Result<(), StoreError> {
    let failed = StoreError::sql("write a case");
    let insert =
        "INSERT INTO cases (id, state, procedure, opened_ms, changed_ms, last, officer, content, file, revoked,
            document_key, key_check) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10)";
    let key = sha256(&case.id.0);
    let row = params![
        case.id,
        case.state.name(),
        case.procedure,
        case.changed_ms,
        case.last,
        case.officer,
        case.content,
        case.file,
        key,
        sha256(&key.0)
    ];
    change.prepare_cached(insert).map_err(&failed)?.execute(row).map_err(&failed)?;
    for delivery in case.deliveries.values() {
        let insert = "INSERT INTO outbox (id, case_id, channel, reprint, key, progress, attempts)
            VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6)";
        let row = params![
            delivery.id.0,
            case.id,
            delivery.channel.name(),
            delivery.key,
            delivery.progress.name(),
            delivery.attempts
        ];
        change.prepare_cached(insert).map_err(&failed)?.execute(row).map_err(&failed)?;
    }
    Ok(())
}
