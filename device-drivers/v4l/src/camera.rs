//! A camera as the thread that owns it sees it, and the real one: a place, an open node, and perhaps a stream.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use kiosk_driver_sdk::protocol::camera::CameraControls;
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;

use crate::controls::{self, Board};
use crate::ffi::{self, abi};
use crate::mode::Mode;
use crate::node::Node;
use crate::place::Place;
use crate::stream::{Next, Stream};
use crate::trouble::Trouble;

/// What a camera does for the thread that owns it.
pub(crate) trait Camera: Send + 'static {
    /// Begins to take pictures in this mode, after whatever it did before was ended.
    fn start(&mut self, mode: &Mode) -> Result<(), Trouble>;
    /// Ends it: the camera sees nothing any more.
    fn stop(&mut self);
    /// Off and on again, in the same mode.
    fn restart(&mut self) -> Result<(), Trouble>;
    /// Closes it and finds and opens it anew; it takes no pictures then.
    fn reopen(&mut self) -> Result<(), Trouble>;
    /// Waits for the newest picture.
    fn next(&mut self, wait: Duration) -> Result<Next<'_>, Trouble>;
    /// The controls as they are.
    fn controls(&mut self) -> Result<CameraControls, Trouble>;
    /// Sets controls.
    fn set_controls(&mut self, wanted: &CameraControls) -> Result<(), Trouble>;
}

/// Ends a wait for a picture. Clones wake the same wait.
#[derive(Clone)]
pub(crate) struct Wake(Arc<OwnedFd>);

impl Wake {
    pub(crate) fn new() -> Result<Self, Errno> {
        Ok(Self(Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?)))
    }

    /// Ends the wait of now, or the next one.
    pub(crate) fn wake(&self) {
        // It fails only where it has been called 2^64 times without a wait.
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }

    /// The next wait waits.
    pub(crate) fn clear(&self) {
        // Nothing to be cleared is as good.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}

/// A camera of the kernel's.
pub(crate) struct Device {
    place: Place,
    wake: Wake,
    /// None after it could not be opened anew.
    node: Option<Node>,
    stream: Option<Stream>,
}

impl Device {
    pub(crate) fn new(place: Place, node: Node, wake: Wake) -> Self {
        Self { place, wake, node: Some(node), stream: None }
    }

    fn node(&self) -> Result<&Node, Trouble> {
        self.node.as_ref().ok_or_else(|| Trouble::NotAttached("the camera could not be opened anew".into()))
    }
}

impl Camera for Device {
    fn start(&mut self, mode: &Mode) -> Result<(), Trouble> {
        self.stop();
        let node = self.node()?;
        self.stream = Some(Stream::start(node, node.set(mode)?)?);
        Ok(())
    }

    fn stop(&mut self) {
        if let (Some(stream), Some(node)) = (self.stream.take(), &self.node) {
            stream.end(node);
        }
    }

    fn restart(&mut self) -> Result<(), Trouble> {
        match (&mut self.stream, &self.node) {
            (Some(stream), Some(node)) => stream.restart(node),
            _ => Ok(()),
        }
    }

    fn reopen(&mut self) -> Result<(), Trouble> {
        self.stop();
        // Closed first: some devices come to themselves only when nobody has them open.
        self.node = None;
        self.node = Some(Node::open_one(&self.place.nodes()?)?);
        Ok(())
    }

    fn next(&mut self, wait: Duration) -> Result<Next<'_>, Trouble> {
        match (&mut self.stream, &self.node) {
            (Some(stream), Some(node)) => stream.next(node, self.wake.0.as_fd(), wait),
            _ => Ok(Next::Nothing),
        }
    }

    fn controls(&mut self) -> Result<CameraControls, Trouble> {
        controls::read(self.node()?)
    }

    fn set_controls(&mut self, wanted: &CameraControls) -> Result<(), Trouble> {
        controls::write(self.node()?, wanted)
    }
}

impl Board for Node {
    fn query(&self, id: u32) -> Result<abi::QueryControl, Errno> {
        let mut control = abi::QueryControl { id, ..abi::QueryControl::default() };
        ffi::query_control(self.fd(), &mut control).map(|()| control)
    }

    fn has_entry(&self, id: u32, entry: i32) -> bool {
        let mut menu = abi::QueryMenu { id, index: entry.cast_unsigned(), ..abi::QueryMenu::default() };
        ffi::query_menu(self.fd(), &mut menu).is_ok()
    }

    fn get(&self, id: u32) -> Result<i32, Errno> {
        let mut control = abi::Control { id, value: 0 };
        ffi::get_control(self.fd(), &mut control).map(|()| control.value)
    }

    fn set(&self, id: u32, value: i32) -> Result<(), Errno> {
        ffi::set_control(self.fd(), &mut abi::Control { id, value })
    }

    fn trouble(&self, error: Errno, what: &'static str) -> Trouble {
        Node::trouble(self, error, what)
    }
}
