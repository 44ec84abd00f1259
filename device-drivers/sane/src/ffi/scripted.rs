//! A libsane in the place of the real one, for tests: devices by name, each with options, and a list of what starting
//! and reading do. It also does what a real one should not.

use std::collections::{HashMap, VecDeque};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex};

use super::{Constraint, Functions, Parameters, Range, RawDevice, RawHandle, RawOption};

/// What one call of `sane_read` does.
#[derive(Clone, Debug)]
pub(crate) enum Read {
    Bytes(Vec<u8>),
    /// Says this length, whatever it wrote.
    Length(c_int),
    Status(c_int),
    /// Waits for `sane_cancel`, then says this.
    UntilCancel(c_int),
    /// Waits until the test lets go; `sane_cancel` does not help.
    UntilLetGo,
}

/// An option.
#[derive(Clone, Debug)]
pub(crate) struct Opt {
    pub(crate) name: &'static str,
    pub(crate) kind: c_int,
    pub(crate) unit: c_int,
    pub(crate) cap: c_int,
    pub(crate) constraint: Constraint,
    /// A word, or a text with room behind it.
    pub(crate) value: Vec<u8>,
    /// The size that its descriptor says; absent: that of the value.
    pub(crate) size: Option<c_int>,
    /// Bits that setting it returns.
    pub(crate) info: c_int,
}

impl Opt {
    /// A number that can be set and read.
    pub(crate) fn int(name: &'static str, unit: c_int, value: i32, constraint: Constraint) -> Self {
        Self { name, kind: 1, unit, cap: 5, constraint, value: value.to_ne_bytes().into(), size: None, info: 0 }
    }

    fn told_size(&self) -> c_int {
        self.size.unwrap_or_else(|| c_int::try_from(self.value.len()).unwrap())
    }

    /// One of some texts.
    pub(crate) fn text(name: &'static str, texts: &[&str]) -> Self {
        let mut value = texts.first().unwrap_or(&"").as_bytes().to_vec();
        value.resize(64, 0);
        let constraint = Constraint::Strings(texts.iter().map(|text| (*text).to_owned()).collect());
        Self { name, kind: 3, unit: 0, cap: 5, constraint, value, size: None, info: 0 }
    }
}

pub(crate) const fn range(min: i32, max: i32, quant: i32) -> Constraint {
    Constraint::Range(Range { min, max, quant })
}

/// Called after an option was set, with all of them: to change others.
pub(crate) type OnSet = fn(&mut Vec<Opt>, &str);

/// A device's script, and what was done with it.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) options: Vec<Opt>,
    pub(crate) on_set: Option<OnSet>,
    /// What `sane_start` says, one after the other; good when there is no more.
    pub(crate) starts: VecDeque<c_int>,
    pub(crate) parameters: Parameters,
    pub(crate) reads: VecDeque<Read>,
    pub(crate) cancels: usize,
    pub(crate) closed: bool,
    /// What was set, as `name=word` or `name=text`.
    pub(crate) sets: Vec<String>,
    pub(crate) cancelled: bool,
    pub(crate) let_go: bool,
}

pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) state: Mutex<State>,
    woken: Condvar,
    /// How often it was read from.
    pub(crate) reads: AtomicUsize,
}

static DEVICES: LazyLock<Mutex<HashMap<String, Arc<Script>>>> = LazyLock::new(Mutex::default);

impl Script {
    /// Puts a device into the list; its name is `scripted:N`.
    pub(crate) fn new(state: State) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("scripted:{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let script = Arc::new(Self {
            name: name.clone(),
            state: Mutex::new(state),
            woken: Condvar::new(),
            reads: AtomicUsize::new(0),
        });
        DEVICES.lock().unwrap().insert(name, Arc::clone(&script));
        script
    }

    /// Lets a read that waits for it come back.
    pub(crate) fn let_go(&self) {
        self.state.lock().unwrap().let_go = true;
        self.woken.notify_all();
    }

    /// Waits until something is true of it.
    pub(crate) fn wait(&self, what: &str, is: impl Fn(&State) -> bool) {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
        let mut state = self.state.lock().unwrap();
        while !is(&state) {
            assert!(std::time::Instant::now() < until, "{what}");
            state = self.woken.wait_timeout(state, std::time::Duration::from_millis(10)).unwrap().0;
        }
    }
}

/// The functions of the scripted library.
pub(crate) fn functions() -> Functions {
    Functions {
        init,
        exit,
        get_devices,
        open,
        close,
        get_option_descriptor,
        control_option,
        get_parameters,
        start,
        read,
        cancel,
    }
}

unsafe extern "C" fn init(_version: *mut c_int, _authorize: *const c_void) -> c_int {
    0
}

unsafe extern "C" fn exit() {}

fn c(text: &str) -> *const c_char {
    CString::new(text).unwrap().into_raw()
}

unsafe extern "C" fn get_devices(list: *mut *const *const RawDevice, _local_only: c_int) -> c_int {
    let entry = |name: &String| {
        let device = RawDevice { name: c(name), vendor: c("Scripted"), model: c("S-1"), kind: c("flatbed scanner") };
        std::ptr::from_ref(Box::leak(Box::new(device)))
    };
    let mut all: Vec<*const RawDevice> = DEVICES.lock().unwrap().keys().map(entry).collect();
    all.push(null());
    // SAFETY: the caller gives a place for the list; it is leaked, and so lives for ever.
    unsafe { *list = all.leak().as_ptr() };
    0
}

unsafe extern "C" fn open(name: *const c_char, handle: *mut RawHandle) -> c_int {
    // SAFETY: the caller gives a text and a place for the handle; the handle holds one count of the script for ever.
    unsafe {
        let name = CStr::from_ptr(name).to_str().unwrap();
        let Some(script) = DEVICES.lock().unwrap().get(name).cloned() else { return 4 };
        *handle = Arc::into_raw(script).cast_mut().cast();
    }
    0
}

