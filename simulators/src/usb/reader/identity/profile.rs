//! Whose card it is, what its chip can do and what is wrong with it: the TOML file of a card.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::active::ActiveAuthentication;
use super::chip::ChipAuthentication;
use super::cipher::Cipher;
use super::curve::{Curve, Parameters};
use super::details::Details;
use super::fault::{Faults, File};
use super::person::Person;

/// Why there is no such card.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The file cannot be read.
    #[error("cannot read the card's file {path:?}")]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("this is no card: see [person], [chip] and [faults] in simulators/README.md")]
    Parse {
        /// Where and why.
        source: toml::de::Error,
    },
    /// A citizen's number is none of ours.
    #[error("the number {given:?} is not twelve digits that begin with 099, as those of invented people do")]
    Number {
        /// What was given.
        given: String,
    },
    /// A card access number is none.
    #[error("the card access number {given:?} is not six digits")]
    AccessNumber {
        /// What was given.
        given: String,
    },
    /// Without letters there is no name in the machine readable zone.
    #[error("the name {given:?} has no letters")]
    Name {
        /// What was given.
        given: String,
    },
    /// The portrait cannot be read.
    #[error("cannot read the portrait {path:?}")]
    Portrait {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The portrait is no picture.
    #[error("the portrait {path:?} is no JPEG file")]
    Picture {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// A fault is of a file that this card has not, or that is not signed.
    #[error("the fault {fault} cannot be of {file:?}: this card has no such file that it could be of")]
    NoFile {
        /// The fault's name.
        fault: &'static str,
        /// The file.
        file: File,
    },
    /// A key could not be made.
    #[error("the chip's {what} cannot be made")]
    Key {
        /// Which.
        what: &'static str,
    },
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Whose it is.
    pub person: Person,
    /// What it can do.
    pub chip: Chip,
    /// What is wrong with it.
    pub faults: Faults,
    /// Chance of its challenges and keys for one use.
    pub seed: u64,
}

/// What a chip can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chip {
    /// Curve of PACE and of chip authentication.
    pub curve: Curve,
    /// Cipher of PACE.
    pub cipher: Cipher,
    /// Basic access control, too.
    pub bac: bool,
    /// Chip authentication.
    pub chip_authentication: ChipAuthentication,
    /// Active authentication.
    pub active_authentication: ActiveAuthentication,
    /// How keys of data groups 14 and 15 and of the document signer say their curve.
    pub parameters: Parameters,
    /// Data group 13 has one more SEQUENCE around its entries.
    pub dg13_in_sequence: bool,
    /// Data groups 11, 12 and 16, which Vietnamese cards have not.
    pub details: Details,
}

impl Default for Chip {
    fn default() -> Self {
        Self {
            curve: Curve::default(),
            cipher: Cipher::default(),
            bac: true,
            chip_authentication: ChipAuthentication::default(),
            active_authentication: ActiveAuthentication::default(),
            parameters: Parameters::default(),
            dg13_in_sequence: false,
            details: Details::default(),
        }
    }
}

impl Profile {
    /// Reads TOML.
    ///
    /// # Errors
    /// When it is none, has fields that no card has, or values that no invented person has.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|source| ProfileError::Parse { source })?;
        profile.check()?;
        Ok(profile)
    }

    /// Reads a TOML file; the portrait's path in it is relative to its folder.
    ///
    /// # Errors
    /// As [`Profile::parse`], or when the file cannot be read.
    pub fn load(path: &Path) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path).map_err(|source| ProfileError::Read { path: path.into(), source })?;
        let mut profile = Self::parse(&text)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        profile.person.portrait = profile.person.portrait.map(|portrait| folder.join(portrait));
        Ok(profile)
    }

    /// That fields fit which are plain text.
    pub(super) fn check(&self) -> Result<(), ProfileError> {
        let Person { number, full_name, .. } = &self.person;
        if number.len() != 12 || !is_digits(number) || !number.starts_with("099") {
            return Err(ProfileError::Number { given: number.clone() });
        }
        if !full_name.chars().any(char::is_alphabetic) {
            return Err(ProfileError::Name { given: full_name.clone() });
        }
        let can = self.person.access_number();
        if can.len() != 6 || !is_digits(can) {
            return Err(ProfileError::AccessNumber { given: can.into() });
        }
        Ok(())
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
