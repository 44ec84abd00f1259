//! Drivers and virtual devices under a real kernel, in the lab's guest (`make lab`; `tests/lab/README.md` says how to add
//! one). One file per device.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod discover;
mod escpos_usb;
mod gadget;
mod guest;
mod hotplug;
mod udev_rules;
mod v4l;
mod vivid;
