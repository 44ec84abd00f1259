//! Who gets in: exact Host and Origin, a bounded number of connections, and no place for those who only hold one.

use kiosk_tests::rig::client::{Ended, Socket};
use kiosk_tests::rig::{PATIENCE, Parts, Rig, RigOptions, http, process, wait};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};

async fn gateway(server: &str) -> Rig {
    Rig::start(RigOptions { parts: Parts::GatewayOnly, server: server.into(), ..RigOptions::default() }).await
}

#[tokio::test]
async fn only_the_gateways_own_names_and_allowed_origins_get_in() {
    let rig = gateway("origins = [\"https://kiosk.example.vn\"]\n").await;
    let port = rig.address.port();
    let request = |head: &str| format!("GET /healthz HTTP/1.1\r\nConnection: close\r\n{head}\r\n\r\n");
    for (head, status) in [
        ("Host: HERE".to_owned(), 200),
        (format!("Host: localhost:{port}"), 200),
        ("Host: HERE\r\nOrigin: http://HERE".into(), 200),
        ("Host: HERE\r\nOrigin: https://kiosk.example.vn".into(), 200),
        (String::new(), 421),
        ("Host: evil.example".into(), 421),
        ("Host: 127.0.0.1".into(), 421),
        (format!("Host: 127.0.0.1.evil.example:{port}"), 421),
        (format!("Host: LOCALHOST:{port}"), 421),
        (format!("Host: localhost:{port}\r\nHost: evil.example"), 421),
        ("Host: HERE\r\nOrigin: https://evil.example".into(), 403),
        ("Host: HERE\r\nOrigin: https://kiosk.example.vn.evil.example".into(), 403),
        ("Host: HERE\r\nOrigin: https://kiosk.example.vn:443".into(), 403),
        ("Host: HERE\r\nOrigin: http://kiosk.example.vn".into(), 403),
        ("Host: HERE\r\nOrigin: null".into(), 403),
        ("Host: HERE\r\nOrigin: http://HERE\r\nOrigin: https://evil.example".into(), 403),
    ] {
        let answer = http::raw(rig.address, &request(&head)).await;
        // A request without any Host is no HTTP/1.1 and may be refused before the door looks at it.
        let fine = answer.starts_with(&format!("HTTP/1.1 {status}"));
        assert!(fine || (head.is_empty() && answer.starts_with("HTTP/1.1 400")), "{head}: {answer}");
    }
    let absolute = "GET http://evil.example/healthz HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n\r\n";
    assert!(http::raw(rig.address, absolute).await.starts_with("HTTP/1.1 421"));
    assert!(rig.log().contains("its Host is not one of this gateway's names"), "a refusal says why in the log");
    assert!(rig.log().contains("add it to server.origins if it should be"));
    let metrics = http::get(rig.address, "/metrics", None).await.text();
    assert!(metrics.contains("kiosk_refusals_total{reason=\"host\"}"), "{metrics}");
}

#[tokio::test]
async fn a_websocket_needs_an_origin_that_is_allowed() {
    let rig = gateway("origins = [\"https://kiosk.example.vn\"]\n").await;
    for (origin, refused) in [
        (Some("https://kiosk.example.vn".to_owned()), false),
        (Some(format!("http://{}", rig.address)), false),
        (None, true),
        (Some("https://evil.example".into()), true),
        (Some("null".into()), true),
    ] {
        match Socket::open_from(rig.address, origin.as_deref()).await {
            Ok(_) => assert!(!refused, "{origin:?} should be refused"),
            Err(error) => match *error {
                Error::Http(answer) => assert_eq!((refused, answer.status().as_u16()), (true, 403), "{origin:?}"),
                other => panic!("{origin:?}: {other}"),
            },
        }
    }
}

#[tokio::test]
async fn there_are_only_so_many_places_for_websockets() {
    let rig = gateway("max_connections = 2\n").await;
    let (first, _second) = (rig.client().await, rig.client().await);
    let origin = format!("http://{}", rig.address);
    match Socket::open_from(rig.address, Some(&origin)).await.map(|_| ()) {
        Err(error) if matches!(&*error, Error::Http(answer) if answer.status() == 503) => {}
        other => panic!("a third one: {other:?}"),
    }
    rig.assert_healthy().await;
    first.kill();
    wait::until_async("a free place", PATIENCE, async || Socket::open_from(rig.address, Some(&origin)).await.ok())
        .await;
}

#[tokio::test]
async fn connections_that_say_nothing_or_little_are_closed_and_hinder_nobody() {
    let rig = gateway("").await;
    let mut slow = Vec::new();
    for _ in 0..5 {
        for number in 0..64 {
            // Where there is no more place they are turned away at once, which is as good.
            let Ok(mut stream) = TcpStream::connect(rig.address).await else { continue };
            if number % 2 == 0 {
                let _ = stream.write_all(b"GET /v1 HTTP/1.1\r\nHost: ").await;
            }
            slow.push(stream);
        }
        // In the midst of them a client gets in.
        let client = rig.client().await;
        rig.assert_healthy().await;
        client.kill();
    }
    for stream in &mut slow {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "a slow connection is closed");
    }
    rig.client().await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_closed_and_costs_little_memory() {
    let rig = gateway("").await;
    let mut deaf = Socket::open(rig.address).await;
    deaf.send(&kiosk_tests::rig::client::hello(None)).await;
    let before = process::resident_kib(rig.gateway_pid());
    let mut most = 0;
    // Each of these is answered with some hundred bytes, which nobody takes.
    let flood = async {
        for id in 1_u64.. {
            let text = json!({ "type": "cancel", "id": id }).to_string();
            if deaf.send_message(Message::text(text)).await.is_err() {
                return;
            }
            if id % 1_000 == 0 {
                most = most.max(process::resident_kib(rig.gateway_pid()));
            }
        }
    };
    let sent = tokio::time::timeout(PATIENCE, flood).await;
    rig.client().await;
    rig.assert_healthy().await;
    assert!(sent.is_ok(), "it was closed");
    assert!(most.saturating_sub(before) < 32 * 1024, "{before} KiB became {most} KiB");
}

#[tokio::test]
async fn heads_that_are_too_long_or_no_http_are_refused() {
    let rig = gateway("").await;
    let long = format!("GET /healthz HTTP/1.1\r\nHost: HERE\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    assert!(http::raw(rig.address, &long).await.starts_with("HTTP/1.1 431"), "too long");
    for text in ["\r\n\r\n\0\0\0", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\u{1}"] {
        let answer = http::raw(rig.address, text).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{text:?}: {answer}");
    }
    let body = "POST /v1 HTTP/1.1\r\nHost: HERE\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
    assert!(http::raw(rig.address, body).await.starts_with("HTTP/1.1 405"), "there is nothing to post");
    let mut client = rig.client().await;
    client.socket().stream().write_all(&[0xFF; 64]).await.expect("bytes can be sent");
    assert_eq!(client.end(PATIENCE).await, Ended::Closed(1002), "bytes that are no frame");
}

#[tokio::test]
async fn coming_and_going_leaves_nothing_behind() {
    let rig = gateway("").await;
    let round = async |count: u32| {
        for _ in 0..count {
            let mut client = rig.client().await;
            client.done("session.end").await;
        }
        wait::until("closed sockets", PATIENCE, || (process::open_files(rig.gateway_pid()) < 40).then_some(())).await;
        process::resident_kib(rig.gateway_pid())
    };
    let before = round(50).await;
    let after = round(500).await;
    assert!(after < before + 4 * 1024, "{before} KiB became {after} KiB");
}
