//! Scanners that type like a keyboard, taken for this process alone (`EVIOCGRAB`): no key reaches the browser, the desktop
//! or a console, and all of them get the keyboard back when this process ends, however it ends.

mod keymap;
pub(crate) mod typing;

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use evdev::raw_stream::RawDevice;
use evdev::{EventType, KeyCode, LedCode};
use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};

use crate::Scanner;
use crate::code::Heard;
use crate::config::Suffix;
use typing::{Key, Typing};

/// `SYN_DROPPED` (Linux, `input-event-codes.h`): the kernel had no room for all events.
const SYN_DROPPED: u16 = 3;

/// The event nodes of a scanner, each of which types for itself: what comes of one never mixes with a code of another.
pub(crate) struct Keyboard(Vec<Node>);

struct Node {
    device: RawDevice,
    typing: Typing,
}

impl Keyboard {
    /// Opens and grabs the nodes that have keys; `None` if none has letters.
    ///
    /// # Errors
    /// If a node is not there, this user may not open it, or another program has grabbed it.
    pub(crate) fn open(paths: &[PathBuf], suffix: Suffix, pause: Duration) -> Result<Option<Self>, OpenError> {
        let mut nodes = Vec::new();
        let mut letters = false;
        for path in paths {
            let mut device = open(path)?;
            // A scanner has keys beside its letters (sound, standby), which must not reach anybody either.
            let Some(keys) = device.supported_keys() else { continue };
            letters |= keys.contains(KeyCode::KEY_A) && keys.contains(KeyCode::KEY_ENTER);
            let mut typing = Typing::new(suffix, pause);
            if device.get_led_state().is_ok_and(|leds| leds.contains(LedCode::LED_CAPSL)) {
                typing.caps_lock_is_on();
            }
            take(&mut device, path)?;
            nodes.push(Node { device, typing });
        }
        Ok(letters.then_some(Self(nodes)))
    }

    /// Its name, as the kernel says it.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.iter().find_map(|node| node.device.name())
    }
}

/// Opens an event node.
///
/// # Errors
/// If it is not there, this user may not open it, or it is something else.
pub(crate) fn open(path: &Path) -> Result<RawDevice, OpenError> {
    crate::hid::openable(path)?;
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened: OwnedFd = rustix::fs::open(path, flags, Mode::empty())
        .map_err(|error| OpenError::Absent(format!("cannot open {}: {error}", path.display())))?;
    RawDevice::from_fd(opened)
        .map_err(|error| OpenError::BadConfig(format!("{} is no input device: {error}", path.display())))
}

/// Takes a node for this process alone.
///
/// # Errors
/// If another program has taken it.
pub(crate) fn take(node: &mut RawDevice, path: &Path) -> Result<(), OpenError> {
    node.grab().map_err(|error| {
        let path = path.display();
        // EBUSY
        if error.kind() == std::io::ErrorKind::ResourceBusy {
            return OpenError::NoPermission(format!("another program has taken {path} for itself"));
        }
        OpenError::Fault(format!("cannot take {path} for this kiosk alone: {error}"))
    })
}

fn gone(error: impl std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::DeviceAbsent, format!("the scanner was unplugged: {error}"))
}

impl Node {
    /// Reads what there is; whether that is anything.
    fn read(&mut self, now: Instant, heard: &mut VecDeque<Heard>) -> Result<bool, Failure> {
        let events = match self.device.fetch_events() {
            Ok(events) => events,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(gone(error)),
        };
        let mut came = false;
        for event in events {
            came = true;
            match event.event_type() {
                EventType::KEY => self.typing.key(Key { code: event.code(), value: event.value() }, now, heard),
                EventType::SYNCHRONIZATION if event.code() == SYN_DROPPED => self.typing.lost(heard),
                _ => {}
            }
        }
        Ok(came)
    }
}

impl Scanner for Keyboard {
    fn listen(&mut self, within: Duration, heard: &mut VecDeque<Heard>) -> Result<bool, Failure> {
        let fds: Vec<BorrowedFd<'_>> = self.0.iter().map(|node| node.device.as_fd()).collect();
        let mut polled: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        let within = Timespec::try_from(within).map_err(gone)?;
        match poll(&mut polled, Some(&within)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(gone(error)),
        }
        let ready: Vec<bool> = polled.iter().map(|fd| !fd.revents().is_empty()).collect();
        let now = Instant::now();
        let mut came = false;
        for (node, ready) in self.0.iter_mut().zip(ready) {
            came |= if ready { node.read(now, heard)? } else { false };
            node.typing.pass(now, heard);
        }
        Ok(came)
    }

    fn forget(&mut self) {
        self.0.iter_mut().for_each(|node| node.typing.forget());
    }
}
