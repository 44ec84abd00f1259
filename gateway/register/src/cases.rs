//! Cases: one call is one record, durable when it returns.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::case::Case;
use crate::delivery::{Channel, Copy, Delivery, DeliveryId, Progress};
use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};
use crate::journal;
use crate::personal::Personal;
use crate::purge::put_personal;
use crate::record::{Kind, Record, sha256};
use crate::state::State;
use crate::store::{Room, Store};

/// One arrow of a case, with what belongs to it. (Numbers are taken by [`Store::number`], the last arrow is [`Store::purge`].)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The pages are scanned.
    Captured,
    /// The text is read.
    Recognised,
    /// The person is identified.
    Identified,
    /// The copy is composed.
    Prepared {
        /// The hash of its content: what the officer sees, and what the register takes.
        content: Hash,
    },
    /// It waits for an officer.
    AwaitingOfficer,
    /// An officer certifies it.
    Approved {
        /// Who.
        officer: Code,
    },
    /// An officer does not.
    Refused {
        /// Who.
        officer: Code,
        /// Why.
        reason: Code,
    },
    /// An officer wants it scanned or prepared anew.
    SentBack {
        /// Who.
        officer: Code,
        /// Why.
        reason: Code,
    },
    /// It is in the transparency log.
    Logged {
        /// The hash of its leaf.
        leaf: Hash,
    },
    /// It is signed.
    Signed {
        /// The hash of the signed file.
        file: Hash,
    },
    /// A delivery is confirmed.
    Delivered,
    /// The central store has it.
    Stored,
}

impl Step {
    /// Where it leads.
    pub fn to(&self) -> State {
        match self {
            Self::Captured => State::Captured,
            Self::Recognised => State::Recognised,
            Self::Identified => State::Identified,
            Self::Prepared { .. } => State::Prepared,
            Self::AwaitingOfficer => State::AwaitingOfficer,
            Self::Approved { .. } => State::Approved,
            Self::Refused { .. } => State::Refused,
            Self::SentBack { .. } => State::SentBack,
            Self::Logged { .. } => State::Logged,
            Self::Signed { .. } => State::Signed,
            Self::Delivered => State::Delivered,
            Self::Stored => State::Stored,
        }
    }

    fn fill(&self, case: &Case, record: &mut Record) {
        record.kind = Kind::Arrow;
        (record.from, record.to) = (Some(case.state), Some(self.to()));
        match self {
            Self::Prepared { content: digest } | Self::Logged { leaf: digest } | Self::Signed { file: digest } => {
                record.digest = Some(*digest);
            }
            Self::Approved { officer } => record.who = Some(officer.clone()),
            Self::Refused { officer, reason } | Self::SentBack { officer, reason } => {
                record.who = Some(officer.clone());
                record.reason = Some(reason.clone());
            }
            _ => {}
        }
    }
}

impl Store {
    /// Opens a case, and makes the key of its documents.
    ///
    /// # Errors
    /// [`StoreError::Full`] also while the reserve of room is not whole: what is begun must be able to end.
    pub fn open_case(&mut self, procedure: &Code) -> Result<CaseId, StoreError> {
        self.must_run()?;
        self.must_have_room()?;
        let (mut id, mut key) = ([0; 16], [0; 32]);
        getrandom::fill(&mut id).and_then(|()| getrandom::fill(&mut key)).map_err(|_| StoreError::Random)?;
        let id = CaseId(id);
        let at_ms = self.clock.read().utc_ms;
        self.write(Room::New, |change| {
            let mut record = draft(id, Kind::Opened, at_ms);
            record.to = Some(State::Opened);
            record.who = Some(procedure.clone());
            journal::append(change, &mut record)?;
            let failed = StoreError::sql("write a case");
            let insert = "INSERT INTO cases (id, state, procedure, opened_ms, changed_ms, last, revoked, document_key, key_check)
                VALUES (?1, ?2, ?3, ?4, ?4, ?5, 0, ?6, ?7)";
            let row = params![id, State::Opened.name(), procedure, at_ms, record.seq, key, sha256(&key)];
            change.prepare_cached(insert).map_err(&failed)?.execute(row).map_err(&failed)?;
            Ok(id)
        })
    }

