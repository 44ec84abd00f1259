//! The whole kiosk, as real processes.

mod cancel;
mod killed_children;
mod main_job;
mod printer_faults;
mod scanner_faults;
mod support;
mod ups_faults;
