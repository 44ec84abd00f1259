//! HTTP/1.1 with one scanner: one connection an exchange, which is dropped with it. Nothing is followed anywhere.
//!
//! A connection each costs a millisecond, and in return a dropped exchange is a cancelled one, and no exchange begins
//! on a connection that the scanner has just given up.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use kiosk_driver_sdk::Guard;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::place::Place;
use crate::trouble::Trouble;
use crate::wire::shown;
use crate::wire::xml::XML_MAX;

/// How long a connection may take. With [`ANSWER_WITHIN`] it fits into the time of one probe.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_millis(2000);
/// How long a scanner may take to say how it is.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_millis(2500);

/// Largest read at once, bytes; also the longest head of an answer.
const BUFFER: usize = 128 << 10;
/// Most header lines of an answer.
const HEADERS_MAX: usize = 100;

/// A question to the scanner.
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// XML; empty for all but a new job.
    pub(crate) body: String,
    /// For messages: what it asks for.
    pub(crate) what: &'static str,
}

impl Question {
    /// Asks for a resource.
    pub(crate) fn get(path: String, what: &'static str) -> Self {
        Self { method: Method::GET, path, body: String::new(), what }
    }
}

/// The head of an answer, with the rest on its way.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: hyper::HeaderMap,
    body: Incoming,
    what: &'static str,
    _connection: Connection,
}

/// The task that moves the bytes; the connection ends with this value.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Asks and waits for the head of the answer.
///
/// # Errors
/// [`Trouble::Absent`] if there is no scanner, [`Trouble::Silent`] if its answer takes longer than `within`.
pub(crate) async fn ask(place: &Place, question: Question, within: Duration, guard: &Guard) -> Result<Answer, Trouble> {
    let what = question.what;
    let connect = async {
        let connected = tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect((place.host.as_str(), place.port)));
        let stream = connected.await.map_err(|_| absent(place, "nothing answers there"))?;
        stream
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
            .map_err(|error| absent(place, &error.to_string()))
    };
    let stream = guard.run(what, CONNECT_WITHIN * 2, connect).await?;
    guard.run(what, within, exchange(place, stream, question)).await
}

async fn exchange(place: &Place, stream: TcpStream, question: Question) -> Result<Answer, Trouble> {
    let Question { method, path, body, what } = question;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, &place.authority)
        .header(USER_AGENT, concat!("kiosk-driver-escl/", env!("CARGO_PKG_VERSION")));
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "text/xml; charset=utf-8");
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| Trouble::NotHttp { what, reason: shown(&error.to_string()) })?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER)
        .max_headers(HEADERS_MAX)
        .ignore_invalid_headers_in_responses(true)
        .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(|error| broken(place, what, &error))?;
    let connection = Connection(tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = %error, "a connection to the scanner broke");
        }
    }));
    let response = sender.send_request(request).await.map_err(|error| broken(place, what, &error))?;
    let (head, body) = response.into_parts();
    Ok(Answer { status: head.status, headers: head.headers, body, what, _connection: connection })
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The length of the body, if the scanner tells.
    pub(crate) fn length(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// The next bytes of the body as they came; `None` at its end.
    ///
    /// # Errors
    /// [`Trouble::Cut`] if the connection ends before the body does.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => {
                    tracing::debug!(error = %error, what = self.what, "the scanner's answer broke off");
                    return Err(Trouble::Cut { what: self.what });
                }
                // Trailers are no data; empty frames are no progress.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Ok(Some(data)),
                    _ => {}
                },
            }
        }
    }

    /// The body of a good answer (200), at most [`XML_MAX`] bytes.
    ///
    /// # Errors
    /// [`Trouble::Refused`] for any other answer.
    pub(crate) async fn document(mut self, within: Duration, guard: &Guard) -> Result<Vec<u8>, Trouble> {
        let what = self.what;
        if self.status != StatusCode::OK {
            return Err(Trouble::Refused { what, status: self.status.as_u16() });
        }
        let all = async {
            let mut document = Vec::new();
            while let Some(bytes) = self.chunk().await? {
                if document.len() + bytes.len() > XML_MAX {
                    return Err(Trouble::LongAnswer { what });
                }
                document.extend_from_slice(&bytes);
            }
            Ok(document)
        };
        guard.run(what, within, all).await
    }
}

fn absent(place: &Place, reason: &str) -> Trouble {
    Trouble::Absent { at: place.authority.clone(), reason: reason.to_owned() }
}

/// What it means that the head of an answer did not come.
fn broken(place: &Place, what: &'static str, error: &hyper::Error) -> Trouble {
    use std::io::ErrorKind as K;
    tracing::debug!(?error, what, "the scanner's answer did not come");
    // What ended the connection may be wrapped once more, as the reason why the question was given up.
    let source = std::error::Error::source(error);
    let error = source.and_then(|source| source.downcast_ref::<hyper::Error>()).unwrap_or(error);
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    match source.map(std::io::Error::kind) {
        Some(K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe) => absent(place, "it reset the connection"),
        Some(_) => Trouble::Cut { what },
        None if error.is_incomplete_message() || error.is_closed() || error.is_canceled() => Trouble::Cut { what },
        None => Trouble::NotHttp { what, reason: shown(&error.to_string()) },
    }
}
