//! What comes from elsewhere: time stamps, and what authorities say of revoked certificates. Who calls gives the transport.

use std::time::Duration;

/// Why nothing came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

/// Takes requests to a time stamp authority.
pub trait TimeStamper {
    /// Sends a `TimeStampReq` (RFC 3161, section 2.4.1; `application/timestamp-query`), and gives the `TimeStampResp`, both
    /// DER. It must end by itself within a time that suits a citizen who waits.
    ///
    /// # Errors
    /// [`FetchError`], if nothing came.
    fn time_stamp(&self, request: &[u8]) -> Result<Vec<u8>, FetchError>;

    /// How many bytes a token of this authority has at most. The file keeps twice as many for it, so a wild guess costs
    /// space, and one too small an error.
    fn token_bytes(&self) -> usize {
        10 * 1024
    }
}

/// Asks authorities about certificates.
pub trait Fetch {
    /// Posts an `OCSPRequest` to an address (RFC 6960, appendix A; `application/ocsp-request`), and gives the
    /// `OCSPResponse`, both DER.
    ///
    /// # Errors
    /// [`FetchError`], if nothing came.
    fn ocsp(&self, address: &str, request: &[u8]) -> Result<Vec<u8>, FetchError>;

    /// Gets a list of revoked certificates, DER (RFC 5280, section 4.2.1.13).
    ///
    /// # Errors
    /// [`FetchError`], if nothing came.
    fn list(&self, address: &str) -> Result<Vec<u8>, FetchError>;
}

/// How far the clocks of two machines may be apart.
pub(crate) const CLOCKS: Duration = Duration::from_secs(300);