fn script(handle: RawHandle) -> &'static Script {
    // SAFETY: handles are those of `open`, whose scripts live for ever.
    unsafe { &*handle.cast::<Script>().cast_const() }
}

unsafe extern "C" fn close(handle: RawHandle) {
    script(handle).state.lock().unwrap().closed = true;
    script(handle).woken.notify_all();
}

unsafe extern "C" fn get_option_descriptor(handle: RawHandle, number: c_int) -> *const RawOption {
    let state = script(handle).state.lock().unwrap();
    let first = Opt::int("", 0, 1 + i32::try_from(state.options.len()).unwrap(), Constraint::None);
    let option = match usize::try_from(number) {
        Ok(0) => &first,
        Ok(at) if at <= state.options.len() => &state.options[at - 1],
        _ => return null(),
    };
    let (constraint_type, constraint): (c_int, *const c_void) = match &option.constraint {
        Constraint::None => (0, null()),
        Constraint::Range(range) => (1, std::ptr::from_ref(Box::leak(Box::new(*range))).cast()),
        Constraint::Words(words) => {
            let all: Vec<c_int> =
                [c_int::try_from(words.len()).unwrap()].into_iter().chain(words.iter().copied()).collect();
            (2, all.leak().as_ptr().cast())
        }
        Constraint::Strings(texts) => {
            let all: Vec<*const c_char> = texts.iter().map(|text| c(text)).chain([null()]).collect();
            (3, all.leak().as_ptr().cast())
        }
    };
    Box::leak(Box::new(RawOption {
        name: c(option.name),
        title: null(),
        desc: null(),
        kind: option.kind,
        unit: option.unit,
        size: option.told_size(),
        cap: option.cap,
        constraint_type,
        constraint,
    }))
}

unsafe extern "C" fn control_option(
    handle: RawHandle,
    number: c_int,
    action: c_int,
    value: *mut c_void,
    info: *mut c_int,
) -> c_int {
    let mut state = script(handle).state.lock().unwrap();
    let Some(option) = usize::try_from(number - 1).ok().and_then(|at| state.options.get_mut(at)) else { return 4 };
    let length = usize::try_from(option.told_size()).unwrap_or(0).min(option.value.len());
    // SAFETY: the caller's buffer is as long as the size that it was told.
    let value = unsafe { std::slice::from_raw_parts_mut(value.cast::<u8>(), length) };
    if action == 0 {
        value.copy_from_slice(&option.value[..length]);
        return 0;
    }
    if let Constraint::Range(Range { min, max, quant }) = option.constraint
        && length >= 4
        && min <= max
    {
        let word = i32::from_ne_bytes(value[..4].try_into().unwrap());
        let [word, least, quant] = [word, min, quant].map(i64::from);
        let steps = if quant > 0 { (word - least + quant / 2) / quant * quant + least } else { word };
        let clamped = steps.clamp(least, max.into());
        value[..4].copy_from_slice(&c_int::try_from(clamped).unwrap().to_ne_bytes());
    }
    option.value[..length].copy_from_slice(value);
    let shown = if option.kind == 3 {
        String::from_utf8_lossy(value).trim_end_matches('\0').to_owned()
    } else {
        value.first_chunk().map_or_else(String::new, |word| i32::from_ne_bytes(*word).to_string())
    };
    let (name, bits) = (option.name, option.info);
    state.sets.push(format!("{name}={shown}"));
    if let Some(on_set) = state.on_set {
        on_set(&mut state.options, name);
    }
    // SAFETY: the caller gives a place for the bits.
    unsafe { *info = bits };
    0
}

unsafe extern "C" fn get_parameters(handle: RawHandle, parameters: *mut Parameters) -> c_int {
    // SAFETY: the caller gives a place for them.
    unsafe { *parameters = script(handle).state.lock().unwrap().parameters };
    0
}

unsafe extern "C" fn start(handle: RawHandle) -> c_int {
    let mut state = script(handle).state.lock().unwrap();
    state.cancelled = false;
    state.starts.pop_front().unwrap_or(0)
}

unsafe extern "C" fn read(handle: RawHandle, data: *mut u8, max: c_int, length: *mut c_int) -> c_int {
    let script = script(handle);
    script.reads.fetch_add(1, Ordering::SeqCst);
    let mut state = script.state.lock().unwrap();
    let (status, said) = match state.reads.pop_front() {
        None => (5, 0),
        Some(Read::Bytes(bytes)) => {
            let count = bytes.len().min(usize::try_from(max).unwrap());
            // SAFETY: the caller's buffer has room for `max` bytes.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, count) };
            if count < bytes.len() {
                state.reads.push_front(Read::Bytes(bytes[count..].to_vec()));
            }
            (0, c_int::try_from(count).unwrap())
        }
        Some(Read::Length(length)) => (0, length),
        Some(Read::Status(status)) => (status, 0),
        Some(Read::UntilCancel(status)) => {
            drop(script.woken.wait_while(state, |state| !state.cancelled).unwrap());
            (status, 0)
        }
        Some(Read::UntilLetGo) => {
            drop(script.woken.wait_while(state, |state| !state.let_go).unwrap());
            (5, 0)
        }
    };
    // SAFETY: the caller gives a place for the length.
    unsafe { *length = said };
    status
}

unsafe extern "C" fn cancel(handle: RawHandle) {
    let script = script(handle);
    let mut state = script.state.lock().unwrap();
    state.cancels += 1;
    state.cancelled = true;
    script.woken.notify_all();
}
