//! Where a device is: `tcp:192.168.1.9:9100`, `serial:/dev/ttyUSB0?baud=115200`, `http://192.168.1.7/eSCL`,
//! `nut://localhost:3493/kiosk`.

use std::collections::BTreeMap;

/// An address, split at its scheme and options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The whole text.
    pub text: String,
    /// Before the first colon, for example `tcp`.
    pub scheme: String,
    /// Between the scheme and the options, without a leading `//`, for example `192.168.1.9:9100`.
    pub rest: String,
    /// After the `?`, for example `baud` → `115200`.
    pub options: BTreeMap<String, String>,
}

/// An address that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddressError {
    /// It has no scheme.
    #[error(
        "address `{0}` has no scheme; write for example `tcp:192.168.1.9:9100` or `serial:/dev/ttyUSB0?baud=115200`"
    )]
    NoScheme(String),
    /// An option is not `name=value`.
    #[error("address `{address}` has the option `{option}`; options are written `name=value`, with `&` between them")]
    Option {
        /// The address.
        address: String,
        /// The option.
        option: String,
    },
    /// The scheme is not one that this driver takes.
    #[error("address `{address}` begins with `{scheme}:`, which this driver does not take; it takes {takes}")]
    Scheme {
        /// The address.
        address: String,
        /// Its scheme.
        scheme: String,
        /// The schemes that would do.
        takes: String,
    },
}

impl Address {
    /// Splits an address.
    ///
    /// # Errors
    /// If it has no scheme, or an option is not `name=value`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once(':').ok_or_else(|| AddressError::NoScheme(text.into()))?;
        if scheme.is_empty() || rest.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(AddressError::NoScheme(text.into()));
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut options = BTreeMap::new();
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option
                .split_once('=')
                .ok_or_else(|| AddressError::Option { address: text.into(), option: option.into() })?;
            options.insert(name.to_owned(), value.to_owned());
        }
        let rest = rest.strip_prefix("//").unwrap_or(rest).to_owned();
        Ok(Self { text: text.into(), scheme: scheme.to_owned(), rest, options })
    }

    /// Refuses a scheme that the driver does not take.
    ///
    /// # Errors
    /// [`AddressError::Scheme`], naming those that it takes.
    pub fn expect_scheme(&self, takes: &[&str]) -> Result<(), AddressError> {
        if takes.contains(&self.scheme.as_str()) {
            return Ok(());
        }
        Err(AddressError::Scheme {
            address: self.text.clone(),
            scheme: self.scheme.clone(),
            takes: takes.iter().map(|scheme| format!("`{scheme}:`")).collect::<Vec<_>>().join(", "),
        })
    }
}
