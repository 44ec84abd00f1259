//! The driver `qr-screen` through the whole kiosk, looked at as its page does.

use std::time::Duration;

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::peers::code;
use kiosk_tests::rig::{Client, Order, PATIENCE, Parts, READY_WITHIN, Rig, RigOptions, http};
use serde_json::{Value, json};

const WITHIN: Duration = PATIENCE;

/// A kiosk with a screen, a page that looks at it, and a client.
async fn kiosk() -> (Rig, Client, Client) {
    let config = "[devices.qr]\ndriver = \"qr-screen\"\naddress = \"screen:front\"\n";
    let options = RigOptions { parts: Parts::GatewayOnly, config: config.into(), ..RigOptions::default() };
    let rig = Rig::start(options).await;
    let mut page = rig.client().await;
    page.wait_device("qr", READY_WITHIN, |view| matches!(view.state, S::Ready | S::Stale)).await;
    page.done(Order::from("pictures.start").device("qr")).await;
    let mut client = rig.client().await;
    client.wait_device("qr", WITHIN, |view| showing(view) == Some(false)).await;
    (rig, page, client)
}

fn showing(view: &DeviceView) -> Option<bool> {
    match &view.facts {
        Facts::QrDisplay { status, .. } if view.state == S::Ready => status.as_ref().map(|status| status.showing),
        _ => None,
    }
}

fn show(content: Value, expires_s: u32) -> Order {
    Order::new("qr_display.show", json!({ "content": content, "expires_s": expires_s }))
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// Looks until the screen shows this code, or nothing.
async fn until(page: &mut Client, wanted: Option<&str>) {
    let deadline = tokio::time::Instant::now() + WITHIN;
    while tokio::time::Instant::now() < deadline {
        if code::read(&page.picture(WITHIN).await.1).await.as_deref() == wanted {
            return;
        }
    }
    panic!("the screen does not show {wanted:?}");
}

#[tokio::test]
async fn a_code_is_shown_until_it_is_cleared_or_replaced() {
    let (_rig, mut page, mut client) = kiosk().await;
    assert_eq!(client.done(show(text("Phường Cửa Nam: số một"), 600)).await, json!({ "showing": true }));
    until(&mut page, Some("Phường Cửa Nam: số một")).await;
    client.done(show(text("hai"), 600)).await;
    until(&mut page, Some("hai")).await;
    assert_eq!(client.done("qr_display.clear").await, json!({ "showing": false }));
    until(&mut page, None).await;
}

#[tokio::test]
async fn it_disappears_when_its_time_is_over() {
    let (_rig, mut page, mut client) = kiosk().await;
    client.done(show(text("kurz"), 2)).await;
    until(&mut page, Some("kurz")).await;
    until(&mut page, None).await;
    client.wait_device("qr", WITHIN, |view| showing(view) == Some(false)).await;
}

#[tokio::test]
async fn it_disappears_with_the_session_that_showed_it() {
    let (_rig, mut page, mut client) = kiosk().await;
    client.done(show(text("private"), 600)).await;
    until(&mut page, Some("private")).await;
    client.done("session.end").await;
    until(&mut page, None).await;
}

#[tokio::test]
async fn a_payment_and_a_picture_are_shown() {
    let (rig, mut page, mut client) = kiosk().await;
    let payment = json!({ "type": "payment", "bank": "970415", "account": "0011001932418", "amount_vnd": 120_000, "purpose": "ung ho lu lut" });
    client.done(show(payment, 600)).await;
    // The published example; see the tests of kiosk-qr-content.
    let code = "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C";
    until(&mut page, Some(code)).await;
    let png = {
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(40, 20, image::Rgb([0, 160, 0]))
            .write_to(&mut png, image::ImageFormat::Png)
            .unwrap();
        png.into_inner()
    };
    let blob = http::upload(rig.address, &client.token(), png).await.json()["blob"].clone();
    client.done(show(json!({ "type": "image", "blob": blob }), 600)).await;
    loop {
        let (_, picture) = page.picture(WITHIN).await;
        let Ok(shown) = image::load_from_memory(&picture) else { continue };
        let shown = shown.into_rgb8();
        let middle = shown.get_pixel(shown.width() / 2, shown.height() / 2).0;
        if middle[1] > 130 && middle[0] < 60 {
            break;
        }
    }
}

#[tokio::test]
async fn wrong_contents_are_refused_by_field_and_nothing_changes() {
    let (rig, mut page, mut client) = kiosk().await;
    client.done(show(text("stays"), 600)).await;
    let wrong = [
        (show(text(""), 60), "payload.content.text"),
        (show(text(&"x".repeat(1_001)), 60), "payload.content.text"),
        (show(text("x"), 0), "payload.expires_s"),
        (show(json!({ "type": "payment", "bank": "12", "account": "1" }), 60), "payload.content.bank"),
        (
            show(json!({ "type": "payment", "bank": "970415", "account": "1", "purpose": "lệ phí" }), 60),
            "payload.content.purpose",
        ),
    ];
    for (order, field) in wrong {
        let error = client.fails(order).await;
        assert_eq!((error.failure.code, error.failure.field.as_deref()), (E::InvalidRequest, Some(field)));
    }
    let broken =
        http::upload(rig.address, &client.token(), b"\x89PNG\r\n\x1a\nnothing".to_vec()).await.json()["blob"].clone();
    assert_eq!(client.fails(show(json!({ "type": "image", "blob": broken }), 60)).await.failure.code, E::Unreadable);
    until(&mut page, Some("stays")).await;
}

#[tokio::test]
async fn nothing_is_shown_to_nobody() {
    let (_rig, page, mut client) = kiosk().await;
    page.kill();
    let view = client.wait_state("qr", S::Stale, WITHIN).await;
    let problem = serde_json::to_string(&view.problem).unwrap();
    assert!(problem.contains("/screen.html?device=NAME"), "it says what to do: {problem}");
    assert_eq!(client.fails(show(text("unseen"), 60)).await.failure.code, E::DeviceSilent);
}
