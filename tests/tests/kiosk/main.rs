//! The whole kiosk, as real processes.

mod main_job;
mod support;
