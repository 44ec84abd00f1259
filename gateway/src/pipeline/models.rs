//! Which files the reader needs, where they lie, and whether they are the right ones. `models/README.md` of this crate is
//! the model card.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A file that must have the bytes that were measured (`models/README.md`).
pub struct PinnedFile {
    /// Its name.
    pub name: &'static str,
    /// Its SHA-256, hexadecimal digits.
    pub sha256: &'static str,
}

/// The text detection network.
pub const DETECTOR: PinnedFile = PinnedFile {
    name: "PP-OCRv6_det_small.onnx",
    sha256: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
};
/// The network that reads machine readable zones.
pub const ZONE_READER: PinnedFile = PinnedFile {
    name: "PP-OCRv5_rec_mobile.onnx",
    sha256: "bf66820f48fa99f779974c4df78e5274a9d8e0458c4137e8c5357e40e2c3faf2",
};
/// Where the package puts the models. In development they lie in the folder `models` of the repository.
pub const MODEL_FOLDER: &str = "/usr/share/kiosk-gateway/models";
/// Where Debian's tesseract packages put their data.
pub const DEBIAN_TESSDATA: &str = "/usr/share/tesseract-ocr/5/tessdata";

/// Language data for Vietnamese, best first: Debian's name for `script/Vietnamese`, the upstream name, the language alone.
const VIETNAMESE: [&str; 3] = ["Vietnamese", "script/Vietnamese", "vie"];
/// Language data for English.
const ENGLISH: [&str; 1] = ["eng"];

/// Where the files lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPaths {
    /// The folder of the networks.
    pub models: PathBuf,
    /// The folder of tesseract's `.traineddata` files.
    pub tessdata: PathBuf,
}

/// Which file is missing or wrong. Every message says what to run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file cannot be read.
    #[error("the model file {} cannot be read; run `make setup` to fetch it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file has other bytes than it should.
    #[error("the model file {} has the SHA-256 {found} instead of {expected}; delete it and run `make setup`", path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// Its hash.
        found: String,
        /// The hash of the file that was measured.
        expected: &'static str,
    },
    /// The runtime does not understand a network.
    #[error("the model file {} cannot be loaded", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rten::LoadError,
    },
    /// No data for a language.
    #[error(
        "no tesseract data for {language} in {}: looked for {}; install the package {package} (`make setup` does)",
        tessdata.display(), looked_for.join(", ")
    )]
    NoLanguage {
        /// The language.
        language: &'static str,
        /// The folder.
        tessdata: PathBuf,
        /// The names tried, without `.traineddata`.
        looked_for: Vec<&'static str>,
        /// Debian's package with the best of them.
        package: &'static str,
    },
    /// Tesseract does not start.
    #[error("the line recogniser cannot be loaded")]
    Tesseract(#[source] super::tesseract::TesseractError),
}

impl ModelPaths {
    /// The files in `models`, with tesseract's data from Debian's packages.
    pub fn in_folder(models: &Path) -> Self {
        Self { models: models.to_owned(), tessdata: PathBuf::from(DEBIAN_TESSDATA) }
    }

    /// The name of the best data for Vietnamese (which reads English too).
    pub(crate) fn vietnamese(&self) -> Result<&'static str, ModelError> {
        self.first("Vietnamese", &VIETNAMESE, "tesseract-ocr-script-viet")
    }

    /// The name of the data for pages that are English throughout.
    pub(crate) fn english(&self) -> Result<&'static str, ModelError> {
        self.first("English", &ENGLISH, "tesseract-ocr-eng")
    }

    fn first(
        &self,
        language: &'static str,
        names: &[&'static str],
        package: &'static str,
    ) -> Result<&'static str, ModelError> {
        let there = |name: &&&str| self.tessdata.join(format!("{name}.traineddata")).is_file();
        names.iter().find(there).copied().ok_or_else(|| ModelError::NoLanguage {
            language,
            tessdata: self.tessdata.clone(),
            looked_for: names.to_vec(),
            package,
        })
    }
}

impl PinnedFile {
    /// What `of` makes of its bytes, after their hash was compared.
    pub(crate) fn load<T>(
        &self,
        folder: &Path,
        of: impl FnOnce(Vec<u8>) -> Result<T, rten::LoadError>,
    ) -> Result<T, ModelError> {
        let path = folder.join(self.name);
        let bytes = std::fs::read(&path).map_err(|source| ModelError::Read { path: path.clone(), source })?;
        let found = sha256_hex(&bytes);
        if found != self.sha256 {
            return Err(ModelError::Hash { path, found, expected: self.sha256 });
        }
        of(bytes).map_err(|source| ModelError::Load { path, source })
    }
}

/// The SHA-256 of bytes, hexadecimal digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
