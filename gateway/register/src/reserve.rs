//! Room on the disk that is kept for cases that are under way when it gets full.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate};

use crate::error::StoreError;

/// A file that nobody reads.
pub(crate) struct Reserve {
    file: File,
    bytes: u64,
    held: bool,
}

impl Reserve {
    /// Takes the room, if there is any.
    pub(crate) fn take(path: &Path, bytes: u64) -> Result<Self, StoreError> {
        let opened = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path);
        let file = opened.map_err(StoreError::of_disk("open the reserve of room on the disk"))?;
        let mut reserve = Self { file, bytes, held: false };
        reserve.hold();
        Ok(reserve)
    }

    /// Whether the room is held; takes it again if it was given away and there is enough.
    pub(crate) fn hold(&mut self) -> bool {
        if !self.held {
            self.held = self.bytes == 0 || fallocate(&self.file, FallocateFlags::empty(), 0, self.bytes).is_ok();
            if !self.held {
                // What it got before the disk was full is for others.
                drop(self.file.set_len(0));
            }
        }
        self.held
    }

    /// Gives the room away; tells whether there was any.
    pub(crate) fn release(&mut self) -> io::Result<bool> {
        let had = self.held && self.bytes > 0;
        if had {
            self.file.set_len(0)?;
            self.held = false;
        }
        Ok(had)
    }
}
