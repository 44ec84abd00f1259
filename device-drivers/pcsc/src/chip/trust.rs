//! Whom the operator trusts to sign identity cards: a folder of certificates and revocation lists, read once.

use std::path::{Path, PathBuf};

use kiosk_driver_sdk::OpenError;
use kiosk_emrtd::passive::TrustList;

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
    /// Reads a folder: `*.cer`, `*.crt`, `*.der` are certificates, `*.crl` revocation lists. One that cannot be used is
    /// told in the log and left out: others of the list still hold.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(crate) fn load(folder: &Path) -> Result<Self, OpenError> {
        let wrong = |error: std::io::Error| {
            OpenError::BadConfig(format!("config.trusted: {} cannot be read: {error}", folder.display()))
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(wrong)? {
            paths.push(entry.map_err(wrong)?.path());
        }
        paths.sort();
        let mut trusted = Self::default();
        for path in paths {
            if let Err(error) = trusted.add(&path) {
                tracing::warn!(file = %path.display(), error, "left out a file of the trusted authorities");
            }
        }
        Ok(trusted)
    }

    /// The list of a folder, or nobody.
    pub(crate) fn of(folder: Option<&PathBuf>) -> Result<Self, OpenError> {
        folder.map_or_else(|| Ok(Self::default()), |folder| Self::load(folder))
    }

    fn add(&mut self, path: &Path) -> Result<(), String> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        let is_list = match extension.as_deref() {
            Some("cer" | "crt" | "der") => false,
            Some("crl") => true,
            // Others' files: a note of where these come from.
            _ => return Ok(()),
        };
        let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > FILE_MAX {
            return Err(format!("it has {length} bytes; at most {FILE_MAX} are read"));
        }
        let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
        if is_list {
            return self.list.add_revoked(&bytes).map_err(|error| error.to_string());
        }
        self.list.add_authority(&bytes).map_err(|error| error.to_string())?;
        self.authorities += 1;
        Ok(())
    }
}
