//! `ipps://` with CUPS's printer, which signs its own certificate as real ones do.

use kiosk_protocol::device::DeviceState;
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::Rig;
use serde_json::json;

use super::{PDF, Printer, WITHIN, order, pdf, rig};

/// What an operator reads whose configuration does not fit the printer.
async fn held(rig: &Rig) -> String {
    let mut client = rig.client().await;
    let view = client.wait_state("page_printer", DeviceState::Held, WITHIN).await;
    serde_json::to_string(&view.problem).unwrap()
}

async fn prints(rig: &Rig, printer: &Printer) {
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    let order = order(rig, &client, pdf(), json!({})).await;
    assert_eq!(client.done(order).await["outcome"], "printed");
    assert_eq!(std::fs::read(&printer.spool()[0]).unwrap(), pdf());
}

#[tokio::test]
async fn ipps_a_printer_is_known_by_its_certificate_alone() {
    let printer = Printer::start(PDF).await;
    let another = "00".repeat(32);
    let told = held(&rig("ipps", printer.port(), &format!("config.tls_sha256 = \"{another}\"\n")).await).await;
    // What it has is told, so that a person can compare it.
    let crt = printer.0.keys().join("localhost.crt");
    let openssl = Peer::new(&peer("openssl")).args(["x509", "-noout", "-fingerprint", "-sha256", "-in"]).arg(&crt);
    let said = openssl.run(WITHIN).await.ok();
    let own = said.trim().split_once('=').unwrap().1;
    assert!(told.contains(own), "{told} / {own}");
    assert!(printer.spool().is_empty());
    prints(&rig("ipps", printer.port(), &format!("config.tls_sha256 = \"{own}\"\n")).await, &printer).await;
}

#[tokio::test]
async fn ipps_a_printer_is_known_by_who_signed_its_certificate() {
    let printer = Printer::start(PDF).await;
    let keys = printer.0.keys();
    let (ca, key) = (keys.join("other.crt"), keys.join("other.key"));
    let openssl = Peer::new(&peer("openssl")).args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj"]);
    openssl.args(["/CN=Another authority", "-keyout"]).arg(&key).arg("-out").arg(&ca).run(WITHIN).await.ok();
    let config = |file: &std::path::Path| format!("config.tls_ca = {file:?}\n");
    let told = held(&rig("ipps", printer.port(), &config(&ca)).await).await;
    assert!(told.contains("config.tls_ca"), "{told}");
    prints(&rig("ipps", printer.port(), &config(&keys.join("localhost.crt"))).await, &printer).await;
}

#[tokio::test]
async fn ipps_nothing_is_believed_without_a_certificate_in_the_configuration() {
    let printer = Printer::start(PDF).await;
    let told = held(&rig("ipps", printer.port(), "").await).await;
    assert!(told.contains("config.tls_sha256") && told.contains("config.tls_ca"), "{told}");
}
