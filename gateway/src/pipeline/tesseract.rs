//! Tesseract's line recogniser: a grey picture of one line in, its words out. Nothing here knows of pages.
//!
//! libtesseract is loaded at run time by the worker program alone (`ffi`); a program that never calls [`Library::load`]
//! starts and runs on a machine without it.

mod ffi;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

/// The resolution that tesseract is told, so that it does not guess (and say so on stderr) for each line.
const DPI: i32 = 300;

/// A picture of one line: 8-bit grey, row after row without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GreyImage {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

/// A recognised word.
#[derive(Clone, PartialEq)]
pub(crate) struct Word {
    /// Unicode NFC, never empty.
    pub(crate) text: String,
    /// 0 to 1.
    pub(crate) confidence: f32,
    /// Left, top, right, bottom in pixels of the picture.
    pub(crate) bounds: [f32; 4],
}

/// What went wrong between us and libtesseract.
#[derive(Debug, thiserror::Error)]
pub enum TesseractError {
    /// The library could not be loaded.
    #[error("the library {name} cannot be loaded; install the package libtesseract5 (`make setup` does)")]
    Library {
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        source: libloading::Error,
    },
    /// Tesseract refused its language data.
    #[error(
        "tesseract cannot use its language data \"{language}\" in {}; reinstall the package tesseract-ocr-script-viet",
        tessdata.display()
    )]
    Language {
        /// The data's name.
        language: String,
        /// The folder.
        tessdata: PathBuf,
    },
    /// Tesseract gave no result for a line.
    #[error("tesseract failed on a line picture of {width} x {height} pixels")]
    Recognise {
        /// Width of the picture, pixels.
        width: usize,
        /// Height of the picture, pixels.
        height: usize,
    },
}

/// The loaded library.
#[derive(Clone)]
pub(crate) struct Library(Arc<ffi::Api>);

impl Library {
    /// Loads libtesseract.
    pub(crate) fn load() -> Result<Self, TesseractError> {
        ffi::Api::load().map(Self).map_err(|source| TesseractError::Library { name: ffi::LIBRARY, source })
    }

    /// Its version, for example `5.3.0`.
    pub(crate) fn version(&self) -> String {
        self.0.version()
    }

    /// Keeps tesseract from starting threads of its own while it works for the calling thread.
    pub(crate) fn stay_on_this_thread(&self) {
        self.0.stay_on_this_thread();
    }
}

/// One recogniser with its language data; works on one line at a time.
pub(crate) struct LineRecogniser {
    engine: ffi::Engine,
}

impl LineRecogniser {
    /// Loads `language`, the name of a `.traineddata` file below `tessdata`. Opens files; recognising opens none.
    pub(crate) fn load(library: &Library, tessdata: &Path, language: &str) -> Result<Self, TesseractError> {
        let refused = || TesseractError::Language { language: language.to_owned(), tessdata: tessdata.to_owned() };
        let folder = tessdata.to_str().and_then(ffi::c_string).ok_or_else(refused)?;
        let name = ffi::c_string(language).ok_or_else(refused)?;
        let engine = ffi::Engine::load(&library.0, &folder, &name).ok_or_else(refused)?;
        Ok(Self { engine })
    }

    /// Reads one line.
    pub(crate) fn recognise(&mut self, line: &GreyImage) -> Result<Vec<Word>, TesseractError> {
        let failed = || TesseractError::Recognise { width: line.width, height: line.height };
        let raw =
            self.engine.recognise(&line.pixels, line.width, line.height, ffi::SINGLE_LINE, DPI).ok_or_else(failed)?;
        let words = raw.into_iter().filter_map(|word| {
            let text: String = word.text.trim().nfc().collect();
            #[expect(clippy::cast_precision_loss, reason = "pixels of a line picture, far below 2^24")]
            let bounds = word.bounds.map(|edge| edge as f32);
            let confidence = (word.confidence / 100.0).clamp(0.0, 1.0);
            (!text.is_empty()).then_some(Word { text, confidence, bounds })
        });
        Ok(words.collect())
    }
}
