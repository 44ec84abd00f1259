//! Whom the operator trusts to sign identity cards: a folder of certificates and revocation lists, read once.

use std::path::{Path, PathBuf};

use kiosk_driver_sdk::OpenError;
use kiosk_emrtd::passive::{CertificateError, TrustList};

/// Longest file that is read, bytes: a revocation list of hundreds of thousands of certificates.
const FILE_MAX: u64 = 32 << 20;

/// The authorities that are trusted.
#[derive(Default)]
pub(crate) struct Trusted {
    /// The list.
    pub(crate) list: TrustList,
    /// How many authorities are in it.
    pub(crate) authorities: u32,
}

impl Trusted {
    /// Reads a folder: `*.cer`, `*.crt`, `*.der` are certificates, `*.crl` revocation lists. A certificate that cannot be
    /// used is told in the log and left out, with its revocation list: others of the list still hold.
    ///
    /// # Errors
    /// If the folder cannot be read, or a revocation list of an authority that is trusted cannot be used: without it whom it
    /// revokes would pass.
    pub(crate) fn load(folder: &Path) -> Result<Self, OpenError> {
        let wrong = |error: std::io::Error| {
            OpenError::BadConfig(format!("config.trusted: {} cannot be read: {error}", folder.display()))
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(wrong)? {
            paths.push(entry.map_err(wrong)?.path());
        }
        // A list is taken only of an authority that is known by then.
        paths.sort_by_key(|path| (is_list(path) == Some(true), path.clone()));
        let mut trusted = Self::default();
        for path in paths {
            match (is_list(&path), trusted.add(&path)) {
                (_, Ok(())) => {}
                (Some(true), Err(error)) => {
                    return Err(OpenError::BadConfig(format!(
                        "config.trusted: the revocation list {} cannot be used: {error}; replace it, or take it out",
                        path.display()
                    )));
                }
                (_, Err(error)) => {
                    tracing::warn!(file = %path.display(), error, "left out a file of the trusted authorities");
                }
            }
        }
        Ok(trusted)
    }

    /// The list of a folder, or nobody.
    pub(crate) fn of(folder: Option<&PathBuf>) -> Result<Self, OpenError> {
        folder.map_or_else(|| Ok(Self::default()), |folder| Self::load(folder))
    }

    fn add(&mut self, path: &Path) -> Result<(), String> {
        // Others' files: a note of where these come from.
        let Some(is_list) = is_list(path) else { return Ok(()) };
        let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > FILE_MAX {
            return Err(format!("it has {length} bytes; at most {FILE_MAX} are read"));
        }
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        if is_list {
            return match self.list.add_revoked(&bytes) {
                Err(error @ CertificateError::UntrustedList) => {
                    tracing::warn!(file = %path.display(), %error, "left out a revocation list");
                    Ok(())
                }
                added => added.map_err(|error| error.to_string()),
            };
        }
        self.list.add_authority(&bytes).map_err(|error| error.to_string())?;
        self.authorities += 1;
        Ok(())
    }
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
