//! The page of the second screen in a real browser: it shows a code that can be read from the screen, and blanks itself
//! as soon as nobody stands behind the code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_protocol::device::DeviceState as S;
use kiosk_tests::browser::Browser;
use kiosk_tests::peers::code;
use kiosk_tests::rig::process::Signal;
use kiosk_tests::rig::{Client, Order, PATIENCE, Parts, Rig, RigOptions, programs};
use serde_json::json;

const SHOWING: &str = "document.body.dataset.state === 'showing' && document.getElementById('shown').naturalWidth > 0";
const BLANK: &str = "document.body.dataset.state === 'blank' && document.getElementById('shown').hidden";

async fn kiosk() -> (Rig, Client, Browser) {
    let config = "[devices.qr]\ndriver = \"qr-screen\"\naddress = \"screen:front\"\n";
    let options = RigOptions { parts: Parts::GatewayOnly, config: config.into(), ..RigOptions::default() };
    let rig = Rig::start(options).await;
    let browser = Browser::start(1024, 600, &[]).await;
    browser.open(&format!("http://{}/screen.html", rig.address)).await;
    let mut client = rig.client().await;
    client.wait_state("qr", S::Ready, PATIENCE).await;
    (rig, client, browser)
}

async fn show(client: &mut Client, text: &str) {
    let content = json!({ "type": "text", "text": text });
    let payload = json!({ "content": content, "caption": "Quét mã để tra cứu bản sao", "expires_s": 600 });
    client.done(Order::new("qr_display.show", payload)).await;
}

#[tokio::test]
async fn a_code_can_be_read_from_the_screen_and_is_gone_when_it_should_be() {
    let (mut rig, mut client, browser) = kiosk().await;
    browser.until(BLANK, PATIENCE).await;
    show(&mut client, "https://kiosk.example.vn/v?c=7K4Q-9TXM").await;
    browser.until(SHOWING, PATIENCE).await;
    browser.screenshot("screen").await;
    let shot = std::fs::read(programs::source_tree().join("target/screenshots/screen.png")).unwrap();
    assert_eq!(code::read(&shot).await.as_deref(), Some("https://kiosk.example.vn/v?c=7K4Q-9TXM"));

    client.done("session.end").await;
    browser.until(BLANK, PATIENCE).await;

    let mut client = rig.client().await;
    show(&mut client, "again").await;
    browser.until(SHOWING, PATIENCE).await;
    // A gateway that hangs keeps its connections: only the missing sign of life tells.
    rig.gateway().signal(Signal::STOP);
    browser.until(BLANK, PATIENCE).await;
    rig.gateway().signal(Signal::CONT);
    browser.until(SHOWING, PATIENCE).await;

    rig.gateway().signal(Signal::KILL);
    browser.until(BLANK, PATIENCE).await;
}
