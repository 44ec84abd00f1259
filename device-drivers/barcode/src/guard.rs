//! Nobody else gets a key from a scanner: whatever keyboards its USB device has beside what is read of it are taken as soon
//! as they appear, and what they type is thrown away. A scanner that grows a keyboard (one that was swapped, or whose
//! firmware was) would otherwise type into the kiosk's page.
//!
//! What is not here: the time before the kernel's node is taken, and without a driver. There the project's udev rules keep
//! compositors away (`LIBINPUT_IGNORE_DEVICE`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use evdev::raw_stream::RawDevice;
use kiosk_attached::{SYS, UsbDevice, list, nodes_of};
use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};

use crate::keyboard::{open, take};

/// The folder whose time of change tells that a node came or went.
const NODES: &str = "/dev/input";
/// How often that is asked.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A folder that changed so short a time ago may change again without another time.
const MAY_STILL_CHANGE: Duration = Duration::from_secs(2);
/// So long udev may take to let the gateway's group open a node.
const PERMITTED_WITHIN: Duration = Duration::from_secs(3);

/// The keyboards of one USB device that nobody reads. They are looked for on a thread of their own: that takes a while,
/// and the kernel keeps no more than ten keys for a driver that does not read them.
pub(crate) struct Guard(Option<Watch>);

struct Watch {
    thread: JoinHandle<()>,
    /// Why the scanner is not to be used any more.
    refused: Arc<OnceLock<String>>,
    /// Dropped, the thread ends.
    _goes_on: Sender<()>,
}

impl Guard {
    /// Takes the keyboards that there are, and from now on those that come. `own` are the nodes that the scanner itself is
    /// read from. Without a USB device nothing belongs to the scanner.
    ///
    /// # Errors
    /// If one may not be opened or is taken by another program: then its keys may reach that.
    pub(crate) fn of(device: Option<UsbDevice>, own: &[PathBuf]) -> Result<Self, OpenError> {
        let Some(device) = device else { return Ok(Self(None)) };
        let taken = own.iter().map(|node| (node.clone(), None)).collect();
        let mut keyboards = Keyboards { device, taken, changed: None, forbidden: None };
        keyboards.take_new()?;
        let refused = Arc::new(OnceLock::new());
        let (goes_on, ended) = mpsc::channel();
        let because = Arc::clone(&refused);
        let thread = thread::Builder::new().name("guard".into()).spawn(move || keyboards.watch(&ended, &because));
        let thread = thread.map_err(|error| OpenError::Fault(format!("cannot watch for keyboards: {error}")))?;
        Ok(Self(Some(Watch { thread, refused, _goes_on: goes_on })))
    }

    /// Is the scanner still one of which nobody gets a key?
    ///
    /// # Errors
    /// `device_absent` if a keyboard cannot be taken: opened anew, the scanner is refused with the reason.
    pub(crate) fn look(&self) -> Result<(), Failure> {
        let Some(watch) = &self.0 else { return Ok(()) };
        let refused = watch.refused.get().map(String::as_str);
        match refused.or(watch.thread.is_finished().then_some("nobody watches for keyboards any more")) {
            Some(why) => Err(Failure::new(ErrorCode::DeviceAbsent, why)),
            None => Ok(()),
        }
    }
}

struct Keyboards {
    device: UsbDevice,
    /// Nodes that are dealt with; those with keys are held.
    taken: BTreeMap<PathBuf, Option<RawDevice>>,
    /// When the nodes last changed that were looked at.
    changed: Option<SystemTime>,
    /// Since when a node may not be opened.
    forbidden: Option<Instant>,
}

impl Keyboards {
    /// Holds them until nobody listens to the scanner any more, also after the scanner was refused.
    fn watch(mut self, ended: &Receiver<()>, refused: &OnceLock<String>) {
        while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            if refused.get().is_none()
                && let Err(why) = self.look()
            {
                // It was not refused before.
                let _ = refused.set(why.to_string());
            }
        }
    }

    fn look(&mut self) -> Result<(), OpenError> {
        let changed = Path::new(NODES).metadata().and_then(|data| data.modified()).ok();
        let settled = changed.is_none_or(|at| at.elapsed().is_ok_and(|since| since > MAY_STILL_CHANGE));
        if settled && changed == self.changed && self.forbidden.is_none() {
            return Ok(());
        }
        self.changed = changed;
        match self.take_new() {
            Ok(()) => self.forbidden = None,
            // A node that is gone again, or that udev has not given to the gateway's group yet.
            Err(_) if self.forbidden.get_or_insert_with(Instant::now).elapsed() < PERMITTED_WITHIN => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Takes all that it can before it fails.
    fn take_new(&mut self) -> Result<(), OpenError> {
        let nodes = event_nodes(&self.device);
        // The number of a node that is gone is given to another.
        self.taken.retain(|node, _| nodes.contains(node));
        let mut taken = Ok(());
        for node in nodes {
            if !self.taken.contains_key(&node) {
                taken = taken.and(self.take(node));
            }
        }
        taken
    }

    fn take(&mut self, node: PathBuf) -> Result<(), OpenError> {
        let mut device = match open(&node) {
            // It is not there yet, or not any more; the folder's time of change tells when it comes.
            Err(OpenError::Absent(_)) => return Ok(()),
            other => other.map_err(because)?,
        };
        let has_keys = device.supported_keys().is_some();
        if has_keys {
            take(&mut device, &node).map_err(because)?;
            tracing::warn!(node = %node.display(), "the scanner has keys that are not read; they are kept from everybody");
        }
        self.taken.insert(node, has_keys.then_some(device));
        Ok(())
    }
}

fn because(error: OpenError) -> OpenError {
    match error {
        OpenError::NoPermission(why) => {
            OpenError::NoPermission(format!("the scanner has a keyboard, too, whose keys may reach others: {why}"))
        }
        other => other,
    }
}

/// The event nodes of a device.
pub(crate) fn event_nodes(device: &UsbDevice) -> Vec<PathBuf> {
    let is_event = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("event"));
    device.nodes("input").into_iter().filter(is_event).collect()
}

/// The USB device that a node of this subsystem belongs to, if it belongs to one; the node may be named by a link.
pub(crate) fn device_of(node: &Path, subsystem: &str) -> Option<UsbDevice> {
    let node = node.canonicalize().ok()?;
    let own = nodes_of(SYS.as_ref(), subsystem).into_iter().find(|other| other.path == node)?;
    own.usb(&list(SYS.as_ref())).cloned()
}
