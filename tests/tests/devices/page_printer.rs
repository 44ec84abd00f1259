//! The driver `ipp` with a printer that is not ours, `ippeveprinter` of CUPS, and with one that lies.

#[path = "page_printer/copies.rs"]
mod copies;
#[path = "page_printer/encrypted.rs"]
mod encrypted;
#[path = "page_printer/hostile.rs"]
mod hostile;
#[path = "page_printer/lying.rs"]
mod lying;

use std::path::PathBuf;
use std::time::Duration;

use kiosk_protocol::device::{DeviceState, Facts};
use kiosk_protocol::error::{ErrorBody, ErrorCode as E, PrintOutcome as O};
use kiosk_simulators::device::Device;
use kiosk_simulators::page_printer::{Options, PagePrinter};
use kiosk_tests::peers::{Peer, peer, script};
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, http};
use serde_json::{Value, json};

/// What takes a moment may take this long on a loaded machine.
const WITHIN: Duration = Duration::from_secs(60);

/// The simulators' printer, which is CUPS's.
struct Printer(PagePrinter);

impl Printer {
    async fn start(formats: &str) -> Self {
        let printer = PagePrinter::start(Options { port: 0, formats: formats.into() }).await;
        Self(printer.unwrap_or_else(|error| panic!("{error}: run `make setup`")))
    }

    fn port(&self) -> u16 {
        self.0.port()
    }

    async fn switch_on(&self) {
        self.0.cable().insert(Value::Null).await.unwrap();
    }

    async fn switch_off(&self) {
        self.0.cable().unplug().await;
    }

    fn fault(&self, fault: &str) {
        self.0.fault(json!({ "fault": fault })).unwrap();
    }

    fn clear(&self) {
        self.0.clear(None);
    }

    /// The documents that it got.
    fn spool(&self) -> Vec<PathBuf> {
        self.0.documents()
    }

    async fn kiosk(&self) -> (Rig, Client) {
        kiosk(self.port()).await
    }
}

async fn kiosk(port: u16) -> (Rig, Client) {
    let rig = rig("ipp", port, "").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    (rig, client)
}

/// A gateway with the printer at this scheme and port, and more lines of its configuration.
async fn rig(scheme: &str, port: u16, more: &str) -> Rig {
    let address = format!("{scheme}://localhost:{port}/ipp/print");
    let config =
        format!("[devices.page_printer]\ndriver = \"ipp\"\naddress = \"{address}\"\nconfig.poll_ms = 200\n{more}");
    Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await
}

/// Two pages of A4, each with a red area at its lower left, below the middle.
fn pdf() -> Vec<u8> {
    document(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>".to_owned(),
        stream("", "1 0 0 rg 0 0 300 400 re f"),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>".to_owned(),
    ])
}

