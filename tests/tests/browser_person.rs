//! The person's step of the page in a real browser: a real pcscd with the simulated identity card, a simulated camera that
//! sees people, and the page between them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_protocol::device::{DeviceView, Facts};
use kiosk_simulators::people::Before;
use kiosk_tests::browser::Browser;
use kiosk_tests::faces::{FilmCamera, people};
use kiosk_tests::rig::line::Line;
use kiosk_tests::rig::pcscd::identity::{CAN, card, trusted};
use kiosk_tests::rig::pcscd::{Pcscd, READERS};
use kiosk_tests::rig::{PATIENCE, Parts, Rig, RigOptions};
use serde_json::json;
use tempfile::TempDir;

/// The QR code on the holder's card.
const CODE: &str = "099200000001||Nguyễn Văn An|15062000|Nam|Xã A, tỉnh B|01072024";

struct Kiosk {
    pcscd: Pcscd,
    browser: Browser,
    folder: TempDir,
    /// Of the barcode reader.
    line: Line,
    rig: Rig,
    camera: FilmCamera,
}

impl Kiosk {
    /// Before its camera is this.
    async fn before(before: Before) -> Self {
        Self::with(before, "").await
    }

    /// The same with more in the configuration.
    async fn with(before: Before, more: &str) -> Self {
        let pcscd = Pcscd::start().await;
        let scenes = people().before(before).unwrap();
        let line = Line::plug();
        let (folder, camera) = (trusted(), FilmCamera::start(&scenes).await);
        std::fs::write(folder.path().join("holder.jpg"), people().portrait().unwrap()).unwrap();
        let config = format!(
            "{more}{}[devices.codes]\ndriver = \"barcode\"\naddress = \"serial:{}\"\n[devices.card]\ndriver = \"pcsc\"\naddress = \"pcsc:{}\"\nconfig.poll_ms = 100\nconfig.trusted = {:?}\n",
            camera.config(),
            line.port,
            READERS[0],
            folder.path()
        );
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let browser = Browser::start(1280, 800, &[]).await;
        browser.open(&format!("http://{}/", rig.address)).await;
        browser.until("document.getElementById('person-card').hidden === false", PATIENCE).await;
        let rows = 4 + more.matches("[reader]").count();
        let ready =
            format!("document.querySelectorAll('[data-testid=device-row][data-state=ready]').length === {rows}");
        browser.until(&ready, PATIENCE).await;
        Self { pcscd, browser, folder, line, rig, camera }
    }

    /// Puts the holder's card in; `faults` is more of its profile.
    fn insert(&self, faults: &str) {
        let path = self.folder.path().join("holder.jpg");
        self.pcscd.slot(0).insert(card(&format!("[person]\nportrait = {path:?}\n{faults}")));
    }

    /// Agrees, and has the code on the card scanned: it opens the card.
    async fn scan(&mut self, code: &str) {
        self.browser.click("#person-agree").await;
        self.step("card").await;
        self.browser.click("#person-scan").await;
        let mut client = self.rig.client().await;
        let listens = |view: &DeviceView| matches!(&view.facts, Facts::BarcodeReader { status: Some(status), .. } if status.listening);
        client.wait_device("codes", PATIENCE, listens).await;
        self.line.say(format!("{code}\r"));
    }

    /// Agrees, and has the card read.
    async fn read(&self, number: &str) {
        self.browser.click("#person-agree").await;
        self.step("card").await;
        self.browser.run(&format!("document.getElementById('person-can').value = '{number}'")).await;
        self.browser.click("#person-read").await;
    }

    async fn step(&self, step: &str) {
        self.browser
            .until(&format!("document.getElementById('person-card').dataset.step === '{step}'"), PATIENCE)
            .await;
    }

    async fn counter(&self, reason: &str) {
        self.step("counter").await;
        let found = self.browser.run("return document.getElementById('person-card').dataset.reason").await;
        assert_eq!(found, reason, "{}", self.browser.text("#person-card").await);
        let text = self.browser.text("#person-result").await;
        assert!(text.contains("quầy"), "the way goes on at the counter: {text}");
    }
}

