//! HTTP/1.1 with a camera: one connection for each stream or picture, dropped with it. Nothing is followed anywhere.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, USER_AGENT, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::multipart::{Found, Multipart, PICTURE_MAX, Picture};
use crate::place::Place;
use crate::trouble::Trouble;

/// How long a connection may take.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_millis(2000);
/// How long a camera may take to begin an answer; some start their encoder then.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Largest read at once, bytes; also the longest head of an answer.
const BUFFER: usize = 256 << 10;
/// Most header lines of an answer.
const HEADERS_MAX: usize = 100;
/// Most reads of what has come already, before the newest of it is used.
const DRAINED_MAX: usize = 64;

/// What to ask for, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) place: Place,
    /// The `Authorization` header.
    pub(crate) authorization: Option<String>,
}

/// An answer whose body is on its way.
struct Answer {
    headers: HeaderMap,
    body: Incoming,
    /// The task that moves the bytes; it ends with this value.
    connection: JoinHandle<()>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Does anybody listen there? Asks for nothing, so that no camera starts its encoder for it.
pub(crate) async fn is_there(place: &Place) -> Result<(), Trouble> {
    connect(place).await.map(drop)
}

async fn connect(place: &Place) -> Result<TcpStream, Trouble> {
    let absent = |reason: &str| Trouble::Absent { at: place.authority.clone(), reason: reason.to_owned() };
    let connected = timeout(CONNECT_WITHIN, TcpStream::connect((place.host.as_str(), place.port))).await;
    let stream = connected.map_err(|_| absent("nothing answers there"))?.map_err(|error| absent(&error.to_string()))?;
    stream.set_nodelay(true).map_err(|error| absent(&error.to_string()))?;
    Ok(stream)
}

impl Source {
    /// Asks, and waits for the head of a good answer.
    async fn ask(&self, accept: &'static str) -> Result<Answer, Trouble> {
        let stream = connect(&self.place).await?;
        timeout(ANSWER_WITHIN, self.exchange(stream, accept)).await.unwrap_or(Err(Trouble::Silent(ANSWER_WITHIN)))
    }

    async fn exchange(&self, stream: TcpStream, accept: &'static str) -> Result<Answer, Trouble> {
        let not_http = |error: &dyn std::fmt::Display| Trouble::NotHttp(shown(&error.to_string()));
        let mut request = Request::get(&self.place.target)
            .header(HOST, &self.place.authority)
            .header(ACCEPT, accept)
            .header(USER_AGENT, concat!("kiosk-driver-mjpeg/", env!("CARGO_PKG_VERSION")));
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| not_http(&error))?;
        let mut connection = http1::Builder::new();
        connection.max_buf_size(BUFFER).max_headers(HEADERS_MAX).ignore_invalid_headers_in_responses(true);
        let shaken = connection.handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(|error| broken(&error))?;
        let connection = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to the camera broke");
            }
        });
        let sent = sender.send_request(request).await;
        let (head, body) = match sent {
            Ok(response) => response.into_parts(),
            Err(error) => {
                connection.abort();
                return Err(broken(&error));
            }
        };
        let answer = Answer { headers: head.headers, body, connection };
        match head.status {
            StatusCode::OK => Ok(answer),
            StatusCode::UNAUTHORIZED => {
                let digest = answer.header(&WWW_AUTHENTICATE).to_ascii_lowercase().starts_with("digest");
                Err(Trouble::Login { digest })
            }
            status => Err(Trouble::Refused { status: status.as_u16() }),
        }
    }

    /// Takes one picture.
    ///
    /// # Errors
    /// [`Trouble::NotAPicture`] if the answer is none.
    pub(crate) async fn snapshot(&self) -> Result<Picture, Trouble> {
        let begun = Instant::now();
        let mut answer = self.ask("image/jpeg, */*;q=0.5").await?;
        let media_type = answer.header(&CONTENT_TYPE).to_owned();
        if media_type.starts_with("multipart/") || media_type.starts_with("text/") {
            return Err(Trouble::NotAPicture(shown(&media_type)));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if bytes.len() + chunk.len() > PICTURE_MAX {
                return Err(Trouble::LongPicture);
            }
            bytes.extend_from_slice(&chunk);
        }
        match kiosk_jpeg::check(&bytes) {
            Ok(seen) => {
                let (width, height) = (seen.width, seen.height);
                Ok(Picture { bytes, width, height, begun })
            }
            Err(kiosk_jpeg::JpegError::NotJpeg) => Err(Trouble::NotAPicture(shown(&media_type))),
            Err(error) => Err(Trouble::Damaged { dropped: 1, last: error.to_string() }),
        }
    }

    /// Begins a stream.
    ///
    /// # Errors
    /// What the answer is instead.
    pub(crate) async fn stream(&self) -> Result<Stream, Trouble> {
        let answer = self.ask("multipart/x-mixed-replace, */*;q=0.5").await?;
        let media_type = answer.header(&CONTENT_TYPE);
        let kind = media_type.trim().to_ascii_lowercase();
        if kind.starts_with("image/") {
            return Err(Trouble::OnePicture);
        }
        if !kind.starts_with("multipart/") {
            return Err(Trouble::NotAStream(shown(media_type)));
        }
        let parts = Multipart::of(media_type).ok_or(Trouble::NoBoundary)?;
        Ok(Stream { answer, parts, newest: None })
    }
}

