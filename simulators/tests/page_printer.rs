//! The page printer, used by a client that is none of ours: CUPS's `ipptool`.

#![allow(clippy::unwrap_used, reason = "a test that fails here fails")]
#![allow(clippy::disallowed_methods, reason = "programs are started as processes")]

use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kiosk_simulators::device::{Device, Sight};
use kiosk_simulators::page_printer::{Options, PagePrinter, RASTER};
use serde_json::json;

const WITHIN: Duration = Duration::from_secs(30);

const PRINT: &str = "{
    OPERATION Print-Job
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR mimeMediaType document-format image/pwg-raster
    FILE $filename
    STATUS successful-ok
}";
const LOOK: &str = "{
    OPERATION Get-Printer-Attributes
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    STATUS successful-ok
    DISPLAY printer-state-reasons
}";

/// One page of PWG Raster (PWG 5102.4): three grey lines of eight dots, the first dot black.
fn document() -> Vec<u8> {
    let mut header = [0; 1796];
    for (at, word) in [(372, 8_u32), (376, 3), (384, 8), (388, 8), (392, 8), (400, 18)] {
        header[at..at + 4].copy_from_slice(&word.to_be_bytes());
    }
    [b"RaS2", &header[..], &[2, 0, 0, 6, 0xff]].concat()
}

/// Runs an order of `ipptool`; what it says.
fn tool(folder: &Path, printer: &PagePrinter, order: &str) -> String {
    let (test, file) = (folder.join("order.test"), folder.join("page.pwg"));
    std::fs::write(&test, order).unwrap();
    std::fs::write(&file, document()).unwrap();
    let done = Command::new("ipptool").arg("-tf").arg(file).arg(printer.address()).arg(test).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}");
    said
}

/// Looks again and again.
async fn until(what: &str, is: impl Fn() -> bool) {
    let look = async {
        let mut look = tokio::time::interval(Duration::from_millis(50));
        while !is() {
            look.tick().await;
        }
    };
    tokio::time::timeout(WITHIN, look).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

async fn start() -> (tempfile::TempDir, PagePrinter) {
    let printer = PagePrinter::start(Options { port: 0, formats: RASTER.into() }).await.unwrap();
    (tempfile::tempdir().unwrap(), printer)
}

#[tokio::test]
async fn what_was_printed_can_be_looked_at() {
    let (folder, printer) = start().await;
    assert_eq!(printer.look("paper.png"), None);
    tool(folder.path(), &printer, PRINT);
    until("a job that is printed", || printer.state()["printed"] == 1).await;
    let Some(Sight::Picture(paper)) = printer.look("paper.png") else { panic!("there is paper") };
    let paper = image::load_from_memory(&paper).unwrap().to_luma8();
    assert_eq!(paper.dimensions(), (8, 3));
    assert_eq!(
        paper.rows().map(|row| row.map(|dot| dot.0[0]).collect()).collect::<Vec<Vec<u8>>>(),
        [[0, 255, 255, 255, 255, 255, 255, 255]; 3]
    );
    assert_eq!(printer.state(), json!({ "faults": [], "formats": RASTER, "jobs": 1, "printed": 1 }));
}

#[tokio::test]
async fn a_job_without_paper_waits_until_there_is_some() {
    let (folder, printer) = start().await;
    printer.fault(json!({ "fault": "paper_out" })).unwrap();
    tool(folder.path(), &printer, PRINT);
    until("that it says so", || tool(folder.path(), &printer, LOOK).contains("media-empty")).await;
    assert_eq!((printer.documents().len(), printer.printed().len()), (1, 0));
    printer.clear(None);
    until("a job that is printed", || printer.printed().len() == 1).await;
    until("that it is well", || !tool(folder.path(), &printer, LOOK).contains("media-empty")).await;
}

#[tokio::test]
async fn a_printer_that_was_switched_off_prints_nothing_more_and_comes_back_at_its_port() {
    let (folder, printer) = start().await;
    let at = (Ipv4Addr::LOCALHOST, printer.port());
    printer.fault(json!({ "fault": "hold" })).unwrap();
    tool(folder.path(), &printer, PRINT);
    printer.cable().unplug().await;
    assert!(!printer.cable().is_in());
    assert!(TcpStream::connect(at).is_err());
    printer.clear(None);
    printer.cable().insert(json!(null)).await.unwrap();
    assert!(printer.cable().is_in());
    tool(folder.path(), &printer, PRINT);
    until("the second job, printed", || !printer.printed().is_empty()).await;
    let (documents, printed) = (printer.documents(), printer.printed());
    assert_eq!((documents.len(), &printed[..]), (2, &documents[1..]), "the first job went with the power");
    assert!(printer.fault(json!({ "fault": "jam" })).unwrap_err().to_string().contains("paper_out"));
}
