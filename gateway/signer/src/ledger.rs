//! The transparency log and the status list, as the signer keeps them: where each entry is, and what is withdrawn.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use kiosk_proof::{Entry, Event, Folder, Log, LogError, Opening, Status, StatusList, leaf_hash};
use kiosk_register::{CaseId, Hash, Kind, Record, State, Store};

use crate::facts::{Logged, from_hex, hex};
use crate::fault::{Fault, with_causes};
use crate::office::Office;

/// A status list is good for so long, seconds: who is offline longer should fetch a new one.
const LIST_GOOD_S: u64 = 7 * 24 * 3600;

/// The log, with the places of its entries.
pub(crate) struct Ledger {
    pub(crate) log: Log<Folder>,
    /// Places by the first 16 bytes of the leaf's hash.
    places: HashMap<[u8; 16], u64>,
}

impl Ledger {
    /// Reads where each entry is.
    pub(crate) fn new(log: Log<Folder>) -> Result<Self, LogError> {
        let mut places = HashMap::with_capacity(usize::try_from(log.size()).unwrap_or(0));
        for (index, entry) in (0..).zip(log.entries()) {
            places.insert(short(&leaf(&entry?)), index);
        }
        Ok(Self { log, places })
    }

    /// The place of an entry, if it is in the log.
    pub(crate) fn place(&self, leaf: &Hash) -> Option<u64> {
        self.places.get(&short(leaf)).copied()
    }

    /// Puts an entry into the log, unless it is there.
    pub(crate) fn put(&mut self, opening: &Opening) -> Result<(u64, Hash), LogError> {
        let entry = opening.entry();
        let leaf = leaf(&entry);
        if let Some(place) = self.place(&leaf) {
            return Ok((place, leaf));
        }
        let place = self.log.append(&[entry])?.start;
        self.places.insert(short(&leaf), place);
        Ok((place, leaf))
    }

    /// All leaves, in the log's order.
    pub(crate) fn leaves(&self) -> Result<Vec<Hash>, LogError> {
        self.log.entries().map(|entry| Ok(leaf(&entry?))).collect()
    }

    /// The proof of an entry, as a text for who holds the copy.
    pub(crate) fn proof(&self, logged: &Logged) -> Result<Option<String>, Fault> {
        let Some(index) = logged.index else { return Ok(None) };
        let checkpoint = self.log.checkpoint().clone();
        Ok(Some(self.log.sidecar(open(&logged.opening)?, index, &checkpoint)?.to_string()))
    }
}

/// What opens an entry, as it was kept.
pub(crate) fn open(opening: &str) -> Result<Opening, Fault> {
    let bytes = from_hex(opening).unwrap_or_default();
    Ok(Opening::from_bytes(&bytes)?)
}

/// As it is kept.
pub(crate) fn kept(opening: &Opening) -> Logged {
    Logged { opening: hex(&opening.to_bytes()), index: None }
}

/// A book as QR codes and the log name it: volume and year, beside the agency's own prefix and log.
pub(crate) fn book_name(entry: &kiosk_register::Entry) -> String {
    format!("{}/{}", entry.number.book.volume, entry.number.book.year)
}

fn leaf(entry: &Entry) -> Hash {
    Hash(leaf_hash(entry.as_bytes()))
}

fn short(leaf: &Hash) -> [u8; 16] {
    std::array::from_fn(|place| leaf.0[place])
}

impl Office {
    /// Makes what opens the entry of an event of a case.
    pub(crate) fn opening(
        &self,
        event: Event,
        entry: &kiosk_register::Entry,
        code: &str,
        content: [u8; 32],
        officer: [u8; 32],
        at_ms: i64,
    ) -> Result<Opening, Fault> {
        let book = book_name(entry);
        let number = u64::try_from(entry.number.number).unwrap_or(0);
        let code = kiosk_proof::VerificationCode::read(code, &self.prefix)?;
        let time = u64::try_from(at_ms.div_euclid(1000)).unwrap_or(0);
        Ok(Opening::new(event, number, &book, code.hash(), content, officer, time)?)
    }

    /// The place of a case's issue in the log.
    pub(crate) fn issue_place(&self, store: &Store, case: CaseId) -> Result<Option<u64>, Fault> {
        // The intent before it leads there, too, and has no leaf.
        let is_logged = |record: &Record| record.kind == Kind::Arrow && record.to == Some(State::Logged);
        let leaf = store.history(case)?.into_iter().find(is_logged).and_then(|record| record.digest);
        Ok(leaf.and_then(|leaf| self.ledger().place(&leaf)))
    }

    fn status_path(&self) -> PathBuf {
        self.settings.data.join("log").join("status")
    }

    /// Where the status list is served.
    pub(crate) fn status_url(&self) -> String {
        format!("https://{}/log/status", self.settings.host)
    }

    /// Signs the status list anew: all copies that are withdrawn, among all that were ever logged.
    pub(crate) fn publish_status(&self, now_s: u64) -> Result<(), Fault> {
        let _one = self.publishing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // What is withdrawn from here on makes it due again.
        self.standing().list_due = false;
        let published = self.make_status(now_s);
        if published.is_err() {
            self.standing().list_due = true;
        }
        published
    }

    fn make_status(&self, now_s: u64) -> Result<(), Fault> {
        let withdrawn = self.store().revoked_cases()?;
        let size = self.ledger().log.size();
        let mut list = StatusList::new(size)?;
        for case in withdrawn {
            let place = {
                let store = self.store();
                self.issue_place(&store, case)
            };
            match place {
                Ok(Some(place)) => list.set(place, Status::Revoked)?,
                Ok(None) => {}
                // One that is damaged must not keep the others from being told.
                Err(error) => {
                    tracing::error!(?case, error = with_causes(&error), "a withdrawn copy is not on the list")
                }
            }
        }
        let sign = &mut |hash: &[u8; 32]| self.secrets.sign_claims(hash);
        let signed = list.sign(&self.status_url(), now_s, now_s + LIST_GOOD_S, &self.secrets.claims_key, sign)?;
        let path = self.status_path();
        let write = || -> std::io::Result<()> {
            let beside = path.with_extension("new");
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(&signed)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            std::fs::File::open(path.parent().unwrap_or(&path))?.sync_all()
        };
        write().map_err(|source| Fault::Disk { what: "write the status list", source })
    }
}
