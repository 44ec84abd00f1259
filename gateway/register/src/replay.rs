//! The journal, from its first record or from where it was verified: is it as it was written, and do the rows say what it says?

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::book;
use crate::case::Case;
use crate::cases::{self, OUTBOX};
use crate::error::StoreError;
use crate::ids::{CaseId, Hash};
use crate::journal::{COLUMNS, Chained};
use crate::open::Cases;
use crate::record::{BEGINNING, Kind, Record};
use crate::state::State;
use crate::verified::{Verified, cases_hash};

/// So many findings are told; the rest only parks cases.
const FINDINGS_MOST: usize = 1000;

/// Something that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number of the record.
    pub record: i64,
    /// The case that is parked for it, if one is known.
    pub case: Option<CaseId>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Its content is not what its hash was made of.
    Changed,
    /// It is not there.
    Missing,
    /// It is another one than the next was chained to.
    Replaced,
    /// It does not fit what the case's earlier records say.
    Unlawful,
    /// The row of its case or of a delivery says something else.
    Row,
    /// The entry of the register that it stands for is missing or says something else.
    Entry,
}

pub(crate) struct Replayed {
    pub(crate) cases: Cases,
    pub(crate) findings: Vec<Finding>,
    pub(crate) parked: HashMap<CaseId, i64>,
    pub(crate) incomplete: Option<(i64, i64)>,
    /// How far all is whole, if nothing was found.
    pub(crate) verified: Option<Verified>,
}

impl Replayed {
    fn find(&mut self, record: i64, case: Option<CaseId>, problem: Problem) {
        if self.findings.len() < FINDINGS_MOST {
            self.findings.push(Finding { record, case, problem });
        }
        if let Some(case) = case {
            self.parked.entry(case).or_insert(record);
        }
    }
}

/// A look at the journal, record by record. Memory: the cases that are not purged.
pub(crate) struct Replay {
    all: Replayed,
    last: i64,
    hash: Hash,
    last_case: Option<CaseId>,
    numbered: i64,
}

/// What was verified before, the records behind it, and all records of the cases that are there; `None` if that does not say
/// that all is well: then all is to be read.
pub(crate) fn quick(connection: &Connection) -> Result<Option<Replayed>, StoreError> {
    let Some(verified) = Verified::read(connection)? else { return Ok(None) };
    let Some(mut replay) = Replay::behind(connection, &verified)? else { return Ok(None) };
    replay.go_on(connection, usize::MAX)?;
    let failed = StoreError::sql("read the last entry of the register");
    // Entries have the numbers 1, 2, 3, …: a lost last one shows.
    let entries = "SELECT ifnull(max(id), 0) FROM register";
    let entries: i64 = connection.query_row(entries, [], |row| row.get(0)).map_err(&failed)?;
    let numbered = replay.numbered;
    let all = replay.compare(connection)?;
    Ok((all.findings.is_empty() && entries == numbered).then_some(all))
}

/// The whole journal, and each entry of the register that it tells of.
pub(crate) fn whole(connection: &Connection) -> Result<Replayed, StoreError> {
    let mut replay = Replay::new();
    replay.go_on(connection, usize::MAX)?;
    replay.end(connection)
}

impl Replay {
    /// From the first record.
    pub(crate) fn new() -> Self {
        let all = Replayed {
            cases: HashMap::new(),
            findings: Vec::new(),
            parked: HashMap::new(),
            incomplete: None,
            verified: None,
        };
        Self { all, last: 0, hash: BEGINNING, last_case: None, numbered: 0 }
    }

