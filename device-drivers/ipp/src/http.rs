//! IPP over HTTP/1.1 (RFC 8010, section 4), encrypted where the place says so: one connection an exchange, which is dropped with it. Nothing is followed
//! anywhere, and no answer is read beyond its cap.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use kiosk_driver_sdk::Guard;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::place::Place;
use crate::trouble::Trouble;
use crate::wire::{ANSWER_MAX, shown};

/// How long a connection may take. With [`ANSWER_WITHIN`] it fits into the time of one probe.
const CONNECT_WITHIN: Duration = Duration::from_millis(2000);
/// How long a printer may take to answer a question about itself.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_millis(2500);
/// Largest read at once, bytes; also the longest head of an answer.
const BUFFER: usize = 64 << 10;
/// Most header lines of an answer.
const HEADERS_MAX: usize = 100;
/// The media type of IPP messages (RFC 8010, section 3).
const IPP: &str = "application/ipp";

/// The task that moves the bytes; the connection ends with this value.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a message (with a document behind it) and waits for the whole answer.
///
/// # Errors
/// [`Trouble::Absent`] if there is no printer; all others leave open whether it has taken the message.
pub(crate) async fn exchange(
    place: &Place,
    message: Bytes,
    what: &'static str,
    within: Duration,
    guard: &Guard,
) -> Result<Vec<u8>, Trouble> {
    let connect = async {
        let connected = TcpStream::connect((place.lookup(), place.port));
        let connected = tokio::time::timeout(CONNECT_WITHIN, connected).await;
        let stream = connected.map_err(|_| absent(place, "nothing answers there"))?;
        stream
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
            .map_err(|error| absent(place, &error.to_string()))
    };
    let stream = guard.run(what, CONNECT_WITHIN * 2, connect).await?;
    let Some(tls) = &place.tls else {
        return guard.run(what, within, speak(place, stream, message, what)).await;
    };
    let stream = guard.run(what, CONNECT_WITHIN, tls.wrap(stream)).await?;
    guard.run(what, within, speak(place, stream, message, what)).await
}

async fn speak(
    place: &Place,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    message: Bytes,
    what: &'static str,
) -> Result<Vec<u8>, Trouble> {
    let request = Request::post(&place.path)
        .header(HOST, place.authority())
        .header(USER_AGENT, concat!("kiosk-driver-ipp/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, IPP)
        .body(Full::new(message))
        .map_err(|error| Trouble::NotHttp { what, reason: shown(&error.to_string()) })?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER)
        .max_headers(HEADERS_MAX)
        .ignore_invalid_headers_in_responses(true)
        .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(|error| broken(what, &error))?;
    let _connection = Connection(tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(error = %error, "a connection to the printer broke");
        }
    }));
    let response = sender.send_request(request).await.map_err(|error| broken(what, &error))?;
    let (head, mut body) = response.into_parts();
    if head.status != StatusCode::OK {
        return Err(Trouble::Http { what, status: head.status.as_u16() });
    }
    let mut answer = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Trouble::Cut { what })?;
        if let Ok(data) = frame.into_data() {
            if answer.len() + data.len() > ANSWER_MAX {
                return Err(Trouble::LongAnswer { what });
            }
            answer.extend_from_slice(&data);
        }
    }
    Ok(answer)
}

fn absent(place: &Place, reason: &str) -> Trouble {
    Trouble::Absent { at: place.authority(), reason: reason.to_owned() }
}

/// What it means that the head of an answer did not come.
fn broken(what: &'static str, error: &hyper::Error) -> Trouble {
    tracing::debug!(?error, what, "the printer's answer did not come");
    if error.is_parse() { Trouble::NotHttp { what, reason: shown(&error.to_string()) } } else { Trouble::Cut { what } }
}