#[tokio::test]
async fn the_holder_of_a_genuine_card_is_confirmed() {
    let kiosk = Kiosk::before(Before::Holder).await;
    kiosk.browser.screenshot("person-1-consent").await;
    kiosk.read(CAN).await;
    kiosk.step("reading").await;
    kiosk.insert("");
    kiosk.step("alive").await;
    let verdict = "return [document.getElementById('person-verdict').dataset.verdict,
        [...document.querySelectorAll('#person-proofs li')].every(proof => proof.dataset.result === 'passed'),
        document.getElementById('person-portrait').naturalWidth > 0]";
    assert_eq!(kiosk.browser.run(verdict).await, json!(["genuine", true, true]));
    let text = kiosk.browser.text("#person-identity").await;
    assert!(text.contains("NGUYỄN VĂN AN") && text.contains("Nhà nước đã ký dữ liệu: đạt"), "{text}");
    let turning = "['turn_left', 'turn_right'].includes(document.getElementById('person-guidance').dataset.guidance)";
    kiosk.browser.until(turning, PATIENCE).await;
    kiosk.browser.screenshot("person-2-alive").await;
    kiosk.step("done").await;
    assert_eq!(kiosk.browser.text("#person-result").await, "Đã xác nhận: đúng người, đúng thẻ.");
    kiosk.browser.screenshot("person-3-done").await;
    kiosk.browser.resize(1080, 1920).await;
    kiosk.browser.screenshot("person-3-done-1080x1920").await;
    kiosk.browser.click("#language-en").await;
    let left = "return [...document.querySelectorAll('#person-card [data-word], #person-proofs li, #person-result')].some(e => /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĐ]/.test(e.textContent))";
    assert_eq!(kiosk.browser.run(left).await, false, "a Vietnamese word is left on the English page");
    // No command for the card and no template was on the wire.
    let messages = kiosk.browser.messages().await;
    let names: Vec<&str> = messages.iter().filter_map(|(_, message)| message["name"].as_str()).collect();
    assert!(names.contains(&"identity.read") && names.contains(&"face.match"), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("transmit") || name.contains("look")), "{names:?}");
    // It is not the demo, and the page asks.
    let is_severe =
        |line: &kiosk_tests::browser::Logged| line.level == "SEVERE" && !line.message.contains("/demo.json");
    let severe: Vec<_> = kiosk.browser.console().await.into_iter().filter(is_severe).collect();
    assert!(severe.is_empty(), "{severe:?}");
}

#[tokio::test]
async fn the_code_on_the_card_opens_it() {
    let mut kiosk = Kiosk::before(Before::Nobody).await;
    kiosk.insert("");
    // Of somebody else: told, and tried again.
    kiosk.scan("099200000002|012345679|NGUYỄN VĂN BÌNH|15062000|Nam|Phường Thử|01012025").await;
    kiosk.browser.until("document.querySelector('#person-error [data-code=wrong_access_data]')", PATIENCE).await;
    kiosk.browser.click("#person-leave").await;
    kiosk.browser.click("#person-again").await;
    kiosk.scan(CODE).await;
    kiosk.step("face").await;
    let verdict = "return document.getElementById('person-verdict').dataset.verdict";
    assert_eq!(kiosk.browser.run(verdict).await, "genuine");
}

#[tokio::test]
async fn the_card_held_before_the_camera_opens_it() {
    let models = kiosk_tests::rig::programs::source_tree().join("models");
    let kiosk = Kiosk::with(Before::Card, &format!("[reader]\nmodels = {models:?}\n")).await;
    kiosk.insert("");
    kiosk.browser.click("#person-agree").await;
    kiosk.step("card").await;
    kiosk.browser.click("#person-show").await;
    kiosk.browser.until("document.getElementById('person-image').naturalWidth > 0", PATIENCE).await;
    kiosk.browser.screenshot("person-6-card-shown").await;
    kiosk.step("face").await;
    let verdict = "return document.getElementById('person-verdict').dataset.verdict";
    assert_eq!(kiosk.browser.run(verdict).await, "genuine");
    // The pictures of the card are given up: only the portrait is left.
    let metrics = kiosk_tests::rig::http::get(kiosk.rig.address, "/metrics", None).await.text();
    let portrait = people().portrait().unwrap().len();
    assert!(metrics.contains(&format!("blob_bytes {portrait}\n")), "{portrait}: {metrics}");
}

