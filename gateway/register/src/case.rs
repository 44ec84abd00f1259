//! A case, and what a record does to it. Values only: the journal's replay and each new record go through the same place.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::delivery::{Channel, Copy, Delivery, DeliveryId, Outcome, Progress};
use crate::error::StoreError;
use crate::ids::{CaseId, Code, Hash};
use crate::record::{Kind, Record};
use crate::state::State;

/// A case as the journal tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which.
    pub id: CaseId,
    /// Where it is.
    pub state: State,
    /// What was begun outside and has no outcome yet.
    pub intent: Option<State>,
    /// Which procedure it is for.
    pub procedure: Code,
    /// When it was opened, in milliseconds since 1970 (UTC).
    pub opened_ms: i64,
    /// When it last went on.
    pub changed_ms: i64,
    /// The number of its last record.
    pub last: i64,
    /// The officer who approved, refused or sent back.
    pub officer: Option<Code>,
    /// The hash of the prepared content.
    pub content: Option<Hash>,
    /// The hash of the signed file.
    pub file: Option<Hash>,
    /// Whether its entry in the register is revoked.
    pub revoked: bool,
    /// Its deliveries.
    pub deliveries: BTreeMap<DeliveryId, Delivery>,
}

impl Case {
    /// The case that a first record begins; `None` if this is no first record.
    pub(crate) fn begin(record: &Record) -> Option<Self> {
        let procedure = record.who.clone().filter(|_| record.kind == Kind::Opened)?;
        Some(Self {
            id: record.case,
            state: State::Opened,
            intent: None,
            procedure,
            opened_ms: record.at_ms,
            changed_ms: record.at_ms,
            last: record.seq,
            officer: None,
            content: None,
            file: None,
            revoked: false,
            deliveries: BTreeMap::new(),
        })
    }

    /// Whether a delivery has reached the citizen.
    pub fn is_delivered(&self) -> bool {
        self.deliveries.values().any(|delivery| delivery.progress == Progress::Finished(Outcome::Done))
    }

    /// Takes a record, or tells why it does not fit; then nothing is changed.
    pub(crate) fn apply(&mut self, record: &Record) -> Result<(), StoreError> {
        match record.kind {
            Kind::Opened => return Err(self.unlawful(State::Opened)),
            Kind::Intent => {
                let to = self.demand(record)?;
                if let Some(open) = self.intent {
                    return Err(StoreError::IntentOpen { case: self.id, to: open });
                }
                if !to.needs_intent() || !self.state.may_become(to) {
                    return Err(self.unlawful(to));
                }
                self.intent = Some(to);
            }
            Kind::Abandoned => {
                let to = self.demand(record)?;
                if self.intent != Some(to) {
                    return Err(StoreError::NoIntent { case: self.id, to });
                }
                self.intent = None;
            }
            Kind::Arrow => self.go(record)?,
            Kind::Queued | Kind::Reprint => self.queue(record)?,
            Kind::Started => {
                let delivery = self.delivery(record)?;
                let again = delivery.progress == Progress::Finished(Outcome::NotDone);
                // Mail has a key by which a second one is known as the same; paper has not.
                let repeatable =
                    delivery.channel != Channel::Print && delivery.progress != Progress::Finished(Outcome::Done);
                if delivery.progress != Progress::Queued && !again && !repeatable {
                    return Err(StoreError::NotStartable { delivery: delivery.id, progress: delivery.progress.name() });
                }
                delivery.progress = Progress::Started;
                delivery.attempts = delivery.attempts.saturating_add(1);
            }
            Kind::Finished => {
                let outcome = record.reason.as_ref().and_then(|reason| Outcome::from_name(reason.as_str()));
                let outcome = outcome.ok_or(StoreError::Inconsistent { what: "an outcome that is none" })?;
                let settles = record.who.is_some();
                let delivery = self.delivery(record)?;
                let open = match delivery.progress {
                    Progress::Started => true,
                    // Only a person can tell what became of paper.
                    Progress::Finished(Outcome::Unknown) => {
                        (settles || delivery.channel != Channel::Print) && outcome != Outcome::Unknown
                    }
                    _ => false,
                };
                if !open {
                    return Err(StoreError::NotStarted { delivery: delivery.id });
                }
                delivery.progress = Progress::Finished(outcome);
            }
            Kind::Leaf => self.must_be_numbered()?,
            Kind::Revoked => {
                self.must_be_numbered()?;
                self.revoked = true;
            }
        }
        self.last = record.seq;
        self.changed_ms = record.at_ms;
        Ok(())
    }

