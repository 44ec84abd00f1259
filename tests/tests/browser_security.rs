//! What other pages in the same browser can do to the gateway: nothing.

use std::net::{Ipv4Addr, SocketAddr};

use kiosk_tests::browser::{Browser, Demo};
use kiosk_tests::rig::PATIENCE;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Somebody else's site: an empty page at every address.
async fn other_site() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // One small request, one answer; what a browser closes early is no concern of the test.
                let _ = stream.read(&mut [0; 8192]).await;
                let page = "<!doctype html><title>other</title><body>other";
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", page.len());
                let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n{page}").as_bytes()).await;
            });
        }
    });
    address
}

/// Tries in the page; what it gives is `refused` or what could be had.
fn tries(body: &str) -> String {
    format!("return (async () => {{ {body} }})().catch(error => `refused: ${{error.name}}`)")
}

#[tokio::test]
async fn a_page_of_another_origin_gets_neither_connection_nor_data() {
    let (demo, browser, site) = tokio::join!(Demo::start(), Browser::start(1280, 800, &[]), other_site());
    browser.open(&format!("http://{site}/")).await;
    assert_eq!(browser.text("body").await, "other");

    let socket = format!(
        "return new Promise(done => {{
           const socket = new WebSocket('ws://{}/v1');
           socket.onopen = () => done('open');
           socket.onclose = event => done(`closed ${{event.code}}`);
         }})",
        demo.at
    );
    assert_eq!(browser.run(&socket).await, "closed 1006");
    let console = browser.console().await;
    assert!(console.iter().any(|line| line.message.contains("403")), "the handshake was answered by 403: {console:#?}");

    let gateway = demo.url();
    for path in ["healthz", "metrics", "demo.json", ""] {
        let fetch = tries(&format!("return (await fetch('{gateway}{path}')).text()"));
        assert_eq!(browser.run(&fetch).await, "refused: TypeError", "/{path}");
        // Without asking for permission, as images are fetched: not even an answer that cannot be read.
        let fetch = tries(&format!("return (await fetch('{gateway}{path}', {{ mode: 'no-cors' }})).type"));
        assert_eq!(browser.run(&fetch).await, "refused: TypeError", "/{path}");
    }
    let control = format!("http://{}/devices/ups/unplug", demo.control);
    let pull = tries(&format!("return (await fetch('{control}', {{ method: 'POST', body: '{{}}' }})).status"));
    assert_eq!(browser.run(&pull).await, "refused: TypeError", "nor can it pull plugs");
    let ups = kiosk_tests::rig::http::get(demo.control, "/devices/ups", None).await.json();
    assert_eq!(ups["plugged"], true);

    // Nor can it show the kiosk as a part of itself.
    let frame = format!(
        "return new Promise(done => {{
           const frame = document.createElement('iframe');
           frame.onload = () => {{ try {{ done(frame.contentDocument === null ? 'closed' : 'open') }} catch {{ done('closed') }} }};
           frame.src = '{gateway}';
           document.body.append(frame);
         }})"
    );
    assert_eq!(browser.run(&frame).await, "closed");
    let console = browser.console().await;
    assert!(console.iter().any(|line| line.message.contains("frame-ancestors")), "{console:#?}");

    assert!(demo.log().contains("its Origin is not allowed"), "the log says why:\n{}", demo.log());
    let metrics = kiosk_tests::rig::http::get(demo.at, "/metrics", None).await.text();
    assert!(
        metrics
            .lines()
            .any(|line| line.starts_with("kiosk_refusals_total{reason=\"origin\"}") && !line.ends_with(" 0")),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_name_that_was_bound_to_this_machine_is_refused() {
    let rules = ["--host-resolver-rules=MAP evil.test 127.0.0.1"];
    let (demo, browser) = tokio::join!(Demo::start(), Browser::start(1280, 800, &rules));
    let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
    for path in ["", "healthz", "demo.json"] {
        browser.open(&format!("http://evil.test:{}/{path}", demo.at.port())).await;
        assert_eq!(browser.run(status).await, 421, "/{path}");
        assert_eq!(browser.text("body").await.trim(), "this is not a name of this gateway");
    }
    let socket = "return new Promise(done => {
        const socket = new WebSocket(`ws://${location.host}/v1`);
        socket.onopen = () => done('open');
        socket.onclose = event => done(event.code);
    })";
    assert_eq!(browser.run(socket).await, 1006);
    // The same browser is let in by the right name.
    browser.open(&demo.url()).await;
    browser.until("document.getElementById('connection')?.dataset.state === 'connected'", PATIENCE).await;
}

#[tokio::test]
async fn the_page_can_run_and_load_nothing_foreign() {
    let (demo, browser, site) = tokio::join!(Demo::start(), Browser::start(1280, 800, &[]), other_site());
    browser.open(&demo.url()).await;
    browser.until("document.getElementById('connection')?.dataset.state === 'connected'", PATIENCE).await;
    let severe: Vec<_> = browser.console().await.into_iter().filter(|line| line.level == "SEVERE").collect();
    assert!(severe.is_empty(), "{severe:#?}");
    let broken = "globalThis.broken = [];
        document.addEventListener('securitypolicyviolation', event => broken.push(event.effectiveDirective));
        const add = (tag, props) => document.body.append(Object.assign(document.createElement(tag), props));
        add('script', { textContent: 'globalThis.foreign = 1' });
        add('script', { src: 'http://SITE/x.js' });
        add('img', { src: 'http://SITE/x.png' });
        add('iframe', { src: 'http://SITE/' });
        add('p', { innerHTML: '<img src=x onerror=\"globalThis.foreign = 2\">' });
        await fetch('http://SITE/').catch(() => {})";
    let body = broken.replace("SITE", &site.to_string());
    browser.run(&format!("return (async () => {{ {body} }})()")).await;
    for directive in ["connect-src", "frame-src", "img-src", "script-src-elem", "script-src-attr"] {
        browser.until(&format!("globalThis.broken.includes('{directive}')"), PATIENCE).await;
    }
    assert_eq!(browser.run("return globalThis.foreign ?? null").await, json!(null), "nothing foreign ran");
}
