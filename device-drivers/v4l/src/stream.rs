//! Pictures from an open node: buffers shared with the kernel, and the newest picture of them.
//!
//! A buffer is either the device's or ours. It is given to the device exactly once between two times that it was taken
//! back: after a wait without a picture all of them are the device's still, and none is given again.

use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::ffi::abi::{self, buffer_flag};
use crate::ffi::{self, Mapped};
use crate::node::{Layout, Node};
use crate::trouble::Trouble;

/// Buffers: one that is read here, one that is filled, two for a moment of a busy machine.
const BUFFERS: u32 = 4;
/// Most buffers that a device may insist on.
const BUFFERS_MAX: u32 = 32;

/// The kernel's steady clock, which pictures are stamped with, microseconds.
pub(crate) fn now_us() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    micros(now.tv_sec, now.tv_nsec / 1000)
}

fn micros(seconds: i64, microseconds: i64) -> u64 {
    let micros = u64::try_from(seconds).unwrap_or(0).saturating_mul(1_000_000);
    micros.saturating_add(u64::try_from(microseconds).unwrap_or(0))
}

/// A picture in a buffer.
pub(crate) struct Frame<'a> {
    pub(crate) layout: Layout,
    pub(crate) bytes: &'a [u8],
    /// When it was taken, on the clock of [`now_us`].
    pub(crate) taken_us: u64,
    /// That is when its exposure began; else its end, or its arrival here.
    pub(crate) taken_at_start: bool,
    /// Counts the pictures since the stream was switched on, with those that were lost.
    pub(crate) sequence: u32,
    /// The device says that the data may be damaged.
    pub(crate) damaged: bool,
}

/// What a wait for a picture brought.
pub(crate) enum Next<'a> {
    Frame(Frame<'a>),
    /// Somebody wants something.
    Woken,
    /// The time is over.
    Nothing,
}

/// Buffers of an open node, streaming.
pub(crate) struct Stream {
    layout: Layout,
    buffers: Vec<Mapped>,
    /// The buffer that is ours, lent out as the last picture.
    held: Option<u32>,
}

impl Stream {
    /// Sets the mode and begins.
    pub(crate) fn start(node: &Node, layout: Layout) -> Result<Self, Trouble> {
        let mut stream = Self { layout, buffers: Vec::new(), held: None };
        let mut request = requested(BUFFERS);
        let made = ffi::request_buffers(node.fd(), &mut request);
        made.map_err(|error| node.trouble(error, "buffers for its pictures"))?;
        let begun = stream.map(node, request.count).and_then(|()| stream.on(node));
        if let Err(trouble) = begun {
            stream.end(node);
            return Err(trouble);
        }
        Ok(stream)
    }

    fn map(&mut self, node: &Node, count: u32) -> Result<(), Trouble> {
        for index in 0..count.min(BUFFERS_MAX) {
            let mut buffer = buffer(index);
            ffi::query_buffer(node.fd(), &mut buffer).map_err(|error| node.trouble(error, "a buffer"))?;
            let mapped = Mapped::new(node.fd(), buffer.offset[0].into(), buffer.length as usize);
            self.buffers.push(mapped.map_err(|error| node.trouble(error, "its buffers to be shared"))?);
        }
        Ok(())
    }

    /// Gives all buffers to the device and switches it on.
    fn on(&mut self, node: &Node) -> Result<(), Trouble> {
        for index in 0..self.count() {
            give(node, index)?;
        }
        ffi::stream_on(node.fd()).map_err(|error| node.trouble(error, "to begin taking pictures"))
    }

    /// Off and on again with the same buffers, which helps a device that has lost its way.
    pub(crate) fn restart(&mut self, node: &Node) -> Result<(), Trouble> {
        ffi::stream_off(node.fd()).map_err(|error| node.trouble(error, "to stop taking pictures"))?;
        // All buffers came back with that.
        self.held = None;
        self.on(node)
    }

    /// Ends it and gives the buffers back, as far as the device still takes anything.
    pub(crate) fn end(mut self, node: &Node) {
        // An unplugged camera refuses both, and its buffers go when the node is closed.
        let _ = ffi::stream_off(node.fd());
        self.buffers.clear();
        let _ = ffi::request_buffers(node.fd(), &mut requested(0));
    }

    /// Waits for the newest picture. The one before it goes back to the device.
    pub(crate) fn next(&mut self, node: &Node, wake: BorrowedFd<'_>, wait: Duration) -> Result<Next<'_>, Trouble> {
        if let Some(index) = self.held.take() {
            give(node, index)?;
        }
        let wait = Timespec { tv_sec: wait.as_secs().cast_signed(), tv_nsec: wait.subsec_nanos().into() };
        let (camera, wake) = (node.fd(), wake);
        let mut waiting = [PollFd::new(&camera, PollFlags::IN), PollFd::new(&wake, PollFlags::IN)];
        match poll(&mut waiting, Some(&wait)) {
            Ok(0) => return Ok(Next::Nothing),
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Next::Woken),
            Err(error) => return Err(node.trouble(error, "to be waited for")),
        }
        if !waiting[1].revents().is_empty() {
            return Ok(Next::Woken);
        }
        let mut newest: Option<abi::Buffer> = None;
        // Not more than there are buffers: a device that fills them as quickly as they are given must not keep us here.
        for _ in 0..self.count() {
            let mut taken = buffer(0);
            match ffi::dequeue_buffer(node.fd(), &mut taken) {
                Ok(()) if taken.index < self.count() => {}
                Ok(()) | Err(Errno::AGAIN) => break,
                Err(error) => return Err(node.trouble(error, "to hand over a picture")),
            }
            if let Some(older) = newest.replace(taken) {
                give(node, older.index)?;
            }
        }
        let Some(taken) = newest else { return Ok(Next::Nothing) };
        self.held = Some(taken.index);
        let on_our_clock = taken.flags & buffer_flag::CLOCK == buffer_flag::CLOCK_MONOTONIC;
        Ok(Next::Frame(Frame {
            layout: self.layout,
            bytes: self.buffers[taken.index as usize].bytes(taken.bytes_used as usize),
            taken_us: if on_our_clock { micros(taken.seconds, taken.microseconds) } else { now_us() },
            taken_at_start: on_our_clock && taken.flags & buffer_flag::TAKEN == buffer_flag::TAKEN_AT_START,
            sequence: taken.sequence,
            damaged: taken.flags & buffer_flag::ERROR != 0,
        }))
    }

    fn count(&self) -> u32 {
        u32::try_from(self.buffers.len()).expect("not more than BUFFERS_MAX")
    }
}

fn requested(count: u32) -> abi::RequestBuffers {
    let (queue, memory) = (abi::VIDEO_CAPTURE, abi::MEMORY_MMAP);
    abi::RequestBuffers { count, queue, memory, ..abi::RequestBuffers::default() }
}

fn buffer(index: u32) -> abi::Buffer {
    let (queue, memory) = (abi::VIDEO_CAPTURE, abi::MEMORY_MMAP);
    abi::Buffer { index, queue, memory, ..abi::Buffer::default() }
}

fn give(node: &Node, index: u32) -> Result<(), Trouble> {
    ffi::queue_buffer(node.fd(), &mut buffer(index)).map_err(|error| node.trouble(error, "a buffer back"))
}
