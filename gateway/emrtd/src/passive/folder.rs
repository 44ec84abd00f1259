//! Whom the operator trusts: a folder of certificates and revocation lists, all DER.

use std::path::{Path, PathBuf};

use super::certificate::{CertificateError, TrustList};

/// Longest file that is read, bytes: a revocation list of hundreds of thousands of certificates.
const FILE_MAX: u64 = 32 << 20;

/// What a folder holds.
#[derive(Default)]
pub struct TrustFolder {
    /// The authorities, and whom they have revoked.
    pub list: TrustList,
    /// Files that are not used, and why: certificates that are no authority's, and the lists of authorities that are not
    /// trusted. The others still hold.
    pub left_out: Vec<(PathBuf, String)>,
}

/// Why a folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It, or a name in it, cannot be read.
    #[error("{} cannot be read: {problem}", folder.display())]
    Read {
        /// The folder.
        folder: PathBuf,
        /// Why.
        problem: String,
    },
    /// Without the list, whom it revokes would pass.
    #[error("the revocation list {} cannot be used: {problem}; replace it, or take it out", list.display())]
    List {
        /// The list.
        list: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl TrustFolder {
    /// Reads a folder: `*.cer`, `*.crt`, `*.der` are certificates, `*.crl` revocation lists; others' files are passed over.
    ///
    /// # Errors
    /// If the folder cannot be read, or a revocation list of an authority that is trusted cannot be used.
    pub fn load(folder: &Path) -> Result<Self, FolderError> {
        let wrong = |error: std::io::Error| FolderError::Read { folder: folder.to_owned(), problem: error.to_string() };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(wrong)? {
            let path = entry.map_err(wrong)?.path();
            files.extend(is_list(&path).map(|is_list| (is_list, path)));
        }
        // A list is taken only of an authority that is known by then.
        files.sort();
        let mut trusted = Self::default();
        for (is_list, path) in files {
            if let Err(problem) = trusted.add(is_list, &path)? {
                trusted.left_out.push((path, problem));
            }
        }
        Ok(trusted)
    }

    /// The inner error is of a file that can be left out.
    fn add(&mut self, is_list: bool, path: &Path) -> Result<Result<(), String>, FolderError> {
        let unusable = |problem| FolderError::List { list: path.to_owned(), problem };
        match (is_list, read(path)) {
            (true, bytes) => match self.list.add_revoked(&bytes.map_err(unusable)?) {
                Err(error @ CertificateError::UntrustedList) => Ok(Err(error.to_string())),
                added => added.map(Ok).map_err(|error| unusable(error.to_string())),
            },
            (false, bytes) => {
                Ok(bytes.and_then(|bytes| self.list.add_authority(&bytes).map_err(|error| error.to_string())))
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > FILE_MAX {
        return Err(format!("it has {length} bytes; at most {FILE_MAX} are read"));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    // RFC 7468.
    if bytes.starts_with(b"-----BEGIN") {
        return Err("it is PEM; give it as DER (`openssl x509` or `openssl crl`, with `-outform der`)".into());
    }
    Ok(bytes)
}

/// Whether the file is a revocation list or a certificate; `None` if it is neither.
fn is_list(path: &Path) -> Option<bool> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("cer" | "crt" | "der") => Some(false),
        Some("crl") => Some(true),
        _ => None,
    }
}
