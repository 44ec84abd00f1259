//! The daily look at everything, while the store works.

use crate::error::StoreError;
use crate::replay::Replay;
use crate::store::{Room, Store};
use crate::verified::Verified;

impl Store {
    /// Reads the next `records` of the journal (at least one; some 10,000 hold up the others only shortly), begins with the
    /// first one and tells whether the end is reached. Then [`Store::findings`] are those of this look, cases with damaged
    /// records are parked, and what is whole need not be read by the next opening. The call after that begins a new look.
    ///
    /// It looks at each record, each entry of the register that one tells of, and the rows of the cases; at SQLite's own pages
    /// only where these stand. ([`crate::Check::Whole`] looks at all of them.)
    ///
    /// # Errors
    /// What the disk does; the look then begins anew.
    pub fn self_check(&mut self, records: usize) -> Result<bool, StoreError> {
        let mut look = self.look.take().unwrap_or_else(Replay::new);
        let at_end = look.go_on(&self.connection, records.max(1));
        self.stop_after(&at_end);
        if !at_end? {
            self.look = Some(look);
            return Ok(false);
        }
        let replayed = look.end(&self.connection);
        self.stop_after(&replayed);
        let replayed = replayed?;
        self.findings = replayed.findings;
        self.parked = replayed.parked;
        self.incomplete = replayed.incomplete;
        self.note_verified(replayed.verified.as_ref())?;
        Ok(true)
    }

    /// Notes it for the next opening, unless it is known. If the disk is full, that opening has more to read.
    pub(crate) fn note_verified(&mut self, verified: Option<&Verified>) -> Result<(), StoreError> {
        let Some(verified) = verified.filter(|_| self.stopped.is_none()) else { return Ok(()) };
        if Verified::read(&self.connection)?.as_ref() == Some(verified) {
            return Ok(());
        }
        match self.write(Room::New, |change| verified.write(change)) {
            Err(StoreError::Full) => Ok(()),
            done => done,
        }
    }
}
