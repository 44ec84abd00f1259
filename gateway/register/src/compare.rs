//! The daily look: does the transparency log have what the register has, and nothing else?

use std::collections::HashMap;
use std::collections::hash_map;

use crate::error::StoreError;
use crate::ids::{CaseId, Hash};
use crate::store::Store;

/// So many differences are told.
const DIFFERENCES_MOST: usize = 10_000;

/// Something that only one of the two has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A leaf that the journal has is not in the log.
    NotInLog {
        /// Of which case.
        case: CaseId,
        /// The number of the journal's record.
        record: i64,
        /// The leaf.
        leaf: Hash,
    },
    /// A leaf of the log is nobody's.
    NotInRegister {
        /// Its place in the log, from 0.
        place: u64,
        /// The leaf.
        leaf: Hash,
    },
    /// A leaf is in the log more than once.
    TwiceInLog {
        /// The later place in the log, from 0.
        place: u64,
        /// The leaf.
        leaf: Hash,
    },
    /// An entry of the register was never logged. (One that was just numbered, and whose case is still there, is none.)
    NeverLogged {
        /// Of which case.
        case: CaseId,
    },
}

impl Store {
    /// Holds the register against the leaves of the log, in the log's order, and names each difference (at most 10,000).
    /// Memory: some 50 bytes for each leaf.
    ///
    /// # Errors
    /// What the disk does.
    pub fn compare_with_log(&self, log: impl IntoIterator<Item = Hash>) -> Result<Vec<Difference>, StoreError> {
        let mut differences = Vec::new();
        let mut leaves: HashMap<Hash, (u64, bool)> = HashMap::new();
        for (place, leaf) in (0..).zip(log) {
            match leaves.entry(leaf) {
                hash_map::Entry::Occupied(_) => differences.push(Difference::TwiceInLog { place, leaf }),
                hash_map::Entry::Vacant(vacant) => drop(vacant.insert((place, false))),
            }
            differences.truncate(DIFFERENCES_MOST);
        }
        let failed = StoreError::sql("read the leaves of the journal");
        let select = "SELECT seq, case_id, digest FROM journal
            WHERE kind = 'leaf' OR (kind = 'arrow' AND to_state = 'logged') ORDER BY seq";
        let mut select = self.connection.prepare(select).map_err(&failed)?;
        let mut rows = select.query([]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let (record, case, leaf) =
                (row.get(0).map_err(&failed)?, row.get(1).map_err(&failed)?, row.get(2).map_err(&failed)?);
            match leaves.get_mut(&leaf) {
                Some((_, seen)) => *seen = true,
                None if differences.len() < DIFFERENCES_MOST => {
                    differences.push(Difference::NotInLog { case, record, leaf });
                }
                None => {}
            }
        }
        let mut strangers: Vec<_> = leaves.into_iter().filter(|(_, (_, seen))| !seen).collect();
        strangers.sort_unstable_by_key(|(_, (place, _))| *place);
        let strangers = strangers.into_iter().map(|(leaf, (place, _))| Difference::NotInRegister { place, leaf });
        differences.extend(strangers.take(DIFFERENCES_MOST - differences.len()));
        let select = "SELECT case_id FROM register WHERE
            NOT EXISTS (SELECT 1 FROM journal WHERE journal.case_id = register.case_id
                AND kind = 'arrow' AND to_state = 'logged')
            AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.id = register.case_id AND state = 'numbered')
            ORDER BY id LIMIT ?1";
        let mut select = self.connection.prepare(select).map_err(&failed)?;
        let room = i64::try_from(DIFFERENCES_MOST - differences.len()).unwrap_or(0);
        let cases = select.query_map([room], |row| row.get(0)).map_err(&failed)?;
        for case in cases {
            differences.push(Difference::NeverLogged { case: case.map_err(&failed)? });
        }
        Ok(differences)
    }
}
