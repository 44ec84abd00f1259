//! Pictures packed by libturbojpeg, which is loaded at run time: the five functions of its C interface that are needed,
//! and nothing more. So nothing is built or linked with it, and where the library is absent a driver says so.
//!
//! Document: libjpeg-turbo 2.1, "TurboJPEG C API" (`turbojpeg.h`); the later 3.x has the same functions and numbers. A
//! compressor belongs to one thread at a time; several work beside each other.
#![allow(unsafe_code, reason = "a C library; each block says why it is sound")]

#[cfg(test)]
mod tests;

use std::ffi::{CStr, c_char, c_int, c_uchar, c_ulong, c_void};
use std::ptr::NonNull;

/// The library's name where it is installed.
pub const LIBRARY: &str = "libturbojpeg.so.0";
/// The Debian package that has it.
pub const PACKAGE: &str = "libturbojpeg0";
/// The longest side that it takes (`JPEG_MAX_DIMENSION` of its `jmorecfg.h`), pixels.
const SIDE_MAX: usize = 65_500;

/// `TJPF_RGB`, `TJPF_GRAY`.
const PIXELS_RGB: c_int = 0;
const PIXELS_GRAY: c_int = 6;
/// `TJSAMP_420`, `TJSAMP_GRAY`.
const SAMPLING_420: c_int = 2;
const SAMPLING_GRAY: c_int = 3;
/// `TJFLAG_NOREALLOC`: the room is ours and is not made larger.
const NO_REALLOC: c_int = 1024;
/// `TJFLAG_ACCURATEDCT`: what libjpeg itself does unless it is told otherwise.
const ACCURATE_DCT: c_int = 4096;

/// How much more room than samples the library can ask for: a picture one pixel wide is filled up to a unit of 16.
const ROOM_MOST: usize = 16;

type Handle = *mut c_void;

/// The library. It stays loaded.
#[derive(Clone, Copy, Debug)]
pub struct Turbo {
    init: unsafe extern "C" fn() -> Handle,
    destroy: unsafe extern "C" fn(Handle) -> c_int,
    room: unsafe extern "C" fn(c_int, c_int, c_int) -> c_ulong,
    compress: unsafe extern "C" fn(
        Handle,
        *const c_uchar,
        c_int,
        c_int,
        c_int,
        c_int,
        *mut *mut c_uchar,
        *mut c_ulong,
        c_int,
        c_int,
        c_int,
    ) -> c_int,
    why: unsafe extern "C" fn(Handle) -> *mut c_char,
}

/// What the samples are; 8 bits each, rows without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Samples {
    /// One for each pixel.
    Gray,
    /// Red, green, blue; the colours are kept at half the width and height (4:2:0).
    Rgb,
}

impl Samples {
    /// Bytes of a pixel.
    pub fn bytes(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }
}

/// A picture that was not packed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TurboError {
    /// The library is not there, or is none that is known.
    #[error("{LIBRARY} cannot be loaded ({0}); install it (Debian: {PACKAGE})")]
    Load(String),
    /// The samples are not as many as the sides say, or a side is none that a JPEG can have.
    #[error("{bytes} bytes of samples are no picture of {width} x {height}")]
    Size {
        /// Bytes of samples.
        bytes: usize,
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
    },
    /// What the library says.
    #[error("libturbojpeg cannot pack the picture: {0}")]
    Library(String),
}

impl Turbo {
    /// Loads the library.
    ///
    /// # Errors
    /// [`TurboError::Load`].
    pub fn load() -> Result<Self, TurboError> {
        let load = || {
            // SAFETY: the library has no constructors that need anything of this process, and the functions have the
            // types that its header gives them; the number in its name stands for that.
            unsafe {
                let library = libloading::Library::new(LIBRARY)?;
                let turbo = Self {
                    init: *library.get(b"tjInitCompress\0")?,
                    destroy: *library.get(b"tjDestroy\0")?,
                    room: *library.get(b"tjBufSize\0")?,
                    compress: *library.get(b"tjCompress2\0")?,
                    why: *library.get(b"tjGetErrorStr2\0")?,
                };
                std::mem::forget(library);
                Ok(turbo)
            }
        };
        load().map_err(|error: libloading::Error| TurboError::Load(error.to_string()))
    }

