//! The driver `qr-serial` through the whole kiosk, with a simulated panel behind a serial server, in both protocols.

use std::net::SocketAddr;
use std::time::Duration;

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{Client, Order, Parts, READY_WITHIN, Rig, RigOptions, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take on a loaded machine.
const WITHIN: Duration = Duration::from_secs(60);
/// Both protocols, with their settings.
const BOTH: [(&str, &str); 2] = [
    ("nextion", "config.protocol = \"nextion\"\n"),
    ("dgus", "config.protocol = \"dgus\"\nconfig.qr_address = 0x5000\nconfig.caption_address = 0x5200\n"),
];

/// A kiosk with one panel.
struct Kiosk {
    client: Client,
    rig: Rig,
    control: SocketAddr,
    _program: Program,
    _folder: TempDir,
}

impl Kiosk {
    async fn start((protocol, config): (&str, &str)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments = ["panel", "--exit-with-stdin", "--protocol", protocol].map(String::from);
        let log = folder.path().join("panel.log");
        let mut program = Program::start(&programs::find("kiosk-simulate"), &arguments, &log);
        let line = program.lines().next(WITHIN).await.unwrap_or_default();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", program.log()));
        let control = said["control"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        let config = format!("[devices.qr]\ndriver = \"qr-serial\"\naddress = {}\n{config}", said["panel"]);
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let mut client = rig.client().await;
        client.wait_device("qr", READY_WITHIN, |view| showing(view) == Some(false)).await;
        Self { client, rig, control, _program: program, _folder: folder }
    }

    async fn order(&self, action: &str, order: Value) {
        let answer = http::post(self.control, &format!("/devices/panel/{action}"), &order).await;
        assert_eq!(answer.status, 200, "{action} {order}: {}", answer.text());
    }

    /// What somebody before the panel sees: the code, and the caption.
    async fn seen(&self) -> Option<(String, String)> {
        let state = http::get(self.control, "/devices/panel", None).await.json();
        let text = |what: &str| state[what].as_str().unwrap().to_owned();
        state["visible"].as_bool().unwrap().then(|| (text("qr"), text("caption")))
    }

    /// Looks until nothing is seen, and nothing is left in the panel's memory.
    async fn until_clear(&self) {
        kiosk_tests::rig::wait::until_async("a clear panel", WITHIN, async || {
            let state = http::get(self.control, "/devices/panel", None).await.json();
            (state["visible"] == false && state["qr"] == "" && state["caption"] == "").then_some(())
        })
        .await;
    }

    async fn show(&mut self, text: &str, expires_s: u32) {
        assert_eq!(self.client.done(show(text, expires_s)).await, json!({ "showing": true }));
        assert_eq!(self.seen().await, Some((text.to_owned(), "Lệ phí".to_owned())));
    }

    async fn wait_showing(&mut self, wanted: bool) {
        self.client.wait_device("qr", WITHIN, |view| showing(view) == Some(wanted)).await;
    }
}

fn showing(view: &DeviceView) -> Option<bool> {
    match &view.facts {
        Facts::QrDisplay { status, .. } if view.state == S::Ready => status.as_ref().map(|status| status.showing),
        _ => None,
    }
}

fn show(text: &str, expires_s: u32) -> Order {
    let content = json!({ "type": "text", "text": text });
    let request = json!({ "content": content, "caption": "Lệ phí", "expires_s": expires_s });
    Order::new("qr_display.show", request).timeout_ms(30_000)
}

#[tokio::test]
async fn a_code_is_shown_until_it_is_replaced_or_cleared() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.show("a \"first\" \\ one, as long as it is", 600).await;
        kiosk.show("hai", 600).await;
        assert_eq!(kiosk.client.done("qr_display.clear").await, json!({ "showing": false }));
        kiosk.until_clear().await;
    }
}

#[tokio::test]
async fn it_disappears_with_its_time_and_with_its_session() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.client.done(show("short", 1)).await;
        kiosk.until_clear().await;
        kiosk.wait_showing(false).await;
        kiosk.show("private", 600).await;
        kiosk.client.done("session.end").await;
        kiosk.until_clear().await;
    }
}

#[tokio::test]
async fn pictures_and_long_texts_are_refused_and_nothing_changes() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.show("stays", 600).await;
        let picture = b"\x89PNG\r\n\x1a\nany".to_vec();
        let blob = http::upload(kiosk.rig.address, &kiosk.client.token(), picture).await.json()["blob"].clone();
        let image = Order::new("qr_display.show", json!({ "content": { "type": "image", "blob": blob } }));
        assert_eq!(kiosk.client.fails(image).await.failure.code, E::Unsupported);
        let failure = kiosk.client.fails(show(&"x".repeat(459), 60)).await.failure;
        assert_eq!(failure.code, E::TooLarge);
        assert!(failure.detail.contains("config.qr_max"), "{}", failure.detail);
        assert_eq!(kiosk.seen().await.unwrap().0, "stays");
    }
}

#[tokio::test]
async fn a_silent_panel_is_stale_and_cleared_when_it_answers_again() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.order("fault", json!({ "fault": "silence" })).await;
        assert_eq!(kiosk.client.fails(show("unseen", 60)).await.failure.code, E::DeviceSilent);
        kiosk.client.wait_state("qr", S::Stale, WITHIN).await;
        kiosk.order("clear", json!({})).await;
        kiosk.wait_showing(false).await;
        kiosk.show("seen", 60).await;
    }
}

#[tokio::test]
async fn refusals_and_garbage_are_faults_of_the_device() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        for fault in [json!({ "fault": "refuse", "code": 2 }), json!({ "fault": "garbage" })] {
            let refused = fault["fault"] == "refuse";
            kiosk.order("fault", fault).await;
            let failure = kiosk.client.fails(show("unseen", 60)).await.failure;
            assert_eq!(failure.code, E::DeviceFault, "{}: {}", protocol.0, failure.detail);
            assert_eq!(failure.device_code.as_deref(), refused.then_some("02"));
            kiosk.order("clear", json!({})).await;
            kiosk.wait_showing(false).await;
        }
        kiosk.show("seen", 60).await;
    }
}

#[tokio::test]
async fn a_panel_that_starts_anew_is_noticed() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.show("lost", 600).await;
        kiosk.wait_showing(true).await;
        kiosk.order("fault", json!({ "fault": "restart" })).await;
        kiosk.wait_showing(false).await;
        kiosk.show("again", 600).await;
    }
}

#[tokio::test]
async fn a_pulled_cable_is_absent_and_the_panel_is_clear_when_it_is_back() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.show("left behind", 600).await;
        kiosk.order("unplug", json!({})).await;
        kiosk.client.wait_state("qr", S::Absent, WITHIN).await;
        kiosk.order("plug", json!({})).await;
        kiosk.wait_showing(false).await;
        kiosk.until_clear().await;
    }
}
