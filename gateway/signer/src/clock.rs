//! What the system's clock is worth.

mod ffi;

use kiosk_register::{Clock, SystemClock};

pub(crate) use ffi::is_synchronised;

use crate::settings::ClockSource;

/// The clock that the register judges.
pub(crate) fn clock(source: ClockSource) -> Box<dyn Clock> {
    match source {
        ClockSource::Synchronised => Box::new(SystemClock { synchronised: is_synchronised }),
        ClockSource::Trusted => Box::new(SystemClock { synchronised: || true }),
    }
}
