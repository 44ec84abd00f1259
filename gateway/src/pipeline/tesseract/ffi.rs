//! The C interface of libtesseract (`capi.h` of tesseract 5), loaded at run time. The only room of the pipeline with `unsafe`.
//!
//! Why not a binding crate: `tesseract-rs` 0.4.0 builds tesseract and leptonica from downloaded sources (its
//! `use-system-tesseract` feature still pulls in that build: cmake, an HTTP client and unzip as build dependencies), and
//! `tesseract`/`leptess` need the -dev packages and libclang. All of them link libtesseract into every program of the
//! crate that uses them; the gateway program must start on a machine without it. Eighteen functions of an interface that
//! has been stable since tesseract 4 cost less than that.
//!
//! Not here: what the calls are good for (`super`), images, geometry.
#![allow(unsafe_code, reason = "a C library is called; each block says why it is sound")]

use std::ffi::{CStr, CString, c_char, c_float, c_int, c_uchar, c_void};
use std::ptr::NonNull;
use std::sync::Arc;

use libloading::Library;

/// The name under which Debian's package `libtesseract5` installs the library (its SONAME).
pub(super) const LIBRARY: &str = "libtesseract.so.5";
/// GCC's OpenMP runtime, which Debian's libtesseract is linked with.
const OPENMP_LIBRARY: &str = "libgomp.so.1";

/// `PSM_SINGLE_LINE` of `TessPageSegMode`, capi.h.
pub(super) const SINGLE_LINE: c_int = 7;
/// `RIL_WORD` of `TessPageIteratorLevel`, capi.h.
const LEVEL_WORD: c_int = 3;
/// `OEM_LSTM_ONLY` of `TessOcrEngineMode`, capi.h.
const ENGINE_LSTM: c_int = 1;

type Handle = *mut c_void;

/// The functions used, with the library that they live in. Field names are those of capi.h.
pub(super) struct Api {
    version: unsafe extern "C" fn() -> *const c_char,
    create: unsafe extern "C" fn() -> Handle,
    delete: unsafe extern "C" fn(Handle),
    init2: unsafe extern "C" fn(Handle, *const c_char, *const c_char, c_int) -> c_int,
    set_page_seg_mode: unsafe extern "C" fn(Handle, c_int),
    set_image: unsafe extern "C" fn(Handle, *const c_uchar, c_int, c_int, c_int, c_int),
    set_source_resolution: unsafe extern "C" fn(Handle, c_int),
    recognize: unsafe extern "C" fn(Handle, *mut c_void) -> c_int,
    clear: unsafe extern "C" fn(Handle),
    get_iterator: unsafe extern "C" fn(Handle) -> Handle,
    iterator_next: unsafe extern "C" fn(Handle, c_int) -> c_int,
    iterator_text: unsafe extern "C" fn(Handle, c_int) -> *mut c_char,
    iterator_confidence: unsafe extern "C" fn(Handle, c_int) -> c_float,
    iterator_page: unsafe extern "C" fn(Handle) -> Handle,
    iterator_box: unsafe extern "C" fn(Handle, c_int, *mut c_int, *mut c_int, *mut c_int, *mut c_int) -> c_int,
    iterator_delete: unsafe extern "C" fn(Handle),
    delete_text: unsafe extern "C" fn(*mut c_char),
    set_openmp_levels: Option<unsafe extern "C" fn(c_int)>,
    // Declared last: the function pointers above are valid as long as these are loaded.
    _libraries: (Library, Option<Library>),
}

impl Api {
    /// Loads libtesseract and finds the functions.
    pub(super) fn load() -> Result<Arc<Self>, libloading::Error> {
        // SAFETY: the initialisers of Debian's libtesseract and of what it links have no preconditions.
        let library = unsafe { Library::new(LIBRARY) }?;
        // SAFETY: as above; already loaded as a dependency of libtesseract when that was built with OpenMP.
        let openmp = unsafe { Library::new(OPENMP_LIBRARY) }.ok();
        // SAFETY: `void omp_set_max_active_levels(int)`, OpenMP API 5.0, section 3.2.15.
        let set_openmp_levels = openmp.as_ref().and_then(|l| unsafe { l.get(c"omp_set_max_active_levels").ok() });
        // SAFETY: each name is declared in capi.h with the type of the field it is stored in (pointers to opaque types as
        // `*mut c_void`, enums as `c_int`, `BOOL` is `int`); the pointers are copied out and the library is kept beside them.
        unsafe {
            Ok(Arc::new(Self {
                version: *library.get(c"TessVersion")?,
                create: *library.get(c"TessBaseAPICreate")?,
                delete: *library.get(c"TessBaseAPIDelete")?,
                init2: *library.get(c"TessBaseAPIInit2")?,
                set_page_seg_mode: *library.get(c"TessBaseAPISetPageSegMode")?,
                set_image: *library.get(c"TessBaseAPISetImage")?,
                set_source_resolution: *library.get(c"TessBaseAPISetSourceResolution")?,
                recognize: *library.get(c"TessBaseAPIRecognize")?,
                clear: *library.get(c"TessBaseAPIClear")?,
                get_iterator: *library.get(c"TessBaseAPIGetIterator")?,
                iterator_next: *library.get(c"TessResultIteratorNext")?,
                iterator_text: *library.get(c"TessResultIteratorGetUTF8Text")?,
                iterator_confidence: *library.get(c"TessResultIteratorConfidence")?,
                iterator_page: *library.get(c"TessResultIteratorGetPageIterator")?,
                iterator_box: *library.get(c"TessPageIteratorBoundingBox")?,
                iterator_delete: *library.get(c"TessResultIteratorDelete")?,
                delete_text: *library.get(c"TessDeleteText")?,
                set_openmp_levels: set_openmp_levels.map(|symbol| *symbol),
                _libraries: (library, openmp),
            }))
        }
    }

