//! What every driver shares: its `main`, the seam to the gateway, deadlines, cancel, and links to devices.
//!
//! A driver is blocking code: one device, one process, one thread that works. It implements [`Driver`] and its `main`
//! is one line:
//!
//! ```text
//! fn main() -> std::process::ExitCode {
//!     kiosk_driver_sdk::serve::<MyDriver>()
//! }
//! ```
//!
//! What is not here: anything about a particular device, and any policy about restarting (that is the gateway's).
//! Copy `device-drivers/skeleton` to begin a new one.

mod address;
mod cancel;
mod cx;
mod driver;
pub mod link;
mod pictures;
mod published;
mod serve;
pub mod testing;
mod upstream;
mod vitals;

pub use address::{Address, AddressError};
pub use cancel::CancelSignal;
pub use cx::{BlobWriter, Cx};
pub use driver::{Driver, OpenError, Opened};
pub use kiosk_protocol as protocol;
pub use link::{Link, LinkError, Until};
pub use pictures::Pictures;
pub use serve::serve;
