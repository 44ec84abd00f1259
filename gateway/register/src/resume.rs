//! What each case waits for, after a restart or at any time.

use rusqlite::Connection;

use crate::case::Case;
use crate::cases::{self, load};
use crate::delivery::{Channel, DeliveryId, Outcome, Progress};
use crate::error::StoreError;
use crate::ids::CaseId;
use crate::state::State;
use crate::store::Store;

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
