//! Documents that are made to harm: drawing them ends with its limits, and the driver goes on. (The limits themselves:
//! `device-drivers/ipp/tests/drawing.rs`.)

use kiosk_protocol::error::{ErrorCode as E, PrintOutcome as O};
use kiosk_tests::rig::process::{Process, Signal, descendants_of};
use kiosk_tests::rig::{Client, Order, Rig, wait};
use serde_json::json;

use super::{Printer, RASTER, WITHIN, document, kind, order, pdf, stream};

/// A page with a form on it, and the form's own content; it is called `F`.
fn with_form(content: &str) -> Vec<u8> {
    document(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>".to_owned(),
        stream("", "/F Do"),
        stream("/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources 6 0 R", content),
        "<< /XObject << /F 5 0 R >> >>".to_owned(),
    ])
}

/// A form that calls itself twice: two to the power of however deep it is followed.
fn endless() -> Vec<u8> {
    with_form("0 0 9 9 re f /F Do /F Do")
}

fn drawing(driver: &Process) -> Option<Process> {
    descendants_of(driver.pid).into_iter().next()
}

async fn begun(rig: &Rig, client: &mut Client, document: Vec<u8>) -> (u64, Process, Process) {
    let order = order(rig, client, document, json!({})).await;
    let id = client.start(order).await;
    let driver = rig.child("kiosk-driver-ipp").unwrap();
    let child = wait::until("a process that draws", WITHIN, || drawing(&driver)).await;
    (id, driver, child)
}

async fn prints(rig: &Rig, client: &mut Client, printer: &Printer) {
    let order: Order = order(rig, client, pdf(), json!({})).await;
    assert_eq!(client.done(order).await["outcome"], "printed");
    assert_eq!(printer.spool().len(), 1, "nothing else came to the printer");
}

#[tokio::test]
async fn ipp_a_document_that_is_never_drawn_ends_with_its_time() {
    let printer = Printer::start(RASTER).await;
    let (rig, mut client) = printer.kiosk().await;
    let driver = rig.child("kiosk-driver-ipp");
    let order = order(&rig, &client, endless(), json!({})).await;
    let error = client.fails(order.timeout_ms(8_000)).await;
    assert_eq!(kind(&error), (E::Timeout, Some(O::NotPrinted)), "{error:?}");
    assert_eq!(rig.child("kiosk-driver-ipp"), driver, "it goes on");
    wait::until("no process that draws", WITHIN, || drawing(driver.as_ref().unwrap()).is_none().then_some(())).await;
    prints(&rig, &mut client, &printer).await;
}

#[tokio::test]
async fn ipp_a_cancel_ends_the_drawing() {
    let printer = Printer::start(RASTER).await;
    let (rig, mut client) = printer.kiosk().await;
    let (id, _, child) = begun(&rig, &mut client, endless()).await;
    client.cancel(id).await;
    let error = client.finish_within(id, WITHIN).await.unwrap_err();
    assert_eq!(kind(&error), (E::Cancelled, Some(O::NotPrinted)), "{error:?}");
    wait::until("the end of the drawing", WITHIN, || (!child.runs()).then_some(())).await;
    prints(&rig, &mut client, &printer).await;
}

#[tokio::test]
async fn ipp_nobody_draws_on_when_the_driver_is_killed() {
    let printer = Printer::start(RASTER).await;
    let (rig, mut client) = printer.kiosk().await;
    let (id, driver, child) = begun(&rig, &mut client, endless()).await;
    driver.signal(Signal::KILL);
    wait::until("the end of the drawing", WITHIN, || (!child.runs()).then_some(())).await;
    client.finish_within(id, WITHIN).await.unwrap_err();
    rig.restarted("page_printer", &driver, WITHIN).await;
    client.wait_all_ready(WITHIN).await;
    prints(&rig, &mut client, &printer).await;
}

#[tokio::test]
async fn ipp_documents_of_which_something_is_missing_are_not_printed() {
    let printer = Printer::start(RASTER).await;
    let (rig, mut client) = printer.kiosk().await;
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R >>".to_owned();
    let lost = |second: &str, content: String| {
        let (catalog, pages) = ("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>");
        document(&[catalog.to_owned(), pages.to_owned(), page.clone(), second.to_owned(), content])
    };
    let good = stream("", "1 0 0 rg 0 0 300 400 re f");
    for (document, what) in [
        (lost("null", good.clone()), "a page that is not there"),
        (lost(&page, stream("/Filter /FlateDecode", "no zlib")), "content that cannot be unpacked"),
        (lost("<< /Type /Page /MediaBox [0 0 1e9 1e9] >>", good), "a page of all the world"),
    ] {
        let order = order(&rig, &client, document, json!({})).await;
        assert_eq!(kind(&client.fails(order).await), (E::Unreadable, Some(O::NotPrinted)), "{what}");
    }
    prints(&rig, &mut client, &printer).await;
}
