//! The kiosk's page while the gateway is away.

use kiosk_tests::rig::PATIENCE;
use serde_json::json;

use super::{ask, page, scan, step};

/// Lets a test take the gateway away from the page, and give it back: what the page sends meanwhile ends its connection.
const GATEWAY: &str = "const { send } = WebSocket.prototype, all = new Set();
    globalThis.gateway = {
        here: true,
        leave() { this.here = false; for (const socket of all) socket.close(); },
        comeBack() { this.here = true; },
    };
    WebSocket.prototype.send = function (data) {
        all.add(this);
        if (gateway.here) send.call(this, data);
        else this.close();
    };";

#[tokio::test]
async fn what_is_personal_is_cleared_when_the_gateway_is_away_and_the_case_is_found_again() {
    let (_demo, page) = page().await;
    page.run(GATEWAY).await;
    scan(&page).await;
    page.until("document.getElementById('reading-progress').dataset.stage === 'done'", PATIENCE).await;
    page.click("#camera-photo").await;
    page.until("document.getElementById('camera-image').naturalWidth > 0", PATIENCE).await;
    ask(&page).await;
    assert!(page.text("#person-identity").await.contains("NGUYỄN VĂN AN"));
    page.click("#tab-text").await;

    // A short absence takes nothing.
    page.run("gateway.leave()").await;
    page.until("document.body.dataset.connection === 'reconnecting'", PATIENCE).await;
    page.run("gateway.comeBack()").await;
    page.until("document.body.dataset.connection === 'connected'", PATIENCE).await;
    assert!(page.text("#page-text").await.contains("GIẤY KHAI SINH"));

    page.run("document.body.dataset.clearedAfterS = '1'; gateway.leave()").await;
    page.until("document.getElementById('cleared').checkVisibility()", PATIENCE).await;
    let left = "return ['page-image', 'camera-image', 'paper-image'].filter(id => document.getElementById(id).hasAttribute('src'))
        .concat(['page-text', 'page-reading', 'person-identity', 'copy-code'].filter(id => document.getElementById(id).childElementCount > 0))";
    assert_eq!(page.run(left).await, json!([]));
    let text = page.text("body").await;
    assert!(!text.contains("NGUYỄN") && !text.contains("GIẤY KHAI SINH"), "{text}");
    assert!(text.contains("Ki-ốt mất kết nối") && text.contains("hoặc đến quầy"), "{text}");
    page.screenshot("copy-5-away").await;

    page.run("gateway.comeBack()").await;
    step(&page, "waiting").await;
    page.until("document.getElementById('certified-told').textContent.includes('Cán bộ đang xem')", PATIENCE).await;
    assert!(page.text("#cleared").await.contains("đã kết nối lại"));
    page.screenshot("copy-5-back").await;
    page.click("#scan-title").await;
    assert_eq!(page.run("return document.getElementById('cleared').hidden").await, true);
    scan(&page).await;
}
