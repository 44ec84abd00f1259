//! The two calls of ioctl(2) for printers.

#![allow(unsafe_code, reason = "ioctl(2) cannot be checked by the compiler")]

use std::ffi::c_int;
use std::fs::File;
use std::io;

use rustix::ioctl::{Getter, IntegerSetter, ioctl};

/// `GADGET_SET_PRINTER_STATUS`, `_IOWR('g', 0x22, unsigned char)`: linux/usb/g_printer.h.
const SET_PRINTER_STATUS: u32 = 0xc001_6722;
/// `LPGETSTATUS`: linux/lp.h.
const GET_STATUS: u32 = 0x060b;

/// The printer's side: what the gadget answers to GET_PORT_STATUS from now on.
pub(super) fn set_printer_status(gadget: &File, status: u8) -> io::Result<()> {
    // SAFETY: printer_ioctl() of the kernel's f_printer.c takes the argument as the value itself and follows no pointer.
    let set = unsafe { IntegerSetter::<SET_PRINTER_STATUS>::new_usize(usize::from(status)) };
    // SAFETY: as above; an unknown request is refused.
    match unsafe { ioctl(gadget, set) } {
        // It answers with the new status, which is no error.
        Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The host's side: asks the printer behind a usblp node for its status (GET_PORT_STATUS).
///
/// # Errors
/// The printer is gone or does not answer, or this is no printer's node.
pub fn port_status(printer: &File) -> io::Result<c_int> {
    // SAFETY: usblp_ioctl() writes one int to where the argument points.
    Ok(unsafe { ioctl(printer, Getter::<GET_STATUS, c_int>::new()) }?)
}
