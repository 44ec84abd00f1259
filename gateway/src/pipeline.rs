//! The steps of a case as values in, values out: `CapturedPage → DocumentText`, `CapturedPage → Template`.
//!
//! - [`page`] decodes the bytes of a picture; [`reader`] finds and reads the lines of a scan, and the zone or code ([`qr`]) that
//!   opens a card; [`faces`] compares faces;
//!   [`models`] are the files they need.
//!
//! What is not here: devices, sessions, the network, files other than the models. All of it runs in the worker programs
//! (`kiosk-worker`, `kiosk-face-worker`), which lock themselves in (`kiosk-sandbox`) before they see the first picture.

mod cut;
mod detect;
pub mod faces;
mod geometry;
pub mod models;
mod network;
mod order;
pub mod page;
pub mod qr;
pub mod reader;
mod tesseract;

use kiosk_protocol::seam::ATTACHMENTS_MAX;

pub use detect::DetectError;
pub use tesseract::TesseractError;

/// Address space that is enough for the largest page (150 megapixels as RGB beside its 8-bit RGBA or its 16-bit
/// coefficients: 1.4 GB), the attachments, models and thread stacks; MiB.
pub const WORKER_MEMORY_MIB: u64 = 4096;

// A request's attachments and their copy fit beside everything else.
const _: () = assert!((ATTACHMENTS_MAX as u64) * 4 < (WORKER_MEMORY_MIB << 20) / 8);

/// What a worker may use after it has locked itself in. Requests have deadlines of their own, so there is no limit on the
/// processor.
pub fn worker_limits(memory_mib: u64) -> kiosk_sandbox::Limits {
    kiosk_sandbox::Limits { memory_mib, processor_s: None }
}
