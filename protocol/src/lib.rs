//! Every message of Kiosk gateway, and nothing else: no I/O, no clock, no tokio.
//!
//! - [`calls`] is the table of all calls on one page: name, request, reply, events.
//! - [`message`] and [`session`] are what a front end and the gateway say to each other over the WebSocket.
//! - [`scanner`], [`camera`], [`card`], [`barcode`], [`receipt`], [`page_printer`], [`qr_display`], [`ups`], [`ocr`] hold one
//!   device kind each: requests, replies, events, status, capabilities. [`pictures`] is the live pictures of some of them.
//! - [`signer`] is what certified copies are made by; [`case`], [`approval`], [`register`] and [`copy`] are its calls.
//! - [`seam`] is what the gateway and its children (drivers, workers) say to each other on stdin and stdout.
//! - [`error`] is the closed list of what can go wrong, with the words for the citizen.
//!
//! `schema/`, `PROTOCOL.md` and `client/types.d.ts` are generated from here (`UPDATE=1 cargo test -p kiosk-protocol`);
//! `examples/` is frozen: a test reads each example and writes it back.

pub mod approval;
pub mod barcode;
pub mod blob;
pub mod calls;
pub mod camera;
pub mod card;
pub mod case;
pub mod consent;
pub mod copy;
pub mod device;
pub mod error;
pub mod face;
pub mod identity;
pub mod message;
mod objects;
pub mod ocr;
pub mod page_printer;
pub mod personal;
pub mod pictures;
pub mod qr_display;
pub mod receipt;
pub mod register;
pub mod scanner;
pub mod seam;
pub mod session;
pub mod signer;
pub mod ups;

/// The version of the front-end protocol that this crate describes. It is also in the WebSocket's path, `/v1`.
pub const PROTOCOL_VERSION: u16 = 1;
