//! `kiosk-signer invite`: a one-time code by which an officer's browser gets its key enrolled.

use crate::officers;
use crate::settings::Settings;

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Nobody has this code.
    #[error("there is no officer `{0}` in [[copies.officers]]")]
    Unknown(String),
    /// The disk.
    #[error("the code cannot be kept: {0}")]
    Kept(String),
}

/// Makes a code for an officer, good for a day and once. Tells also whether he has a key already, which the new one replaces.
///
/// # Errors
/// [`InviteError`].
pub fn invite(settings: &Settings, officer: &str) -> Result<(String, bool), InviteError> {
    if settings.officer(officer).is_none() {
        return Err(InviteError::Unknown(officer.to_owned()));
    }
    let had = officers::is_enrolled(&settings.data, officer);
    let code = officers::invite(&settings.data, officer);
    code.map(|code| (code, had)).map_err(|error| InviteError::Kept(crate::fault::with_causes(&error)))
}
