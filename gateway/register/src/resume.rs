//! What each case waits for, after a restart or at any time.

use rusqlite::Connection;

use crate::case::Case;
use crate::cases::{self, OUTBOX, load};
use crate::delivery::{Channel, Delivery, DeliveryId, Outcome, Progress};
use crate::error::StoreError;
use crate::ids::CaseId;
use crate::state::State;
use crate::store::Store;

/// Most cases or deliveries of one answer.
const WAITING_MOST: usize = 1000;

/// A case, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// Which.
    pub case: CaseId,
    /// What is to be done.
    pub todo: Todo,
}

/// What is to be done with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Todo {
    /// The program goes on from this state.
    GoOn(State),
    /// An officer decides.
    NeedsOfficer,
    /// A person looks at a damaged record of this number.
    NeedsPerson {
        /// The number of the record.
        record: i64,
    },
    /// What leads to this state was begun; whether it happened must be looked up where it would have.
    OutcomeUnknown(State),
    /// A print was begun; whether there is paper, a person must find out ([`Store::settle`]).
    PrintUnknown(DeliveryId),
}

impl Store {
    /// All cases that are not purged, the oldest first. Memory: a few bytes for each.
    ///
    /// # Errors
    /// What the disk does.
    pub fn resume(&self) -> Result<Vec<Resume>, StoreError> {
        let ids = ids(&self.connection)?;
        let mut all = Vec::with_capacity(ids.len());
        for case in &ids {
            let todo = match self.parked.get(case) {
                Some(record) => Todo::NeedsPerson { record: *record },
                None => todo(&load(&self.connection, *case)?),
            };
            all.push(Resume { case: *case, todo });
        }
        // Those whose row is lost, too.
        for (case, record) in self.parked.iter().filter(|(case, _)| !ids.contains(case)) {
            all.push(Resume { case: *case, todo: Todo::NeedsPerson { record: *record } });
        }
        Ok(all)
    }

    /// The cases in a state, those that were opened first before the others; at most `most`, and never more than 1000. Parked
    /// ones wait for a person and are not among them.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if the row of one was damaged since the opening.
    pub fn waiting(&self, state: State, most: usize) -> Result<Vec<Case>, StoreError> {
        let failed = StoreError::sql("list the cases in a state");
        let select = "SELECT id FROM cases WHERE state = ?1 ORDER BY opened_ms, id";
        let mut select = self.connection.prepare_cached(select).map_err(&failed)?;
        let mut rows = select.query([state.name()]).map_err(&failed)?;
        let mut waiting = Vec::new();
        while waiting.len() < most.min(WAITING_MOST)
            && let Some(row) = rows.next().map_err(&failed)?
        {
            // What cannot be read was found at opening, and its case is parked.
            let id = row.get::<_, CaseId>(0).ok().filter(|id| !self.parked.contains_key(id));
            if let Some(id) = id {
                waiting.push(load(&self.connection, id)?);
            }
        }
        Ok(waiting)
    }

    /// How many cases are in these states, parked ones among them; not those whose entry is revoked.
    ///
    /// # Errors
    /// What the disk does.
    pub fn count(&self, states: &[State]) -> Result<usize, StoreError> {
        let failed = StoreError::sql("count the cases in a state");
        let select = "SELECT count(*) FROM cases WHERE state = ?1 AND revoked = 0";
        let mut select = self.connection.prepare_cached(select).map_err(&failed)?;
        let mut all = 0;
        for state in states {
            let count: i64 = select.query_row([state.name()], |row| row.get(0)).map_err(&failed)?;
            all += usize::try_from(count).unwrap_or(0);
        }
        Ok(all)
    }

    /// The deliveries of a channel that may be begun and that nobody is at, those that were asked for first before the others;
    /// at most `most`, and never more than 1000: queued ones, those that did not happen, and, of mail and download, those of
    /// which nothing is known (their receiver knows a second one by its key). Not those of parked cases.
    ///
    /// # Errors
    /// [`StoreError::DamagedRow`] if the row of one was damaged since the opening.
    pub fn deliveries_due(&self, channel: Channel, most: usize) -> Result<Vec<Delivery>, StoreError> {
        let failed = StoreError::sql("list the deliveries of a channel");
        let unknown = if channel == Channel::Print { Outcome::NotDone } else { Outcome::Unknown };
        let (queued, not_done) = (Progress::Queued.name(), Outcome::NotDone.name());
        let select =
            format!("SELECT {OUTBOX} FROM outbox WHERE channel = ?1 AND progress IN (?2, ?3, ?4) ORDER BY id",);
        let mut select = self.connection.prepare_cached(&select).map_err(&failed)?;
        let mut rows = select.query([channel.name(), queued, not_done, unknown.name()]).map_err(&failed)?;
        let mut due = Vec::new();
        while due.len() < most.min(WAITING_MOST)
            && let Some(row) = rows.next().map_err(&failed)?
        {
            let of_parked = row.get::<_, CaseId>(1).map_or(true, |case| self.parked.contains_key(&case));
            if !of_parked {
                let damaged = || StoreError::DamagedRow { what: "delivery in the outbox".to_owned() };
                due.push(cases::read_delivery(row).ok_or_else(damaged)?);
            }
        }
        Ok(due)
    }
}

fn ids(connection: &Connection) -> Result<Vec<CaseId>, StoreError> {
    let failed = StoreError::sql("list the cases");
    let select = format!("SELECT {} FROM cases ORDER BY opened_ms, id", cases::COLUMNS);
    let mut select = connection.prepare_cached(&select).map_err(&failed)?;
    let mut rows = select.query([]).map_err(&failed)?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        // A row without a readable id was found at opening, and its case is parked.
        ids.extend(row.get::<_, CaseId>(0).ok());
    }
    Ok(ids)
}

fn todo(case: &Case) -> Todo {
    if let Some(to) = case.intent {
        return Todo::OutcomeUnknown(to);
    }
    let unknown = case.deliveries.values().find(|delivery| {
        delivery.channel == Channel::Print && delivery.progress == Progress::Finished(Outcome::Unknown)
    });
    if let Some(delivery) = unknown {
        return Todo::PrintUnknown(delivery.id);
    }
    match case.state {
        State::AwaitingOfficer => Todo::NeedsOfficer,
        state => Todo::GoOn(state),
    }
}
