//! One WebSocket connection: `session.hello` within five seconds, then text messages both ways. It sends what the
//! session's outbox has and hands what comes to the session; it knows nothing of devices.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::message::{self, ClientMessage, ServerMessage};
use kiosk_protocol::session::Hello;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::error::{Error as WsError, ProtocolError};

use super::Api;
use super::door::Origin;
use crate::session::{Connection, MESSAGE_MAX, refusal};

/// The first message must come within this.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// A message must be taken by the client within this.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// A ping is sent so often, and a client that has said nothing at all for the second time is gone.
const PING_EVERY: Duration = Duration::from_secs(10);
const SILENT_MAX: Duration = Duration::from_secs(20);
/// Bytes that may wait in the socket's own buffer: the longest live picture with its heads, and what came before it.
const WRITE_BUFFER: usize = 2 << 20;
/// Bytes that are read at once. The library fills so many with zeros each time that it looks for a message, also where
/// there is none, which is several times for each live picture; its usual 128 KiB are more than a picture has.
const READ_BUFFER: usize = 4 << 10;

/// Close codes of this protocol (RFC 6455, 7.4.2: 4000 to 4999 are for applications).
mod close {
    /// No `session.hello` in time, or something else first.
    pub(super) const NO_HELLO: u16 = 4401;
    /// The client reads too slowly.
    pub(super) const SLOW: u16 = 4408;
    /// Another connection resumed the session.
    pub(super) const SUPERSEDED: u16 = 4409;
    /// The session is over (RFC 6455: normal closure).
    pub(super) const OVER: u16 = 1000;
    /// Not the WebSocket protocol (RFC 6455).
    pub(super) const PROTOCOL: u16 = 1002;
    /// The message is of a type that this protocol does not have (RFC 6455).
    pub(super) const UNSUPPORTED: u16 = 1003;
    /// A text that is not UTF-8 (RFC 6455).
    pub(super) const NOT_TEXT: u16 = 1007;
    /// The message is too long (RFC 6455).
    pub(super) const TOO_LONG: u16 = 1009;
}

pub(super) async fn upgrade(
    State(api): State<Api>,
    Extension(origin): Extension<Origin>,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    if origin.0.is_none() {
        tracing::warn!(
            "refused a WebSocket: it has no Origin header; programs send the gateway's own, http://127.0.0.1:PORT"
        );
        api.metrics.refused("origin");
        return (StatusCode::FORBIDDEN, "a WebSocket needs an Origin header\n").into_response();
    }
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => {
            tracing::warn!(reason = %rejection.body_text(), "refused a WebSocket: the upgrade is not one");
            api.metrics.refused("upgrade");
            return rejection.into_response();
        }
    };
    let Ok(place) = std::sync::Arc::clone(&api.sockets).try_acquire_owned() else {
        tracing::warn!("refused a WebSocket: there are as many as server.max_connections allows");
        api.metrics.refused("connections");
        return (StatusCode::SERVICE_UNAVAILABLE, "too many connections\n").into_response();
    };
    let upgrade = upgrade.max_message_size(MESSAGE_MAX).max_frame_size(MESSAGE_MAX);
    upgrade.read_buffer_size(READ_BUFFER).max_write_buffer_size(WRITE_BUFFER).on_upgrade(move |socket| async move {
        api.metrics.connections.inc();
        serve(&api, socket).await;
        api.metrics.connections.dec();
        drop(place);
    })
}

async fn serve(api: &Api, mut socket: WebSocket) {
    let Some(mut connection) = greet(api, &mut socket).await else { return };
    let (code, reason) = converse(api, &mut socket, &mut connection).await;
    if code != 0 {
        tracing::info!(session = %connection.session.id, code, reason, "closing a connection");
    }
    close(&mut socket, code, reason).await;
}

/// Closes a connection, with this code; with 0 the client is gone already.
async fn close(socket: &mut WebSocket, code: u16, reason: &'static str) {
    if code != 0 {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // The client may be gone meanwhile.
        let _ = timeout(SEND_WITHIN, socket.send(Message::Close(Some(frame)))).await;
    }
}