fn stream(more: &str, content: &str) -> String {
    format!("<< {more} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

/// A PDF of these objects; the first is the catalog.
fn document(objects: &[String]) -> Vec<u8> {
    let size = objects.len() + 1;
    let (mut out, mut table) = ("%PDF-1.4\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (at, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let at = out.len();
    out += &format!("xref\n0 {size}\n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    out.into_bytes()
}

async fn order(rig: &Rig, client: &Client, document: Vec<u8>, more: Value) -> Order {
    let answer = http::upload(rig.address, &client.token(), document).await;
    let mut payload = more;
    payload["document"] = answer.json()["blob"].clone();
    let key = payload["document"].as_str().unwrap().to_owned();
    Order::new("page_printer.print", payload).key(&key)
}

fn kind(error: &ErrorBody) -> (E, Option<O>) {
    (error.failure.code, error.failure.outcome)
}

const PDF: &str = "application/pdf,image/pwg-raster,image/jpeg";
const RASTER: &str = "image/pwg-raster";

#[tokio::test]
async fn ipp_a_pdf_reaches_the_printer_byte_for_byte() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    let Facts::PagePrinter { capabilities, .. } = &client.devices.values().next().unwrap().facts else { panic!() };
    let capabilities = capabilities.as_ref().unwrap();
    assert!(capabilities.pdf && capabilities.sides.len() == 3 && capabilities.trays.contains(&"main".to_owned()));
    let order = order(&rig, &client, pdf(), json!({ "copies": 2, "sides": "two_sided_long_edge" })).await;
    let report = client.done(order).await;
    assert_eq!(report["outcome"], "printed");
    let spool = printer.spool();
    assert_eq!(spool.len(), 1, "{spool:?}");
    assert_eq!(std::fs::read(&spool[0]).unwrap(), pdf());
}

#[tokio::test]
async fn ipp_pages_that_are_drawn_are_read_by_cups() {
    let printer = Printer::start(RASTER).await;
    let (rig, mut client) = printer.kiosk().await;
    for (color, colors, red) in [(true, 3, json!([255, 0, 0])), (false, 1, json!([76]))] {
        let order = order(&rig, &client, pdf(), json!({ "color": color })).await;
        assert_eq!(client.done(order).await["outcome"], "printed");
        let spool = printer.spool();
        let python = Peer::new(&peer("python3")).arg(script("read_raster.py")).arg(spool.last().unwrap());
        let pages: Value = serde_json::from_str(&python.run(WITHIN).await.ok()).unwrap();
        assert_eq!(pages.as_array().unwrap().len(), 2, "{pages}");
        for page in pages.as_array().unwrap() {
            assert_eq!(page["media_class"], "PwgRaster");
            assert_eq!(page["size_name"], "iso_a4_210x297mm");
            assert_eq!(json!([page["width"], page["height"], page["dpi"]]), json!([2480, 3508, [300, 300]]));
            assert_eq!((&page["colors"], &page["below"]), (&json!(colors), &red), "{page}");
            assert!(page["above"].as_array().unwrap().iter().all(|sample| *sample == 255), "{page}");
        }
    }
}

#[tokio::test]
async fn ipp_a_printer_without_paper_is_told_and_goes_on_when_it_has_some() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    printer.fault("paper_out");
    let order = order(&rig, &client, pdf(), json!({})).await;
    let id = client.start(order).await;
    loop {
        let progress = client.event(id, "page_printer.progress").await;
        if progress["phase"] == "stopped" {
            assert_eq!(progress["conditions"], json!(["paper_out"]));
            break;
        }
    }
    assert_eq!(printer.0.printed().len(), 0);
    printer.clear();
    assert_eq!(client.finish_within(id, WITHIN).await.unwrap()["outcome"], "printed");
    assert_eq!((printer.spool().len(), printer.0.printed().len()), (1, 1), "it was sent once");
}

#[tokio::test]
async fn ipp_time_that_runs_out_at_a_printer_without_paper_is_paper_out() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    printer.fault("paper_out");
    let order = order(&rig, &client, pdf(), json!({})).await;
    let error = client.fails(order.timeout_ms(8_000)).await;
    assert_eq!(error.failure.code, E::PaperOut, "{error:?}");
    assert!(matches!(error.failure.outcome, Some(O::Unknown | O::NotPrinted)), "{error:?}");
    printer.clear();
}

#[tokio::test]
async fn ipp_a_job_that_the_printer_breaks_off_is_never_printed() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    printer.fault("abort");
    let order = order(&rig, &client, pdf(), json!({})).await;
    let error = client.fails(order).await;
    assert_eq!(error.failure.code, E::DeviceFault, "{error:?}");
    assert!(matches!(error.failure.outcome, Some(O::Unknown | O::NotPrinted)), "{error:?}");
}

#[tokio::test]
async fn ipp_a_cancel_cancels_the_job_at_the_printer() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    printer.fault("hold");
    let order = order(&rig, &client, pdf(), json!({})).await;
    let id = client.start(order).await;
    while client.event(id, "page_printer.progress").await["phase"] != "printing" {}
    client.cancel(id).await;
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(error.failure.code, E::Cancelled, "{error:?}");
    assert!(error.failure.outcome.is_some(), "{error:?}");
    printer.clear();
}

#[tokio::test]
async fn ipp_a_printer_switched_off_on_the_way_leaves_the_outcome_unknown() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    printer.fault("hold");
    let order = order(&rig, &client, pdf(), json!({})).await;
    let id = client.start(order).await;
    while client.event(id, "page_printer.progress").await["phase"] != "printing" {}
    printer.switch_off().await;
    printer.clear();
    printer.switch_on().await;
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(kind(&error), (E::DeviceFault, Some(O::Unknown)), "{error:?}");
    assert_eq!((printer.spool().len(), printer.0.printed().len()), (1, 0), "no second copy");
}

#[tokio::test]
async fn ipp_a_printer_that_is_off_is_absent_and_comes_back() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    printer.switch_off().await;
    client.wait_state("page_printer", DeviceState::Absent, WITHIN).await;
    printer.switch_on().await;
    client.wait_state("page_printer", DeviceState::Ready, WITHIN).await;
    let order = order(&rig, &client, pdf(), json!({})).await;
    assert_eq!(client.done(order).await["outcome"], "printed");
}

#[tokio::test]
async fn ipp_what_is_no_document_or_cannot_be_done_is_refused_before_anything_is_sent() {
    let printer = Printer::start(PDF).await;
    let (rig, mut client) = printer.kiosk().await;
    // A JPEG's beginning without the rest is still one to this driver, which passes it on; this is neither.
    let order_png = order(&rig, &client, b"\x89PNG\r\n\x1a\n0000".to_vec(), json!({})).await;
    assert_eq!(kind(&client.fails(order_png).await), (E::Unreadable, Some(O::NotPrinted)));
    let tray = order(&rig, &client, pdf(), json!({ "tray": "attic" })).await;
    assert_eq!(kind(&client.fails(tray).await), (E::Unsupported, Some(O::NotPrinted)));
    assert!(printer.spool().is_empty());
}
