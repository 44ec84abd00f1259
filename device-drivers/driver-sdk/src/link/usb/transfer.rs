//! One bulk transfer, with the count of the bytes that went through whatever its end.
//!
//! `rusb` 0.9 has `write_bulk` and `read_bulk`, which give the count for a transfer that ran out of time but forget it
//! for one that ended in a stall or an unplug: a receipt would go on at the wrong byte. So these two call the function of
//! libusb below them, which tells the count always.
#![allow(unsafe_code, reason = "calls libusb_bulk_transfer, whose count of bytes rusb drops when a transfer fails")]

use std::ffi::c_int;
use std::time::Duration;

use rusb::constants::{LIBUSB_ERROR_INTERRUPTED, LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_PIPE, LIBUSB_ERROR_TIMEOUT};
use rusb::{DeviceHandle, UsbContext};

/// How a transfer ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moved {
    /// Bytes that went through.
    pub(super) bytes: usize,
    /// It ended because its time was over.
    pub(super) timed_out: bool,
    /// It ended for another reason.
    pub(super) fault: Option<Fault>,
}

/// Why a transfer ended before its time.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The endpoint is stalled.
    Stalled,
    /// The device is gone.
    Gone,
    /// Something else, in libusb's words.
    Other(String),
}

/// Sends bytes.
pub(super) fn write<C: UsbContext>(handle: &DeviceHandle<C>, endpoint: u8, bytes: &[u8], limit: Duration) -> Moved {
    assert_eq!(endpoint & 0x80, 0, "an endpoint that takes bytes (USB 2.0, 9.6.6: bit 7 of its address is 0)");
    // SAFETY: for an endpoint of this direction libusb only reads the buffer (libusb_fill_bulk_transfer's parameter is
    // not const because it serves both directions), and it has done so when `transfer` returns.
    unsafe { transfer(handle, endpoint, bytes.as_ptr().cast_mut(), bytes.len(), limit) }
}

/// Takes bytes; the buffer's length is a multiple of the packet size.
pub(super) fn read<C: UsbContext>(handle: &DeviceHandle<C>, endpoint: u8, into: &mut [u8], limit: Duration) -> Moved {
    assert_eq!(endpoint & 0x80, 0x80, "an endpoint that gives bytes (USB 2.0, 9.6.6: bit 7 of its address is 1)");
    // SAFETY: the buffer is ours alone and has this length; libusb does not write to it after `transfer` has returned.
    unsafe { transfer(handle, endpoint, into.as_mut_ptr(), into.len(), limit) }
}

/// # Safety
/// `buffer` must be valid for `length` bytes: for writes if the endpoint is an IN endpoint, else for reads.
unsafe fn transfer<C: UsbContext>(
    handle: &DeviceHandle<C>,
    endpoint: u8,
    buffer: *mut u8,
    length: usize,
    limit: Duration,
) -> Moved {
    let asked = c_int::try_from(length).expect("transfers are some thousand bytes long");
    // Zero would mean: no limit.
    let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1);
    let mut moved: c_int = 0;
    // SAFETY: the handle is open as long as `handle` lives; the buffer is as the caller promises; the call is synchronous
    // and keeps none of the pointers.
    let code =
        unsafe { rusb::ffi::libusb_bulk_transfer(handle.as_raw(), endpoint, buffer, asked, &raw mut moved, limit) };
    let fault = match code {
        0 | LIBUSB_ERROR_TIMEOUT | LIBUSB_ERROR_INTERRUPTED => None,
        LIBUSB_ERROR_PIPE => Some(Fault::Stalled),
        LIBUSB_ERROR_NO_DEVICE => Some(Fault::Gone),
        other => Some(Fault::Other(format!("libusb gave up a transfer with code {other}"))),
    };
    // Never more than was asked for, whatever a library says.
    let bytes = usize::try_from(moved).unwrap_or(0).min(length);
    Moved { bytes, timed_out: code == LIBUSB_ERROR_TIMEOUT, fault }
}
