//! A browser: Debian's Chromium without a window, and what a person does with it, through Debian's chromedriver.
//!
//! WebDriver is JSON over HTTP (<https://www.w3.org/TR/webdriver2/>), spoken here directly: the client crates link
//! `webdriver`, whose licence this project does not take.

mod demo;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peers::{Peer, peer};
use crate::rig::process::{self, Lines, Program};
use crate::rig::{PATIENCE, http, programs, wait};

pub use demo::Demo;

/// What keeps Chromium from doing anything but showing the page.
const FLAGS: [&str; 13] = [
    "--headless=new",
    // Tests run as root in containers, where Chromium's own sandbox cannot be made.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
    "--no-default-browser-check",
    "--remote-debugging-port=0",
];

/// A running browser with one page. Dropped, it leaves no process behind.
pub struct Browser {
    chromium: Program,
    _driver: Program,
    _driver_says: Lines,
    at: SocketAddr,
    session: String,
    _profile: TempDir,
}

/// One line of the browser's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// `SEVERE`, `WARNING`, `INFO`, …
    pub level: String,
    /// Where it comes from and what it says.
    pub message: String,
}

impl Browser {
    /// Starts one whose page is so wide and high, with more command line flags.
    pub async fn start(width: u32, height: u32, flags: &[&str]) -> Self {
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let chromium = Peer::new(&peer("chromium")).args(FLAGS).args(flags);
        let chromium = chromium.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        let mut chromium = chromium.start(profile.path(), "chromium");
        let file = profile.path().join("DevToolsActivePort");
        let port = wait::until("Chromium's debugging port", PATIENCE, || {
            assert!(chromium.ended().is_none(), "Chromium has ended:\n{}", chromium.log());
            let text = std::fs::read_to_string(&file).ok()?;
            text.lines().next()?.parse::<u16>().ok()
        })
        .await;

        let (driver, says, at) = start_driver(&profile).await;
        let always = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "debuggerAddress": format!("127.0.0.1:{port}"),
                "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
            },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let answer = http::post(at, "/session", &json!({ "capabilities": { "alwaysMatch": always } })).await;
        let session = answer.json()["value"]["sessionId"].as_str().map(str::to_owned);
        let session = session.unwrap_or_else(|| panic!("chromedriver makes no session: {}", answer.text()));
        let browser = Self { chromium, _driver: driver, _driver_says: says, at, session, _profile: profile };
        browser.resize(width, height).await;
        browser
    }

    /// Makes the page so wide and high.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Goes to a page; returns when it is loaded.
    pub async fn open(&self, url: &str) {
        self.ask("url", json!({ "url": url })).await;
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.ask("refresh", json!({})).await;
    }

    /// Runs a function's body in the page (it may `return` a promise) and gives its result.
    pub async fn run(&self, body: &str) -> Value {
        self.ask("execute/sync", json!({ "script": body, "args": [] })).await
    }

    /// Waits until an expression is true in the page; panics with the page's text if it does not become so.
    pub async fn until(&self, expression: &str, within: Duration) {
        let body = format!("return Boolean({expression})");
        let deadline = tokio::time::Instant::now() + within;
        while self.run(&body).await != true {
            if tokio::time::Instant::now() > deadline {
                self.screenshot("failed").await;
                let text = self.run("return document.body.innerText").await;
                let page = text.as_str().unwrap_or_default();
                panic!("not within {within:?}: {expression}\nthe page says:\n{page}\n{:#?}", self.console().await);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Clicks on what a CSS selector finds, as a hand does: it must be there, visible, and not covered.
    pub async fn click(&self, selector: &str) {
        loop {
            let found = self.ask("element", json!({ "using": "css selector", "value": selector })).await;
            let element = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
            let element = element.unwrap_or_else(|| panic!("{found} is no element"));
            let command = format!("element/{element}/click");
            let answer = self.answer(&command, &json!({})).await;
            // The page may have drawn it anew in between: then it is another one, found and clicked on like the first.
            if answer.0 == 404 && answer.1["error"] == "stale element reference" {
                continue;
            }
            return drop(good(&command, answer));
        }
    }

    /// The text that a person sees of what a CSS selector finds.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.run(&format!("return document.querySelector({})?.innerText", json!(selector))).await;
        text.as_str().unwrap_or_else(|| panic!("the page has no `{selector}`")).to_owned()
    }

    /// Keeps a picture of the page in `target/screenshots/NAME.png`.
    pub async fn screenshot(&self, name: &str) {
        let shot = self.cdp("Page.captureScreenshot", json!({ "format": "png" })).await;
        let folder = programs::source_tree().join("target/screenshots");
        std::fs::create_dir_all(&folder).expect("target/ can be written");
        let png = base64(shot["data"].as_str().expect("a picture is Base64"));
        std::fs::write(folder.join(format!("{name}.png")), png).expect("target/ can be written");
    }

    /// What the console got since the last time.
    pub async fn console(&self) -> Vec<Logged> {
        let log = self.ask("se/log", json!({ "type": "browser" })).await;
        let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let entries = log.as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| Logged { level: text(entry, "level"), message: text(entry, "message") }).collect()
    }

    /// The messages that the page's WebSockets sent (`true`) and received since the last time.
    pub async fn messages(&self) -> Vec<(bool, Value)> {
        let log = self.ask("se/log", json!({ "type": "performance" })).await;
        let frame = |entry: &Value| {
            let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let event = &event["message"];
            let sent = match event["method"].as_str()? {
                "Network.webSocketFrameSent" => true,
                "Network.webSocketFrameReceived" => false,
                _ => return None,
            };
            let response = &event["params"]["response"];
            // RFC 6455, 5.2: opcode 1 is text.
            let text = response["payloadData"].as_str().filter(|_| response["opcode"] == 1.0)?;
            Some((sent, serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))))
        };
        log.as_array().cloned().unwrap_or_default().iter().filter_map(frame).collect()
    }

    async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.ask("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn ask(&self, command: &str, order: Value) -> Value {
        good(&format!("{command} {order}"), self.answer(command, &order).await)
    }

    async fn answer(&self, command: &str, order: &Value) -> (u16, Value) {
        let answer = http::post(self.at, &format!("/session/{}/{command}", self.session), order).await;
        (answer.status, answer.json()["value"].clone())
    }
}

