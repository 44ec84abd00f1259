//! The virtual card reader under libccid and pcscd, read by `opensc-tool`.

use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::wait;
use serde_json::json;

use super::usb_peers::lsusb;

const READER: &str = "HID Global OMNIKEY 5022 Smart Card Reader (CARD-1) 00 00";

/// Waits until the list of readers has the reader with this in the column "Card", or has it no more.
async fn listed(card: Option<&str>) {
    wait::until_async(&format!("the reader is listed with {card:?}"), WITHIN, async || {
        let list = lab::run(Peer::new(&peer("opensc-tool")).arg("-l")).await.out;
        let line = list.lines().find(|line| line.contains(READER));
        let column = line.and_then(|line| line.split_whitespace().nth(1));
        (column == card).then_some(())
    })
    .await;
}

fn tool(arguments: &[&str]) -> Peer {
    Peer::new(&peer("opensc-tool")).args(["-r", READER, "-c", "default"]).args(arguments)
}

#[tokio::test]
async fn libccid_reads_cards_that_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all("/run/pcscd").unwrap();
    let _service = Peer::new(&peer("pcscd")).arg("--foreground").start(folder.path(), "pcscd");
    let plugged = Plugged::start(&["reader,serial=CARD-1"]).await;
    listed(Some("Yes")).await;
    let atr = lab::run(tool(&["-a"])).await.ok();
    assert!(atr.contains("3b:88:80:01:4b:69:6f:73:6b:53:69:6d"), "{atr}");
    // 256 bytes of the file that counts up; and a card that takes a second and a half. The tool sends short APDUs only.
    let said = lab::run(tool(&["-s", "00A4020C020102", "-s", "00B0000000", "-s", "80E6000F00"])).await.ok();
    assert_eq!(said.matches("(SW1=0x90, SW2=0x00)").count(), 3, "{said}");
    assert!(said.contains("F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FB FC FD FE FF"), "{said}");
    plugged.order("reader", "set", json!({ "card": "none" })).await;
    listed(Some("No")).await;
    plugged.fault("reader", "mute", json!({})).await;
    plugged.order("reader", "set", json!({ "card": "test" })).await;
    listed(Some("Yes")).await;
    // The tool does not call it a failure; it has nothing to say.
    assert!(!lab::run(tool(&["-a"])).await.out.contains("3b:"));
    plugged.clear("reader").await;
    plugged.order("reader", "unplug", json!({})).await;
    listed(None).await;
    plugged.order("reader", "plug", json!({})).await;
    listed(Some("Yes")).await;
    lsusb("076b:5022", &["Only accurate for version 1.0"]).await;
}
