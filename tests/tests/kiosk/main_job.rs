//! The main job: a page is scanned, read, and a receipt comes out, while the state of the UPS is live.

use kiosk_protocol::device::Facts;
use kiosk_protocol::ocr::DocumentText;
use kiosk_protocol::scanner::{ScanEnd, ScanReport};
use kiosk_protocol::ups::PowerSource;
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions, http};
use serde_json::json;

use crate::support::{
    PAGE_TAKES_MINUTES, adf, blob, codes_on_paper, flatbed, print, receipt, sample, slow, with_reader,
};

#[tokio::test]
async fn a_page_is_scanned_read_and_a_receipt_printed() {
    let (rig, mut client, _one) = with_reader().await;

    let report: ScanReport = serde_json::from_value(client.done(flatbed()).await).unwrap();
    let [page] = &report.pages[..] else { panic!("one page: {report:?}") };
    let bytes = blob(&rig, &client, &json!(page.blob)).await;
    assert_eq!(bytes, sample("birth-certificate.jpg"), "the page is the sample, byte for byte");
    assert_eq!((page.bytes, report.ended), (bytes.len() as u64, ScanEnd::SourceEmpty));

    let id = client.start(Order::new("ocr.read", json!({ "blob": page.blob }))).await;
    let text: DocumentText = serde_json::from_value(client.finish(id).await.unwrap()).unwrap();
    assert_eq!((text.width_px, text.height_px), (page.width_px, page.height_px));
    let all: Vec<&str> = text.lines.iter().map(|line| line.text.expose()).collect();
    assert!(all.iter().any(|line| line.contains("GIẤY KHAI SINH")), "the page's heading is among {all:?}");
    let stages: Vec<_> = client.events(id).iter().map(|(name, payload)| (*name, payload["stage"].clone())).collect();
    for stage in ["decoding", "detecting", "recognising"] {
        assert!(stages.contains(&("ocr.progress", json!(stage))), "progress tells of {stage}: {stages:?}");
    }

    let code = "https://kiosk.example.vn/v/0123456789";
    let id = client.start(print(receipt(code), "main-job-receipt")).await;
    let printed = client.finish(id).await.unwrap();
    assert_eq!(printed["outcome"], "printed");
    assert_eq!(codes_on_paper(&rig).await, [code], "the paper shows the QR once");
    let (_, progress) = client.events(id).pop().expect("printing tells how far it is");
    assert_eq!(progress["sent_bytes"], progress["total_bytes"]);

    client.done("session.end").await;
    let path = format!("/v1/blobs/{}", page.blob);
    assert_eq!(http::get(rig.address, &path, Some(&client.token())).await.status, 404, "the image is wiped");
}

#[tokio::test]
async fn the_first_byte_of_a_page_is_with_the_client_before_the_last_has_left_the_scanner() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let id = client.start(flatbed()).await;
    let started = client.event(id, "scanner.page_started").await;
    let path = format!("/v1/blobs/{}", started["blob"].as_str().unwrap());
    let mut response = http::open(rig.address, &path, Some(&client.token())).await;
    assert_eq!(response.status(), 200);
    let mut bytes = http::next_bytes(&mut response).await.unwrap().unwrap().to_vec();
    let scanner = rig.simulators.state("scanner").await;
    assert_eq!(scanner["pages_served"], 0, "the scanner is still sending when the client has {} bytes", bytes.len());
    rig.simulators.clear("scanner").await;
    while let Some(piece) = http::next_bytes(&mut response).await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    assert_eq!(bytes, sample("birth-certificate.jpg"));
    client.finish(id).await.unwrap();
}

#[tokio::test]
async fn the_client_is_told_without_asking_that_the_ups_is_on_battery_and_back_on_mains() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    wait_power(&mut client, PowerSource::Mains).await;
    rig.simulators.set("ups", json!({ "mains": "off" })).await;
    wait_power(&mut client, PowerSource::Battery).await;
    rig.simulators.set("ups", json!({ "mains": "on" })).await;
    wait_power(&mut client, PowerSource::Mains).await;
}

async fn wait_power(client: &mut Client, power: PowerSource) {
    let is = |facts: &Facts| matches!(facts, Facts::Ups { status: Some(status), .. } if status.power == power);
    client.wait_device("ups", PATIENCE, |view| is(&view.facts)).await;
}

#[tokio::test]
async fn the_feeder_gives_all_its_pages_in_order() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let files = ["diploma.jpg", "residence-form.jpg", "marriage-status.jpg"];
    rig.simulators.load(json!({ "adf": files })).await;
    let id = client.start(adf()).await;
    let report: ScanReport = serde_json::from_value(client.finish(id).await.unwrap()).unwrap();
    assert_eq!(report.ended, ScanEnd::SourceEmpty);
    assert_eq!(report.pages.iter().map(|page| page.page).collect::<Vec<_>>(), [1, 2, 3]);
    for (page, file) in report.pages.iter().zip(files) {
        assert_eq!(blob(&rig, &client, &json!(page.blob)).await, sample(file), "{file}");
    }
    let names: Vec<&str> = client.events(id).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["scanner.page_started", "scanner.page"].repeat(3));
}

#[tokio::test]
async fn a_page_limit_ends_a_scan_and_leaves_the_other_pages_in_the_feeder() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.load(json!({ "adf": 4 })).await;
    let limited = Order::new("scanner.scan", json!({ "source": "adf", "max_pages": 1 }));
    let report: ScanReport = serde_json::from_value(client.done(limited).await).unwrap();
    assert_eq!((report.pages.len(), report.ended), (1, ScanEnd::PageLimit));
    let report: ScanReport = serde_json::from_value(client.done(adf()).await).unwrap();
    assert_eq!((report.pages.len(), report.ended), (3, ScanEnd::SourceEmpty));
}

#[tokio::test]
async fn a_scan_has_the_area_colour_and_resolution_that_were_asked_for() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let area = json!({ "x_mm": 25.4, "y_mm": 50.8, "width_mm": 101.6, "height_mm": 76.2 });
    let wish = json!({ "resolution_dpi": 150, "color": "gray", "area": area });
    let report: ScanReport = serde_json::from_value(client.done(Order::new("scanner.scan", wish)).await).unwrap();
    let page = &report.pages[0];
    assert_eq!((page.width_px, page.height_px, page.resolution_dpi), (600, 450, 150), "4 by 3 inches");
    let image = image::load_from_memory(&blob(&rig, &client, &json!(page.blob)).await).unwrap();
    assert_eq!((image.width(), image.height(), image.color()), (600, 450, image::ColorType::L8));
}

#[tokio::test]
async fn each_device_tells_its_status_when_asked() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.load(json!({ "adf": 1 })).await;
    let scanner = client.done("scanner.status").await;
    assert_eq!(scanner, json!({ "activity": "idle", "adf": "loaded" }));
    let printer = client.done("receipt_printer.status").await;
    assert_eq!(printer, json!({ "online": true, "paper": "ok", "cover": "closed" }));
    let ups = client.done("ups.status").await;
    assert_eq!((&ups["power"], &ups["battery_low"]), (&json!("mains"), &json!(false)));
    assert!(ups["charge_percent"].is_number() && ups["runtime_s"].is_number(), "{ups}");
    rig.simulators.fault("printer", "paper_low", json!({})).await;
    assert_eq!(client.done("receipt_printer.status").await["paper"], "low");
    rig.simulators.set("ups", json!({ "charge": 10, "mains": "off" })).await;
    let ups = client.done("ups.status").await;
    assert_eq!((&ups["power"], &ups["battery_low"]), (&json!("battery"), &json!(true)));
}