/// What chromedriver answers to a command that must go well.
fn good(command: &str, (status, value): (u16, Value)) -> Value {
    assert_eq!(status, 200, "{command}: {} {}", value["error"], value["message"]);
    value
}

/// Starts chromedriver. The free port that it looks for may be taken by somebody else before it listens; then it ends.
async fn start_driver(profile: &TempDir) -> (Program, Lines, SocketAddr) {
    for _ in 0..10 {
        let mut driver = Peer::new(&peer("chromedriver")).arg("--port=0").start(profile.path(), "chromedriver");
        let mut says = driver.lines();
        while let Some(line) = says.next(PATIENCE).await {
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                let port = port.trim_end_matches('.').parse().expect("a port is a number");
                return (driver, says, SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            }
        }
        let log = driver.log();
        assert!(log.contains("Address already in use"), "chromedriver has ended:\n{log}");
    }
    panic!("chromedriver finds no free port");
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Chromium's children end with it; what does not is killed, so that its profile can be removed.
        let children = process::descendants_of(self.chromium.pid());
        self.chromium.signal(process::Signal::KILL);
        for child in &children {
            child.kill_and_wait(PATIENCE);
        }
    }
}

/// Base64 of RFC 4648, section 4, as Chromium writes it.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter).expect("a letter of Base64");
        bits = bits << 6 | u32::try_from(value).expect("less than 64");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("masked"));
        }
    }
    bytes
}
