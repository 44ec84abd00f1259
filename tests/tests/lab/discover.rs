//! What `discover` and `doctor` say of a machine with real device nodes, where the project's udev rules are installed.

use std::path::{Path, PathBuf};

use kiosk_tests::lab;
use kiosk_tests::lab::plugged::Plugged;
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::programs;
use serde_json::Value;

/// `discover` and the others with the drivers of the source tree.
async fn gateway(folder: &Path, devices: &str, arguments: &[&str]) -> (bool, String) {
    let (config, program) = (folder.join("gateway.toml"), programs::find("kiosk-gateway"));
    let (drivers, programs) = (programs::source_tree().join("device-drivers"), program.parent().unwrap());
    std::fs::write(&config, format!("[drivers]\ndirs = [{drivers:?}]\nprograms = {programs:?}\n{devices}")).unwrap();
    let ran = lab::run(Peer::new(&program).args(arguments).arg("--config").arg(&config)).await;
    (ran.status.success(), ran.out)
}

fn link(name: &str) -> PathBuf {
    Path::new("/dev/kiosk").join(name)
}

#[tokio::test]
async fn discover_prints_a_configuration_with_which_doctor_finds_no_problem() {
    let _plugged = Plugged::start(&["printer,serial=DOC-1,id=04b8:0202,port=2", "camera,serial=,port=3"]).await;
    lab::appears(link("receipt-DOC-1")).await;
    lab::appears(link("camera-1-3")).await;
    let folder = tempfile::tempdir().unwrap();
    let (well, json) = gateway(folder.path(), "", &["discover", "--json"]).await;
    assert!(well);
    let found: Value = serde_json::from_str(&json).unwrap();
    let printer = found["usb"].as_array().unwrap().iter().find(|device| device["serial"] == "DOC-1");
    assert_eq!(printer.unwrap()["drivers"][0]["address"], "usb:04b8:0202?serial=DOC-1", "{json}");
    let (_, text) = gateway(folder.path(), "", &["discover"]).await;
    let pasted = &text[text.find("# For ").expect("a configuration")..];
    let (well, told) = gateway(folder.path(), pasted, &["doctor"]).await;
    assert!(well && told.contains("No problem found"), "{pasted}\n{told}");
    assert!(told.contains("may be opened by the group kiosk"), "{told}");
    // Somebody loses the group.
    let node = lab::appears(link("receipt-DOC-1")).await;
    lab::run(Peer::new(&peer("chgrp")).arg("root").arg(&node)).await.ok();
    let (well, told) = gateway(folder.path(), pasted, &["doctor"]).await;
    assert!(!well && told.contains("so the group kiosk may not open it"), "{told}");
}

#[tokio::test]
async fn discover_knows_a_usb_scanner_by_sanes_own_list_and_a_ups_by_upowers() {
    // Canon LiDE 110, and a UPS of Eaton.
    let words = ["printer,serial=GLASS-9,id=04a9:1909,port=2", "ups,serial=UPS-9,id=0463:ffff,port=3"];
    let _plugged = Plugged::start(&words).await;
    lab::appears(link("scanner-GLASS-9")).await;
    let folder = tempfile::tempdir().unwrap();
    let (well, json) = gateway(folder.path(), "", &["discover", "--json"]).await;
    assert!(well);
    let found: Value = serde_json::from_str(&json).unwrap();
    let drivers = |serial: &str| -> Vec<String> {
        let device = found["usb"].as_array().unwrap().iter().find(|device| device["serial"] == serial).unwrap();
        let drivers = device["drivers"].as_array().unwrap().iter();
        drivers.map(|fit| format!("{} {}", fit["driver"].as_str().unwrap(), fit["address"].as_str().unwrap())).collect()
    };
    assert_eq!(drivers("GLASS-9")[0], "sane usb:04a9:1909?serial=GLASS-9");
    let ups = drivers("UPS-9");
    assert_eq!(ups[0], "hid-ups usb:0463:ffff?serial=UPS-9");
    assert!(ups.contains(&"upower upower:any".to_owned()), "{ups:?}");
    let (_, text) = gateway(folder.path(), "", &["discover"]).await;
    assert!(text.contains("config = { backend = \"genesys\" }"), "{text}");
}
