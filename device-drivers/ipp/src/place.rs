//! Where a printer is: `ipp://HOST[:PORT]/PATH` (RFC 8010, section 4 and RFC 3510), usually `ipp://printer/ipp/print`;
//! encrypted with `ipps://` (RFC 7472).

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::{Address, OpenError};

use crate::tls::{Tls, Trust};

/// The port of IPP (RFC 8010, section 4), encrypted or not (RFC 7472, section 4.1).
const PORT: u16 = 631;

/// A printer's place.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Of the resource, with a leading slash.
    pub(crate) path: String,
    /// How connections are encrypted; `None`: they are not.
    pub(crate) tls: Option<Tls>,
}

impl Place {
    /// Reads the address. An encrypted printer needs something to be known by.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it is written.
    pub(crate) fn of(address: &Address, trust: Option<&Trust>) -> Result<Self, OpenError> {
        let bad = |why: &str| OpenError::BadConfig(format!("address `{}`: {why}", address.text));
        address.expect_scheme(&["ipp", "ipps"])?;
        let encrypted = address.scheme == "ipps";
        if encrypted && trust.is_none() {
            return Err(bad(
                "an encrypted printer is known by its certificate: give config.tls_sha256 (what `openssl s_client -connect \
                 HOST:631 </dev/null | openssl x509 -noout -fingerprint -sha256` says, compared with what the printer's own \
                 pages show) or config.tls_ca",
            ));
        }
        if !encrypted && trust.is_some() {
            return Err(bad("config.tls_sha256 and config.tls_ca are for encrypted printers: write `ipps://`"));
        }
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
        let place = Self { host: host.to_owned(), port, path, tls: None };
        let tls = trust.map(|trust| Tls::new(place.lookup(), trust)).transpose()?;
        Ok(Self { tls, ..place })
    }

    /// `HOST[:PORT]`.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// As IPP messages name the printer.
    pub(crate) fn uri(&self) -> String {
        let scheme = if self.tls.is_some() { "ipps" } else { "ipp" };
        format!("{scheme}://{}{}", self.authority(), self.path)
    }

    /// The host as it is looked up: an IPv6 address without its brackets.
    pub(crate) fn lookup(&self) -> &str {
        self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&self.host)
    }
}
