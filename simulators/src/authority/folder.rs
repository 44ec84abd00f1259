//! The authority's folder: whose it is, what is remembered of it, and its lists of certificates (the text files of
//! `openssl ca`, one line for each certificate, fields between tabs).

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{Officer, Reason, StartError, date};

/// Appears when all is made.
const KEPT: &str = "authority.json";
const LOCK: &str = "lock";
const STAMPS: &str = "stamps";

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The port that the certificates name.
    pub(super) port: u16,
    /// What the certificate of the first officer is like.
    pub(super) officer: Officer,
    /// The serial number of each holder's present certificate, hexadecimal as in the list.
    pub(super) serials: BTreeMap<String, String>,
}

/// The folder, held by this process alone.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    // Gone with the authority.
    temporary: Option<TempDir>,
    changing: Mutex<()>,
    _lock: File,
}

impl Folder {
    /// Opens it or makes it, and tells what is remembered of an authority that was made there before.
    pub(super) fn open(path: Option<&Path>) -> Result<(Self, Option<Kept>), StartError> {
        let temporary = path.is_none().then(tempfile::tempdir).transpose().map_err(failed("the temporary folder"))?;
        let path = path.or_else(|| temporary.as_ref().map(TempDir::path)).unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("the folder"))?;
        let path = path.canonicalize().map_err(failed("the folder"))?;
        let kept = match fs::read(path.join(KEPT)) {
            Ok(json) => Some(
                serde_json::from_slice(&json)
                    .map_err(|error| StartError::Io { what: "authority.json", source: error.into() })?,
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed("authority.json")(error)),
        };
        let others = fs::read_dir(&path).map_err(failed("the folder"))?;
        if kept.is_none() && others.flatten().any(|entry| entry.file_name() != LOCK) {
            return Err(StartError::NotOurs { folder: path });
        }
        fs::set_permissions(&path, Permissions::from_mode(0o700)).map_err(failed("the folder"))?;
        let lock = File::create(path.join(LOCK)).map_err(failed("lock"))?;
        if lock.try_lock().is_err() {
            return Err(StartError::InUse { folder: path });
        }
        Ok((Self { path, temporary, changing: Mutex::default(), _lock: lock }, kept))
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder in it.
    pub(super) fn make(&self, name: &str) -> Result<(), StartError> {
        DirBuilder::new().recursive(true).mode(0o700).create(self.at(name)).map_err(failed("a folder"))
    }

    /// Writes a file that only its owner may read; it appears with all of its content, or not at all.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let partial = self.at(&format!("{name}.partial"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
        file.write_all(content)?;
        fs::rename(&partial, self.at(name))
    }

    pub(super) fn remember(&self, kept: &Kept) -> io::Result<()> {
        self.write(KEPT, serde_json::to_string_pretty(kept)?.as_bytes())
    }

    /// The number of the next stamp, kept before it is used: no stamp has the number of another, whatever falls over.
    pub(super) fn next_stamp(&self) -> io::Result<u64> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let last = match fs::read_to_string(self.at(STAMPS)) {
            Ok(text) => text.trim().parse().map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let next = u64::checked_add(last, 1).ok_or_else(|| io::Error::other("there are no more numbers"))?;
        self.write(STAMPS, format!("{next}\n").as_bytes())?;
        Ok(next)
    }

    /// Revokes the certificate of this serial number; one that is revoked already stays so.
    pub(super) fn revoke(&self, list: &str, serial: &str, reason: Reason) -> io::Result<()> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let text = fs::read_to_string(self.at(list))?;
        let (mut lines, mut found) = (String::new(), false);
        for line in text.lines() {
            let mut fields: Vec<&str> = line.split('\t').collect();
            let when = format!("{},{}", date::short(SystemTime::now()), reason.name());
            if let [state, _, revoked, number, ..] = &mut fields[..]
                && *number == serial
            {
                found = true;
                if *state == "V" {
                    (*state, *revoked) = ("R", &when);
                }
            }
            lines += &format!("{}\n", fields.join("\t"));
        }
        if !found {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("{serial} is not in the list {list}")));
        }
        self.write(list, lines.as_bytes())
    }

    /// The serial numbers of what is revoked.
    pub(super) fn revoked(&self, list: &str) -> io::Result<Vec<String>> {
        let text = fs::read_to_string(self.at(list))?;
        let fields = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        Ok(fields
            .filter(|all| all.first() == Some(&"R"))
            .filter_map(|all| all.get(3).map(ToString::to_string))
            .collect())
    }

    /// A temporary folder goes.
    pub(super) fn end(&self) {
        if self.temporary.is_some() {
            // What is left, the system clears away as other temporary files.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> StartError {
    move |source| StartError::Io { what, source }
}
