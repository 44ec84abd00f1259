//! Blobs: images on their way from a device to a front end. Bounded in memory, then spooled to unnamed files; random ids;
//! readable while they grow, by their own session only; wiped when the session ends.

mod data;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::session::SessionId;
use tokio::sync::watch;

use data::{Data, Fill};

/// Most bytes that a reader gets at once.
const PIECE: usize = 256 * 1024;

/// How much all blobs together may take.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// In memory, bytes.
    pub memory: u64,
    /// In memory and spool together, bytes.
    pub total: u64,
    /// Folder of the spool.
    pub spool: PathBuf,
}

/// All blobs. Clones share them.
#[derive(Clone)]
pub struct Blobs(Arc<Shared>);

struct Shared {
    capacity: Capacity,
    all: Mutex<All>,
}

#[derive(Default)]
struct All {
    /// Sessions that may have blobs.
    owners: HashSet<SessionId>,
    blobs: HashMap<BlobId, Arc<Blob>>,
    memory: u64,
    total: u64,
}

struct Blob {
    id: BlobId,
    owner: SessionId,
    media_type: String,
    data: Mutex<Data>,
    /// Wakes readers.
    fill: watch::Sender<Fill>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Blobs {
    /// An empty store.
    pub fn new(capacity: Capacity) -> Self {
        Self(Arc::new(Shared { capacity, all: Mutex::default() }))
    }

    /// A session begins: from now until [`Blobs::wipe`] it may have blobs.
    pub fn admit(&self, owner: SessionId) {
        lock(&self.0.all).owners.insert(owner);
    }

    /// Begins a blob.
    ///
    /// # Errors
    /// `cancelled` if the session has ended, `internal` if the operating system gives no randomness for its id.
    pub fn create(&self, owner: SessionId, media_type: &str) -> Result<Writer, Failure> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Failure::new(ErrorCode::Internal, format!("no randomness for a blob's id: {error}")))?;
        let id = BlobId(random.iter().map(|byte| format!("{byte:02x}")).collect());
        let blob = Arc::new(Blob {
            id: id.clone(),
            owner,
            media_type: media_type.to_owned(),
            data: Mutex::new(Data::new()),
            fill: watch::Sender::new(Fill::Growing(0)),
        });
        let mut all = lock(&self.0.all);
        if !all.owners.contains(&blob.owner) {
            return Err(Failure::new(ErrorCode::Cancelled, "the session of this blob has ended"));
        }
        all.blobs.insert(id, Arc::clone(&blob));
        drop(all);
        Ok(Writer { blobs: self.clone(), blob })
    }

    /// Opens a blob of this session for reading, from its first byte, finished or not.
    pub fn open(&self, id: &BlobId, owner: &SessionId) -> Option<Reader> {
        let blob = lock(&self.0.all).blobs.get(id).filter(|blob| blob.owner == *owner).cloned()?;
        Some(Reader { fill: blob.fill.subscribe(), blob, offset: 0 })
    }

    /// Throws away all blobs of a session, which can have no more.
    pub fn wipe(&self, owner: &SessionId) {
        let gone: Vec<Arc<Blob>> = {
            let mut all = lock(&self.0.all);
            all.owners.remove(owner);
            let ids: Vec<BlobId> =
                all.blobs.values().filter(|blob| blob.owner == *owner).map(|blob| blob.id.clone()).collect();
            ids.iter().filter_map(|id| self.take_out(&mut all, id)).collect()
        };
        for blob in gone {
            blob.fill.send_replace(Fill::Failed);
        }
    }

    /// Throws one blob of a session away; `false` if it has none of this name.
    pub fn discard(&self, id: &BlobId, owner: &SessionId) -> bool {
        let mine = lock(&self.0.all).blobs.get(id).is_some_and(|blob| blob.owner == *owner);
        if mine {
            self.remove(id);
        }
        mine
    }

    /// Bytes in memory and in all, for the metrics.
    pub fn usage(&self) -> (u64, u64) {
        let all = lock(&self.0.all);
        (all.memory, all.total)
    }

    fn remove(&self, id: &BlobId) {
        let gone = self.take_out(&mut lock(&self.0.all), id);
        if let Some(blob) = gone {
            blob.fill.send_replace(Fill::Failed);
        }
    }

    /// Takes a blob off the books. Readers that still hold it see the end of it; its bytes are wiped with the last.
    fn take_out(&self, all: &mut All, id: &BlobId) -> Option<Arc<Blob>> {
        let blob = all.blobs.remove(id)?;
        let mut data = lock(&blob.data);
        all.total -= data.len();
        all.memory -= data.in_memory();
        data.clear();
        drop(data);
        Some(blob)
    }

    fn append(&self, blob: &Blob, bytes: Vec<u8>) -> Result<u64, Failure> {
        let length = bytes.len() as u64;
        let mut all = lock(&self.0.all);
        if !all.blobs.contains_key(&blob.id) {
            return Err(Failure::new(ErrorCode::Cancelled, "the session of this blob has ended"));
        }
        if all.total + length > self.0.capacity.total {
            return Err(Failure::new(
                ErrorCode::TooLarge,
                format!("the images of all sessions take more than {} MiB", self.0.capacity.total >> 20),
            ));
        }
        let mut data = lock(&blob.data);
        let before = data.in_memory();
        let spill = all.memory + length > self.0.capacity.memory;
        let appended = data.append(bytes, spill, &self.0.capacity.spool);
        let (after, total) = (data.in_memory(), data.len());
        drop(data);
        all.memory = all.memory - before + after;
        appended.map_err(|error| Failure::new(ErrorCode::Internal, format!("the spool cannot be written: {error}")))?;
        all.total += length;
        Ok(total)
    }
}

