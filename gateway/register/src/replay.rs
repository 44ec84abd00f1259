//! The whole journal, from its first record: is it as it was written, and do the rows say what it says?

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::book;
use crate::case::Case;
use crate::cases::{self, OUTBOX};
use crate::error::StoreError;
use crate::ids::{CaseId, Hash};
use crate::journal::{COLUMNS, Chained};
use crate::open::{Cases, Check};
use crate::record::{BEGINNING, Kind, Record};
use crate::state::State;

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

/// Reads the journal. Memory: the cases that are not purged.
pub(crate) fn replay(connection: &Connection, check: Check) -> Result<Replayed, StoreError> {
    let failed = StoreError::sql("read the journal");
    let cases = HashMap::new();
    let mut all = Replayed { cases, findings: Vec::new(), parked: HashMap::new(), incomplete: None };
    let select = format!("SELECT {COLUMNS} FROM journal ORDER BY seq");
    let mut select = connection.prepare(&select).map_err(&failed)?;
    let mut rows = select.query([]).map_err(&failed)?;
    let (mut last, mut hash, mut last_case, mut numbered): (i64, Hash, Option<CaseId>, i64) = (0, BEGINNING, None, 0);
    while let Some(row) = rows.next().map_err(&failed)? {
        let seq: i64 = row.get(0).map_err(&failed)?;
        let case: Option<CaseId> = row.get(2).ok();
        let gap = seq != last + 1;
        if gap {
            all.find(last + 1, None, Problem::Missing);
        }
        let whole = Chained::read(row).filter(Chained::is_whole);
        if whole.as_ref().is_some_and(|whole| !gap && whole.previous != hash) {
            // Before the first record there is none that could have been another.
            let (record, case) = if last == 0 { (seq, case) } else { (last, last_case) };
            all.find(record, case, Problem::Replaced);
        }
        match whole {
            Some(Chained { record, .. }) => {
                numbered += i64::from(record.to == Some(State::Numbered) && record.kind == Kind::Arrow);
                follow(&mut all, &record);
                if check == Check::Whole && record.kind == Kind::Arrow && record.to == Some(State::Numbered) {
                    let entry = book::of_case(connection, record.case);
                    if !entry.is_ok_and(|entry| entry.is_some_and(|entry| Some(entry.hash()) == record.digest)) {
                        all.find(record.seq, Some(record.case), Problem::Entry);
                    }
                }
            }
            None => all.find(seq, case, Problem::Changed),
        }
        // The next one was chained to what stands here, if that can be read at all.
        (last, last_case) = (seq, case);
        hash = row.get(11).unwrap_or(BEGINNING);
    }
    let head = "SELECT seq, hash FROM head WHERE id = 1";
    let head: Option<(i64, Hash)> =
        connection.query_row(head, [], |row| Ok((row.get(0)?, row.get(1)?))).optional().map_err(&failed)?;
    let (head, head_hash) = head.ok_or(StoreError::Damaged { what: "the journal has no head".to_owned() })?;
    if head > last {
        all.find(last + 1, None, Problem::Missing);
    } else if head < last || head_hash != hash {
        all.find(last, last_case, Problem::Replaced);
    }
    compare_rows(connection, &mut all)?;
    let entries: i64 = connection.query_row("SELECT count(*) FROM register", [], |row| row.get(0)).map_err(&failed)?;
    all.incomplete = (entries < numbered).then_some((entries, numbered));
    Ok(all)
}

/// What a whole record does to its case.
fn follow(all: &mut Replayed, record: &Record) {
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