    /// The library's version, for example `5.3.0`.
    pub(super) fn version(&self) -> String {
        // SAFETY: returns a static, zero-ended string.
        unsafe { CStr::from_ptr((self.version)()) }.to_string_lossy().into_owned()
    }

    /// Makes tesseract's parallel loops run on the calling thread alone, for this thread. Two lines on two threads are
    /// faster than one line on two, and libgomp's idle threads spin. The setting belongs to the calling thread (OpenMP
    /// API 5.0, section 2.5.1: max-active-levels-var has the scope of the data environment), so each thread says it.
    pub(super) fn stay_on_this_thread(&self) {
        if let Some(set) = self.set_openmp_levels {
            // SAFETY: takes any int and touches only the calling thread's settings.
            unsafe { set(0) }
        }
    }
}

/// One word of a recognised line: text, confidence 0 to 100, and left, top, right, bottom in pixels of the image.
pub(super) struct RawWord {
    pub(super) text: String,
    pub(super) confidence: f32,
    pub(super) bounds: [i32; 4],
}

/// One initialised `TessBaseAPI`.
pub(super) struct Engine {
    api: Arc<Api>,
    handle: NonNull<c_void>,
}

// SAFETY: a TessBaseAPI holds no thread-bound state and may move between threads; it is not `Sync`, and every call that
// touches it takes `&mut self`, so two threads never use one at once.
unsafe impl Send for Engine {}

impl Engine {
    /// Creates an engine and loads `language` (`+`-joined names of traineddata files below `tessdata`).
    /// `None` when tesseract refuses; it says why on stderr only.
    pub(super) fn load(api: &Arc<Api>, tessdata: &CStr, language: &CStr) -> Option<Self> {
        // SAFETY: no preconditions.
        let handle = NonNull::new(unsafe { (api.create)() })?;
        let engine = Self { api: Arc::clone(api), handle };
        // SAFETY: a live handle and zero-ended strings, which tesseract copies.
        let refused = unsafe { (api.init2)(engine.raw(), tessdata.as_ptr(), language.as_ptr(), ENGINE_LSTM) };
        (refused == 0).then_some(engine)
    }

    fn raw(&self) -> Handle {
        self.handle.as_ptr()
    }

    /// Recognises an 8-bit grey image, row after row without padding, as `mode` (a `TessPageSegMode`) at `dpi`.
    /// `None` when the sizes do not fit together or tesseract fails.
    pub(super) fn recognise(
        &mut self,
        pixels: &[u8],
        width: usize,
        height: usize,
        mode: c_int,
        dpi: c_int,
    ) -> Option<Vec<RawWord>> {
        let (w, h) = (c_int::try_from(width).ok()?, c_int::try_from(height).ok()?);
        if w == 0 || h == 0 || width.checked_mul(height)? != pixels.len() {
            return None;
        }
        // SAFETY: a live handle; the buffer has exactly height rows of width bytes and SetImage copies it before it returns;
        // Recognize takes a null monitor (baseapi.h).
        let failed = unsafe {
            (self.api.set_page_seg_mode)(self.raw(), mode);
            (self.api.set_image)(self.raw(), pixels.as_ptr(), w, h, 1, w);
            (self.api.set_source_resolution)(self.raw(), dpi);
            (self.api.recognize)(self.raw(), std::ptr::null_mut())
        };
        let words = (failed == 0).then(|| self.words());
        // SAFETY: a live handle; frees the image and the result, to which nothing points any more.
        unsafe { (self.api.clear)(self.raw()) };
        words
    }

    fn words(&mut self) -> Vec<RawWord> {
        let mut words = Vec::new();
        // SAFETY: Recognize has succeeded on this handle.
        let Some(iterator) = NonNull::new(unsafe { (self.api.get_iterator)(self.raw()) }) else { return words };
        let iterator = iterator.as_ptr();
        loop {
            let mut b: [c_int; 4] = [0; 4];
            let [left, top, right, bottom] = &mut b;
            // SAFETY: the iterator lives until it is deleted below and the result it walks is not cleared before that; its page
            // iterator is itself; the four pointers are to live ints; a non-null text is zero-ended and ours to free.
            unsafe {
                let text = (self.api.iterator_text)(iterator, LEVEL_WORD);
                let confidence = (self.api.iterator_confidence)(iterator, LEVEL_WORD);
                let boxed =
                    (self.api.iterator_box)((self.api.iterator_page)(iterator), LEVEL_WORD, left, top, right, bottom);
                if !text.is_null() {
                    if boxed != 0 {
                        let text = CStr::from_ptr(text).to_string_lossy().into_owned();
                        words.push(RawWord { text, confidence, bounds: b });
                    }
                    (self.api.delete_text)(text);
                }
            }
            // SAFETY: as above.
            if unsafe { (self.api.iterator_next)(iterator, LEVEL_WORD) } == 0 {
                break;
            }
        }
        // SAFETY: made by GetIterator, deleted once.
        unsafe { (self.api.iterator_delete)(iterator) };
        words
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // SAFETY: made by Create, deleted once; Delete ends the engine first.
        unsafe { (self.api.delete)(self.raw()) }
    }
}

/// A zero-ended copy. `None` when the text holds a zero byte.
pub(super) fn c_string(text: &str) -> Option<CString> {
    CString::new(text).ok()
}
