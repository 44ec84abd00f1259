//! A stop at any instant: nothing that was acknowledged is lost, and no state that was seen is contradicted.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use proptest::prelude::*;

use super::*;

/// A disk that stops after so many files, in an order of its own; what it held then is there afterwards.
#[derive(Clone)]
struct Stopping {
    disk: Rc<RefCell<Memory>>,
    left: Rc<Cell<usize>>,
    backwards: bool,
    /// Each checkpoint that was there at any time: somebody may have seen it.
    seen: Rc<RefCell<Vec<SignedCheckpoint>>>,
}

impl Store for Stopping {
    fn read(&self, file: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.borrow().read(file)
    }

    fn write(&mut self, files: &[(Resource, Vec<u8>)]) -> Result<(), StoreError> {
        let mut order: Vec<_> = files.to_vec();
        if self.backwards {
            order.reverse();
        }
        for (file, bytes) in order {
            if self.left.get() == 0 {
                let source = std::io::Error::other("stopped");
                return Err(StoreError { file: file.to_string(), what: "written", source });
            }
            self.left.set(self.left.get() - 1);
            if file == Resource::Checkpoint {
                let note = SignedCheckpoint::parse(std::str::from_utf8(&bytes).unwrap()).unwrap();
                self.seen.borrow_mut().push(note);
            }
            self.disk.borrow_mut().write(&[(file, bytes)])?;
        }
        // The last file can be there without being acknowledged.
        if self.left.get() == 0 { Err(stopped()) } else { Ok(()) }
    }

    fn forget_partial(&mut self, full: Resource) {
        if self.left.get() > 0 {
            self.disk.borrow_mut().forget_partial(full);
        }
    }
}

fn stopped() -> StoreError {
    StoreError { file: "it".to_owned(), what: "written", source: std::io::Error::other("stopped") }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_acknowledged_entry_is_lost_and_no_state_is_contradicted(
        runs in prop::collection::vec((0usize..14, any::<bool>(), prop::collection::vec(1u64..300, 1..5)), 1..12),
    ) {
        let disk = Rc::new(RefCell::new(Log::create(Memory::default(), boxed()).unwrap().store().clone()));
        let seen = Rc::new(RefCell::new(Vec::new()));
        let mut acknowledged: Vec<(u64, Entry)> = Vec::new();
        let mut next = 0;
        for (left, backwards, steps) in runs {
            let left = Rc::new(Cell::new(left));
            let store = Stopping { disk: disk.clone(), left, backwards, seen: seen.clone() };
            let Ok(mut log) = Log::open(store, boxed()) else { continue };
            for step in steps {
                // Entries of a time of their own: what was not acknowledged is never tried again as it was.
                let own = entries(next..next + step);
                next += step;
                let Ok(places) = log.append(&own) else { continue };
                acknowledged.extend(places.zip(own));
            }
        }
        let log = Log::open(disk.borrow().clone(), boxed()).unwrap();
        log.check().unwrap();
        for (place, entry) in acknowledged {
            prop_assert_eq!(log.entry(place).unwrap(), entry);
        }
        let newest = log.checkpoint().unverified();
        for note in seen.borrow().iter() {
            let (old, _) = note.verify(key().verifier(), &[], 0).unwrap();
            let proof = log.consistency(old.size, newest.size).unwrap();
            verify_consistency((old.size, &old.root), (newest.size, &newest.root), &proof).unwrap();
        }
    }
}

#[test]
fn what_is_not_known_is_not_written_over() {
    let disk = Rc::new(RefCell::new(Log::create(Memory::default(), boxed()).unwrap().store().clone()));
    // Opening writes the checkpoint, appending two tiles and the checkpoint: it is there, but not acknowledged.
    let left = Rc::new(Cell::new(4));
    let store = Stopping { disk: disk.clone(), left: left.clone(), backwards: false, seen: Rc::default() };
    let mut log = Log::open(store, boxed()).unwrap();
    assert!(matches!(log.append(&entries(0..1)), Err(LogError::Unknown(Some(_)))));
    left.set(100);
    assert!(matches!(log.append(&entries(5..6)), Err(LogError::Unknown(None))));
    let log = Log::open(disk.borrow().clone(), boxed()).unwrap();
    assert_eq!(log.entry(0).unwrap(), entry(0));
}

#[test]
fn damage_at_the_edge_is_seen_when_the_log_is_opened_and_elsewhere_by_the_check() {
    let mut log = Log::create(Memory::default(), boxed()).unwrap();
    log.append(&entries(0..1000)).unwrap();
    let edge = [
        Resource::Tile { level: 0, index: 3, width: 232 },
        Resource::Tile { level: 1, index: 0, width: 3 },
        Resource::Entries { index: 3, width: 232 },
        Resource::Checkpoint,
    ];
    let inner = [Resource::Tile { level: 0, index: 1, width: 256 }, Resource::Entries { index: 2, width: 256 }];
    for file in edge.into_iter().chain(inner) {
        let bytes = log.store().read(file).unwrap().unwrap();
        for change in 0..3 {
            let mut damaged = log.store().clone();
            let mut changed = bytes.clone();
            match change {
                0 => *changed.last_mut().unwrap() ^= 0x01,
                1 => changed.truncate(bytes.len() - 1),
                _ => changed[30] ^= 0x80,
            }
            damaged.write(&[(file, changed)]).unwrap();
            let opened = Log::open(damaged, boxed());
            match opened {
                Err(LogError::Damaged(_) | LogError::Note(_)) => {}
                Ok(log) if inner.contains(&file) => {
                    assert!(matches!(log.check(), Err(LogError::Damaged(_))), "{file}");
                }
                other => panic!("{file}: {:?}", other.err()),
            }
        }
    }
}
