//! A WebSocket to the gateway, with nothing between the test and the wire.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use kiosk_protocol::message::ServerMessage;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::rig::PATIENCE;

/// Why no message came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The gateway closed the connection, with this code (1005: with none).
    Closed(u16),
    /// The connection broke off.
    Broken,
    /// None came in time.
    Late,
}

/// A WebSocket, and the live pictures that came while somebody waited for something else.
pub struct Socket(WebSocketStream<TcpStream>, VecDeque<Vec<u8>>);

/// Something that came.
enum Come {
    Message(Box<ServerMessage>),
    Picture(Vec<u8>),
}

impl Socket {
    /// Connects as the gateway's own page does.
    pub async fn open(at: SocketAddr) -> Self {
        let opened = Self::open_from(at, Some(&format!("http://{at}"))).await;
        opened.unwrap_or_else(|error| panic!("cannot connect to ws://{at}/v1: {error}"))
    }

    /// Connects as a page of this origin does, or as a program does that names none.
    ///
    /// # Errors
    /// If the gateway refuses; `Error::Http` has its answer.
    pub async fn open_from(at: SocketAddr, origin: Option<&str>) -> Result<Self, Box<Error>> {
        let mut request = format!("ws://{at}/v1").into_client_request().expect("the address is well formed");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("an origin is a header value"));
        }
        let connect = async {
            let stream = TcpStream::connect(at).await?;
            stream.set_nodelay(true)?;
            tokio_tungstenite::client_async(request, stream).await
        };
        let connected = timeout(PATIENCE, connect).await.expect("the gateway answers an upgrade in time");
        connected.map(|(socket, _)| Self(socket, VecDeque::new())).map_err(Box::new)
    }

    /// Sends text.
    pub async fn send(&mut self, text: &str) {
        self.send_message(Message::text(text)).await.unwrap_or_else(|error| panic!("cannot send {text}: {error}"));
    }

    /// Sends any message.
    ///
    /// # Errors
    /// If the connection is gone.
    pub async fn send_message(&mut self, message: Message) -> Result<(), Box<Error>> {
        timeout(PATIENCE, self.0.send(message)).await.expect("the gateway takes messages").map_err(Box::new)
    }

    /// The TCP connection below, for bytes that are no WebSocket.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.0.get_mut()
    }

    /// The next message of the protocol.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn next(&mut self, deadline: Instant) -> Result<ServerMessage, Ended> {
        loop {
            match self.come(deadline).await? {
                Come::Message(message) => return Ok(*message),
                Come::Picture(picture) => self.1.push_back(picture),
            }
        }
    }

    /// The next live picture, as the binary message it came in, and the messages that came before it.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn next_picture(&mut self, deadline: Instant) -> Result<(Vec<u8>, Vec<ServerMessage>), Ended> {
        let mut before = Vec::new();
        if let Some(picture) = self.1.pop_front() {
            return Ok((picture, before));
        }
        loop {
            match self.come(deadline).await? {
                Come::Message(message) => before.push(*message),
                Come::Picture(picture) => return Ok((picture, before)),
            }
        }
    }

    async fn come(&mut self, deadline: Instant) -> Result<Come, Ended> {
        loop {
            match timeout_at(deadline, self.0.next()).await {
                Err(_) => return Err(Ended::Late),
                Ok(Some(Ok(Message::Text(text)))) => {
                    let message = serde_json::from_str(&text);
                    return Ok(Come::Message(message.unwrap_or_else(|error| panic!("{error} in {text}"))));
                }
                Ok(Some(Ok(Message::Binary(picture)))) => return Ok(Come::Picture(picture.into())),
                Ok(Some(Ok(Message::Close(frame)))) => {
                    return Err(Ended::Closed(frame.map_or(1005, |frame| frame.code.into())));
                }
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(_)) | None) => return Err(Ended::Broken),
            }
        }
    }

    /// Ends the connection at once, without closing it first.
    pub fn reset(mut self) {
        // With a time of zero the system sends RST; it fails only if the connection is gone already.
        let _ = self.0.get_mut().set_zero_linger();
    }
}
