//! Documents and pictures of the page's own: taken as blobs of its session, checked, bounded, thrown away on request.

use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::rig::{Order, Parts, Rig, RigOptions, http};
use serde_json::json;

use crate::support::{print, sample};

async fn gateway() -> Rig {
    Rig::start(RigOptions { parts: Parts::GatewayOnly, ..RigOptions::default() }).await
}

#[tokio::test]
async fn a_document_comes_back_as_it_was_sent_until_it_is_thrown_away() {
    let rig = gateway().await;
    let client = rig.client().await;
    let pdf = [b"%PDF-1.7\n".to_vec(), vec![0xA5; 3_000_000]].concat();
    let answer = http::upload(rig.address, &client.token(), pdf.clone()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = format!("/v1/blobs/{}", answer.json()["blob"].as_str().expect("it has a name"));
    let got = http::get(rig.address, &path, Some(&client.token())).await;
    assert_eq!((got.status, got.body.as_ref() == pdf), (200, true));
    assert_eq!(got.headers["content-type"], "application/pdf");
    let stranger = rig.client().await;
    assert_eq!(http::get(rig.address, &path, Some(&stranger.token())).await.status, 404);
    assert_eq!(http::delete(rig.address, &path, &stranger.token()).await.status, 404);
    assert_eq!(http::delete(rig.address, &path, &client.token()).await.status, 204);
    assert_eq!(http::get(rig.address, &path, Some(&client.token())).await.status, 404);
}

#[tokio::test]
async fn what_no_device_takes_is_refused_and_nothing_of_it_is_kept() {
    let rig = gateway().await;
    let client = rig.client().await;
    for (bytes, status, code) in [
        (b"<html>hello there</html>".to_vec(), 415, E::Unreadable),
        (b"%PDF".to_vec(), 415, E::Unreadable),
        (Vec::new(), 415, E::Unreadable),
        ([b"%PDF-1.7".to_vec(), vec![b' '; 65 << 20]].concat(), 413, E::TooLarge),
    ] {
        let length = bytes.len();
        let answer = http::upload(rig.address, &client.token(), bytes).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code.as_str())), "{length}");
    }
    let wrong = http::upload(rig.address, "no-such-token", b"%PDF-1.7\n".to_vec()).await;
    assert_eq!((wrong.status, wrong.json()["error"]["code"].as_str()), (401, Some("not_permitted")));
    let metrics = http::get(rig.address, "/metrics", None).await.text();
    assert!(metrics.contains("blob_bytes 0"), "{metrics}");
}

#[tokio::test]
async fn a_picture_of_the_page_can_be_printed_on_a_receipt() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let answer = http::upload(rig.address, &client.token(), sample("residence-form.jpg")).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let elements = json!([{ "type": "image", "blob": answer.json()["blob"], "width_mm": 40 }]);
    let report = client.done(print(json!({ "elements": elements }), "own-picture")).await;
    assert_eq!(report["outcome"], "printed");
    let other = client.fails(Order::new("ocr.read", json!({ "blob": "nobody" }))).await;
    assert_eq!(other.failure.code, E::UnknownDevice, "this kiosk has no reader");
}
