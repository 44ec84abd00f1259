//! A device's live pictures: who looks, and the newest picture. Nobody waits for anybody: a viewer that is slow misses
//! pictures, and the device sends none while there are no viewers.

use std::sync::Arc;

use tokio::sync::watch;

/// A live picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Counts the device's pictures.
    pub number: u32,
    /// When it was taken, microseconds on the driver's clock.
    pub taken_us: u64,
    /// JPEG or PNG; empty: nothing to see.
    pub bytes: Vec<u8>,
}

/// The pictures of one device. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    newest: watch::Sender<Arc<Picture>>,
    viewers: watch::Sender<usize>,
}

/// Somebody looks, until this is dropped.
#[derive(Debug)]
pub struct View {
    live: Live,
    newest: watch::Receiver<Arc<Picture>>,
}

impl Live {
    /// Begins to look: the pictures from now on.
    pub fn join(&self) -> View {
        let newest = self.0.newest.subscribe();
        self.0.viewers.send_modify(|viewers| *viewers += 1);
        View { live: self.clone(), newest }
    }

    /// Shows a picture to everybody who looks.
    pub fn show(&self, number: u32, taken_us: u64, bytes: Vec<u8>) {
        self.0.newest.send_replace(Arc::new(Picture { number, taken_us, bytes }));
    }

    /// Nothing to see any more: the device is gone.
    pub fn blank(&self) {
        self.0.newest.send_if_modified(|newest| {
            let shown = !newest.bytes.is_empty();
            if shown {
                *newest = Arc::new(Picture { bytes: Vec::new(), ..**newest });
            }
            shown
        });
    }

    /// Comes when there are viewers and `told` is false, or there are none and it is true; says which.
    pub async fn changed(&self, told: bool) -> bool {
        let mut viewers = self.0.viewers.subscribe();
        // The sender lives in `self`.
        let wanted = viewers.wait_for(|viewers| (*viewers > 0) != told).await.map(|viewers| *viewers > 0);
        wanted.unwrap_or_default()
    }
}

impl View {
    /// Waits for a picture newer than the last; those in between are left out.
    pub async fn next(&mut self) -> Arc<Picture> {
        // The sender lives in `self.live`.
        let _ = self.newest.changed().await;
        Arc::clone(&self.newest.borrow_and_update())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.live.0.viewers.send_modify(|viewers| *viewers -= 1);
        // A picture of somebody is not kept for nobody.
        if *self.live.0.viewers.borrow() == 0 {
            self.live.0.newest.send_replace(Arc::default());
        }
    }
}
