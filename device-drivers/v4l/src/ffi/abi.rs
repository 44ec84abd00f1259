//! The structures of Video4Linux as the kernel has them on 64-bit machines.
//!
//! Document: Linux, `include/uapi/linux/videodev2.h`; the names there are in parentheses. The sizes, which are part of
//! each call's number, are checked when this is compiled, the numbers by a test.

/// The only kind of queue that is used (`V4L2_BUF_TYPE_VIDEO_CAPTURE`).
pub(crate) const VIDEO_CAPTURE: u32 = 1;
/// Buffers of the kernel's, mapped (`V4L2_MEMORY_MMAP`).
pub(crate) const MEMORY_MMAP: u32 = 1;
/// Whole pictures, not every second line (`V4L2_FIELD_NONE`).
pub(crate) const FIELD_NONE: u32 = 1;

/// What a node can do (`V4L2_CAP_…`).
pub(crate) mod cap {
    /// `V4L2_CAP_VIDEO_CAPTURE`
    pub(crate) const VIDEO_CAPTURE: u32 = 0x0000_0001;
    /// `V4L2_CAP_VIDEO_CAPTURE_MPLANE`
    pub(crate) const VIDEO_CAPTURE_MPLANE: u32 = 0x0000_1000;
    /// `V4L2_CAP_STREAMING`
    pub(crate) const STREAMING: u32 = 0x0400_0000;
    /// `V4L2_CAP_DEVICE_CAPS`: `device_caps` says what this node can do, `capabilities` what all of the device's can.
    pub(crate) const DEVICE_CAPS: u32 = 0x8000_0000;
}

/// What is said of a buffer (`V4L2_BUF_FLAG_…`).
pub(crate) mod buffer_flag {
    /// `V4L2_BUF_FLAG_ERROR`: the data may be damaged.
    pub(crate) const ERROR: u32 = 0x0000_0040;
    /// `V4L2_BUF_FLAG_TIMESTAMP_MASK`
    pub(crate) const CLOCK: u32 = 0x0000_e000;
    /// `V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC`
    pub(crate) const CLOCK_MONOTONIC: u32 = 0x0000_2000;
    /// `V4L2_BUF_FLAG_TSTAMP_SRC_MASK`
    pub(crate) const TAKEN: u32 = 0x0007_0000;
    /// `V4L2_BUF_FLAG_TSTAMP_SRC_SOE`: the time is that of the beginning of the exposure; else of the end of the picture.
    pub(crate) const TAKEN_AT_START: u32 = 0x0001_0000;
}

/// One of several values that a device offers (`V4L2_FRMSIZE_TYPE_DISCRETE`, `V4L2_FRMIVAL_TYPE_DISCRETE`).
pub(crate) const DISCRETE: u32 = 1;

/// `struct v4l2_capability`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Capability {
    pub(crate) driver: [u8; 16],
    pub(crate) card: [u8; 32],
    pub(crate) bus_info: [u8; 32],
    pub(crate) version: u32,
    pub(crate) capabilities: u32,
    pub(crate) device_caps: u32,
    pub(crate) reserved: [u32; 3],
}

/// `struct v4l2_fmtdesc`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct FormatDescription {
    pub(crate) index: u32,
    pub(crate) queue: u32,
    pub(crate) flags: u32,
    pub(crate) description: [u8; 32],
    pub(crate) fourcc: u32,
    pub(crate) mbus_code: u32,
    pub(crate) reserved: [u32; 3],
}

/// `struct v4l2_format` with its `struct v4l2_pix_format`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Format {
    pub(crate) queue: u32,
    pub(crate) alignment: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fourcc: u32,
    pub(crate) field: u32,
    pub(crate) bytes_per_line: u32,
    pub(crate) image_bytes: u32,
    pub(crate) colorspace: u32,
    pub(crate) colour: [u32; 3],
    pub(crate) quantization: u32,
    pub(crate) transfer: u32,
    pub(crate) rest: [u64; 19],
}

