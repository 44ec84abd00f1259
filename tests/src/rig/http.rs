//! HTTP as a careful client does it, and raw bytes as a careless or hostile one does.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// `GET`s a path, with a session's token if it needs one.
pub async fn get(at: SocketAddr, path: &str, token: Option<&str>) -> Answer {
    whole(open(at, path, token).await).await
}

/// `POST`s JSON.
pub async fn post(at: SocketAddr, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/json");
    whole(send(at, request.body(Full::from(body.to_string())).expect("the request is well formed")).await).await
}

/// `POST`s bytes.
pub async fn post_bytes(at: SocketAddr, path: &str, bytes: impl Into<Bytes>) -> Answer {
    whole(send(at, Request::post(path).body(Full::new(bytes.into())).expect("the request is well formed")).await).await
}

/// Sends bytes as a blob of the session that this token belongs to.
pub async fn upload(at: SocketAddr, token: &str, bytes: impl Into<Bytes>) -> Answer {
    let request = Request::post("/v1/blobs").header(header::AUTHORIZATION, format!("Bearer {token}"));
    whole(send(at, request.body(Full::new(bytes.into())).expect("the request is well formed")).await).await
}

/// Throws a blob away.
pub async fn delete(at: SocketAddr, path: &str, token: &str) -> Answer {
    let request = Request::delete(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    whole(send(at, request.body(Full::default()).expect("the request is well formed")).await).await
}

/// `GET`s a path and returns when the head of the answer is there; the body is read with [`next_bytes`].
pub async fn open(at: SocketAddr, path: &str, token: Option<&str>) -> Response<Incoming> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    send(at, request.body(Full::default()).expect("the request is well formed")).await
}

/// The next bytes of a body; `None` at its end, an error where it breaks off.
pub async fn next_bytes(response: &mut Response<Incoming>) -> Option<Result<Bytes, hyper::Error>> {
    loop {
        let frame = timeout(PATIENCE, response.body_mut().frame()).await.expect("the body goes on")?;
        match frame.map(|frame| frame.into_data().ok()) {
            Ok(Some(bytes)) => return Some(Ok(bytes)),
            Ok(None) => {}
            Err(error) => return Some(Err(error)),
        }
    }
}

async fn whole(response: Response<Incoming>) -> Answer {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = timeout(PATIENCE, response.into_body().collect()).await.expect("the body comes in time");
    Answer { status, headers, body: body.expect("the body is whole").to_bytes() }
}

async fn send(at: SocketAddr, mut request: Request<Full<Bytes>>) -> Response<Incoming> {
    let host = at.to_string().parse().expect("an address is a header value");
    request.headers_mut().insert(header::HOST, host);
    let path = request.uri().clone();
    let exchange = async {
        let stream = TcpStream::connect(at).await.unwrap_or_else(|error| panic!("cannot connect to {at}: {error}"));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake does no I/O");
        tokio::spawn(connection);
        sender.send_request(request).await.unwrap_or_else(|error| panic!("http://{at}{path}: {error}"))
    };
    timeout(PATIENCE, exchange).await.unwrap_or_else(|_| panic!("http://{at}{path} does not answer"))
}

/// Sends bytes as they are and returns all that comes back until the other side closes. `HERE` stands for the address.
pub async fn raw(at: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(at).await.expect("the gateway takes connections");
    stream.write_all(text.replace("HERE", &at.to_string()).as_bytes()).await.expect("bytes can be sent");
    let mut answer = Vec::new();
    // A reset after the answer is an end, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("the other side closes in time");
    String::from_utf8_lossy(&answer).into_owned()
}
