//! How many bytes wait in the kernel to leave a serial port: a question that neither `serial2` nor `rustix` has a call for.
#![allow(unsafe_code, reason = "the ioctl TIOCOUTQ")]

use std::ffi::c_int;
use std::os::fd::AsFd;

use rustix::ioctl::{Getter, Opcode, ioctl};

/// ioctl_tty(2): "Get the number of bytes in the output buffer."
const TIOCOUTQ: Opcode = 0x5411;

/// Bytes that were written and have not left; `None` if the port does not say, or is gone.
pub(super) fn unsent(port: impl AsFd) -> Option<usize> {
    // SAFETY: TIOCOUTQ writes one int through its argument, which is what the getter provides (ioctl_tty(2)).
    let bytes = unsafe { ioctl(port, Getter::<TIOCOUTQ, c_int>::new()) };
    bytes.ok().and_then(|bytes| usize::try_from(bytes).ok())
}