    fn go(&mut self, record: &Record) -> Result<(), StoreError> {
        let to = self.demand(record)?;
        // What was issued in error and revoked need not go through the rest.
        let withdrawn = to == State::Purged && self.revoked && self.state.is_numbered();
        if !self.state.may_become(to) && !withdrawn {
            return Err(self.unlawful(to));
        }
        if to.needs_intent() && self.intent != Some(to) {
            return Err(StoreError::NoIntent { case: self.id, to });
        }
        if let (Some(open), false) = (self.intent, to.needs_intent()) {
            return Err(StoreError::IntentOpen { case: self.id, to: open });
        }
        if to == State::Delivered && !self.is_delivered() {
            return Err(StoreError::NotConfirmed { case: self.id });
        }
        let needed = |there: bool, what| if there { Ok(()) } else { Err(StoreError::Inconsistent { what }) };
        match to {
            State::Prepared => {
                needed(record.digest.is_some(), "a prepared case without a hash")?;
                self.content = record.digest;
            }
            State::Approved | State::Refused | State::SentBack => {
                needed(record.who.is_some(), "a decision without an officer")?;
                self.officer = record.who.clone();
            }
            State::Signed => {
                needed(record.digest.is_some(), "a signed case without a hash")?;
                self.file = record.digest;
            }
            State::Numbered => {
                needed(record.digest.is_some() && record.number.is_some(), "a number without its entry")?
            }
            State::Logged => needed(record.digest.is_some(), "a logged case without a leaf")?,
            _ => {}
        }
        self.intent = None;
        self.state = to;
        Ok(())
    }

    fn queue(&mut self, record: &Record) -> Result<(), StoreError> {
        if !matches!(self.state, State::Signed | State::Delivered | State::Stored) {
            return Err(StoreError::NotSigned { case: self.id, state: self.state });
        }
        let channel = record.reason.as_ref().and_then(|reason| Channel::from_name(reason.as_str()));
        let (Some(channel), Some(number), Some(key)) = (channel, record.number, record.digest) else {
            return Err(StoreError::Inconsistent { what: "a delivery without channel, number or key" });
        };
        let copy = if record.kind == Kind::Reprint { Copy::Reprint } else { Copy::First };
        let prints = self.deliveries.values().filter(|delivery| delivery.channel == Channel::Print);
        // A print that waits will be one, too.
        let printed = prints.clone().any(|it| it.may_have_printed() || it.progress == Progress::Queued);
        if channel == Channel::Print && copy == Copy::First && printed {
            return Err(StoreError::WouldPrintTwice { case: self.id });
        }
        if copy == Copy::Reprint && channel != Channel::Print {
            return Err(StoreError::Inconsistent { what: "a reprint that is no print" });
        }
        let id = DeliveryId(number);
        if self.deliveries.contains_key(&id) {
            return Err(StoreError::Inconsistent { what: "two deliveries of one number" });
        }
        let progress = Progress::Queued;
        let delivery = Delivery { id, case: self.id, channel, copy, key, progress, attempts: 0 };
        self.deliveries.insert(id, delivery);
        Ok(())
    }

    fn delivery(&mut self, record: &Record) -> Result<&mut Delivery, StoreError> {
        let id = DeliveryId(record.number.unwrap_or(0));
        self.deliveries.get_mut(&id).ok_or(StoreError::UnknownDelivery(id))
    }

    fn must_be_numbered(&self) -> Result<(), StoreError> {
        if self.state.is_numbered() { Ok(()) } else { Err(StoreError::NotNumbered { case: self.id }) }
    }

    /// Where the record leads, if it begins where this case is.
    fn demand(&self, record: &Record) -> Result<State, StoreError> {
        let to = record.to.ok_or(StoreError::Inconsistent { what: "an arrow to nowhere" })?;
        if record.from != Some(self.state) {
            return Err(self.unlawful(to));
        }
        Ok(to)
    }

    fn unlawful(&self, to: State) -> StoreError {
        StoreError::Unlawful { case: self.id, from: self.state, to }
    }
}
