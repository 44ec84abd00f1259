//! The driver programs, what they are tried on, and what keeps each of them busy for a while.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::programs;
use kiosk_tests::rig::seam::DriverProgram;
use kiosk_tests::rig::{PATIENCE, Simulators};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// One driver program.
pub(crate) struct Subject {
    /// Its name, and that of its folder.
    pub(crate) name: &'static str,
    /// The status call of its kind.
    pub(crate) status_call: &'static str,
    /// The simulated device that it serves (`sane`: the one in SANE's own backend for tests; `barcode`:
    /// a silent line); none: the line device.
    device: Option<&'static str>,
}

pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { name: "escl", status_call: "scanner.status", device: Some("scanner") },
    Subject { name: "escpos", status_call: "receipt_printer.status", device: Some("printer") },
    Subject { name: "sane", status_call: "scanner.status", device: Some("sane") },
    Subject { name: "nut", status_call: "ups.status", device: Some("ups") },
    Subject { name: "barcode", status_call: "barcode_reader.status", device: Some("barcode") },
    Subject { name: "skeleton", status_call: "ups.status", device: None },
];

/// What the drivers are tried on.
pub(crate) struct Surroundings {
    simulators: Simulators,
    _program: Program,
    line_device: String,
    /// A serial line on which no scanner says anything.
    silent_line: OwnedFd,
    folder: TempDir,
}

impl Surroundings {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (simulators, program) = Simulators::start(folder.path(), &[]).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let line_device = format!("tcp:{}", listener.local_addr().expect("it listens"));
        tokio::spawn(serve_lines(listener));
        let silent_line =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a line is free");
        grantpt(&silent_line).and_then(|()| unlockpt(&silent_line)).expect("it is this test's own");
        Self { simulators, _program: program, line_device, silent_line, folder }
    }
}

/// The skeleton's make-believe UPS.
async fn serve_lines(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if line != "STATUS" || write.write_all(b"mains 81.5\n").await.is_err() {
                    return;
                }
            }
        });
    }
}

impl Subject {
    fn folder(&self) -> PathBuf {
        programs::source_tree().join("device-drivers").join(self.name)
    }

    /// Its `driver.toml`.
    pub(crate) fn manifest(&self) -> toml::Table {
        let path = self.folder().join("driver.toml");
        let text = std::fs::read_to_string(&path).expect("every driver has a driver.toml");
        text.parse().expect("a driver.toml is TOML")
    }

    fn program(&self) -> PathBuf {
        programs::find(self.manifest()["program"].as_str().expect("a driver.toml names its program"))
    }

    pub(crate) fn start(&self, surroundings: &Surroundings) -> DriverProgram {
        let own = tempfile::tempdir_in(surroundings.folder.path()).expect("a temporary folder can be made");
        // It goes with the surroundings.
        DriverProgram::start(&self.program(), &own.keep())
    }

    /// Where its device is.
    pub(crate) fn address(&self, surroundings: &Surroundings) -> String {
        let at = surroundings.simulators.addresses().expect("there are simulators");
        match self.device {
            Some("scanner") => at.scanner.clone(),
            Some("printer") => at.printer.clone(),
            Some("sane") => "sane:test:0".into(),
            Some("barcode") => {
                let port = ptsname(&surroundings.silent_line, Vec::new()).expect("a line has a name");
                format!("serial:{}", port.to_string_lossy())
            }
            Some(_) => at.ups.clone(),
            None => surroundings.line_device.clone(),
        }
    }

    /// Where no device is: the discard port, where nobody listens.
    pub(crate) fn address_of_nothing(&self) -> String {
        match self.device {
            Some("scanner") => "http://127.0.0.1:9/eSCL".into(),
            Some("sane") => "sane:test:99".into(),
            Some("ups") => "nut://127.0.0.1:9/kiosk".into(),
            Some("barcode") => "serial:/dev/serial/by-id/nothing".into(),
            _ => "tcp:127.0.0.1:9".into(),
        }
    }

    /// A request that takes a while on a slow device.
    pub(crate) fn long_request(&self) -> (&'static str, Value) {
        let rows: Vec<Value> = (0..60).map(|row| json!({ "type": "text", "text": format!("Dòng {row}") })).collect();
        match self.device {
            Some("scanner") => ("scanner.scan", json!({})),
            Some("sane") => ("scanner.scan", json!({ "source": "adf", "resolution_dpi": 1200 })),
            Some("printer") => ("receipt_printer.print", json!({ "elements": rows })),
            Some("barcode") => ("barcode_reader.read", json!({})),
            _ => (self.status_call, json!({})),
        }
    }

    /// UPSes answer in no time; there is nothing to cancel.
    pub(crate) fn has_long_requests(&self) -> bool {
        matches!(self.device, Some("scanner" | "printer" | "sane" | "barcode"))
    }

    /// So slow that a page or a receipt takes minutes.
    pub(crate) async fn make_slow(&self, surroundings: &Surroundings) {
        let rate = match self.device {
            Some("scanner") => 4_000,
            Some("printer") => 2_000,
            _ => return,
        };
        let slow = json!({ "bytes_per_second": rate });
        surroundings.simulators.fault(self.device.unwrap_or_default(), "slow", slow).await;
    }

    pub(crate) async fn make_quick(&self, surroundings: &Surroundings) {
        if let Some(device) = self.device.filter(|device| !["sane", "barcode"].contains(device)) {
            surroundings.simulators.clear(device).await;
        }
    }

    /// Runs it with arguments; its exit status and stdout.
    pub(crate) async fn run_by_hand(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let log: &Path = &folder.path().join("driver.log");
        let mut program = Program::start(&self.program(), &arguments, log);
        let said = program.lines().rest(PATIENCE).await;
        (program.end_within(PATIENCE).await, said)
    }
}
