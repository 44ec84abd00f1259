//! Drivers and virtual devices under a real kernel, in the lab's guest (`make lab`; `tests/lab/README.md` says how to add
//! one). One file per device.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod barcode;
mod discover;
mod escpos_usb;
mod gadget;
mod guest;
mod hotplug;
mod pcsc;
mod qr_panels;
mod sane;
mod scanner_faults;
mod udev_rules;
mod uhid;
mod ups_drivers;
mod ups_faults;
mod usb_barcode;
mod usb_camera;
mod usb_command;
mod usb_peers;
mod usb_printer;
mod usb_reader;
mod usb_serial;
mod usb_ups;
mod v4l;
mod vivid;
