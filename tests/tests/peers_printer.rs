//! The simulated receipt printer and an ESC/POS encoder that is not ours: python-escpos prints to it, and asks it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use image::GrayImage;
use kiosk_tests::peers::{Peer, code};
use kiosk_tests::rig::{PATIENCE, Simulators, wait};
use serde_json::{Value, json};

fn escpos(what: &str, simulators: &Simulators) -> Peer {
    let address = &simulators.addresses().expect("there are simulators").printer;
    let port = address.strip_prefix("tcp:127.0.0.1:").expect("the printer listens on TCP");
    Peer::script("print_receipt.py").args([what, "127.0.0.1", port])
}

#[tokio::test]
async fn what_another_encoder_prints_is_on_the_paper() {
    let folder = tempfile::tempdir().unwrap();
    let (simulators, _program) = Simulators::start(folder.path(), &[]).await;
    escpos("print", &simulators).arg(folder.path()).run(PATIENCE).await.ok();

    let receipts = wait::until_async("four receipts", PATIENCE, async || {
        Some(simulators.receipts().await).filter(|receipts| receipts.len() == 4)
    })
    .await;
    let first = &receipts[0];
    let text: Vec<&str> = first["text"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(text[..4], ["Receipt No. 42", "Café Zürich: 12,50", "LARGE", "12,50 €"]);
    assert_eq!(first["qr"], json!(["https://kiosk.example/verify/DEMO-7F3K-92QD"]));
    let bars: Vec<_> = first["barcodes"].as_array().unwrap().iter().map(|bar| (&bar["data"], &bar["drawn"])).collect();
    assert_eq!(bars, [(&json!("4006381333931"), &json!(true)), (&json!("Kiosk-42"), &json!(true))]);

    // A camera that looks at the paper sees the code as well.
    let seen = code::read(&simulators.paper(Some(1)).await).await;
    assert_eq!(seen.as_deref(), Some("https://kiosk.example/verify/DEMO-7F3K-92QD"));

    for (number, way) in [(2, "bitImageRaster"), (3, "graphics"), (4, "bitImageColumn")] {
        let sent = image::open(folder.path().join(format!("{way}.png"))).unwrap().to_luma8();
        let paper = image::load_from_memory(&simulators.paper(Some(number)).await).unwrap().to_luma8();
        assert_eq!(receipts[usize::try_from(number).unwrap() - 1]["end"], "partial_cut");
        assert!(shows(&paper, &sent), "the picture sent by {way} is not on the paper dot for dot");
    }
}

/// The picture is at the left edge of the paper, dot for dot, with nothing but white beside, above and below it.
fn shows(paper: &GrayImage, picture: &GrayImage) -> bool {
    let dark = |image: &GrayImage, x, y| image.get_pixel(x, y).0[0] < 128;
    let first = |image: &GrayImage| (0..image.height()).find(|&y| (0..image.width()).any(|x| dark(image, x, y)));
    let (Some(on_paper), Some(in_picture)) = (first(paper), first(picture)) else { return false };
    let Some(top) = on_paper.checked_sub(in_picture) else { return false };
    let expected = |x, y: u32| {
        let inside = x < picture.width() && y.checked_sub(top).is_some_and(|y| y < picture.height());
        inside && dark(picture, x, y - top)
    };
    paper.enumerate_pixels().all(|(x, y, _)| dark(paper, x, y) == expected(x, y))
}

#[tokio::test]
async fn another_encoder_is_told_the_right_status() {
    let folder = tempfile::tempdir().unwrap();
    let (simulators, _program) = Simulators::start(folder.path(), &[]).await;
    // Bits 1 and 4 of each status are always set (Epson, DLE EOT).
    for (fault, paper, online, raw_online) in [
        (None, 2, true, "12"),
        (Some("paper_low"), 1, true, "12"),
        (Some("paper_out"), 0, false, "1a"),
        (Some("cover_open"), 2, false, "1a"),
    ] {
        simulators.clear("printer").await;
        if let Some(fault) = fault {
            simulators.fault("printer", fault, json!({})).await;
        }
        let said = escpos("status", &simulators).run(PATIENCE).await.ok();
        let status: Value = serde_json::from_str(&said).unwrap();
        let right = (&json!(paper), &json!(online), &json!(raw_online));
        assert_eq!((&status["paper"], &status["online"], &status["raw_online"]), right, "{fault:?}: {said}");
    }
}