    /// Notes that what leads to `to` is about to happen outside. Gives the number of the record.
    ///
    /// # Errors
    /// [`StoreError::Unlawful`] also for a state without side effects, [`StoreError::IntentOpen`].
    pub fn intend(&mut self, case: CaseId, to: State) -> Result<i64, StoreError> {
        self.record(case, |case, record| {
            record.kind = Kind::Intent;
            (record.from, record.to) = (Some(case.state), Some(to));
        })
    }

    /// Notes that what was intended did not happen, which must be certain. Gives the number of the record.
    ///
    /// # Errors
    /// [`StoreError::NoIntent`].
    pub fn abandon(&mut self, case: CaseId, to: State, reason: &Code) -> Result<i64, StoreError> {
        self.record(case, |case, record| {
            record.kind = Kind::Abandoned;
            (record.from, record.to) = (Some(case.state), Some(to));
            record.reason = Some(reason.clone());
        })
    }

    /// Goes one arrow on. Gives the number of the record.
    ///
    /// # Errors
    /// [`StoreError::Unlawful`], [`StoreError::NoIntent`], [`StoreError::IntentOpen`], [`StoreError::NotConfirmed`].
    pub fn advance(&mut self, case: CaseId, step: &Step) -> Result<i64, StoreError> {
        self.record(case, |case, record| step.fill(case, record))
    }

    /// Keeps a personal value and goes one arrow on: both or neither. Gives the number of the record.
    ///
    /// # Errors
    /// Those of [`Store::put_personal`] and [`Store::advance`].
    pub fn advance_with(
        &mut self,
        case: CaseId,
        name: &Code,
        value: &Personal,
        step: &Step,
    ) -> Result<i64, StoreError> {
        self.record_with(case, |case, record| step.fill(case, record), |change| put_personal(change, case, name, value))
    }

    /// One more leaf of the transparency log that belongs to the case: of its signed file, or of its revocation.
    ///
    /// # Errors
    /// [`StoreError::NotNumbered`].
    pub fn add_leaf(&mut self, case: CaseId, leaf: Hash) -> Result<i64, StoreError> {
        self.record(case, |_, record| {
            record.kind = Kind::Leaf;
            record.digest = Some(leaf);
        })
    }

    /// The case as it is.
    ///
    /// # Errors
    /// [`StoreError::UnknownCase`], [`StoreError::Purged`], [`StoreError::Parked`].
    pub fn case(&self, case: CaseId) -> Result<Case, StoreError> {
        self.must_not_be_parked(case)?;
        load(&self.connection, case)
    }

    /// The records of a case, also of one that is purged.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if one of them is damaged.
    pub fn history(&self, case: CaseId) -> Result<Vec<Record>, StoreError> {
        journal::of_case(&self.connection, case)
    }

    pub(crate) fn must_not_be_parked(&self, case: CaseId) -> Result<(), StoreError> {
        match self.parked.get(&case) {
            Some(record) => Err(StoreError::Parked { case, record: *record }),
            None => Ok(()),
        }
    }

    /// Writes a record of a case that `fill` makes from it.
    pub(crate) fn record(&mut self, case: CaseId, fill: impl Fn(&Case, &mut Record)) -> Result<i64, StoreError> {
        self.record_with(case, fill, |_| Ok(()))
    }

    /// The same, with what else is written together with it.
    fn record_with(
        &mut self,
        case: CaseId,
        fill: impl Fn(&Case, &mut Record),
        besides: impl Fn(&Connection) -> Result<(), StoreError>,
    ) -> Result<i64, StoreError> {
        self.must_not_be_parked(case)?;
        let at_ms = self.clock.read().utc_ms;
        self.write(Room::UnderWay, |change| {
            let mut case = load(change, case)?;
            let mut record = draft(case.id, Kind::Arrow, at_ms);
            fill(&case, &mut record);
            put(change, &mut case, &mut record)?;
            besides(change)?;
            Ok(record.seq)
        })
    }
}

pub(crate) fn draft(case: CaseId, kind: Kind, at_ms: i64) -> Record {
    let (from, to, who, reason, digest, number) = (None, None, None, None, None, None);
    Record { seq: 0, at_ms, case, kind, from, to, who, reason, digest, number }
}

