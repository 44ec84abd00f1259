//! A large register, quickly, for the example `figures`.

use crate::book::{Book, Day, Entry, RegisterNumber};
use crate::cases::draft;
use crate::error::StoreError;
use crate::ids::{CaseId, Code};
use crate::journal;
use crate::number;
use crate::record::{Kind, sha256};
use crate::state::State;
use crate::store::{Room, Store};

impl Store {
    /// Puts `count` entries behind the `filled` that are there, with one record each and without their cases: nothing but
    /// figures may be made of such a store.
    #[doc(hidden)]
    pub fn fill_for_figures(&mut self, filled: i64, count: i64, officer: &Code) -> Result<(), StoreError> {
        let at_ms = self.clock.read().utc_ms;
        self.write(Room::New, |change| {
            for id in filled + 1..=filled + count {
                let random = sha256(&id.to_be_bytes());
                let mut case = [0; 16];
                case.copy_from_slice(&random.0[..16]);
                let entry = Entry {
                    id,
                    case: CaseId(case),
                    number: RegisterNumber {
                        book: Book { agency: officer.clone(), volume: 1, year: Day::of(at_ms).date().0 },
                        number: id,
                    },
                    at_ms,
                    officer: officer.clone(),
                    procedure: officer.clone(),
                    pages: 1,
                    content: random,
                    code_hmac: sha256(&random.0),
                };
                number::insert(change, &entry)?;
                let mut record = draft(entry.case, Kind::Arrow, at_ms);
                (record.from, record.to) = (Some(State::Approved), Some(State::Numbered));
                (record.digest, record.number) = (Some(entry.hash()), Some(id));
                journal::append(change, &mut record)?;
            }
            Ok(())
        })?;
        self.checkpoint("TRUNCATE")
    }
}
