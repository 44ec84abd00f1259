//! A device's end of the cable: one thread that reads what the host says, one that keeps the time, one lock around all
//! that they touch. A transfer is looked up, answered or taken back under that lock, so no transfer ends twice.

mod cable;

use std::io::Write;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::descriptor::Speed;
use super::hub::{Hub, HubError};
use super::io::{Io, Pull};
use super::setup::Setup;
use super::standard::{self, Look};
use super::urb::{self, Request};
use super::{Event, Options, UsbFunction};
use crate::exchange::ExchangeLog;
use crate::random::Random;

/// A host that takes no answers for so long is gone. One that stood still for seconds, as an emulated machine under load
/// does, finds its device still there; a host that has really gone closes its end, which is noticed at once.
const HOST_TAKES_WITHIN: Duration = Duration::from_secs(60);
/// Most rounds of work in one go; a function that always finds more to do would keep the lock for ever.
const ROUNDS: usize = 100_000;

struct Link {
    socket: UnixStream,
    look: Look,
    port: Option<u8>,
}

struct Core<F> {
    function: F,
    io: Io,
    link: Option<Link>,
    /// Counts plugs, so that the threads of an old one do not touch a new one.
    generation: u64,
    next: Option<Instant>,
    /// Where it is to be plugged in: wished for, or where it was the last time.
    wanted: Option<u8>,
}

struct Shared<F> {
    core: Mutex<Core<F>>,
    time: Condvar,
    /// Held while plugging and unplugging: one at a time.
    hand: Mutex<()>,
    hub: Arc<dyn Hub>,
    speed: Speed,
    exchanges: Arc<ExchangeLog>,
}

/// A USB device with its cable; dropping it pulls the cable.
pub struct UsbPort<F: UsbFunction>(Arc<Shared<F>>);

/// A device as others see it that do not own it.
pub struct Handle<F: UsbFunction>(Weak<Shared<F>>);

/// A task that feeds a device; dropping it ends it.
#[derive(Debug)]
pub struct Feeding(tokio::task::JoinHandle<()>);

impl Feeding {
    /// Starts it.
    pub fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }
}

impl Drop for Feeding {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<F: UsbFunction> std::fmt::Debug for UsbPort<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("UsbPort").field(&self.0.hub).finish()
    }
}

impl<F: UsbFunction> Handle<F> {
    /// As [`UsbPort::with`]; none when the device is no more.
    pub fn with<R>(&self, work: impl FnOnce(&mut F, &mut Io) -> R) -> Option<R> {
        self.0.upgrade().map(|shared| shared.with(work))
    }
}

impl<F: UsbFunction> Drop for UsbPort<F> {
    fn drop(&mut self) {
        self.0.core().disconnect();
        self.0.time.notify_all();
    }
}

impl<F: UsbFunction> UsbPort<F> {
    /// A device that is not plugged in yet, of this speed unless the options say otherwise.
    pub fn new(function: F, speed: Speed, options: &Options, exchanges: Arc<ExchangeLog>) -> Self {
        let core = Core {
            function,
            io: Io::new(Random::new(options.seed, "usb")),
            link: None,
            generation: 0,
            next: None,
            wanted: options.port,
        };
        let (core, time, hand) = (Mutex::new(core), Condvar::new(), Mutex::new(()));
        let (hub, speed) = (Arc::clone(&options.hub), options.speed.unwrap_or(speed));
        Self(Arc::new(Shared { core, time, hand, hub, speed, exchanges }))
    }

    /// Uses the function and its endpoints; what that sets in motion is done when this returns.
    pub fn with<R>(&self, work: impl FnOnce(&mut F, &mut Io) -> R) -> R {
        self.0.with(work)
    }

    /// For tasks that feed the device.
    #[must_use]
    pub fn handle(&self) -> Handle<F> {
        Handle(Arc::downgrade(&self.0))
    }

    /// Plugs it in: where it was the last time, or at `port`. No error when it is plugged in there already.
    ///
    /// # Errors
    /// When the hub does not take it.
    pub fn plug(&self, port: Option<u8>) -> Result<(), HubError> {
        self.0.plug(port)
    }

    /// Pulls the cable: returns when the system has noticed.
    pub fn pull(&self) {
        self.0.pull();
    }
}

