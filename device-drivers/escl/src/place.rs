//! Where a scanner is: the address `http://HOST[:PORT]/eSCL` taken apart, and the paths below it.

#[cfg(test)]
mod tests;

use hyper::Uri;
use kiosk_driver_sdk::{Address, OpenError};

/// Longest path of a job that is taken from a scanner.
const PATH_MAX: usize = 1024;

/// A scanner's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The host to connect to, without brackets.
    pub(crate) host: String,
    /// The port to connect to.
    pub(crate) port: u16,
    /// Host and port as the `Host` header has them.
    pub(crate) authority: String,
    /// The path of the service, without a slash at its end, for example `/eSCL`.
    root: String,
}

impl Place {
    /// Takes the address apart.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it should look.
    pub(crate) fn of(address: &Address) -> Result<Self, OpenError> {
        address.expect_scheme(&["http"])?;
        let bad = |what: &str| {
            OpenError::BadConfig(format!(
                "address `{}` {what}; write for example `http://192.168.1.7/eSCL`",
                address.text
            ))
        };
        let uri: Uri = address.text.parse().map_err(|error| bad(&format!("is not a URL ({error})")))?;
        let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(bad("names no host"));
        }
        if authority.as_str().contains('@') {
            return Err(bad("has a user name, which eSCL does not use"));
        }
        if uri.query().is_some() || address.text.contains('#') {
            return Err(bad("has something behind its path"));
        }
        let port = match authority.port() {
            Some(port) => Some(port.as_u16()).filter(|port| *port != 0),
            // A colon with nothing, or nothing that is a port, behind it.
            None if after_brackets(authority.as_str()).contains(':') => None,
            None => Some(80),
        };
        let port = port.ok_or_else(|| bad("has a port that is not a number from 1 to 65535"))?;
        let root = match uri.path().trim_end_matches('/') {
            "" => "/eSCL",
            path => path,
        };
        Ok(Self { host: host.to_owned(), port, authority: authority.as_str().to_owned(), root: root.to_owned() })
    }

    /// The path of a resource of the service, for example `/eSCL/ScannerStatus`.
    pub(crate) fn path(&self, resource: &str) -> String {
        format!("{}/{resource}", self.root)
    }

    /// The path of a job from its `Location`; `None` if that is none.
    ///
    /// Only the path counts, and it is asked for at the address of the configuration: nothing that a scanner says
    /// leads anywhere else, and a scanner that does not know by which name it was reached is not misunderstood.
    pub(crate) fn job(&self, location: &str) -> Option<String> {
        let path = if location.starts_with('/') {
            location.to_owned()
        } else if location.contains("://") {
            location.parse::<Uri>().ok()?.path().to_owned()
        } else if location.is_empty() {
            return None;
        } else {
            self.path(location)
        };
        let path = path.trim_end_matches('/').to_owned();
        let fits = path.len() > 1 && path.len() <= PATH_MAX && path.bytes().all(|byte| byte.is_ascii_graphic());
        // With its query a path would not be one any more when something is put behind it.
        (fits && !path.contains(['?', '#'])).then_some(path)
    }
}

/// The part of a host that a port can be in: an IPv6 address has colons of its own, in brackets.
fn after_brackets(authority: &str) -> &str {
    &authority[authority.rfind(']').map_or(0, |at| at + 1)..]
}
