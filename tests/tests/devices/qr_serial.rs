//! The driver `qr-serial` through the whole kiosk, with a simulated panel behind a serial server, in both protocols.

use std::net::SocketAddr;
use std::time::Duration;

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::peers::code;
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{Client, Order, Parts, READY_WITHIN, Rig, RigOptions, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::flood::Flood;

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

    /// What the code in front of the panel says to a citizen's reader.
    async fn read(&self) -> Option<String> {
        code::read(&http::get(self.control, "/devices/panel/screen.png", None).await.body).await
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
        assert_eq!(self.read().await.as_deref(), Some(text));
    }

    /// After a cable was pulled: the driver may not know yet that it was, and then a command tells it.
    async fn shows_in_the_end(&mut self, text: &str) {
        let deadline = tokio::time::Instant::now() + WITHIN;
        loop {
            self.wait_showing(false).await;
            match self.client.call(show(text, 600)).await {
                Ok(_) => return assert_eq!(self.read().await.as_deref(), Some(text)),
                Err(error) => assert_eq!(error.failure.code, E::DeviceAbsent, "{}", error.failure.detail),
            }
            assert!(tokio::time::Instant::now() < deadline, "it is not shown");
        }
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
        assert_eq!(kiosk.read().await, None);
    }
}

#[tokio::test]
async fn a_citizens_reader_reads_vietnamese_and_payments() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.show("Phường Cửa Nam, Hà Nội: số 7, ầ ữ ợ", 600).await;
        let payment = json!({
            "type": "payment", "bank": "970415", "account": "0011001932418", "amount_vnd": 120_000,
            "purpose": "ung ho lu lut",
        });
        kiosk.client.done(Order::new("qr_display.show", json!({ "content": payment })).timeout_ms(30_000)).await;
        // The published example; see the tests of kiosk-qr-content.
        let paid = "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C";
        assert_eq!(kiosk.read().await.as_deref(), Some(paid));
    }
}

#[tokio::test]
async fn a_code_is_shown_although_the_panel_has_just_started_anew() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.show("before", 600).await;
        kiosk.order("fault", json!({ "fault": "restart" })).await;
        kiosk.show("at once", 600).await;
        let state = http::get(kiosk.control, "/devices/panel", None).await.json();
        assert_eq!(state["restarts"], 1);
    }
}

#[tokio::test]
async fn a_cable_that_is_pulled_while_a_code_is_sent_ends_the_request() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.order("fault", json!({ "fault": "slow", "bytes_per_second": 1 })).await;
        let id = kiosk.client.start(show("unseen", 600)).await;
        kiosk.order("unplug", json!({})).await;
        let failure = kiosk.client.finish_within(id, WITHIN).await.unwrap_err().failure;
        assert_eq!(failure.code, E::DeviceAbsent, "{}", failure.detail);
        kiosk.order("clear", json!({})).await;
        kiosk.order("plug", json!({})).await;
        kiosk.shows_in_the_end("seen").await;
    }
}

#[tokio::test]
async fn a_slow_panel_shows_whole_codes() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        kiosk.order("fault", json!({ "fault": "slow", "bytes_per_second": 100 })).await;
        kiosk.show("slow, but whole", 600).await;
    }
}

#[tokio::test]
async fn a_cable_that_blinks_leaves_a_panel_that_shows() {
    for protocol in BOTH {
        let mut kiosk = Kiosk::start(protocol).await;
        for _ in 0..50 {
            kiosk.order("unplug", json!({})).await;
            kiosk.order("plug", json!({})).await;
        }
        kiosk.shows_in_the_end("steady").await;
        assert_eq!(kiosk.rig.children().len(), 1, "one driver");
    }
}

#[tokio::test]
async fn a_panel_that_talks_without_end_is_a_fault_and_fills_nothing() {
    // What no panel says; touches of a Nextion, and of a DGUS panel, which are in order.
    for (says, (_, config)) in [
        (&b"\x42\x43"[..], BOTH[0]),
        (b"\x65\x00\x01\x01\xFF\xFF\xFF", BOTH[0]),
        (b"\x42\x43", BOTH[1]),
        (b"\x5A\xA5\x06\x83\x10\x01\x01\x00\x02", BOTH[1]),
    ] {
        let flood = Flood::start(says);
        let config =
            format!("[devices.qr]\ndriver = \"qr-serial\"\naddress = \"tcp:127.0.0.1:{}\"\n{config}", flood.port);
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let mut client = rig.client().await;
        let failure = client.fails(show("unseen", 60).timeout_ms(15_000)).await.failure;
        // Which of them depends on what is asked first: the driver while it opens, or the command.
        let typed = [E::DeviceFault, E::DeviceSilent, E::DriverFault, E::Timeout];
        assert!(typed.contains(&failure.code), "{failure:?}");
        for driver in rig.children() {
            assert!(driver.resident_kib() < 60 << 10, "{} KiB", driver.resident_kib());
        }
        rig.assert_healthy().await;
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