impl<F: UsbFunction> Shared<F> {
    fn core(&self) -> MutexGuard<'_, Core<F>> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<R>(self: &Arc<Self>, work: impl FnOnce(&mut F, &mut Io) -> R) -> R {
        let mut core = self.core();
        let Core { function, io, .. } = &mut *core;
        let result = work(function, io);
        self.settle(core);
        result
    }

    /// Does all that can be done now, sends the answers, and pulls the cable if it comes to that.
    fn settle(self: &Arc<Self>, mut core: MutexGuard<'_, Core<F>>) {
        let before = core.next;
        let pull = core.work();
        core.flush(&self.exchanges);
        let sooner = core.next.is_some_and(|next| before.is_none_or(|before| next < before));
        if let Some(pull) = pull {
            self.exchanges.event("cable pulled");
            core.disconnect();
            if pull == Pull::Replug {
                let shared = Arc::clone(self);
                std::thread::spawn(move || {
                    if let Err(error) = shared.plug(None) {
                        shared.exchanges.event(format!("not plugged in again: {error}"));
                    }
                });
            }
        }
        drop(core);
        if sooner || pull.is_some() {
            self.time.notify_all();
        }
    }

    fn plug(self: &Arc<Self>, port: Option<u8>) -> Result<(), HubError> {
        let _hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        let mut core = self.core();
        if let Some(link) = &core.link {
            if port.is_none_or(|port| link.port == Some(port)) {
                return Ok(());
            }
            drop(core);
            self.pull_in_hand();
            core = self.core();
        }
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_write_timeout(Some(HOST_TAKES_WITHIN))?;
        let reader = ours.try_clone()?;
        let wanted = port.or(core.wanted);
        let look = standard::look(core.function.model(), self.speed, &core.io);
        core.io.reset(&look);
        core.generation += 1;
        let generation = core.generation;
        core.link = Some(Link { socket: ours, look, port: None });
        let Core { function, io, .. } = &mut *core;
        function.event(Event::Plugged, io);
        self.settle(core);
        let (reading, timing) = (Arc::clone(self), Arc::clone(self));
        std::thread::Builder::new().name("usb-reader".into()).spawn(move || reading.read(generation, reader))?;
        std::thread::Builder::new().name("usb-time".into()).spawn(move || timing.keep_time(generation))?;
        let attached = self.hub.attach(wanted, theirs, self.speed);
        let mut core = self.core();
        match attached {
            Ok(port) => {
                core.wanted = Some(port);
                let same = core.generation == generation;
                if let Some(link) = core.link.as_mut().filter(|_| same) {
                    link.port = Some(port);
                }
                self.exchanges.event(format!("plugged in at {}", self.hub.path(port)));
                Ok(())
            }
            Err(error) => {
                core.disconnect();
                self.time.notify_all();
                Err(error)
            }
        }
    }

    fn pull(&self) {
        let _hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        self.pull_in_hand();
    }

    fn pull_in_hand(&self) {
        let mut core = self.core();
        let port = core.link.as_ref().and_then(|link| link.port);
        core.disconnect();
        drop(core);
        self.time.notify_all();
        if let Some(port) = port {
            self.exchanges.event("unplugged");
            self.hub.released(port);
        }
    }

    fn read(self: Arc<Self>, generation: u64, mut socket: UnixStream) {
        loop {
            let request = urb::read(&mut socket);
            let mut core = self.core();
            if core.generation != generation || core.link.is_none() {
                return;
            }
            match request.and_then(|request| core.take(request)) {
                Ok(()) => self.settle(core),
                Err(error) => {
                    self.exchanges.event(format!("the host is gone: {error}"));
                    core.disconnect();
                    drop(core);
                    self.time.notify_all();
                    return;
                }
            }
        }
    }

    fn keep_time(self: Arc<Self>, generation: u64) {
        let mut core = self.core();
        while core.generation == generation && core.link.is_some() {
            let now = Instant::now();
            core = match core.next {
                None => self.time.wait(core).unwrap_or_else(PoisonError::into_inner),
                Some(next) if next > now => {
                    self.time.wait_timeout(core, next - now).unwrap_or_else(PoisonError::into_inner).0
                }
                Some(_) => {
                    self.settle(core);
                    self.core()
                }
            };
        }
    }
}

impl<F: UsbFunction> Core<F> {
    fn take(&mut self, request: Request) -> Result<(), urb::UrbError> {
        match request {
            Request::Unlink { sequence, target } => self.io.unlink(sequence, target),
            Request::Submit(submit) => self.io.submit(submit)?,
        }
        Ok(())
    }

    /// Works until nothing moves any more.
    fn work(&mut self) -> Option<Pull> {
        let Core { function, io, link: Some(link), .. } = self else { return None };
        let now = Instant::now();
        let mut due = None;
        for _ in 0..ROUNDS {
            while let Some(submit) = io.next_control() {
                let setup = Setup::from_bytes(submit.setup);
                let (answer, own) = standard::control(&setup, &submit.data, &link.look, function, io);
                io.answer(&submit, answer, own);
            }
            due = function.due(now, io);
            if !io.pump(function, now) {
                break;
            }
        }
        self.next = [due, io.wake()].into_iter().flatten().min();
        io.take_pull()
    }

    fn flush(&mut self, exchanges: &ExchangeLog) {
        let answers = std::mem::take(&mut self.io.answers);
        let Some(link) = &mut self.link else { return };
        if !answers.is_empty()
            && let Err(error) = link.socket.write_all(&answers)
        {
            exchanges.event(format!("the host takes no answers: {error}"));
            self.disconnect();
        }
    }

    fn disconnect(&mut self) {
        if let Some(link) = self.link.take() {
            // Both ends notice, also one that waits in a read; it may be closed already.
            let _ = link.socket.shutdown(Shutdown::Both);
            self.next = None;
            let Core { function, io, .. } = self;
            function.event(Event::Unplugged, io);
            io.reset(&link.look);
        }
    }
}