/// Judges a record by its case, writes it, and what it makes of the case.
pub(crate) fn put(connection: &Connection, case: &mut Case, record: &mut Record) -> Result<(), StoreError> {
    let mut after = case.clone();
    after.apply(record)?;
    journal::append(connection, record)?;
    case.apply(record)?;
    let failed = StoreError::sql("write a case");
    let update =
        "UPDATE cases SET state = ?2, intent = ?3, changed_ms = ?4, last = ?5, officer = ?6, content = ?7, file = ?8,
        revoked = ?9 WHERE id = ?1";
    let intent = case.intent.map(State::name);
    let row = params![
        case.id,
        case.state.name(),
        intent,
        case.changed_ms,
        case.last,
        case.officer,
        case.content,
        case.file,
        case.revoked
    ];
    connection.prepare_cached(update).map_err(&failed)?.execute(row).map_err(&failed)?;
    let of_delivery = matches!(record.kind, Kind::Started | Kind::Finished);
    let delivery = record.number.filter(|_| of_delivery).and_then(|id| case.deliveries.get(&DeliveryId(id)));
    if let Some(delivery) = delivery {
        let update = "UPDATE outbox SET progress = ?2, attempts = ?3 WHERE id = ?1";
        let row = params![delivery.id.0, delivery.progress.name(), delivery.attempts];
        connection.prepare_cached(update).map_err(&failed)?.execute(row).map_err(&failed)?;
    }
    Ok(())
}

/// The case of a row, without its deliveries; `None` if the row is nothing that was written.
pub(crate) fn read(row: &Row<'_>) -> Option<Case> {
    let state = |column: usize| row.get::<_, Option<String>>(column).ok();
    let intent = match state(2)? {
        None => None,
        Some(name) => Some(State::from_name(&name)?),
    };
    Some(Case {
        id: row.get(0).ok()?,
        state: State::from_name(&state(1)??)?,
        intent,
        procedure: row.get(3).ok()?,
        opened_ms: row.get(4).ok()?,
        changed_ms: row.get(5).ok()?,
        last: row.get(6).ok()?,
        officer: row.get(7).ok()?,
        content: row.get(8).ok()?,
        file: row.get(9).ok()?,
        revoked: row.get(10).ok()?,
        deliveries: std::collections::BTreeMap::new(),
    })
}

/// The columns that [`read`] takes.
pub(crate) const COLUMNS: &str =
    "id, state, intent, procedure, opened_ms, changed_ms, last, officer, content, file, revoked";

/// The delivery of a row; `None` if the row is nothing that was written.
pub(crate) fn read_delivery(row: &Row<'_>) -> Option<Delivery> {
    Some(Delivery {
        id: DeliveryId(row.get(0).ok()?),
        case: row.get(1).ok()?,
        channel: Channel::from_name(&row.get::<_, String>(2).ok()?)?,
        copy: if row.get(3).ok()? { Copy::Reprint } else { Copy::First },
        key: row.get(4).ok()?,
        progress: Progress::from_name(&row.get::<_, String>(5).ok()?)?,
        attempts: row.get(6).ok()?,
    })
}

/// The columns that [`read_delivery`] takes.
pub(crate) const OUTBOX: &str = "id, case_id, channel, reprint, key, progress, attempts";

pub(crate) fn load(connection: &Connection, id: CaseId) -> Result<Case, StoreError> {
    let failed = StoreError::sql("read a case");
    let select = format!("SELECT {COLUMNS} FROM cases WHERE id = ?1");
    let mut select = connection.prepare_cached(&select).map_err(&failed)?;
    let Some(case) = select.query_row([id], |row| Ok(read(row))).optional().map_err(&failed)? else {
        let known = "SELECT 1 FROM journal WHERE case_id = ?1 LIMIT 1";
        let mut known = connection.prepare_cached(known).map_err(&failed)?;
        let known = known.exists([id]).map_err(&failed)?;
        return Err(if known { StoreError::Purged(id) } else { StoreError::UnknownCase(id) });
    };
    let damaged = || StoreError::DamagedRow { what: format!("case {id:?}") };
    let mut case = case.ok_or_else(damaged)?;
    let select = format!("SELECT {OUTBOX} FROM outbox WHERE case_id = ?1");
    let mut select = connection.prepare_cached(&select).map_err(&failed)?;
    let mut rows = select.query([id]).map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let delivery = read_delivery(row).ok_or_else(damaged)?;
        case.deliveries.insert(delivery.id, delivery);
    }
    Ok(case)
}
