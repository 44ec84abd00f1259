//! The devices of this kiosk: a handle for each, and the snapshot of all. What is not here: who may use a device
//! ([`crate::session`]) and how it is kept alive ([`crate::supervisor`]).

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kiosk_protocol::calls::Call;
use kiosk_protocol::device::{DeviceId, Kind};
use kiosk_protocol::error::{ErrorCode, Failure};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::hotplug::Plugs;
use crate::supervisor::task::{self, Unit};
use crate::supervisor::{Board, DevicesView, Job, Live, Order, not_done};

/// Commands that may wait for one device.
const QUEUE: usize = 64;

/// All devices. Dropping it does not stop them; [`Running::stop`] does.
pub struct Devices {
    handles: BTreeMap<DeviceId, Handle>,
    board: Board,
}

/// The tasks behind the devices.
pub struct Running {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

struct Handle {
    kind: Kind,
    orders: mpsc::Sender<Order>,
    live: Live,
}

impl Devices {
    /// Starts a task for each device; returns at once. The snapshot has all of them from the beginning, so that no
    /// client takes a kiosk that is just starting for one without devices.
    pub fn start(units: Vec<Unit>, plugs: &Plugs) -> (Self, Running) {
        let board = Board::new();
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let mut handles = BTreeMap::new();
        for unit in units {
            let (orders, queue) = mpsc::channel(QUEUE);
            let live = Live::default();
            handles.insert(unit.device.clone(), Handle { kind: unit.kind, orders, live: live.clone() });
            board.post(unit.first_view());
            tasks.spawn(task::run(unit, board.clone(), live, plugs.clone(), queue, stop.clone()));
        }
        (Self { handles, board }, Running { tasks, stop })
    }

    /// The present and all later snapshots.
    pub fn watch(&self) -> watch::Receiver<DevicesView> {
        self.board.watch()
    }

    /// The device that a command means: the one it names, or the only one of the kind.
    ///
    /// # Errors
    /// `unknown_device`, saying what there is.
    pub fn find(&self, named: Option<&DeviceId>, kind: Option<Kind>) -> Result<DeviceId, Failure> {
        let names = |all: Vec<&DeviceId>| all.iter().map(|device| format!("`{device}`")).collect::<Vec<_>>().join(", ");
        let fitting: Vec<&DeviceId> = self
            .handles
            .iter()
            .filter(|(_, handle)| kind.is_none_or(|kind| handle.kind == kind))
            .map(|(device, _)| device)
            .collect();
        let unknown = |detail: String| {
            Err(Failure { field: Some("device".into()), ..Failure::new(ErrorCode::UnknownDevice, detail) })
        };
        match (named, &fitting[..]) {
            (Some(device), _) if fitting.contains(&device) => Ok(device.clone()),
            (Some(device), _) if self.handles.contains_key(device) => unknown(format!(
                "`{device}` is a device of another kind; of the right kind there are: {}",
                names(fitting)
            )),
            (Some(_), _) => {
                unknown(format!("no device of this name; there are: {}", names(self.handles.keys().collect())))
            }
            (None, [only]) => Ok((*only).clone()),
            (None, []) => unknown("this kiosk has no device of this kind".into()),
            (None, several) => unknown(format!("name the device; there are {}", names(several.to_vec()))),
        }
    }

    /// A device of a kind that has live pictures.
    ///
    /// # Errors
    /// `unknown_device`; `unsupported` if its kind has none.
    pub fn find_live(&self, named: Option<&DeviceId>) -> Result<DeviceId, Failure> {
        let device = self.find(named, named.is_none().then_some(Kind::Camera))?;
        let kind = self.handles.get(&device).expect("the device was found").kind;
        if kind.has_pictures() {
            return Ok(device);
        }
        Err(Failure {
            field: Some("device".into()),
            ..Failure::new(ErrorCode::Unsupported, format!("`{device}` has no live pictures"))
        })
    }

    /// A device's live pictures.
    pub fn live(&self, device: &DeviceId) -> Live {
        self.handles.get(device).expect("the device was found before").live.clone()
    }

    /// Puts a job into a device's queue and says how many are before it.
    ///
    /// # Errors
    /// `busy` if the queue is full.
    pub fn submit(&self, device: &DeviceId, job: Job) -> Result<u16, Failure> {
        let call: &'static Call = job.call;
        let handle = self.handles.get(device).expect("the device was found before");
        let waiting = handle.orders.max_capacity() - handle.orders.capacity();
        let refused = |code, detail: String| not_done(call, Failure::new(code, detail));
        match handle.orders.try_send(Order::Job(job)) {
            Ok(()) => Ok(u16::try_from(waiting).unwrap_or(u16::MAX)),
            Err(mpsc::error::TrySendError::Full(_)) => {
                Err(refused(ErrorCode::Busy, format!("{QUEUE} commands wait for `{device}` already")))
            }
            Err(mpsc::error::TrySendError::Closed(_)) => {
                Err(refused(ErrorCode::ShuttingDown, "the gateway is stopping".into()))
            }
        }
    }

    /// Replaces the child of a device by a new one once what stands before it in the queue is done.
    pub fn renew(&self, device: &DeviceId) {
        if let Some(handle) = self.handles.get(device) {
            let orders = handle.orders.clone();
            // A full queue is waited for; if the gateway stops meanwhile, the child ends with it.
            tokio::spawn(async move { orders.send(Order::Renew).await });
        }
    }
}

impl Running {
    /// Stops all devices and waits for their children to end; each has its own deadline.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}
