//! The program; all of it is in the library, which `make bench` measures without a printer.

use std::process::ExitCode;

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<kiosk_driver_escpos::EscPos>()
}