/// Values from 0 to 255 (`V4L2_QUANTIZATION_FULL_RANGE`), and the device did not say (`V4L2_QUANTIZATION_DEFAULT`).
pub(crate) const QUANTIZATION_FULL: u32 = 1;
pub(crate) const QUANTIZATION_DEFAULT: u32 = 0;
/// `V4L2_COLORSPACE_JPEG`, of which full range is the default; of all others it is not, for YCbCr
/// (`V4L2_MAP_QUANTIZATION_DEFAULT`).
pub(crate) const COLORSPACE_JPEG: u32 = 7;

/// `struct v4l2_frmsizeenum`; `size` is width and height if discrete, else least, most and step of both.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct FrameSize {
    pub(crate) index: u32,
    pub(crate) fourcc: u32,
    pub(crate) form: u32,
    pub(crate) size: [u32; 6],
    pub(crate) reserved: [u32; 2],
}

/// `struct v4l2_frmivalenum`; `interval` is one fraction if discrete, else shortest, longest and step.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct FrameInterval {
    pub(crate) index: u32,
    pub(crate) fourcc: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) form: u32,
    pub(crate) interval: [[u32; 2]; 3],
    pub(crate) reserved: [u32; 2],
}

/// `struct v4l2_requestbuffers`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct RequestBuffers {
    pub(crate) count: u32,
    pub(crate) queue: u32,
    pub(crate) memory: u32,
    pub(crate) capabilities: u32,
    pub(crate) flags: [u8; 4],
}

/// `struct v4l2_buffer`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Buffer {
    pub(crate) index: u32,
    pub(crate) queue: u32,
    pub(crate) bytes_used: u32,
    pub(crate) flags: u32,
    pub(crate) field: u32,
    pub(crate) alignment: u32,
    pub(crate) seconds: i64,
    pub(crate) microseconds: i64,
    pub(crate) timecode: [u32; 4],
    pub(crate) sequence: u32,
    pub(crate) memory: u32,
    /// For mapped buffers where to map them: the first half of a union with a pointer.
    pub(crate) offset: [u32; 2],
    pub(crate) length: u32,
    pub(crate) reserved: [u32; 3],
}

/// `struct v4l2_streamparm` with its `struct v4l2_captureparm`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct StreamParameters {
    pub(crate) queue: u32,
    pub(crate) capability: u32,
    pub(crate) mode: u32,
    pub(crate) interval: [u32; 2],
    pub(crate) rest: [[u32; 23]; 2],
}

/// `V4L2_CAP_TIMEPERFRAME`: the interval can be set.
pub(crate) const INTERVAL_CAN_BE_SET: u32 = 0x1000;

/// `struct v4l2_control`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Control {
    pub(crate) id: u32,
    pub(crate) value: i32,
}

/// `struct v4l2_queryctrl`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct QueryControl {
    pub(crate) id: u32,
    pub(crate) form: u32,
    pub(crate) name: [u8; 32],
    pub(crate) minimum: i32,
    pub(crate) maximum: i32,
    pub(crate) step: i32,
    pub(crate) default: i32,
    pub(crate) flags: u32,
    pub(crate) reserved: [u32; 2],
}

/// `struct v4l2_querymenu`
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct QueryMenu {
    pub(crate) id: u32,
    pub(crate) index: u32,
    pub(crate) name: [u8; 32],
    pub(crate) reserved: u32,
}

macro_rules! sizes {
    ($($name:ident = $size:literal),* $(,)?) => {
        $(const _: () = assert!(size_of::<$name>() == $size, concat!(stringify!($name), " is not as the kernel has it"));)*
    };
}

sizes! {
    Capability = 104, FormatDescription = 64, Format = 208, FrameSize = 44, FrameInterval = 52, RequestBuffers = 20,
    Buffer = 88, StreamParameters = 204, Control = 8, QueryControl = 68, QueryMenu = 44,
}
