//! A log in a folder of the disk, which a web server can serve as it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::store::{Resource, Store, StoreError};

/// A folder that no other process writes to meanwhile.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Locked as long as this lives; the kernel unlocks it when the process ends, however it ends.
    _lock: File,
}

impl Folder {
    /// Opens a folder, and makes it if there is none.
    ///
    /// # Errors
    /// [`StoreError`], also if another process has it open.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let failed = |what, source| StoreError { file: "lock".to_owned(), what, source };
        make_folder(root).map_err(|error| failed("made", error))?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(root.join("lock"));
        let lock = lock.map_err(|error| failed("opened", error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(failed("locked", Error::new(ErrorKind::ResourceBusy, "another process has the log open")))
            }
            Err(TryLockError::Error(error)) => Err(failed("locked", error)),
        }
    }

    fn try_read(&self, file: Resource) -> std::io::Result<Option<Vec<u8>>> {
        let opened = match File::open(self.root.join(file.to_string())) {
            Ok(opened) => opened,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        opened.take(Resource::LONGEST as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > Resource::LONGEST {
            return Err(Error::new(ErrorKind::InvalidData, "it is longer than any file of a log"));
        }
        Ok(Some(bytes))
    }

    /// Writes beside the place, then renames: whoever looks sees the old file or the new one. Returns the folder, whose list of
    /// names must be made durable still.
    fn try_write(&self, file: Resource, bytes: &[u8]) -> std::io::Result<PathBuf> {
        let path = self.root.join(file.to_string());
        let parent = path.parent().map_or_else(|| self.root.clone(), Path::to_owned);
        make_folder(&parent)?;
        let beside = parent.join("new");
        let mut new = File::create(&beside)?;
        new.write_all(bytes)?;
        new.sync_data()?;
        std::fs::rename(&beside, &path)?;
        Ok(parent)
    }
}

/// Makes a folder and those above it; each new name is durable when this returns.
fn make_folder(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_folder(parent)?;
        match std::fs::create_dir(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        return File::open(parent)?.sync_all();
    }
    std::fs::create_dir(path)?;
    File::open(".")?.sync_all()
}

impl Store for Folder {
    fn read(&self, file: Resource) -> Result<Option<Vec<u8>>, StoreError> {
        self.try_read(file).map_err(|source| StoreError { file: file.to_string(), what: "read", source })
    }

    fn write(&mut self, files: &[(Resource, Vec<u8>)]) -> Result<(), StoreError> {
        let mut parents = Vec::new();
        let mut last = String::new();
        let mut all = || {
            for (file, bytes) in files {
                last = file.to_string();
                let parent = self.try_write(*file, bytes)?;
                if !parents.contains(&parent) {
                    parents.push(parent);
                }
            }
            parents.iter().try_for_each(|parent| File::open(parent)?.sync_all())
        };
        all().map_err(|source| StoreError { file: last, what: "written", source })
    }

    fn forget_partial(&mut self, full: Resource) {
        let partial = self.root.join(format!("{full}.p"));
        // What stays takes some room, no more.
        let _ = std::fs::remove_dir_all(partial);
    }
}
