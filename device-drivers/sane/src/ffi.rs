//! libsane 1.x, loaded at run time: the thirteen functions of its C interface with their types, and nothing more. So the
//! driver is built without SANE's headers, and where the library is absent it says so instead of not starting.
//!
//! Document: "SANE Standard", version 1.06, chapter 4 ("The SANE Application Programmer Interface"). libsane is loaded
//! into this process only, and never unloaded: its backends leave threads behind. It is not thread-safe: everything but
//! [`Canceller::cancel`] is called from one thread, which the types see to (`Sane` and `Device` are not `Send`).
#![allow(unsafe_code, reason = "a C library; each block says why it is sound")]

#[cfg(test)]
pub(crate) mod scripted;

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::status::Status;

/// The library's name where it is installed (Debian: package `libsane1`).
pub(crate) const LIBRARY: &str = "libsane.so.1";
/// Most devices of a list that are looked at.
const DEVICES_MAX: usize = 64;
/// Most entries of a list of values that are looked at.
const LIST_MAX: usize = 1024;
/// Longest text of the library's that is kept, bytes.
const TEXT_MAX: usize = 1024;
/// Largest value of an option that is exchanged, bytes.
pub(crate) const VALUE_MAX: usize = 64 << 10;

/// `SANE_Action` (section 4.3.7).
const GET_VALUE: c_int = 0;
const SET_VALUE: c_int = 1;

/// `SANE_Device` (section 4.2.8).
#[repr(C)]
pub(crate) struct RawDevice {
    pub(crate) name: *const c_char,
    pub(crate) vendor: *const c_char,
    pub(crate) model: *const c_char,
    pub(crate) kind: *const c_char,
}

/// `SANE_Option_Descriptor` (section 4.2.9).
#[repr(C)]
pub(crate) struct RawOption {
    pub(crate) name: *const c_char,
    pub(crate) title: *const c_char,
    pub(crate) desc: *const c_char,
    pub(crate) kind: c_int,
    pub(crate) unit: c_int,
    pub(crate) size: c_int,
    pub(crate) cap: c_int,
    pub(crate) constraint_type: c_int,
    /// A list of strings, a list of words, or a range.
    pub(crate) constraint: *const c_void,
}

/// `SANE_Range` (section 4.2.9.1).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) min: c_int,
    pub(crate) max: c_int,
    pub(crate) quant: c_int,
}

/// `SANE_Parameters` (section 4.3.8).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// `SANE_Frame`: 0 grey, 1 RGB, 2 to 4 one colour of three.
    pub(crate) format: c_int,
    pub(crate) last_frame: c_int,
    pub(crate) bytes_per_line: c_int,
    pub(crate) pixels_per_line: c_int,
    /// -1: not known before the end.
    pub(crate) lines: c_int,
    pub(crate) depth: c_int,
}

type RawHandle = *mut c_void;

/// The functions. Tests put their own in the place of the library's.
#[derive(Clone, Copy)]
pub(crate) struct Functions {
    pub(crate) init: unsafe extern "C" fn(*mut c_int, *const c_void) -> c_int,
    pub(crate) exit: unsafe extern "C" fn(),
    pub(crate) get_devices: unsafe extern "C" fn(*mut *const *const RawDevice, c_int) -> c_int,
    pub(crate) open: unsafe extern "C" fn(*const c_char, *mut RawHandle) -> c_int,
    pub(crate) close: unsafe extern "C" fn(RawHandle),
    pub(crate) get_option_descriptor: unsafe extern "C" fn(RawHandle, c_int) -> *const RawOption,
    pub(crate) control_option: unsafe extern "C" fn(RawHandle, c_int, c_int, *mut c_void, *mut c_int) -> c_int,
    pub(crate) get_parameters: unsafe extern "C" fn(RawHandle, *mut Parameters) -> c_int,
    pub(crate) start: unsafe extern "C" fn(RawHandle) -> c_int,
    pub(crate) read: unsafe extern "C" fn(RawHandle, *mut u8, c_int, *mut c_int) -> c_int,
    pub(crate) cancel: unsafe extern "C" fn(RawHandle),
}

impl Functions {
    /// Loads the library; it stays loaded.
    ///
    /// # Errors
    /// What the dynamic linker says.
    pub(crate) fn load() -> Result<Self, libloading::Error> {
        // SAFETY: libsane and its backends have no constructors that need anything of this process, and the functions
        // have the types that version 1 of the standard gives them; the number in the library's name stands for that.
        unsafe {
            let library = libloading::Library::new(LIBRARY)?;
            let functions = Self {
                init: *library.get(b"sane_init\0")?,
                exit: *library.get(b"sane_exit\0")?,
                get_devices: *library.get(b"sane_get_devices\0")?,
                open: *library.get(b"sane_open\0")?,
                close: *library.get(b"sane_close\0")?,
                get_option_descriptor: *library.get(b"sane_get_option_descriptor\0")?,
                control_option: *library.get(b"sane_control_option\0")?,
                get_parameters: *library.get(b"sane_get_parameters\0")?,
                start: *library.get(b"sane_start\0")?,
                read: *library.get(b"sane_read\0")?,
                cancel: *library.get(b"sane_cancel\0")?,
            };
            std::mem::forget(library);
            Ok(functions)
        }
    }
}

