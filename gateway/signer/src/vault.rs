//! The documents of cases, as files: each encrypted with its case's key, so that what is left of them anywhere says nothing
//! once the key is destroyed.
//!
//! A file is a nonce of 24 bytes and what XChaCha20-Poly1305 makes of the document, with the case's and the document's name as
//! further data: no file can stand in for another.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use kiosk_register::{CaseId, DocumentKey};

use crate::fault::is_full;

const NONCE: usize = 24;
/// Longest file that is read: a copy of 60 pages has less.
const LONGEST: u64 = 256 << 20;

/// Why a document is not written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VaultError {
    /// The disk has no room.
    #[error("the disk is full: free some room")]
    Full,
    /// The disk.
    #[error("cannot {what} the document `{name}` of case {case:?}")]
    Disk { what: &'static str, name: String, case: CaseId, source: io::Error },
    /// It is not what was written.
    #[error("the document `{name}` of case {case:?} is damaged; scan it again, or purge the case")]
    Damaged { name: String, case: CaseId },
    /// It is not there.
    #[error("case {case:?} has no document `{name}`")]
    None { name: String, case: CaseId },
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// All documents of all cases.
pub(crate) struct Vault {
    root: PathBuf,
}

impl Vault {
    /// Opens it; makes its folder if there is none.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        match DirBuilder::new().mode(0o700).create(root) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Ok(Self { root: root.to_owned() })
    }

    fn path(&self, case: CaseId, name: &str) -> PathBuf {
        self.root.join(case.to_string()).join(name)
    }

    /// Keeps a document in the place of the one of the same name; durable when this returns.
    pub(crate) fn put(&self, case: CaseId, key: &DocumentKey, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::Random)?;
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad: label(case, name).as_bytes() })
            .map_err(|_| VaultError::Random)?;
        let path = self.path(case, name);
        let write = || -> io::Result<()> {
            let folder = self.root.join(case.to_string());
            match DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => File::open(&self.root)?.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            let beside = folder.join(format!("{name}.new"));
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&nonce)?;
            file.write_all(&sealed)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            File::open(&folder)?.sync_all()
        };
        write().map_err(|source| match is_full(&source) {
            true => VaultError::Full,
            false => VaultError::Disk { what: "write", name: name.to_owned(), case, source },
        })
    }

    /// A document; `None` if there is none of this name.
    pub(crate) fn find(&self, case: CaseId, key: &DocumentKey, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let failed = |source| VaultError::Disk { what: "read", name: name.to_owned(), case, source };
        let file = match File::open(self.path(case, name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut sealed = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut sealed).map_err(failed)?;
        let damaged = || VaultError::Damaged { name: name.to_owned(), case };
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let label = label(case, name);
        let payload = Payload { msg: body, aad: label.as_bytes() };
        let opened = cipher(key).decrypt(&XNonce::from(*nonce), payload);
        opened.map(Some).map_err(|_| damaged())
    }

    /// A document that must be there.
    pub(crate) fn get(&self, case: CaseId, key: &DocumentKey, name: &str) -> Result<Vec<u8>, VaultError> {
        self.find(case, key, name)?.ok_or_else(|| VaultError::None { name: name.to_owned(), case })
    }

    /// Removes all documents of a case, whose key is destroyed.
    pub(crate) fn remove(&self, case: CaseId) -> io::Result<()> {
        match std::fs::remove_dir_all(self.root.join(case.to_string())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The cases that have documents.
    pub(crate) fn cases(&self) -> io::Result<Vec<CaseId>> {
        let mut cases = Vec::new();
        for entry in std::fs::read_dir(&self.root)? {
            cases.extend(entry?.file_name().to_str().and_then(CaseId::from_hex));
        }
        Ok(cases)
    }
}

fn cipher(key: &DocumentKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.0.into())
}

fn label(case: CaseId, name: &str) -> String {
    format!("kiosk-signer document 1\n{case}\n{name}")
}

#[cfg(test)]
mod tests;
