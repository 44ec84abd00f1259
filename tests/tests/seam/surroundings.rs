//! The driver programs, what they are tried on, and what keeps each of them busy for a while.

#[path = "printer.rs"]
mod printer;

use std::net::SocketAddr;
use std::path::Path;

use kiosk_tests::contract::{Request, Slow, Subject};
use kiosk_tests::rig::line::Line;
use kiosk_tests::rig::pcscd::{Pcscd, READERS};
use kiosk_tests::rig::process::Program;
use kiosk_tests::rig::{PATIENCE, Simulators, programs};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// The drivers with what they are tried on.
pub(crate) struct Surroundings {
    pub(crate) subjects: Vec<Subject>,
    _programs: [Program; 2],
    _pcscd: Pcscd,
    /// A serial line on which no scanner says anything.
    _silent_line: Line,
    _folder: TempDir,
}

impl Surroundings {
    pub(crate) async fn new() -> Self {
        // First: what is started from here on meets in its namespaces.
        let pcscd = Pcscd::start().await;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (simulators, program) = Simulators::start(folder.path(), &[]).await;
        let (panel, panel_said) = panel(folder.path()).await;
        let silent_line = Line::plug();
        let line = silent_line.port.clone();

        let at = simulators.addresses().expect("there are simulators").clone();
        let slow = |device, rate| {
            let fault = json!({ "fault": "slow", "bytes_per_second": rate });
            Some(Slow { control: port(&at.control), device, fault })
        };
        let rows: Vec<Value> = (0..60).map(|row| json!({ "type": "text", "text": format!("Dòng {row}") })).collect();
        let subjects = vec![
            Subject {
                // A page takes minutes.
                slow: slow("scanner", 4_000),
                long_request: request("scanner.scan", json!({})),
                ..subject("escl", "scanner.status", &at.scanner, "http://127.0.0.1:9/eSCL")
            },
            Subject {
                slow: slow("printer", 2_000),
                long_request: request("receipt_printer.print", json!({ "elements": rows })),
                ..subject("escpos", "receipt_printer.status", &at.printer, "tcp:127.0.0.1:9")
            },
            Subject {
                long_request: request("scanner.scan", json!({ "source": "adf", "resolution_dpi": 1200 })),
                ..subject("sane", "scanner.status", "sane:test:0", "sane:test:99")
            },
            Subject {
                long_request: request("barcode_reader.read", json!({})),
                ..subject(
                    "barcode",
                    "barcode_reader.status",
                    &format!("serial:{}", line),
                    "serial:/dev/serial/by-id/nothing",
                )
            },
            Subject {
                long_request: request("card_reader.wait", json!({ "until": "inserted" })),
                ..subject("pcsc", "card_reader.status", &format!("pcsc:{}", READERS[0]), "pcsc:nothing")
            },
            Subject {
                long_request: Request {
                    attached: vec![("document", printer::DOCUMENT)],
                    ..request("page_printer.print", json!({ "document": "document" }))
                },
                ..subject("ipp", "page_printer.status", &printer::start().await, "ipp://127.0.0.1:9/ipp/print")
            },
            Subject {
                config: json!({ "protocol": "nextion" }),
                long_request: request(
                    "qr_display.show",
                    json!({ "content": { "type": "text", "text": "https://kiosk.example" }, "expires_s": 60 }),
                ),
                // Told as silent within a second, and perhaps before it is cancelled.
                is_cancelled: false,
                slow: Some(Slow {
                    control: port(text(&panel_said, "control")),
                    device: "panel",
                    fault: json!({ "fault": "silence" }),
                }),
                ..subject(
                    "qr-serial",
                    "qr_display.status",
                    text(&panel_said, "panel"),
                    "serial:/dev/serial/by-id/nothing",
                )
            },
            // UPSes answer in no time; there is nothing to cancel.
            Subject { is_cancelled: false, ..subject("nut", "ups.status", &at.ups, "nut://127.0.0.1:9/kiosk") },
            Subject {
                is_cancelled: false,
                ..subject("skeleton", "ups.status", &line_device().await, "tcp:127.0.0.1:9")
            },
        ];
        Self { subjects, _programs: [program, panel], _pcscd: pcscd, _silent_line: silent_line, _folder: folder }
    }
}

/// A driver that needs no settings, whose longest request is for its status.
fn subject(name: &'static str, status_call: &'static str, address: &str, nothing: &str) -> Subject {
    Subject {
        name,
        status_call,
        address: address.to_owned(),
        nothing: nothing.to_owned(),
        config: json!({}),
        long_request: request(status_call, json!({})),
        is_cancelled: true,
        slow: None,
        folder: tempfile::tempdir().expect("a temporary folder can be made"),
    }
}

fn request(name: &'static str, payload: Value) -> Request {
    Request { name, payload, attached: Vec::new() }
}

fn text<'a>(said: &'a Value, what: &str) -> &'a str {
    said[what].as_str().unwrap_or_else(|| panic!("no {what} in {said}"))
}

fn port(control: &str) -> SocketAddr {
    let address = control.strip_prefix("http://").and_then(|address| address.parse().ok());
    address.unwrap_or_else(|| panic!("`{control}` is not an address"))
}

/// The simulated display panel and what it says of itself.
async fn panel(folder: &Path) -> (Program, Value) {
    let arguments = ["panel", "--exit-with-stdin", "--protocol", "nextion"].map(String::from);
    let mut program = Program::start(&programs::find("kiosk-simulate"), &arguments, &folder.join("panel.log"));
    let line = program.lines().next(PATIENCE).await.unwrap_or_default();
    let said = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", program.log()));
    (program, said)
}

/// The skeleton's make-believe UPS; its address.
async fn line_device() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = format!("tcp:{}", listener.local_addr().expect("it listens"));
    tokio::spawn(async move {
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
    });
    address
}
