//! The simulated devices as a process, and their knobs.

use std::net::SocketAddr;
use std::path::Path;

use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::process::Program;
use super::{PATIENCE, http, programs};

/// Where the devices are, as `kiosk-simulate` says it.
#[derive(Clone, Debug, Deserialize)]
pub struct Addresses {
    /// The control port.
    pub control: String,
    /// The scanner.
    pub scanner: String,
    /// The receipt printer.
    pub printer: String,
    /// The UPS.
    pub ups: String,
}

/// The knobs. A wrong order panics.
#[derive(Clone, Debug)]
pub struct Simulators(Option<Addresses>);

impl Simulators {
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Starts all three.
    pub async fn start(folder: &Path, more: &[String]) -> (Self, Program) {
        let mut arguments: Vec<String> = ["kiosk", "--exit-with-stdin"].map(String::from).into();
        arguments.extend(more.iter().cloned());
        let log = folder.join("simulators.log");
        let mut program = Program::start(&programs::find("kiosk-simulate"), &arguments, &log);
        let line = program.lines().next(PATIENCE).await.unwrap_or_default();
        let addresses = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the simulators said {line:?} ({error}):\n{}", program.log()));
        (Self(Some(addresses)), program)
    }

    /// Where they are; `None` if there are none.
    pub fn addresses(&self) -> Option<&Addresses> {
        self.0.as_ref()
    }

    fn control(&self) -> SocketAddr {
        let addresses = self.0.as_ref().expect("this rig has simulators");
        let address = addresses.control.strip_prefix("http://").and_then(|address| address.parse().ok());
        address.unwrap_or_else(|| panic!("`{}` is not an address", addresses.control))
    }

    async fn order(&self, device: &str, action: &str, order: Value) -> Value {
        let answer = http::post(self.control(), &format!("/devices/{device}/{action}"), &order).await;
        assert_eq!(answer.status, 200, "{device} {action} {order}: {}", answer.text());
        answer.json()
    }

    /// Turns a fault on: its name and its parameters.
    pub async fn fault(&self, device: &str, fault: &str, parameters: Value) {
        let mut order = parameters;
        order["fault"] = fault.into();
        self.order(device, "fault", order).await;
    }

    /// Ends all faults of a device.
    pub async fn clear(&self, device: &str) {
        self.order(device, "clear", json!({})).await;
    }

    /// Pulls the cable; it is out when this returns.
    pub async fn unplug(&self, device: &str) {
        self.order(device, "unplug", json!({})).await;
    }

    /// Puts the cable in again.
    pub async fn plug(&self, device: &str) {
        self.order(device, "plug", json!({})).await;
    }

    /// Puts paper into the scanner, for example `{"adf": 3}`.
    pub async fn load(&self, order: Value) {
        self.order("scanner", "load", order).await;
    }

    /// Sets what is no fault, for example `{"mains": "off"}` of the UPS.
    pub async fn set(&self, device: &str, order: Value) {
        self.order(device, "set", order).await;
    }

    /// A device's state and counters.
    pub async fn state(&self, device: &str) -> Value {
        self.get(&format!("/devices/{device}")).await
    }

    /// The last things said on a device's wire, one text each.
    pub async fn exchanges(&self, device: &str) -> Vec<String> {
        let answer = self.get(&format!("/devices/{device}/exchanges")).await;
        let all = answer["exchanges"].as_array().cloned().unwrap_or_default();
        all.iter().map(|exchange| exchange["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The receipts that were cut off, oldest first.
    pub async fn receipts(&self) -> Vec<Value> {
        let answer = self.get("/devices/printer/receipts").await;
        answer["receipts"].as_array().cloned().unwrap_or_default()
    }

    /// A receipt, or the paper that is still in the printer (or the last receipt), as PNG.
    pub async fn paper(&self, number: Option<u64>) -> Bytes {
        let path = match number {
            Some(number) => format!("/devices/printer/receipts/{number}.png"),
            None => "/devices/printer/paper.png".to_owned(),
        };
        let answer = http::get(self.control(), &path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.body
    }

    async fn get(&self, path: &str) -> Value {
        let answer = http::get(self.control(), path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}
