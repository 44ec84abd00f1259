//! The simulated identity card in vpcd's hand, and the authority that has signed it.

use kiosk_simulators::usb::reader::identity::{IdentityCard, Profile, csca_certificate, revocation_list};
use tempfile::TempDir;

use super::card::Card;

/// What opens the card of whom the profile says nothing.
pub const CAN: &str = "000001";

/// The card of a profile, a TOML text.
///
/// # Panics
/// If it is no profile.
pub fn card(toml: &str) -> Card {
    let profile = Profile::parse(toml).unwrap_or_else(|error| panic!("{toml}: {error}"));
    let card = IdentityCard::new(profile).unwrap_or_else(|error| panic!("{toml}: {error}"));
    Card::of(Box::new(card))
}

/// A folder with the authority and its revocation list.
///
/// # Panics
/// If it cannot be written.
pub fn trusted() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    // The list comes first by its name, and is of use only after the authority.
    for (name, bytes) in [("z.cer", csca_certificate()), ("a.crl", revocation_list())] {
        std::fs::write(folder.path().join(name), bytes).expect("the folder is writable");
    }
    folder
}