/// The one who fills a blob. Dropped before [`Writer::finish`], the blob is gone.
pub struct Writer {
    blobs: Blobs,
    blob: Arc<Blob>,
}

impl Writer {
    /// The blob's id.
    pub fn id(&self) -> &BlobId {
        &self.blob.id
    }

    /// Adds bytes; readers see them at once.
    ///
    /// # Errors
    /// `too_large` if the store is full, `cancelled` if the session has ended, `internal` if the spool fails.
    pub fn append(&self, bytes: Vec<u8>) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let total = self.blobs.append(&self.blob, bytes)?;
        self.blob.fill.send_replace(Fill::Growing(total));
        Ok(())
    }

    /// The blob is complete.
    pub fn finish(self) {
        let bytes = lock(&self.blob.data).len();
        self.blob.fill.send_if_modified(|fill| {
            let growing = matches!(fill, Fill::Growing(_));
            if growing {
                *fill = Fill::Complete(bytes);
            }
            growing
        });
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if matches!(*self.blob.fill.borrow(), Fill::Growing(_)) {
            self.blobs.remove(&self.blob.id);
        }
    }
}

/// The blob that was read is gone: its maker failed, or its session ended.
#[derive(Debug, thiserror::Error)]
#[error("the blob is gone: what made it failed, or its session ended")]
pub struct Gone;

/// Reads a blob from its first byte.
pub struct Reader {
    blob: Arc<Blob>,
    fill: watch::Receiver<Fill>,
    offset: u64,
}

impl Reader {
    /// Its media type.
    pub fn media_type(&self) -> &str {
        &self.blob.media_type
    }

    /// Its length, if it is complete.
    pub fn length(&self) -> Option<u64> {
        match *self.fill.borrow() {
            Fill::Complete(bytes) => Some(bytes),
            Fill::Growing(_) | Fill::Failed => None,
        }
    }

    /// The next bytes, as soon as there are any; `None` at the end.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, Gone> {
        loop {
            let fill = *self.fill.borrow_and_update();
            let (known, complete) = match fill {
                Fill::Growing(bytes) => (bytes, false),
                Fill::Complete(bytes) => (bytes, true),
                Fill::Failed => return Err(Gone),
            };
            if self.offset < known {
                let piece = lock(&self.blob.data).read(self.offset, PIECE).map_err(|_| Gone)?;
                if piece.is_empty() {
                    return Err(Gone);
                }
                self.offset += piece.len() as u64;
                return Ok(Some(piece));
            }
            if complete {
                return Ok(None);
            }
            self.fill.changed().await.map_err(|_| Gone)?;
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// `not_found` if it is not complete or gone, `too_large` if it is longer than `max` bytes.
    pub async fn all(mut self, max: u64) -> Result<Bytes, Failure> {
        let gone = || Failure::new(ErrorCode::NotFound, "the blob is not complete, or gone");
        let length = self.length().ok_or_else(gone)?;
        if length > max {
            return Err(Failure::new(ErrorCode::TooLarge, format!("the blob is longer than {} MiB", max >> 20)));
        }
        let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        while let Some(piece) = self.next().await.map_err(|_| gone())? {
            all.extend_from_slice(&piece);
        }
        Ok(Bytes::from_owner(zeroize::Zeroizing::new(all)))
    }
}