    /// Something to pack pictures with.
    ///
    /// # Errors
    /// [`TurboError::Library`] if there is no memory.
    pub fn compressor(self) -> Result<Compressor, TurboError> {
        // SAFETY: takes nothing.
        let handle = NonNull::new(unsafe { (self.init)() });
        let handle = handle.ok_or_else(|| TurboError::Library("it has no memory".into()))?;
        Ok(Compressor { turbo: self, handle, room: Vec::new() })
    }
}

/// Packs one picture after the other.
#[derive(Debug)]
pub struct Compressor {
    turbo: Turbo,
    handle: NonNull<c_void>,
    /// Where the library writes.
    room: Vec<u8>,
}

// SAFETY: a handle has no ties to the thread that made it; it is used by one at a time, as `&mut` sees to.
unsafe impl Send for Compressor {}

impl Compressor {
    /// Packs a picture as a whole JPEG file with the usual tables; `quality` is libjpeg's scale of 1 to 100.
    ///
    /// # Errors
    /// [`TurboError::Size`], [`TurboError::Library`].
    pub fn pack(&mut self, pixels: &[u8], width: u16, samples: Samples, quality: u8) -> Result<&[u8], TurboError> {
        let width = usize::from(width);
        let line = width * samples.bytes();
        let height = pixels.len().checked_div(line).unwrap_or(0);
        let fits = (1..=SIDE_MAX).contains(&width) && (1..=SIDE_MAX).contains(&height) && height * line == pixels.len();
        let sides = fits.then(|| Some((c_int::try_from(width).ok()?, c_int::try_from(height).ok()?))).flatten();
        let (wide, high) = sides.ok_or(TurboError::Size { bytes: pixels.len(), width, height })?;
        let (format, sampling) = match samples {
            Samples::Gray => (PIXELS_GRAY, SAMPLING_GRAY),
            Samples::Rgb => (PIXELS_RGB, SAMPLING_420),
        };
        // SAFETY: it computes with numbers only; of such that it does not take it says so, with the greatest number.
        let most = unsafe { (self.turbo.room)(wide, high, sampling) };
        let most =
            usize::try_from(most).ok().filter(|most| *most <= pixels.len().saturating_mul(ROOM_MOST) + (64 << 10));
        let most = most.ok_or(TurboError::Size { bytes: pixels.len(), width, height })?;
        if self.room.len() < most {
            self.room.resize(most, 0);
        }
        let (mut place, mut length) = (self.room.as_mut_ptr(), self.room.len() as c_ulong);
        // SAFETY: the handle is a compressor's; there are `height` rows of `line` bytes (a pitch of 0), as was checked; the
        // room is as large as the library says that such a picture can become, and it is told not to make it larger.
        let result = unsafe {
            (self.turbo.compress)(
                self.handle.as_ptr(),
                pixels.as_ptr(),
                wide,
                0,
                high,
                format,
                &raw mut place,
                &raw mut length,
                sampling,
                quality.clamp(1, 100).into(),
                NO_REALLOC | ACCURATE_DCT,
            )
        };
        if result != 0 {
            // SAFETY: the handle is a compressor's; the text belongs to it, ends with NUL and is copied.
            let why = unsafe { CStr::from_ptr((self.turbo.why)(self.handle.as_ptr())) };
            return Err(TurboError::Library(why.to_string_lossy().into_owned()));
        }
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.room.get(..length).ok_or_else(|| TurboError::Library("it wrote more than there is room for".into()))
    }
}

impl Drop for Compressor {
    fn drop(&mut self) {
        // SAFETY: made once, and destroyed here only. There is nothing to do about a failure.
        let _ = unsafe { (self.turbo.destroy)(self.handle.as_ptr()) };
    }
}
