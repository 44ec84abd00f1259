//! Virtual printers of `kiosk-simulate usb`, plugged into the guest's kernel, and their knobs.

use std::net::SocketAddr;
use std::path::Path;

use kiosk_tests::lab;
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{http, programs};
use serde_json::{Value, json};

/// Devices in one process; dropped, they are unplugged.
pub(super) struct Plugged {
    control: SocketAddr,
    /// Where each is, by name, as the process says.
    pub(super) addresses: Value,
    _program: Program,
}

impl Plugged {
    /// Plugs in what these words say, for example `printer,serial=A1,port=1`; each needs a serial number. Waits until the
    /// kernel knows them.
    pub(super) async fn start(folder: &Path, words: &[&str]) -> Self {
        lab::require();
        let arguments = ["usb"].iter().chain(words).chain(&["--exit-with-stdin"]);
        let arguments: Vec<String> = arguments.map(|word| (*word).to_owned()).collect();
        let log = folder.join("plugged.log");
        let mut program = Program::start(&programs::find("kiosk-simulate"), &arguments, &log);
        let line = program.lines().next(lab::WITHIN).await.unwrap_or_default();
        let addresses: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}\n{}", program.log()));
        let control = addresses["control"].as_str().and_then(|at| at.strip_prefix("http://")).unwrap();
        for word in words {
            let serial = word.split(',').find_map(|part| part.strip_prefix("serial=")).unwrap();
            lab::usb::device(serial).await;
        }
        Self { control: control.parse().unwrap(), addresses, _program: program }
    }

    async fn order(&self, device: &str, action: &str, order: Value) {
        let answer = http::post(self.control, &format!("/devices/{device}/{action}"), &order).await;
        assert_eq!(answer.status, 200, "{device} {action} {order}: {}", answer.text());
    }

    pub(super) async fn fault(&self, device: &str, fault: &str, mut parameters: Value) {
        parameters["fault"] = fault.into();
        self.order(device, "fault", parameters).await;
    }

    pub(super) async fn clear(&self, device: &str) {
        self.order(device, "clear", json!({})).await;
    }

    pub(super) async fn unplug(&self, device: &str) {
        self.order(device, "unplug", json!({})).await;
    }

    pub(super) async fn plug(&self, device: &str, order: Value) {
        self.order(device, "plug", order).await;
    }

    pub(super) async fn state(&self, device: &str) -> Value {
        http::get(self.control, &format!("/devices/{device}"), None).await.json()
    }

    /// What the QR codes on the receipts say that a printer has cut off.
    pub(super) async fn codes(&self, device: &str) -> Vec<String> {
        let receipts = http::get(self.control, &format!("/devices/{device}/receipts"), None).await.json();
        let mut codes = Vec::new();
        for receipt in receipts["receipts"].as_array().unwrap() {
            let path = format!("/devices/{device}/receipts/{}.png", receipt["number"]);
            codes.extend(codes_on(&http::get(self.control, &path, None).await.body));
        }
        codes
    }
}

fn codes_on(png: &[u8]) -> Vec<String> {
    let image = image::load_from_memory(png).expect("the paper is a PNG").to_luma8();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let grey = |x: usize, y: usize| image.as_raw()[y * width + x];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