    /// From the record behind the last verified one.
    fn behind(connection: &Connection, verified: &Verified) -> Result<Option<Self>, StoreError> {
        let failed = StoreError::sql("read the records of the cases that are there");
        let mut replay = Self { last: verified.seq, hash: verified.hash, numbered: verified.numbered, ..Self::new() };
        let last = format!("SELECT {COLUMNS} FROM journal WHERE seq = ?1");
        let last = connection.query_row(&last, [verified.seq], |row| Ok(Chained::read(row))).optional();
        let last = last.map_err(&failed)?.flatten().filter(Chained::is_whole);
        if verified.seq > 0 && last.is_none_or(|last| last.hash != verified.hash) {
            return Ok(None);
        }
        // Those that were purged since have no row any more.
        let ids = "SELECT id FROM cases UNION SELECT case_id FROM journal WHERE seq > ?1";
        let mut ids = connection.prepare(ids).map_err(&failed)?;
        let mut ids = ids.query([verified.seq]).map_err(&failed)?;
        let records = format!("SELECT {COLUMNS} FROM journal WHERE case_id = ?1 AND seq <= ?2 ORDER BY seq");
        let mut records = connection.prepare(&records).map_err(&failed)?;
        while let Some(row) = ids.next().map_err(&failed)? {
            let Ok(id) = row.get::<_, CaseId>(0) else { return Ok(None) };
            let mut rows = records.query(params![id, verified.seq]).map_err(&failed)?;
            while let Some(row) = rows.next().map_err(&failed)? {
                let Some(whole) = Chained::read(row).filter(Chained::is_whole) else { return Ok(None) };
                replay.follow(connection, &whole.record);
            }
        }
        let same = cases_hash(replay.all.cases.keys()) == verified.cases && replay.all.findings.is_empty();
        Ok(same.then_some(replay))
    }

