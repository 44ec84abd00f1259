//! A URL taken apart: `http://HOST[:PORT]/PATH?QUERY`.

#[cfg(test)]
mod tests;

use hyper::Uri;
use kiosk_driver_sdk::OpenError;

/// Longest URL.
const URL_MAX: usize = 2048;

/// Where to connect, and what to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The host to connect to, without brackets.
    pub(crate) host: String,
    /// The port to connect to.
    pub(crate) port: u16,
    /// Host and port as the `Host` header has them.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) target: String,
}

impl Place {
    /// Takes a URL apart; `what` names it in messages (`address`, `config.snapshot`).
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it should look.
    pub(crate) fn of(what: &str, url: &str) -> Result<Self, OpenError> {
        let bad = |problem: &str| {
            // A password may stand in it.
            let shown = if url.contains('@') { "…" } else { url };
            OpenError::BadConfig(format!(
                "{what} `{shown}` {problem}; write for example `http://192.168.1.8:8080/stream`"
            ))
        };
        if url.len() > URL_MAX {
            return Err(OpenError::BadConfig(format!("{what} is longer than {URL_MAX} bytes")));
        }
        let uri: Uri = url.parse().map_err(|_| bad("is not a URL"))?;
        if uri.scheme_str() != Some("http") {
            return Err(bad("does not begin with `http://` (encrypted connections are not spoken)"));
        }
        let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("has a login in it: set `config.user` and `config.password_file` instead"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let behind_host = &authority.as_str()[authority.host().len()..];
        let port = match behind_host.strip_prefix(':') {
            None => Some(80),
            Some(port) => port.parse().ok().filter(|port| *port != 0),
        };
        let port = port.ok_or_else(|| bad("has a port that is not a number from 1 to 65535"))?;
        if host.is_empty() || url.contains('#') {
            return Err(bad(if host.is_empty() { "names no host" } else { "has a `#`" }));
        }
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Self { host: host.to_owned(), port, authority: authority.as_str().to_owned(), target: target.to_owned() })
    }
}
