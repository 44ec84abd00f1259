//! Whom the operator trusts to sign identity cards, read once.

use std::path::PathBuf;

use kiosk_driver_sdk::OpenError;
use kiosk_emrtd::passive::{TrustFolder, TrustList};

/// The list of a folder, or nobody. What is left out of it is told in the log.
///
/// # Errors
/// If the folder, or a revocation list in it that matters, cannot be used.
pub(crate) fn trusted(folder: Option<&PathBuf>) -> Result<TrustList, OpenError> {
    let Some(folder) = folder else { return Ok(TrustList::default()) };
    let trusted =
        TrustFolder::load(folder).map_err(|error| OpenError::BadConfig(format!("config.trusted: {error}")))?;
    for (file, problem) in trusted.left_out {
        tracing::warn!(file = %file.display(), problem, "left out a file of the trusted authorities");
    }
    Ok(trusted.list)
}