/// What is wrong with bytes that are no message: close code (0: the client is gone) and reason.
fn blame(error: axum::Error) -> (u16, &'static str) {
    match error.into_inner().downcast_ref::<WsError>() {
        Some(WsError::Capacity(_)) => (close::TOO_LONG, "a message may have 64 KiB at most"),
        Some(WsError::Utf8(_)) => (close::NOT_TEXT, "a text message must be UTF-8"),
        Some(WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => (0, ""),
        Some(WsError::Protocol(_)) => (close::PROTOCOL, "this is not the WebSocket protocol"),
        _ => (0, ""),
    }
}

/// Reads `session.hello` and answers it. A wrong first message is answered too, and then the connection is closed.
async fn greet(api: &Api, socket: &mut WebSocket) -> Option<Connection> {
    let first = match timeout(HELLO_WITHIN, socket.recv()).await {
        Ok(Some(Err(error))) => {
            let (code, reason) = blame(error);
            close(socket, code, reason).await;
            return None;
        }
        Ok(first) => Ok(first.and_then(Result::ok)),
        Err(late) => Err(late),
    };
    let (id, answer) = match &first {
        Ok(Some(Message::Text(text))) => match read_hello(text) {
            Ok((id, hello)) => (Some(id), api.hub.hello(&hello)),
            Err((id, failure)) => (id, Err(failure)),
        },
        Ok(Some(_)) => {
            (None, Err(Failure::invalid("", "the first message must be the text of a session.hello command")))
        }
        Ok(None) => return None,
        Err(_) => (None, Err(Failure::new(ErrorCode::Timeout, "no session.hello within 5 seconds"))),
    };
    let (message, connection) = match answer {
        Ok((connection, welcome)) => {
            let payload = serde_json::to_value(welcome).expect("a welcome is plain data");
            let message = ServerMessage::Completion {
                seq: None,
                id: id.unwrap_or_default(),
                payload: Some(payload),
                error: None,
            };
            (message, Some(connection))
        }
        Err(failure) => {
            tracing::warn!(error = %failure, "refused a session");
            api.metrics.refused("hello");
            (refusal(None, id, failure), None)
        }
    };
    let text = serde_json::to_string(&message).expect("messages are plain data");
    timeout(SEND_WITHIN, socket.send(Message::Text(text.into()))).await.ok()?.ok()?;
    if connection.is_none() {
        close(socket, close::NO_HELLO, "no session").await;
    }
    connection
}

fn read_hello(text: &str) -> Result<(u64, Hello), (Option<u64>, Failure)> {
    let ClientMessage::Command(command) = ClientMessage::parse(text)? else {
        return Err((None, Failure::invalid("type", "the first message must be the command session.hello")));
    };
    if command.name != "session.hello" {
        let failure = Failure::new(
            ErrorCode::NotPermitted,
            "no session yet: the first message must be the command session.hello",
        );
        return Err((Some(command.id), Failure { field: Some("name".into()), ..failure }));
    }
    let payload = command.payload.as_ref().map_or("{}", |payload| payload.get());
    message::read_payload(payload)
        .map(|hello| (command.id, hello))
        .map_err(|error| (Some(command.id), Failure::invalid(format!("payload.{}", error.field), error.problem)))
}

/// Talks until one side ends it; returns the close code (0: the client is gone) and the reason.
async fn converse(api: &Api, socket: &mut WebSocket, connection: &mut Connection) -> (u16, &'static str) {
    let session = std::sync::Arc::clone(&connection.session);
    let mut heard = Instant::now();
    let mut pings = tokio::time::interval(PING_EVERY);
    pings.reset();
    loop {
        let Ok(messages) = connection.take() else { return (close::SLOW, "the client reads too slowly") };
        for text in messages {
            match timeout(SEND_WITHIN, socket.send(Message::Text(Utf8Bytes::from(&*text)))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return (0, ""),
                Err(_) => return (close::SLOW, "the client reads too slowly"),
            }
        }
        for picture in connection.take_pictures() {
            match timeout(SEND_WITHIN, socket.send(Message::Binary(picture))).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return (0, ""),
                Err(_) => return (close::SLOW, "the client reads too slowly"),
            }
        }
        tokio::select! {
            message = socket.recv() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => api.hub.receive(&session, &text).await,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => return (close::UNSUPPORTED, "this protocol has no binary messages from the client"),
                    Some(Err(error)) => return blame(error),
                    Some(Ok(Message::Close(_))) | None => return (0, ""),
                }
            }
            () = connection.more() => {}
            () = connection.picture() => {}
            () = connection.superseded() => return (close::SUPERSEDED, "another connection resumed this session"),
            () = connection.over() => {
                // What the session said last, the completion of session.end among it, still goes out.
                if let Ok(messages) = connection.take() {
                    for text in messages {
                        let _ = timeout(SEND_WITHIN, socket.send(Message::Text(Utf8Bytes::from(&*text)))).await;
                    }
                }
                return (close::OVER, "the session is over");
            }
            _ = pings.tick() => {
                if heard.elapsed() > SILENT_MAX {
                    return (0, "");
                }
                if timeout(SEND_WITHIN, socket.send(Message::Ping(bytes::Bytes::new()))).await.is_err() {
                    return (close::SLOW, "the client reads too slowly");
                }
            }
        }
    }
}