/// Where libsane is to look for its configuration (`sane-dll`(5), ENVIRONMENT).
pub(crate) fn set_config_dir(folder: &Path) {
    // SAFETY: the environment is changed before libsane is loaded; the other threads of this process at that time are
    // the SDK's, which read no variables any more, and the standard library's own readers hold its lock.
    unsafe { std::env::set_var("SANE_CONFIG_DIR", folder) };
}

/// One entry of the list of devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) vendor: String,
    pub(crate) model: String,
    /// For example `flatbed scanner`.
    pub(crate) kind: String,
}

/// The library, initialised; ended on drop.
pub(crate) struct Sane {
    functions: Functions,
    /// Not to leave its thread.
    _here: PhantomData<Rc<()>>,
}

impl Sane {
    pub(crate) fn init(functions: Functions) -> Result<Self, Status> {
        let mut version = 0;
        // SAFETY: a place for the version, and no callback for passwords (section 4.3.1 allows NULL).
        Status::good(unsafe { (functions.init)(&raw mut version, std::ptr::null()) })?;
        Ok(Self { functions, _here: PhantomData })
    }

    /// The devices that its backends know.
    pub(crate) fn devices(&self, local_only: bool) -> Result<Vec<Listed>, Status> {
        let mut list: *const *const RawDevice = std::ptr::null();
        // SAFETY: a place for the list, which belongs to the library and lives until the next such call.
        Status::good(unsafe { (self.functions.get_devices)(&raw mut list, local_only.into()) })?;
        let mut devices = Vec::new();
        while !list.is_null() && devices.len() < DEVICES_MAX {
            // SAFETY: the list ends with NULL (section 4.3.3), which is not passed; its entries are devices.
            unsafe {
                let Some(device) = (*list).as_ref() else { break };
                devices.push(Listed {
                    name: text(device.name),
                    vendor: text(device.vendor),
                    model: text(device.model),
                    kind: text(device.kind),
                });
                list = list.add(1);
            }
        }
        Ok(devices)
    }

    /// Opens a device by its full name.
    pub(crate) fn open(&self, name: &str) -> Result<Device<'_>, Status> {
        let name = CString::new(name).map_err(|_| Status::Invalid)?;
        let mut handle: RawHandle = std::ptr::null_mut();
        // SAFETY: a text that ends with NUL, and a place for the handle.
        Status::good(unsafe { (self.functions.open)(name.as_ptr(), &raw mut handle) })?;
        let open = Arc::new(Open { handle: Mutex::new(Some(Handle(handle))), scan: AtomicU64::new(0) });
        Ok(Device { functions: self.functions, handle, open, _sane: self })
    }
}

impl Drop for Sane {
    fn drop(&mut self) {
        // SAFETY: initialised once, and devices borrow from this value, so none is open any more.
        unsafe { (self.functions.exit)() };
    }
}

/// A handle that may be named in another thread.
struct Handle(RawHandle);

// SAFETY: it is only passed to sane_cancel there, which may be called at any time and from anywhere (section 4.3.11).
unsafe impl Send for Handle {}

struct Open {
    /// None: closed. Locked for as long as a cancel takes.
    handle: Mutex<Option<Handle>>,
    /// Which scan runs; counts up when one ends.
    scan: AtomicU64,
}

/// An open device; closed on drop.
pub(crate) struct Device<'sane> {
    functions: Functions,
    handle: RawHandle,
    open: Arc<Open>,
    _sane: &'sane Sane,
}

/// The way to cancel a device's scan from another thread.
#[derive(Clone)]
pub(crate) struct Canceller {
    cancel: unsafe extern "C" fn(RawHandle),
    open: Arc<Open>,
}

impl Canceller {
    /// The scan that runs now or next.
    pub(crate) fn current(&self) -> u64 {
        self.open.scan.load(Ordering::SeqCst)
    }

    /// Cancels that scan, unless it has ended. Takes as long as the backend likes.
    pub(crate) fn cancel(&self, scan: u64) {
        let handle = self.open.handle.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = handle.as_ref().filter(|_| self.current() == scan) {
            // SAFETY: the device is open, and not closed before the lock is given back; any thread may do this at any
            // time (section 4.3.11).
            unsafe { (self.cancel)(handle.0) };
        }
    }
}

