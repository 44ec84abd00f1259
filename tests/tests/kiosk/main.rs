//! The whole kiosk, as real processes.

mod cancel;
mod door;
mod hostile_children;
mod killed_children;
mod leases;
mod main_job;
mod malformed_messages;
mod printer_faults;
mod resume;
mod scanner_faults;
mod support;
mod ups_faults;
