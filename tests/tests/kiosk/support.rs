//! Small things that several of these tests need.

use std::os::unix::fs::symlink;
use std::path::Path;

use kiosk_protocol::error::{ErrorBody, ErrorCode, PrintOutcome, Retry};
use kiosk_tests::peers::code;
use kiosk_tests::receipts;
pub(crate) use kiosk_tests::receipts::print;
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, Temper, http, programs};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

/// Installs the fake driver under this name, which says what it does, in a folder of drivers.
pub(crate) fn install_fake(folder: &Path, name: &str, kind: &str) {
    let program = format!("kiosk-fake-driver--{name}");
    let own = folder.join(name);
    std::fs::create_dir(&own).expect("the folder is new");
    symlink(programs::find("kiosk-fake-driver"), own.join(&program)).expect("a link can be made");
    let manifest = format!(
        "name = \"{name}\"\nkind = \"{kind}\"\nprogram = \"{program}\"\nsummary = \"a driver of the tests\"\naddresses = [\"fake:1\"]\n"
    );
    std::fs::write(own.join("driver.toml"), manifest).expect("a file can be written");
}

/// A scanner at this pace, bytes a second, needs three minutes for a page: longer than anybody here waits.
pub(crate) const PAGE_TAKES_MINUTES: u32 = 4_000;
/// A printer at this pace, bytes a second, needs more than a minute for a long receipt, which is more than a print may
/// take.
pub(crate) const RECEIPT_TAKES_MINUTES: u32 = 2_000;

/// Makes a device slow: so many bytes a second.
pub(crate) async fn slow(rig: &Rig, device: &str, bytes_per_second: u32) {
    rig.simulators.fault(device, "slow", json!({ "bytes_per_second": bytes_per_second })).await;
}

/// A scan from the glass.
pub(crate) fn flatbed() -> Order {
    Order::new("scanner.scan", json!({ "source": "flatbed" }))
}

/// A scan from the feeder.
pub(crate) fn adf() -> Order {
    Order::new("scanner.scan", json!({ "source": "adf" }))
}

/// A short receipt that shows this text as a QR code.
pub(crate) fn receipt(code: &str) -> Value {
    receipts::receipt(code, 1)
}

/// A receipt long enough to be stopped in the middle.
pub(crate) fn long_receipt(code: &str) -> Value {
    receipts::receipt(code, 60)
}

/// What the QR codes on all paper that came out of the printer say, the paper still in it included.
pub(crate) async fn codes_on_paper(rig: &Rig) -> Vec<String> {
    let mut codes = Vec::new();
    for receipt in rig.simulators.receipts().await {
        codes.extend(code::read(&rig.simulators.paper(receipt["number"].as_u64()).await).await);
    }
    let printer = rig.simulators.state("printer").await;
    if printer["uncut_rows"].as_u64() != Some(0) {
        codes.extend(code::read(&rig.simulators.paper(None).await).await);
    }
    codes
}

/// A sample document's bytes.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(programs::samples().join(name)).expect("the samples are in the source tree")
}

/// A blob of this client's session, whole.
pub(crate) async fn blob(rig: &Rig, client: &Client, blob: &Value) -> Vec<u8> {
    let path = format!("/v1/blobs/{}", blob.as_str().expect("a blob has a name"));
    let answer = http::get(rig.address, &path, Some(&client.token())).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.body.to_vec()
}

/// Code, retry and outcome together: what a front end decides by.
pub(crate) fn kind(error: &ErrorBody) -> (ErrorCode, Retry, Option<PrintOutcome>) {
    (error.failure.code, error.failure.retry, error.failure.outcome)
}

/// A kiosk with the reader. Reading takes all the processors there are: one test at a time does it, so that what it
/// measures is not another test.
pub(crate) async fn with_reader() -> (Rig, Client, MutexGuard<'static, ()>) {
    with_reader_of(Temper::Calm).await
}

/// The same with a gateway of this temper.
pub(crate) async fn with_reader_of(temper: Temper) -> (Rig, Client, MutexGuard<'static, ()>) {
    static ONE: Mutex<()> = Mutex::const_new(());
    let one = ONE.lock().await;
    let (rig, client) =
        Rig::ready(RigOptions { parts: Parts::DevicesAndReader, temper, ..RigOptions::default() }).await;
    (rig, client, one)
}