impl Answer {
    /// A header as text; empty if there is none.
    fn header(&self, name: &HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The next bytes of the body as they came; `None` at its end. Dropped while it waits, it loses nothing.
    async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => {
                    tracing::debug!(%error, "the camera's answer broke off");
                    return Err(Trouble::Cut);
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Ok(Some(data)),
                    // Trailers are no data; empty frames are no progress.
                    _ => {}
                },
            }
        }
    }
}

/// A stream of pictures.
pub(crate) struct Stream {
    answer: Answer,
    parts: Multipart,
    newest: Option<Newest>,
}

/// The newest of the pictures that have come.
pub(crate) struct Newest {
    pub(crate) picture: Picture,
    /// How many were there, with those that are older.
    pub(crate) pictures: u32,
}

/// What came.
pub(crate) enum Came {
    Newest(Newest),
    /// A part that is no whole picture.
    Damaged(String),
}

impl Stream {
    /// Waits for a picture, and takes the newest of those that are there. Dropped while it waits, it loses nothing.
    ///
    /// # Errors
    /// [`Trouble::Cut`] at the end of the stream.
    pub(crate) async fn next(&mut self) -> Result<Came, Trouble> {
        let mut drained = 0;
        loop {
            let chunk = if self.newest.is_some() {
                drained += 1;
                // Only what is there already.
                match self.answer.chunk().now_or_never().filter(|_| drained < DRAINED_MAX) {
                    Some(Ok(Some(chunk))) => Some(chunk),
                    // The end of the stream is told when it is waited for again.
                    Some(Ok(None) | Err(_)) | None => None,
                }
            } else {
                Some(self.answer.chunk().await?.ok_or(Trouble::Cut)?)
            };
            let Some(chunk) = chunk else {
                return self.newest.take().map(Came::Newest).ok_or(Trouble::Cut);
            };
            let mut damaged = None;
            for found in self.parts.push(&chunk, Instant::now()) {
                match found {
                    Found::Picture(picture) => {
                        let pictures = self.newest.as_ref().map_or(1, |older| older.pictures.saturating_add(1));
                        self.newest = Some(Newest { picture, pictures });
                    }
                    Found::Damaged(problem) => damaged = Some(problem),
                }
            }
            if let Some(problem) = damaged.filter(|_| self.newest.is_none()) {
                return Ok(Came::Damaged(problem));
            }
            if self.newest.is_none() && self.parts.is_over() {
                return Err(Trouble::Cut);
            }
        }
    }
}

/// What it means that the head of an answer did not come.
fn broken(error: &hyper::Error) -> Trouble {
    if error.is_parse() { Trouble::NotHttp(shown(&error.to_string())) } else { Trouble::Cut }
}

/// Text from the wire as it may stand in a message: short, without control characters.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
