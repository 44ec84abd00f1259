//! The whole kiosk, as real processes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod cancel;
mod card_access;
mod demo;
mod door;
mod hostile_children;
mod killed_children;
mod leases;
mod lifecycle;
mod main_job;
mod malformed_messages;
mod pictures;
mod printer_faults;
mod resume;
mod scanner_faults;
mod support;
mod uploads;
mod ups_faults;