impl Device<'_> {
    pub(crate) fn canceller(&self) -> Canceller {
        Canceller { cancel: self.functions.cancel, open: Arc::clone(&self.open) }
    }

    /// The option with this number; `None` behind the last one. What it points to is copied.
    pub(crate) fn option(&self, number: i32) -> Option<Described> {
        // SAFETY: the device is open; the descriptor belongs to the backend and lives until it is closed
        // (section 4.3.6), and its parts are what its type fields say (section 4.2.9).
        unsafe {
            let raw = (self.functions.get_option_descriptor)(self.handle, number).as_ref()?;
            Some(Described {
                number,
                name: text(raw.name),
                kind: raw.kind,
                unit: raw.unit,
                size: raw.size,
                cap: raw.cap,
                constraint: constraint(raw),
            })
        }
    }

    /// Reads an option's value into `value`, which must be as long as the option's size.
    pub(crate) fn get(&self, number: i32, value: &mut [u8]) -> Result<(), Status> {
        self.control(number, GET_VALUE, value).map(|_| ())
    }

    /// Sets an option to `value`, which is as long as the option's size and comes back as it was really set; returns
    /// `SANE_INFO_*` bits.
    pub(crate) fn set(&self, number: i32, value: &mut [u8]) -> Result<i32, Status> {
        self.control(number, SET_VALUE, value)
    }

    fn control(&self, number: i32, action: c_int, value: &mut [u8]) -> Result<i32, Status> {
        // Words are aligned, and a backend may write as much as the descriptor's size, which the caller has kept to.
        let mut words = vec![0_u32; value.len().div_ceil(4).max(1)];
        let mut info = 0;
        // SAFETY: the buffer is at least as long as the option's size and aligned for words; bytes of u32 are bytes.
        let status = unsafe {
            let buffer = std::slice::from_raw_parts_mut(words.as_mut_ptr().cast::<u8>(), value.len());
            buffer.copy_from_slice(value);
            let status =
                (self.functions.control_option)(self.handle, number, action, words.as_mut_ptr().cast(), &raw mut info);
            let buffer = std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), value.len());
            value.copy_from_slice(buffer);
            status
        };
        Status::good(status)?;
        Ok(info)
    }

    pub(crate) fn parameters(&self) -> Result<Parameters, Status> {
        let mut parameters = Parameters::default();
        // SAFETY: the device is open, and there is a place for the answer.
        Status::good(unsafe { (self.functions.get_parameters)(self.handle, &raw mut parameters) })?;
        Ok(parameters)
    }

    pub(crate) fn start(&self) -> Result<(), Status> {
        // SAFETY: the device is open.
        Status::good(unsafe { (self.functions.start)(self.handle) })
    }

    /// Reads some bytes of the page; the number that the backend says it has written is returned as it says it.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Result<i32, Status> {
        let mut length = 0;
        let max = c_int::try_from(buffer.len()).unwrap_or(c_int::MAX);
        // SAFETY: the device is open, and the buffer is as long as is said.
        Status::good(unsafe { (self.functions.read)(self.handle, buffer.as_mut_ptr(), max, &raw mut length) })?;
        Ok(length)
    }

    /// Ends the scan, as each scan must be ended (section 4.4).
    pub(crate) fn end_scan(&self) {
        let _lock = self.open.handle.lock().unwrap_or_else(PoisonError::into_inner);
        self.open.scan.fetch_add(1, Ordering::SeqCst);
        // SAFETY: the device is open.
        unsafe { (self.functions.cancel)(self.handle) };
    }
}

impl Drop for Device<'_> {
    fn drop(&mut self) {
        *self.open.handle.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // SAFETY: opened once, and closed here only; the canceller has no handle any more.
        unsafe { (self.functions.close)(self.handle) };
    }
}

/// An option as the backend describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    pub(crate) number: i32,
    pub(crate) name: String,
    pub(crate) kind: i32,
    pub(crate) unit: i32,
    /// Of its value, bytes.
    pub(crate) size: i32,
    pub(crate) cap: i32,
    pub(crate) constraint: Constraint,
}

/// Which values an option takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Constraint {
    None,
    Range(Range),
    Words(Vec<i32>),
    Strings(Vec<String>),
}

/// SAFETY of the caller: the descriptor is one that the library gave.
unsafe fn constraint(raw: &RawOption) -> Constraint {
    if raw.constraint.is_null() {
        return Constraint::None;
    }
    // SAFETY: the constraint is what its type says (`SANE_Constraint_Type`, section 4.2.9.1): a range; a list of words
    // whose first is their number; a list of texts that ends with NULL.
    unsafe {
        match raw.constraint_type {
            1 => Constraint::Range(*raw.constraint.cast::<Range>()),
            2 => {
                let words = raw.constraint.cast::<c_int>();
                let count = usize::try_from(*words).unwrap_or(0).min(LIST_MAX);
                Constraint::Words((1..=count).map(|at| *words.add(at)).collect())
            }
            3 => {
                let texts = raw.constraint.cast::<*const c_char>();
                let all = (0..LIST_MAX).map(|at| *texts.add(at)).take_while(|entry| !entry.is_null());
                Constraint::Strings(all.map(|entry| text(entry)).collect())
            }
            _ => Constraint::None,
        }
    }
}

/// SAFETY of the caller: NULL, or a text that ends with NUL.
unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: as the caller says.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_MAX)]).into_owned()
}
