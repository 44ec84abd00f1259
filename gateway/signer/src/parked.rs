//! `kiosk-signer parked` and `purge`: the cases whose records are damaged, and how a person ends one of them. The signer does
//! nothing with such a case by itself, not even at the end of retention.

use std::fmt::Write as _;

use kiosk_register::{Check, Code, Purge, Resume, Store, StoreError, Todo};

use crate::clock;
use crate::fault::with_causes;
use crate::settings::Settings;
use crate::vault::Vault;

/// A case is named by at least so many of its digits, as the log names it.
const DIGITS_LEAST: usize = 8;

/// The cases that wait for a person beside those of officers, a line each.
///
/// # Errors
/// A sentence with the reason and the next step.
pub fn parked(settings: &Settings) -> Result<String, String> {
    let store = open(settings)?;
    let mut list = String::new();
    for Resume { case, todo } in store.resume().map_err(|error| with_causes(&error))? {
        let why = match todo {
            Todo::NeedsPerson { record } => format!("record {record} of the journal is damaged"),
            Todo::PrintUnknown(_) => "nobody knows what became of its print: an officer says it on /officer".to_owned(),
            Todo::GoOn(_) | Todo::NeedsOfficer | Todo::OutcomeUnknown(_) => continue,
        };
        let number = match store.entry(case) {
            Ok(Some(entry)) => format!("it is {} in the register, which stays", entry.number),
            Ok(None) => "it has no number".to_owned(),
            Err(error) => with_causes(&error),
        };
        let _ = writeln!(list, "{case:?}  {why}; {number}");
    }
    Ok(match list.trim_end() {
        "" => "no case is parked".to_owned(),
        list => list.to_owned(),
    })
}

/// Ends a parked case: key, documents and rows are destroyed, its records and its entry of the register stay. Gives its name.
///
/// # Errors
/// A sentence with the reason and the next step.
pub fn purge(settings: &Settings, case: &str, by: &str) -> Result<String, String> {
    let by = Code::new(by).map_err(|error| format!("--by: {error}"))?;
    if case.len() < DIGITS_LEAST {
        return Err(format!("name the case by at least {DIGITS_LEAST} of its digits, as `kiosk-signer parked` does"));
    }
    let mut store = open(settings)?;
    let known = store.resume().map_err(|error| with_causes(&error))?;
    let damaged = known.into_iter().filter(|it| matches!(it.todo, Todo::NeedsPerson { .. })).map(|it| it.case);
    let mut found = damaged.filter(|id| id.to_string().starts_with(case));
    let (Some(id), None) = (found.next(), found.next()) else {
        return Err("no parked case, or more than one, begins with these digits: see `kiosk-signer parked`".to_owned());
    };
    store.purge(id, &Purge::Decision { by }).map_err(|error| with_causes(&error))?;
    let removed = Vault::open(&settings.data.join("documents")).and_then(|vault| vault.remove(id));
    removed.map_err(|error| {
        format!("the case is purged; its documents, which nobody can read without its key, go at the signer's next start: {error}")
    })?;
    Ok(format!("{id:?}"))
}

fn open(settings: &Settings) -> Result<Store, String> {
    let folder = settings.data.join("register");
    if !folder.is_dir() {
        return Err(format!("there is no register in `{}` (copies.data)", settings.data.display()));
    }
    Store::open(&folder, &settings.register(Check::Whole), clock::clock(settings.clock)).map_err(|error| match error {
        StoreError::Taken { .. } => "the signer has the register: stop the gateway first".to_owned(),
        error => with_causes(&error),
    })
}
