//! Certificates in folders: DER or PEM files.

use std::path::{Path, PathBuf};

/// Longest file that is read.
const LONGEST: u64 = 1 << 20;

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{}` is no certificate, DER or PEM", path.display())]
    NoCertificate { path: PathBuf },
    #[error("`{}` has no certificates (.cer, .crt, .der, .pem)", path.display())]
    Empty { path: PathBuf },
}

/// All certificates of a folder, DER, in the order of their files' names.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<Vec<u8>>, FolderError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Read { path, source }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        if matches!(extension.as_deref(), Some("cer" | "crt" | "der" | "pem")) {
            files.push(path);
        }
    }
    files.sort();
    let mut certificates = Vec::new();
    for path in files {
        let length = std::fs::metadata(&path).map_err(failed(&path))?.len();
        let bytes = if length <= LONGEST { std::fs::read(&path).map_err(failed(&path))? } else { Vec::new() };
        let found = kiosk_verify::certificates(&bytes);
        certificates.extend(found.map_err(|_| FolderError::NoCertificate { path })?);
    }
    if certificates.is_empty() { Err(FolderError::Empty { path: folder.to_owned() }) } else { Ok(certificates) }
}
