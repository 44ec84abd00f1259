//! How `kiosk-pades` reaches authorities: OCSP responders, lists of revoked certificates, time stamp authorities, over HTTP.
//!
//! A crate of its own, so that `kiosk-pades` opens no connection, and who only judges offline is not built with a client.
//! Blocking, for processes and threads that may wait: the signer, the command line, `spawn_blocking`.
//!
//! Bounded, whoever answers: an exchange ends after [`EXCHANGE`], also if the answer trickles; an answer has [`LARGEST`] bytes
//! at most; it is asked at the address that was given and nowhere else (no redirects, no proxies of the environment). What
//! came is signed, and `kiosk-pades` checks that, so this has no TLS: responders and lists are at `http://` addresses (RFC
//! 5280, section 8, asks for that), and an `https://` one is an error that says so.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use kiosk_pades::{Fetch, FetchError, TimeStamper};
use ureq::http::StatusCode;
use ureq::{Agent, Error};

/// How long an exchange takes at most, from the look-up of the name to the last byte.
pub const EXCHANGE: Duration = Duration::from_secs(10);
/// Most bytes of an answer. A list of 100,000 revoked certificates has about as many.
pub const LARGEST: u64 = 4 << 20;

/// A client. Each exchange has a connection of its own: there are few, and one that was kept may be dead.
#[derive(Clone, Debug)]
pub struct Http {
    agent: Agent,
    exchange: Duration,
    until: Option<Instant>,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// A client for as many exchanges as are wanted.
    pub fn new() -> Self {
        let agent = Agent::config_builder()
            .proxy(None)
            .max_idle_connections(0)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent("kiosk-gateway")
            .accept("*/*")
            .build()
            .new_agent();
        Self { agent, exchange: EXCHANGE, until: None }
    }

    /// A client whose exchanges all together end within this time from now: for who asks about a file that somebody else
    /// chose, which may name many authorities that do not answer.
    pub fn within(limit: Duration) -> Self {
        Self { until: Instant::now().checked_add(limit), ..Self::new() }
    }

    /// Posts a body, or gets if there is none.
    fn exchange(&self, address: &str, kind: &str, body: Option<&[u8]>) -> Result<Vec<u8>, FetchError> {
        if !address.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://")) {
            return Err(FetchError(
                "only http:// addresses are asked: what authorities say is signed anyway".to_owned(),
            ));
        }
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(FetchError("the time for all questions is over".to_owned()));
        }
        let limit = left.unwrap_or(self.exchange).min(self.exchange);
        let answer = match body {
            Some(body) => {
                self.agent.post(address).config().timeout_global(Some(limit)).build().content_type(kind).send(body)
            }
            None => self.agent.get(address).config().timeout_global(Some(limit)).build().call(),
        };
        let mut answer = answer.map_err(|error| failed(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError(format!("the server answered with status {}", answer.status().as_u16())));
        }
        answer.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(|error| failed(&error))
    }
}

fn failed(error: &Error) -> FetchError {
    FetchError(match error {
        Error::Timeout(_) => "the server did not answer in time".to_owned(),
        Error::HostNotFound => "the server's name is not known".to_owned(),
        Error::BodyExceedsLimit(_) => format!("the answer has more than {LARGEST} bytes"),
        Error::BadUri(_) | Error::Http(_) => "the address is none".to_owned(),
        other => other.to_string(),
    })
}

impl Fetch for Http {
    fn ocsp(&self, address: &str, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        self.exchange(address, "application/ocsp-request", Some(request))
    }

    fn list(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        self.exchange(address, "", None)
    }
}

/// A time stamp authority.
#[derive(Clone, Debug)]
pub struct HttpTimeStamper {
    http: Http,
    address: String,
    token_bytes: usize,
}

impl HttpTimeStamper {
    /// An authority at an `http://` address. `token_bytes`: how many bytes its tokens have at most
    /// ([`TimeStamper::token_bytes`]); 10 KiB suit most.
    pub fn new(http: Http, address: &str, token_bytes: usize) -> Self {
        Self { http, address: address.to_owned(), token_bytes }
    }
}

impl TimeStamper for HttpTimeStamper {
    fn time_stamp(&self, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        self.http.exchange(&self.address, "application/timestamp-query", Some(request))
    }

    fn token_bytes(&self) -> usize {
        self.token_bytes
    }
}
