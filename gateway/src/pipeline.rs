//! The steps of a case as values in, values out: `CapturedPage → DocumentText`.
//!
//! - [`page`] decodes the bytes of a scan; [`reader`] finds and reads its lines; [`models`] are the files it needs.
//!
//! What is not here: devices, sessions, the network, files other than the models. All of it runs in the worker program
//! (`kiosk-worker`), which locks itself in before it sees the first page.

mod cut;
mod detect;
mod geometry;
pub mod models;
mod order;
pub mod page;
pub mod reader;
mod tesseract;

pub use detect::DetectError;
pub use tesseract::TesseractError;
