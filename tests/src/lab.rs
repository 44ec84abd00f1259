//! What tests inside the lab's guest need (`tests/lab/README.md`): is this the lab, modules, programs, and waiting for
//! device nodes that the kernel and udev make. What is not here: the devices; virtual ones are the simulators', the
//! kernel's own printer is in [`gadget`].
//!
//! An emulated processor is five to ten times slower than a real one, so deadlines are generous.

mod ffi;
pub mod gadget;
pub mod plugged;
pub mod usb;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::peers::{Peer, Ran, peer};
use crate::rig::wait;
pub use ffi::port_status;

/// How long anything in the lab may take that takes milliseconds elsewhere.
pub const WITHIN: Duration = Duration::from_secs(60);

/// Panics outside the lab, where there are no devices of ours and a test would touch the machine's own.
pub fn require() {
    let inside = std::env::var_os("KIOSK_LAB").is_some();
    assert!(inside, "this test changes the kernel's devices, so it runs only in the lab: `make lab`");
}

/// Waits until `look` finds something.
///
/// # Panics
/// With `what`, if it does not in time.
pub async fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait::until(what, WITHIN, look).await
}

/// Runs a program to its end.
///
/// # Panics
/// If it does not end in time.
pub async fn run(program: Peer) -> Ran {
    require();
    program.run(WITHIN).await
}

/// Loads a kernel module with its parameters (`num=2`). One that is loaded already stays as it is. Drivers of devices
/// need not be loaded: udev does that when their device appears, as on any machine.
///
/// # Panics
/// If there is no such module, or it refuses its parameters.
pub async fn load(module: &str, parameters: &[&str]) {
    run(Peer::new(&peer("modprobe")).arg(module).args(parameters)).await.ok();
}

/// Waits until udev has no event left to deal with.
pub async fn settle() {
    let seconds = format!("--timeout={}", WITHIN.as_secs());
    run(Peer::new(&peer("udevadm")).arg("settle").arg(seconds)).await.ok();
}

/// Waits until there is something at `path` (for a link: until it also leads somewhere); returns where it leads.
pub async fn appears(path: impl AsRef<Path>) -> PathBuf {
    let path = path.as_ref();
    until(&format!("{} appears", path.display()), || path.canonicalize().ok()).await
}

/// Waits until there is nothing at `path`, not even a link that leads nowhere.
pub async fn vanishes(path: impl AsRef<Path>) {
    let path = path.as_ref();
    until(&format!("{} vanishes", path.display()), || path.symlink_metadata().is_err().then_some(())).await;
}
