//! The outbox: what is to reach the citizen, with an intent before each try and its outcome after.

use rusqlite::{OptionalExtension, params};

use crate::cases::{self, draft, load};
use crate::delivery::{Channel, Copy, Delivery, DeliveryId, Outcome, Progress};
use crate::error::StoreError;
use crate::ids::{CaseId, Code};
use crate::record::{Kind, sha256};
use crate::store::{Room, Store};

/// Most bytes of a key.
const KEY_MOST: usize = 256;

impl Store {
    /// Puts a delivery into the outbox. The same `key` (at most 256 bytes) with the same request gives the same delivery.
    ///
    /// # Errors
    /// [`StoreError::NotSigned`], [`StoreError::KeyReused`]; [`StoreError::WouldPrintTwice`] while paper may lie somewhere:
    /// then only [`Store::queue_reprint`] prints.
    pub fn queue(&mut self, case: CaseId, channel: Channel, key: &str) -> Result<DeliveryId, StoreError> {
        self.put_into_outbox(case, channel, None, key)
    }

    /// Puts a reprint into the outbox, which must say on itself that it is one.
    ///
    /// # Errors
    /// As [`Store::queue`].
    pub fn queue_reprint(&mut self, case: CaseId, officer: &Code, key: &str) -> Result<DeliveryId, StoreError> {
        self.put_into_outbox(case, Channel::Print, Some(officer), key)
    }

    fn put_into_outbox(
        &mut self,
        case: CaseId,
        channel: Channel,
        reprint_by: Option<&Code>,
        key: &str,
    ) -> Result<DeliveryId, StoreError> {
        if key.is_empty() || key.len() > KEY_MOST {
            return Err(StoreError::TooMuch { what: "bytes of a delivery's key", most: KEY_MOST });
        }
        self.must_not_be_parked(case)?;
        let (at_ms, key) = (self.clock.read().utc_ms, sha256(key.as_bytes()));
        let copy = if reprint_by.is_some() { Copy::Reprint } else { Copy::First };
        let channel_code = Code::new(channel.name()).map_err(|_| StoreError::Inconsistent { what: "a channel" })?;
        self.write(Room::UnderWay, |change| {
            let failed = StoreError::sql("write a delivery");
            let mut case = load(change, case)?;
            let known = format!("SELECT {} FROM outbox WHERE key = ?1", cases::OUTBOX);
            let mut known = change.prepare_cached(&known).map_err(&failed)?;
            if let Some(known) = known.query_row([key], |row| Ok(cases::read_delivery(row))).optional().map_err(&failed)? {
                let known = known.ok_or(StoreError::DamagedRow { what: format!("delivery of case {:?}", case.id) })?;
                let same = known.case == case.id && known.channel == channel && known.copy == copy;
                return if same { Ok(known.id) } else { Err(StoreError::KeyReused(known.id)) };
            }
            let insert = "INSERT INTO outbox (case_id, channel, reprint, key, progress, attempts) VALUES (?1, ?2, ?3, ?4, ?5, 0)";
            let row = params![case.id, channel.name(), copy == Copy::Reprint, key, Progress::Queued.name()];
            change.prepare_cached(insert).map_err(&failed)?.execute(row).map_err(&failed)?;
            let id = DeliveryId(change.last_insert_rowid());
            let mut record = draft(case.id, if copy == Copy::Reprint { Kind::Reprint } else { Kind::Queued }, at_ms);
            record.number = Some(id.0);
            record.reason = Some(channel_code.clone());
            record.digest = Some(key);
            record.who = reprint_by.cloned();
            cases::put(change, &mut case, &mut record)?;
            Ok(id)
        })
    }

    /// Notes that a delivery is about to happen; gives it as it is then. A print is begun again only if it is known not to
    /// have happened; mail and download also if that is not known, since their receiver knows a second one by its key.
    ///
    /// # Errors
    /// [`StoreError::NotStartable`].
    pub fn start(&mut self, delivery: DeliveryId) -> Result<Delivery, StoreError> {
        self.of_delivery(delivery, |_| {}, Kind::Started)
    }

    /// Notes what came of it.
    ///
    /// # Errors
    /// [`StoreError::NotStarted`].
    pub fn finish(&mut self, delivery: DeliveryId, outcome: Outcome) -> Result<Delivery, StoreError> {
        let reason = outcome_code(outcome)?;
        self.of_delivery(delivery, |record| record.reason = Some(reason.clone()), Kind::Finished)
    }

    /// Notes what a person found out about a delivery of which nothing was known.
    ///
    /// # Errors
    /// [`StoreError::NotStarted`] if more is known of it.
    pub fn settle(&mut self, delivery: DeliveryId, person: &Code, outcome: Outcome) -> Result<Delivery, StoreError> {
        let reason = outcome_code(outcome)?;
        let fill = |record: &mut crate::record::Record| {
            record.reason = Some(reason.clone());
            record.who = Some(person.clone());
        };
        self.of_delivery(delivery, fill, Kind::Finished)
    }

    /// A delivery as it is.
    ///
    /// # Errors
    /// [`StoreError::UnknownDelivery`] also if its case is purged.
    pub fn delivery(&self, delivery: DeliveryId) -> Result<Delivery, StoreError> {
        let failed = StoreError::sql("read a delivery");
        let select = format!("SELECT {} FROM outbox WHERE id = ?1", cases::OUTBOX);
        let mut select = self.connection.prepare_cached(&select).map_err(&failed)?;
        let row = select.query_row([delivery.0], |row| Ok(cases::read_delivery(row))).optional().map_err(&failed)?;
        let damaged = StoreError::DamagedRow { what: format!("delivery {}", delivery.0) };
        row.ok_or(StoreError::UnknownDelivery(delivery))?.ok_or(damaged)
    }

    fn of_delivery(
        &mut self,
        delivery: DeliveryId,
        fill: impl Fn(&mut crate::record::Record),
        kind: Kind,
    ) -> Result<Delivery, StoreError> {
        let case = self.delivery(delivery)?.case;
        self.record(case, |_, record| {
            record.kind = kind;
            record.number = Some(delivery.0);
            fill(record);
        })?;
        self.delivery(delivery)
    }
}

fn outcome_code(outcome: Outcome) -> Result<Code, StoreError> {
    Code::new(outcome.name()).map_err(|_| StoreError::Inconsistent { what: "an outcome" })
}
