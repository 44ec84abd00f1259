//! A small client of the control port, for `kiosk-simulate ctl` and for tests.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Largest answer taken.
const ANSWER_MAX: usize = 64 << 20;

/// Why a control port did not do as told.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL is not one of a control port.
    #[error("{url:?} is no control port's URL; it looks like http://127.0.0.1:PORT")]
    Url {
        /// The URL given.
        url: String,
    },
    /// Nobody listens.
    #[error("no control port answers at {url}; is kiosk-simulate running?")]
    Connect {
        /// The URL given.
        url: String,
        /// Why.
        source: std::io::Error,
    },
    /// The conversation broke off.
    #[error("the control port's answer broke off")]
    Http(#[from] hyper::Error),
    /// The answer is too large.
    #[error("the control port's answer is larger than {ANSWER_MAX} bytes or broke off")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It refused.
    #[error("the control port refuses ({status}): {message}")]
    Refused {
        /// HTTP status.
        status: StatusCode,
        /// Its explanation.
        message: String,
    },
}

/// A control port somewhere on this machine.
#[derive(Debug, Clone)]
pub struct Client {
    url: String,
    authority: String,
}

impl Client {
    /// The control port at `http://127.0.0.1:PORT`.
    ///
    /// # Errors
    /// When that is no such URL.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::Url { url: url.to_owned() };
        let uri: Uri = url.parse().map_err(|_| wrong())?;
        let authority = uri.authority().filter(|authority| authority.port().is_some());
        let authority = authority.filter(|_| uri.scheme_str() == Some("http")).ok_or_else(wrong)?;
        Ok(Self { url: url.to_owned(), authority: authority.to_string() })
    }

    /// `GET` of a path.
    ///
    /// # Errors
    /// When it does not answer or refuses.
    pub async fn get(&self, path: &str) -> Result<Bytes, ClientError> {
        self.ask(Method::GET, path, Bytes::new()).await
    }

    /// `POST` of a JSON order to a path.
    ///
    /// # Errors
    /// When it does not answer or refuses.
    pub async fn post(&self, path: &str, order: &Value) -> Result<Bytes, ClientError> {
        self.ask(Method::POST, path, order.to_string().into()).await
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, ClientError> {
        let connect = |source| ClientError::Connect { url: self.url.clone(), source };
        let stream = TcpStream::connect(&self.authority).await.map_err(connect)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driving = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, &self.authority)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|_| ClientError::Url { url: format!("{}{path}", self.url) })?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body =
            Limited::new(response.into_body(), ANSWER_MAX).collect().await.map_err(ClientError::Body)?.to_bytes();
        driving.abort();
        if status.is_success() {
            return Ok(body);
        }
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let message = answer.get("error").and_then(Value::as_str).unwrap_or("no reason given").to_owned();
        Err(ClientError::Refused { status, message })
    }
}
