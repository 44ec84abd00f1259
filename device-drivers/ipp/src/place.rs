//! Where a printer is: `ipp://HOST[:PORT]/PATH` (RFC 8010, section 4 and RFC 3510), usually `ipp://printer/ipp/print`.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::{Address, OpenError};

/// The port of IPP (RFC 8010, section 4).
const PORT: u16 = 631;

/// A printer's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Of the resource, with a leading slash.
    pub(crate) path: String,
}

impl Place {
    /// Reads the address.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it is written.
    pub(crate) fn of(address: &Address) -> Result<Self, OpenError> {
        let bad = |why: &str| OpenError::BadConfig(format!("address `{}`: {why}", address.text));
        if address.scheme == "ipps" {
            return Err(bad(
                "encrypted IPP is not supported: write `ipp://`, and keep the printer in the kiosk's own network or at its USB port",
            ));
        }
        address.expect_scheme(&["ipp"])?;
        if !address.options.is_empty() {
            return Err(bad("an IPP address has no options"));
        }
        let (authority, path) = address.rest.split_once('/').unwrap_or((&address.rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            // An IPv6 address has colons too, inside brackets.
            Some((host, port)) if !port.contains(']') => (
                host,
                port.parse()
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(|| bad("its port is no number from 1 to 65535"))?,
            ),
            _ => (authority, PORT),
        };
        let fine = |c: char| c.is_ascii_graphic() && !"@\"<>\\^`{|}".contains(c);
        if host.is_empty() || !host.chars().all(fine) || !path.chars().all(fine) {
            return Err(bad("write it as `ipp://HOST[:PORT]/ipp/print`"));
        }
        let path = if path.is_empty() { "/ipp/print".to_owned() } else { format!("/{path}") };
        Ok(Self { host: host.to_owned(), port, path })
    }

    /// `HOST[:PORT]`.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// As IPP messages name the printer.
    pub(crate) fn uri(&self) -> String {
        format!("ipp://{}{}", self.authority(), self.path)
    }

    /// The host as it is looked up: an IPv6 address without its brackets.
    pub(crate) fn lookup(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }
}
