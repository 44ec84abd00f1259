//! A small client of the front-end protocol, and of the simulators' control port.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use kiosk_protocol::device::{DeviceId, DeviceView, Kind};
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::session::Welcome;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

/// Longest wait for the next message of a call that runs.
const SILENCE_MAX: Duration = Duration::from_secs(120);

pub(super) type Devices = BTreeMap<DeviceId, DeviceView>;

pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    devices: Devices,
    token: String,
    last_id: u64,
}

impl Client {
    pub(super) async fn connect(gateway: SocketAddr) -> anyhow::Result<Self> {
        let mut request = format!("ws://{gateway}/v1").into_client_request()?;
        request.headers_mut().insert(header::ORIGIN, format!("http://{gateway}").parse()?);
        let stream = TcpStream::connect(gateway).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        let mut client = Self { socket, devices: Devices::new(), token: String::new(), last_id: 0 };
        let hello = json!({ "versions": { "min": 1, "max": 1 }, "client": { "name": "demo", "version": env!("CARGO_PKG_VERSION") } });
        let welcome: Welcome = serde_json::from_value(client.call("session.hello", hello, None).await?)?;
        client.token = welcome.token.0;
        client.devices = welcome.devices.into_iter().map(|device| (device.device.clone(), device)).collect();
        Ok(client)
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    pub(super) fn devices(&self) -> &Devices {
        &self.devices
    }

    pub(super) fn count(&self) -> usize {
        self.devices.len()
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.devices.values().any(|device| device.facts.kind() == kind)
    }

    /// Sends a command and waits for its completion.
    pub(super) async fn call(&mut self, name: &str, payload: Value, key: Option<&str>) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({ "type": "command", "id": id, "name": name, "payload": payload });
        if let Some(key) = key {
            command["key"] = key.into();
        }
        self.socket.send(Message::text(command.to_string())).await?;
        loop {
            match self.next(Instant::now() + SILENCE_MAX).await.with_context(|| format!("waiting for {name}"))? {
                ServerMessage::Completion { id: of, payload: Some(payload), .. } if of == id => return Ok(payload),
                ServerMessage::Completion { id: of, error: Some(error), .. } if of == id => {
                    bail!("{name} failed: {}", error.failure);
                }
                ServerMessage::Acknowledge { id: of, error: Some(error), .. } if of == Some(id) => {
                    bail!("{name} was refused: {}", error.failure);
                }
                _ => {}
            }
        }
    }

    /// Waits until the devices are as they should be.
    pub(super) async fn wait_for(
        &mut self,
        within: Duration,
        what: &str,
        right: impl Fn(&Devices) -> bool,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        while !right(&self.devices) {
            if let Err(error) = self.next(deadline).await {
                let states: Vec<String> = self.devices.values().map(describe).collect();
                return Err(error.context(format!("waiting for {what}; the devices are: {}", states.join("; "))));
            }
        }
        Ok(())
    }

    async fn next(&mut self, deadline: Instant) -> anyhow::Result<ServerMessage> {
        loop {
            let message = timeout_at(deadline, self.socket.next()).await.context("nothing came in time")?;
            match message.context("the gateway closed the connection")?? {
                Message::Text(text) => {
                    let message: ServerMessage = serde_json::from_str(&text)?;
                    if let ServerMessage::Notice { name, payload, .. } = &message
                        && name == "device.changed"
                    {
                        let device: DeviceView = serde_json::from_value(payload.clone())?;
                        self.devices.insert(device.device.clone(), device);
                    }
                    return Ok(message);
                }
                Message::Close(frame) => bail!("the gateway closed the connection: {frame:?}"),
                _ => {}
            }
        }
    }
}

fn describe(device: &DeviceView) -> String {
    let problem = device.problem.as_ref().map(|problem| format!(" ({})", problem.failure.detail)).unwrap_or_default();
    format!("{} {:?}{problem}", device.device, device.state)
}

/// `http://HOST:PORT` as an address.
pub(super) fn authority(url: &str) -> anyhow::Result<SocketAddr> {
    let rest = url.strip_prefix("http://").with_context(|| format!("`{url}` is not an http address"))?;
    Ok(rest.trim_end_matches('/').parse()?)
}

/// `GET`s a path.
pub(super) async fn fetch(at: SocketAddr, path: &str, token: Option<&str>) -> anyhow::Result<Bytes> {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    send(at, request.body(Full::default())?).await
}

/// `POST`s a JSON value.
pub(super) async fn post(at: SocketAddr, path: &str, body: Value) -> anyhow::Result<()> {
    let request = Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/json");
    send(at, request.body(Full::from(body.to_string()))?).await.map(drop)
}

/// `POST`s a PDF file and gives the answer.
pub(super) async fn post_pdf(at: SocketAddr, path: &str, file: Bytes) -> anyhow::Result<Value> {
    let request = Request::builder().method(Method::POST).uri(path).header(header::CONTENT_TYPE, "application/pdf");
    let request = request.header(header::ORIGIN, format!("http://{at}"));
    Ok(serde_json::from_slice(&send(at, request.body(Full::from(file))?).await?)?)
}

async fn send(at: SocketAddr, mut request: Request<Full<Bytes>>) -> anyhow::Result<Bytes> {
    let path = request.uri().clone();
    request.headers_mut().insert(header::HOST, at.to_string().parse()?);
    let exchange = async {
        let stream = TcpStream::connect(at).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(
            status == StatusCode::OK || status == StatusCode::NO_CONTENT,
            "http://{at}{path} answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
        anyhow::Ok(body)
    };
    timeout(Duration::from_secs(20), exchange)
        .await
        .with_context(|| format!("http://{at}{path} did not answer in time"))?
}
