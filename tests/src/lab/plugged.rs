//! The simulators' USB devices (`kiosk-simulate usb …`), plugged into the guest's kernel, and their knobs. A wrong order
//! panics. What orders a device knows, its own room in `simulators/` says.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{WITHIN, appears, load, require, settle};
use crate::peers::code;
use crate::rig::process::Program;
use crate::rig::{http, programs, wait};

/// Devices of one process. Dropped, they are pulled out.
pub struct Plugged {
    control: SocketAddr,
    said: Value,
    program: Program,
    /// Of its log.
    _folder: TempDir,
}

impl Plugged {
    /// Plugs in what these words say, `printer,serial=A1,port=2` for example, and waits until the kernel has configured
    /// all and udev has dealt with them. More arguments may stand among the words.
    pub async fn start(words: &[&str]) -> Self {
        require();
        load("vhci_hcd", &[]).await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let arguments = ["usb", "--exit-with-stdin"].iter().chain(words).map(|word| (*word).to_owned());
        let arguments: Vec<String> = arguments.collect();
        let log = folder.path().join("plugged.log");
        let mut program = Program::start(&programs::find("kiosk-simulate"), &arguments, &log);
        let line = program.lines().next(WITHIN).await.unwrap_or_default();
        let said: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the simulators said {line:?} ({error}):\n{}", program.log()));
        let control = said["control"].as_str().and_then(|url| url.strip_prefix("http://")?.parse().ok());
        let control = control.unwrap_or_else(|| panic!("no control port in {said}"));
        let plugged = Self { control, said, program, _folder: folder };
        for device in plugged.said.as_object().into_iter().flat_map(|said| said.keys()) {
            if device != "control" {
                plugged.device(device).await;
            }
        }
        settle().await;
        plugged
    }

    /// Waits until the kernel has configured a device; its folder in sysfs, without links: `/sys/devices/…/usb1/1-2`.
    pub async fn device(&self, device: &str) -> PathBuf {
        let what = format!("the kernel configures {device}");
        let path = wait::until_async(&what, WITHIN, async || {
            let state = self.state(device).await;
            (state["configured"] == true).then(|| state["path"].as_str().map(str::to_owned)).flatten()
        })
        .await;
        appears(Path::new("/sys/bus/usb/devices").join(path)).await
    }

    /// The same after blinks that were too quick for the kernel: it gives a port up until something is plugged in there
    /// once more.
    pub async fn found_at_last(&self, device: &str) {
        let gives_up_after = std::time::Duration::from_secs(10);
        let found = async || {
            let deadline = tokio::time::Instant::now() + gives_up_after;
            while tokio::time::Instant::now() < deadline {
                if self.state(device).await["configured"] == true {
                    return true;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            false
        };
        for _ in 0..6 {
            if found().await {
                return;
            }
            self.unplug(device).await;
            self.plug(device, json!({})).await;
        }
        panic!("the kernel does not find {device} any more");
    }

    /// The address of a device for its driver, `usb:04b8:0e15?serial=A1`: the first of a kind is called like its kind,
    /// the second `printer-2`, others as `name=` said.
    pub fn address(&self, device: &str) -> &str {
        self.said[device].as_str().unwrap_or_else(|| panic!("no {device} in {}", self.said))
    }

    /// The URL of the control port, for `kiosk-simulate ctl`.
    pub fn control(&self) -> String {
        format!("http://{}", self.control)
    }

    /// Pulls the cable; it is out when this returns.
    pub async fn unplug(&self, device: &str) {
        self.order(device, "unplug", json!({})).await;
    }

    /// Puts the cable in again; `{"port": 4}` for another port.
    pub async fn plug(&self, device: &str, order: Value) {
        self.order(device, "plug", order).await;
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

    /// Sets what is no fault, for example `{"mains": "off"}` of a UPS.
    pub async fn set(&self, device: &str, order: Value) {
        self.order(device, "set", order).await;
    }

    /// Any order to a device; returns the answer.
    pub async fn order(&self, device: &str, action: &str, order: Value) -> Value {
        let answer = http::post(self.control, &format!("/devices/{device}/{action}"), &order).await;
        assert_eq!(answer.status, 200, "{device} {action} {order}: {}", answer.text());
        answer.json()
    }

    /// What the QR codes on the receipts say that a printer has cut off, one each.
    pub async fn codes(&self, printer: &str) -> Vec<String> {
        let receipts = self.get(&format!("/devices/{printer}/receipts")).await.json();
        let mut codes = Vec::new();
        for receipt in receipts["receipts"].as_array().into_iter().flatten() {
            let paper = self.get(&format!("/devices/{printer}/receipts/{}.png", receipt["number"])).await;
            codes.extend(code::read(&paper.body).await);
        }
        codes
    }

    /// A device's state and counters.
    pub async fn state(&self, device: &str) -> Value {
        self.get(&format!("/devices/{device}")).await.json()
    }

    /// Anything at the control port, `/devices/printer/receipts/1.png` for example.
    pub async fn get(&self, path: &str) -> http::Answer {
        let answer = http::get(self.control, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the virtual devices' log ---\n{}--- end of it ---", self.program.log());
        }
    }
}
