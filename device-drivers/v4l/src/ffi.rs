//! The calls to the kernel: each is one `ioctl` of Video4Linux with its structure, and memory that the kernel shares.
//! What they mean, and what their errors mean, is not here.
//!
//! Document: Linux, `Documentation/userspace-api/media/v4l`, "Function Reference".
#![allow(unsafe_code, reason = "ioctls and mapped memory have no safe form")]

pub(crate) mod abi;

#[cfg(test)]
mod tests;

use std::os::fd::{AsFd, BorrowedFd};
use std::ptr::NonNull;

use rustix::io::{Errno, retry_on_intr};
use rustix::ioctl::{Opcode, Setter, Updater, ioctl, opcode};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use abi::{
    Buffer, Capability, Control, Format, FormatDescription, FrameInterval, FrameSize, QueryControl, QueryMenu,
    RequestBuffers, StreamParameters,
};

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident, $constant:ident = $direction:ident $number:literal $value:ty;)*) => {$(
        const $constant: Opcode = opcode::$direction::<$value>(b'V', $number);

        $(#[$doc])*
        pub(crate) fn $name(node: BorrowedFd<'_>, value: &mut $value) -> Result<(), Errno> {
            retry_on_intr(|| {
                // SAFETY: the number belongs to this structure (its size is part of the number, and a test compares
                // both with the kernel's header), which is plain data that the kernel reads and writes in place; it
                // holds no pointer.
                let call = unsafe { Updater::<$constant, $value>::new(&mut *value) };
                // SAFETY: as above; a node that is no camera's answers ENOTTY.
                unsafe { ioctl(node, call) }
            })
        }
    )*};
}

calls! {
    /// What the node is.
    query_capability, QUERYCAP = read 0 Capability;
    /// The pixel format of an index.
    enum_format, ENUM_FMT = read_write 2 FormatDescription;
    /// Sets the format; what the device made of it is in the structure then.
    set_format, S_FMT = read_write 5 Format;
    /// Has buffers made, or, with none, given back.
    request_buffers, REQBUFS = read_write 8 RequestBuffers;
    /// Where a buffer is.
    query_buffer, QUERYBUF = read_write 9 Buffer;
    /// Gives a buffer to the device.
    queue_buffer, QBUF = read_write 15 Buffer;
    /// Takes a filled buffer from the device; EAGAIN if there is none.
    dequeue_buffer, DQBUF = read_write 17 Buffer;
    /// The pace of the pictures.
    get_parameters, G_PARM = read_write 21 StreamParameters;
    /// Sets the pace of the pictures.
    set_parameters, S_PARM = read_write 22 StreamParameters;
    /// The value of a control.
    get_control, G_CTRL = read_write 27 Control;
    /// Sets a control.
    set_control, S_CTRL = read_write 28 Control;
    /// What a control can be.
    query_control, QUERYCTRL = read_write 36 QueryControl;
    /// Whether a menu has an index.
    query_menu, QUERYMENU = read_write 37 QueryMenu;
    /// The size of an index.
    enum_frame_size, ENUM_FRAMESIZES = read_write 74 FrameSize;
    /// The interval of an index.
    enum_frame_interval, ENUM_FRAMEINTERVALS = read_write 75 FrameInterval;
}

const STREAMON: Opcode = opcode::write::<i32>(b'V', 18);
const STREAMOFF: Opcode = opcode::write::<i32>(b'V', 19);

/// Begins to take pictures.
pub(crate) fn stream_on(node: BorrowedFd<'_>) -> Result<(), Errno> {
    retry_on_intr(|| {
        // SAFETY: the call reads one int, the kind of queue.
        unsafe { ioctl(node, Setter::<STREAMON, i32>::new(abi::VIDEO_CAPTURE.cast_signed())) }
    })
}

/// Ends it; all buffers belong to this program again.
pub(crate) fn stream_off(node: BorrowedFd<'_>) -> Result<(), Errno> {
    retry_on_intr(|| {
        // SAFETY: the call reads one int, the kind of queue.
        unsafe { ioctl(node, Setter::<STREAMOFF, i32>::new(abi::VIDEO_CAPTURE.cast_signed())) }
    })
}

/// Memory of a buffer that the kernel shares with this program, to be read only.
#[derive(Debug)]
pub(crate) struct Mapped {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the memory belongs to this value alone and to no thread in particular.
unsafe impl Send for Mapped {}

impl Mapped {
    /// Maps a buffer that `query_buffer` told of.
    pub(crate) fn new(node: impl AsFd, offset: u64, length: usize) -> Result<Self, Errno> {
        // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing.
        let start =
            unsafe { mmap(std::ptr::null_mut(), length, ProtFlags::READ, MapFlags::SHARED, node.as_fd(), offset) }?;
        let start = NonNull::new(start.cast::<u8>()).ok_or(Errno::NOMEM)?;
        Ok(Self { start, length })
    }

    /// The first bytes of it. Only meaningful, and only steady, while the buffer is not the device's.
    pub(crate) fn bytes(&self, used: usize) -> &[u8] {
        // SAFETY: the mapping lives as long as `self` and has `length` bytes. The stream lends these bytes out only
        // between taking the buffer from the device and giving it back, when nobody writes into it.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), used.min(self.length)) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's, and no slice of it outlives it. What could fail is a bug here only.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
    }
}
