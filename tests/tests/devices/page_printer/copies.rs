//! `case.print`: a certified copy on paper, with the real signer on one side and CUPS's printer on the other; and what of a case the
//! gateway does not take from a page.

use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::copies::{Browser, Copies, PROCEDURE, page};
use kiosk_tests::peers::{Peer, peer, script};
use kiosk_tests::rig::{Client, Order, Rig, http, programs};
use serde_json::{Value, json};

use super::{O, PDF, Printer, RASTER, WITHIN, kind, rig};

/// A signed copy, its file, and a gateway with its signer and this printer.
async fn with_copy(printer: &Printer) -> (Copies, Rig, Client, Value, Vec<u8>) {
    let mut copies = Copies::start(&[], |settings| {
        settings["signing"]["seal_picture"] = json!(programs::samples().join("marks/seal.png"));
    })
    .await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&case, "signed").await;
    let (file, _) = copies.file(&case).await;
    let section = copies.hand_over().await;
    let rig = rig("ipp", printer.port(), &section).await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    (copies, rig, client, case, file)
}

fn print(case: &Value, key: &str) -> Order {
    Order::new("case.print", json!({ "case": case })).key(key)
}

#[tokio::test]
async fn ipp_a_copy_is_printed_once_and_the_signer_knows() {
    let printer = Printer::start(PDF).await;
    let (_copies, _rig, mut client, case, file) = with_copy(&printer).await;
    let view = client.done(print(&case, "print-the-copy")).await;
    let delivery = &view["deliveries"].as_array().unwrap().last().unwrap();
    assert_eq!((&delivery["channel"], &delivery["state"]), (&json!("print"), &json!("done")), "{view}");
    let spool = printer.spool();
    assert_eq!(spool.len(), 1, "{spool:?}");
    assert_eq!(std::fs::read(&spool[0]).unwrap(), file, "the very file");
    // The same order again has the same answer; another one is no second copy.
    assert_eq!(client.done(print(&case, "print-the-copy")).await, view);
    let refused = client.fails(print(&case, "print-it-again")).await;
    assert_eq!(kind(&refused), (E::NotPermitted, Some(O::NotPrinted)), "{refused:?}");
    assert_eq!(printer.spool().len(), 1);
}

#[tokio::test]
async fn ipp_what_became_of_a_copy_is_what_the_printer_says() {
    let printer = Printer::start(PDF).await;
    let (_copies, _rig, mut client, case, _) = with_copy(&printer).await;
    printer.fault("abort");
    let failed = client.fails(print(&case, "print-and-fail")).await;
    let outcome = failed.failure.outcome.expect("a print has an outcome");
    let view = client.done(Order::new("case.status", json!({ "case": case }))).await;
    let state = &view["deliveries"].as_array().unwrap().last().unwrap()["state"];
    let told = if outcome == O::NotPrinted { "not_done" } else { "unknown" };
    assert_eq!(*state, told, "{outcome:?}: {view}");
    assert_eq!(view["waits_for"] == "person", outcome == O::Unknown, "{view}");
}

#[tokio::test]
async fn ipp_the_seal_is_on_paper_that_is_drawn() {
    let printer = Printer::start(RASTER).await;
    let (_copies, _rig, mut client, case, _) = with_copy(&printer).await;
    client.done(print(&case, "print-the-copy")).await;
    let python = Peer::new(&peer("python3")).arg(script("read_raster.py")).arg(printer.spool().last().unwrap());
    let pages: Value = serde_json::from_str(&python.run(WITHIN).await.ok()).unwrap();
    let red: u64 = pages.as_array().unwrap().iter().map(|page| page["red"].as_u64().unwrap()).sum();
    // A ring and a star of 36 mm at 300 dots per inch, a sixteenth of their dots; nothing else of the copy is red.
    assert!(red > 500, "{red} red dots: {pages}");
}

#[tokio::test]
async fn ipp_a_case_takes_nothing_that_only_a_page_says() {
    let printer = Printer::start(PDF).await;
    let (_copies, rig, mut client, _, _) = with_copy(&printer).await;
    let opened = client.done(Order::new("case.open", json!({ "procedure": PROCEDURE }))).await;
    let case = &opened["case"];
    let uploaded = http::upload(rig.address, &client.token(), page(2)).await.json()["blob"].clone();
    let pages = json!([{ "image": uploaded, "resolution_dpi": 200 }]);
    let refused = client.fails(Order::new("case.pages", json!({ "case": case, "pages": &pages }))).await;
    assert_eq!((refused.failure.code, refused.failure.field.as_deref()), (E::NotPermitted, Some("payload.pages")));
    let refused = client.fails(Order::new("case.second_scan", json!({ "case": case, "pages": pages }))).await;
    assert_eq!((refused.failure.code, refused.failure.field.as_deref()), (E::NotPermitted, Some("payload.pages")));
    let refused = client.fails(Order::new("case.recognise", json!({ "case": case, "pages": [uploaded] }))).await;
    assert_eq!(refused.failure.code, E::NotFound);
    let refused = client.fails(Order::new("case.identify", json!({ "case": case }))).await;
    assert_eq!(refused.failure.code, E::NotPermitted);
    for call in ["case.print_started", "case.delivery_ended"] {
        // Between gateway and signer only.
        assert_eq!(client.fails(Order::new(call, json!({}))).await.failure.code, E::UnknownCall);
    }
    let view = client.done(Order::new("case.status", json!({ "case": case }))).await;
    assert_eq!(view["state"], "opened", "{view}");
}