#[tokio::test]
async fn another_person_with_the_card_goes_to_the_counter() {
    let kiosk = Kiosk::before(Before::Other).await;
    kiosk.insert("");
    kiosk.read(CAN).await;
    kiosk.counter("noMatch").await;
    kiosk.browser.screenshot("person-4-other").await;
}

#[tokio::test]
async fn a_photograph_a_forged_card_and_a_refusal_go_to_the_counter() {
    let kiosk = Kiosk::before(Before::Photograph).await;
    kiosk.insert("");
    // Who refuses is not looked at.
    kiosk.browser.click("#person-refuse").await;
    kiosk.counter("refused").await;
    kiosk.browser.click("#person-again").await;
    // A wrong number: told, and tried again.
    kiosk.read("999999").await;
    kiosk.browser.until("document.querySelector('#person-error [data-code=wrong_access_data]')", PATIENCE).await;
    kiosk.step("card").await;
    kiosk.browser.click("#person-leave").await;
    kiosk.counter("stopped").await;
    kiosk.browser.click("#person-again").await;
    kiosk.read(CAN).await;
    // A photograph does not turn its head.
    kiosk.step("alive").await;
    kiosk.counter("notAlive").await;
    // A forged card.
    kiosk.pcscd.slot(0).eject();
    kiosk.browser.click("#person-again").await;
    kiosk.read(CAN).await;
    kiosk.insert("[faults]\nwrong_sod = 'dg2'");
    kiosk.counter("notGenuine").await;
    assert_eq!(kiosk.browser.run("return document.getElementById('person-verdict').dataset.verdict").await, "forged");
    let born = kiosk.browser.text("#person-identity").await;
    assert!(born.contains("15/06/2000"), "a date as Vietnamese people write it: {born}");
    kiosk.browser.screenshot("person-5-forged").await;
    // Who goes away without a word is forgotten.
    kiosk.browser.run("document.getElementById('person-card').dataset.clearAfterS = '1'").await;
    kiosk.browser.click("#person-title").await;
    kiosk.step("idle").await;
    let left = "return [document.getElementById('person-identity').textContent, document.getElementById('person-result').textContent]";
    assert_eq!(kiosk.browser.run(left).await, json!(["", ""]));
    let messages = kiosk.browser.messages().await;
    let last = messages.iter().rev().find(|(_, message)| message["name"] == "consent.record");
    assert_eq!(last.expect("a consent").1["payload"]["given"], false);
}

#[tokio::test]
async fn who_stops_while_nobody_is_seen_goes_to_the_counter() {
    let kiosk = Kiosk::before(Before::Nobody).await;
    kiosk.insert("");
    kiosk.read(CAN).await;
    kiosk.browser.until("document.getElementById('person-guidance').dataset.guidance === 'no_face'", PATIENCE).await;
    kiosk.browser.click("#person-stop").await;
    kiosk.counter("stopped").await;
    // What cannot be the card's number is not sent; the whole number is as good as its end.
    kiosk.browser.click("#person-again").await;
    kiosk.read("12 34").await;
    kiosk.browser.until("!document.getElementById('person-can-wrong').hidden", PATIENCE).await;
    kiosk.browser.run("document.getElementById('person-can').value = '099200000001'").await;
    kiosk.browser.click("#person-read").await;
    kiosk.step("face").await;
    // The camera fails: one sentence tells the way, and the error's own does not tell another.
    let Kiosk { camera, browser, .. } = kiosk;
    drop(camera);
    browser.until("document.getElementById('person-card').dataset.reason === 'failed'", PATIENCE).await;
    let told = "return ['message', 'details'].map(what => document.querySelectorAll(`#person-error [data-testid=error-${what}]`).length)";
    assert_eq!(browser.run(told).await, json!([0, 1]));
}
