//! What is, not what changed: the snapshot of all devices, published whenever one of them changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use kiosk_protocol::device::{DeviceId, DeviceView};
use tokio::sync::watch;

/// All devices as they are now.
#[derive(Clone, Debug, Default)]
pub struct DevicesView {
    /// Grows with each change.
    pub generation: u64,
    /// By name.
    pub devices: BTreeMap<DeviceId, Arc<DeviceView>>,
}

/// Where the tasks post their devices. Clones share it.
#[derive(Clone)]
pub struct Board(Arc<watch::Sender<DevicesView>>);

impl Board {
    /// An empty one.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }

    /// Posts a device; nothing happens if it is as it was.
    pub fn post(&self, view: DeviceView) {
        self.0.send_if_modified(|all| {
            if all.devices.get(&view.device).is_some_and(|old| **old == view) {
                return false;
            }
            all.generation += 1;
            all.devices.insert(view.device.clone(), Arc::new(view));
            true
        });
    }

    /// Sees the present and all later snapshots (the newest wins).
    pub fn watch(&self) -> watch::Receiver<DevicesView> {
        self.0.subscribe()
    }
}

impl Default for Board {
    fn default() -> Self {
        Self::new()
    }
}
