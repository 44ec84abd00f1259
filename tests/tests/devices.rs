//! Drivers of each kind of device through the whole kiosk, as real processes: one file for each kind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "devices/barcode_reader.rs"]
mod barcode_reader;
#[path = "devices/camera.rs"]
mod camera;
#[path = "devices/card_reader.rs"]
mod card_reader;
#[path = "devices/faces.rs"]
mod faces;
#[path = "devices/flood.rs"]
mod flood;
#[path = "devices/page_printer.rs"]
mod page_printer;
#[path = "devices/qr_screen.rs"]
mod qr_screen;
#[path = "devices/qr_serial.rs"]
mod qr_serial;
#[path = "devices/receipt_printer.rs"]
mod receipt_printer;
#[path = "devices/sane.rs"]
mod sane;
#[path = "devices/serial_printer.rs"]
mod serial_printer;
#[path = "devices/upower.rs"]
mod upower;
