//! A command over the WebSocket to a driver process and back, against a bare tokio-tungstenite echo of the same text.

use std::net::SocketAddr;
use std::time::Instant;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{median, micros, quantile};
use crate::rig::process::Program;
use crate::rig::{Parts, Rig, RigOptions, client, programs};

const ROUNDS: usize = 7;

type Socket = WebSocketStream<TcpStream>;

/// Runs as a process of its own (`kiosk-bench echo`): prints its address and echoes until stdin ends.
pub async fn echo_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    #[expect(clippy::print_stdout, reason = "the bench reads it")]
    {
        println!("{}", listener.local_addr().expect("a bound socket has an address"));
    }
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        tokio::spawn(async move {
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() && socket.send(message).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// The lines of the report.
pub async fn run() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let this = std::env::current_exe().expect("this program has a path");
    let mut echo = Program::start(&this, &["echo".into()], &folder.path().join("echo.log"));
    let at = echo.lines().next(std::time::Duration::from_secs(10)).await.expect("the echo says its address");
    let echo_at: SocketAddr = at.trim().parse().expect("an address");
    let rig = Rig::start(RigOptions {
        parts: Parts::GatewayOnly,
        server: "max_connections = 256".into(),
        config: "[devices.ups]\ndriver = \"instant\"\naddress = \"none:x\"\n".into(),
        drivers: vec![programs::source_tree().join("tests/drivers")],
        ..RigOptions::default()
    })
    .await;
    rig.client().await.wait_all_ready(crate::rig::READY_WITHIN).await;
    let mut lines =
        vec!["command round trip over WebSocket to a driver process and back, against a bare echo".to_owned()];
    for (clients, messages) in [(1, 2_000), (64, 60)] {
        let (mut p50, mut p99, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let mut floor = Vec::new();
        for _ in 0..ROUNDS {
            let mut bare = load(echo_at, false, clients, messages).await;
            let mut ours = load(rig.address, true, clients, messages).await;
            let (bare50, ours50) = (quantile(&mut bare, 0.5), quantile(&mut ours, 0.5));
            floor.push(bare50);
            p50.push(ours50);
            p99.push(quantile(&mut ours, 0.99));
            ratios.push(ours50 / bare50);
        }
        lines.push(format!(
            "  {clients:>2} clients: p50 {:>6.0} µs, p99 {:>6.0} µs; echo p50 {:>6.0} µs; ratio of p50 {:.2}× (aim ≤ 3×)",
            median(&mut p50),
            median(&mut p99),
            median(&mut floor),
            median(&mut ratios)
        ));
    }
    lines
}

/// The time of each message, in microseconds, of so many clients at once, each with one message under way.
async fn load(at: SocketAddr, gateway: bool, clients: usize, messages: usize) -> Vec<f64> {
    let tasks: Vec<_> = (0..clients).map(|_| tokio::spawn(one_client(at, gateway, messages))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.expect("a client ends well"));
    }
    all
}

async fn one_client(at: SocketAddr, gateway: bool, messages: usize) -> Vec<f64> {
    let mut socket = connect(at).await;
    if gateway {
        socket.send(Message::text(client::hello(None))).await.expect("the hello is sent");
        let _welcome = socket.next().await.expect("a welcome").expect("a welcome");
    }
    let mut times = Vec::with_capacity(messages);
    for id in 0..messages {
        let text = json!({ "type": "command", "id": id + 10, "name": "ups.status", "device": "ups" }).to_string();
        let since = Instant::now();
        socket.send(Message::text(text)).await.expect("a command is sent");
        loop {
            let message = socket.next().await.expect("an answer").expect("an answer");
            let Message::Text(text) = message else { continue };
            assert!(!gateway || !text.contains("\"error\""), "{text}");
            if !gateway || text.starts_with("{\"type\":\"completion\"") {
                break;
            }
        }
        times.push(micros(since.elapsed()));
    }
    if gateway {
        let end = json!({ "type": "command", "id": 1, "name": "session.end" }).to_string();
        socket.send(Message::text(end)).await.expect("the end is sent");
        while let Some(Ok(message)) = socket.next().await {
            if message.is_close() {
                break;
            }
        }
    }
    times
}

async fn connect(at: SocketAddr) -> Socket {
    let mut request = format!("ws://{at}/v1").into_client_request().expect("an address");
    request.headers_mut().insert("origin", format!("http://{at}").parse().expect("an origin"));
    let stream = TcpStream::connect(at).await.expect("a connection");
    stream.set_nodelay(true).expect("TCP_NODELAY");
    tokio_tungstenite::client_async(request, stream).await.expect("an upgrade").0
}
