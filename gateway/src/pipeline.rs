//! The steps of a case as values in, values out: `CapturedPage → DocumentText`, `CapturedPage → Template`.
//!
//! - [`page`] decodes the bytes of a picture; [`reader`] finds and reads the lines of a scan, and the zone or code ([`qr`]) that
//!   opens a card; [`faces`] compares faces;
//!   [`models`] are the files they need.
//!
//! What is not here: devices, sessions, the network, files other than the models. All of it runs in the worker programs
//! (`kiosk-worker`, `kiosk-face-worker`), which lock themselves in ([`sandbox`]) before they see the first picture.

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
pub mod sandbox;
mod tesseract;

pub use detect::DetectError;
pub use tesseract::TesseractError;