    /// Reads `most` records more; tells whether there was an end.
    pub(crate) fn go_on(&mut self, connection: &Connection, most: usize) -> Result<bool, StoreError> {
        let failed = StoreError::sql("read the journal");
        let select = format!("SELECT {COLUMNS} FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        let mut select = connection.prepare_cached(&select).map_err(&failed)?;
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows = select.query([self.last, limit]).map_err(&failed)?;
        let mut read = 0;
        while let Some(row) = rows.next().map_err(&failed)? {
            read += 1;
            let seq: i64 = row.get(0).map_err(&failed)?;
            let case: Option<CaseId> = row.get(2).ok();
            let gap = seq != self.last + 1;
            if gap {
                self.all.find(self.last + 1, None, Problem::Missing);
            }
            let whole = Chained::read(row).filter(Chained::is_whole);
            if whole.as_ref().is_some_and(|whole| !gap && whole.previous != self.hash) {
                // Before the first record there is none that could have been another.
                let (record, case) = if self.last == 0 { (seq, case) } else { (self.last, self.last_case) };
                self.all.find(record, case, Problem::Replaced);
            }
            match whole {
                Some(Chained { record, .. }) => {
                    self.numbered += i64::from(gives_number(&record));
                    self.follow(connection, &record);
                }
                None => self.all.find(seq, case, Problem::Changed),
            }
            // The next one was chained to what stands here, if that can be read at all.
            (self.last, self.last_case) = (seq, case);
            self.hash = row.get(11).unwrap_or(BEGINNING);
        }
        Ok(read < most)
    }

    /// What was found, once the end is reached.
    pub(crate) fn end(self, connection: &Connection) -> Result<Replayed, StoreError> {
        let failed = StoreError::sql("count the register");
        let numbered = self.numbered;
        let mut all = self.compare(connection)?;
        let entries = "SELECT count(*) FROM register";
        let entries: i64 = connection.query_row(entries, [], |row| row.get(0)).map_err(&failed)?;
        all.incomplete = (entries < numbered).then_some((entries, numbered));
        Ok(all)
    }

    /// Holds the end against the head, and the rows against the journal.
    fn compare(mut self, connection: &Connection) -> Result<Replayed, StoreError> {
        let failed = StoreError::sql("read the journal's head");
        let head = "SELECT seq, hash FROM head WHERE id = 1";
        let head: Option<(i64, Hash)> =
            connection.query_row(head, [], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(&failed)?;
        let (head, head_hash) = head.ok_or(StoreError::Damaged { what: "the journal has no head".to_owned() })?;
        if head > self.last {
            self.all.find(self.last + 1, None, Problem::Missing);
        } else if head < self.last || head_hash != self.hash {
            self.all.find(self.last, self.last_case, Problem::Replaced);
        }
        compare_rows(connection, &mut self.all)?;
        let (seq, hash, numbered) = (self.last, self.hash, self.numbered);
        let cases = cases_hash(self.all.cases.keys());
        self.all.verified = self.all.findings.is_empty().then_some(Verified { seq, hash, numbered, cases });
        Ok(self.all)
    }

    /// What a whole record does to its case; and its entry of the register, if it tells of one.
    fn follow(&mut self, connection: &Connection, record: &Record) {
        apply(&mut self.all, record);
        if gives_number(record) {
            let entry = book::of_case(connection, record.case);
            if !entry.is_ok_and(|entry| entry.is_some_and(|entry| Some(entry.hash()) == record.digest)) {
                self.all.find(record.seq, Some(record.case), Problem::Entry);
            }
        }
    }
}

fn gives_number(record: &Record) -> bool {
    record.kind == Kind::Arrow && record.to == Some(State::Numbered)
}

fn apply(all: &mut Replayed, record: &Record) {
    let purged = record.kind == Kind::Arrow && record.to == Some(State::Purged);
    // A person purges a parked case from whatever state it was in.
    let decided = purged && record.from.is_none() && record.who.is_some();
    let lawful = decided
        || match all.cases.get_mut(&record.case) {
            Some(case) => case.apply(record).is_ok(),
            None => match Case::begin(record) {
                Some(case) => all.cases.insert(record.case, case).is_none(),
                // A revocation may come after the purge.
                None => matches!(record.kind, Kind::Revoked | Kind::Leaf),
            },
        };
    if !lawful {
        let known = all.parked.contains_key(&record.case);
        // A case whose earlier record is damaged is parked for that one.
        if !known {
            all.find(record.seq, Some(record.case), Problem::Unlawful);
        }
    }
    if purged {
        all.cases.remove(&record.case);
        all.parked.remove(&record.case);
    }
}

/// Holds the rows of cases and deliveries against the journal.
fn compare_rows(connection: &Connection, all: &mut Replayed) -> Result<(), StoreError> {
    let failed = StoreError::sql("read the cases");
    let mut rows_of: Cases = HashMap::new();
    let mut differ: Vec<(CaseId, i64)> = Vec::new();
    let mut select = connection.prepare(&format!("SELECT {} FROM cases", cases::COLUMNS)).map_err(&failed)?;
    let mut rows = select.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        match cases::read(row) {
            Some(case) => drop(rows_of.insert(case.id, case)),
            // If its id cannot be read either, its case will be one without a row.
            None => differ.extend(row.get(0).ok().map(|id: CaseId| (id, 0))),
        }
    }
    let mut select = connection.prepare(&format!("SELECT {OUTBOX} FROM outbox")).map_err(&failed)?;
    let mut rows = select.query([]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let delivery = cases::read_delivery(row);
        if let Some(case) = delivery.as_ref().and_then(|delivery| rows_of.get_mut(&delivery.case)) {
            case.deliveries.extend(delivery.map(|delivery| (delivery.id, delivery)));
        }
    }
    differ
        .extend(all.cases.values().filter(|case| rows_of.get(&case.id) != Some(case)).map(|case| (case.id, case.last)));
    differ.extend(rows_of.values().filter(|case| !all.cases.contains_key(&case.id)).map(|case| (case.id, case.last)));
    differ.sort_unstable_by_key(|(_, record)| *record);
    for (case, record) in differ {
        if !all.parked.contains_key(&case) {
            all.find(record, Some(case), Problem::Row);
        }
    }
    Ok(())
}
