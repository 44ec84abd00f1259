//! A certified copy from the kiosk's page to the citizen's telephone, in real browsers: the demo page with simulated devices, the
//! officer's page, the page that verifies, and behind them the signer with a token and an authority that are none of ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod away;
mod officers;
mod whole;

use kiosk_tests::browser::{Browser, Demo};
use kiosk_tests::rig::PATIENCE;

/// What opens the card of the demo.
const CAN: &str = "000001";

/// The demo with its page open, and all ready that a copy needs.
async fn page() -> (Demo, Browser) {
    let (demo, browser) = tokio::join!(Demo::start(), Browser::start(1280, 800, &[]));
    browser.open(&demo.url()).await;
    let ready = "['scanner', 'reader', 'camera', 'card', 'faces', 'printer', 'page-printer', 'signer'].every(device => document.getElementById(`device-${device}`)?.dataset.state === 'ready')";
    browser.until(ready, PATIENCE).await;
    browser.until("document.getElementById('certified-card').hidden === false", PATIENCE).await;
    (demo, browser)
}

/// The officer's page; his browser is enrolled and he is signed in.
async fn officer(demo: &Demo, officer: &str) -> Browser {
    let browser = Browser::start(1280, 800, &[]).await;
    browser.open(&format!("{}officer", demo.url())).await;
    enrol(&browser, demo, officer).await;
    browser
}

/// An officer has himself enrolled in a browser, and is signed in.
async fn enrol(browser: &Browser, demo: &Demo, officer: &str) {
    browser.until("document.getElementById('enrol')?.hidden === false", PATIENCE).await;
    let (_, code) = demo.officers.iter().find(|(known, _)| known == officer).expect("the demo has this officer");
    // A code that nobody gave is refused, and binds nothing.
    for code in ["0000-0000-0000-0000", &code.to_lowercase()] {
        let fill = format!(
            "document.getElementById('enrol-officer').value = '{officer}';
             document.getElementById('enrol-invitation').value = '{code}'"
        );
        browser.run(&fill).await;
        browser.click("#enrol-button").await;
        let ended = format!("{VIEW_QUEUE} || document.querySelector('#enter-error [data-code=not_permitted]')");
        browser.until(&ended, PATIENCE).await;
        if code.starts_with("0000") {
            assert!(browser.text("#enter-error").await.contains("Hãy xin mã mới"));
        }
    }
    browser.until(VIEW_QUEUE, PATIENCE).await;
}

const VIEW_QUEUE: &str = "document.body.dataset.view === 'queue'";

/// The certified copy's step.
async fn step(page: &Browser, step: &str) {
    page.until(&format!("document.getElementById('certified-card').dataset.step === '{step}'"), PATIENCE).await;
}

async fn scan(page: &Browser) {
    page.click("#scan-button").await;
    page.until("document.getElementById('scan-progress').dataset.phase === 'done'", PATIENCE).await;
}

/// The person's step, and then the case until it waits for an officer.
async fn ask(page: &Browser) {
    page.until("document.getElementById('person-card').dataset.step === 'idle'", PATIENCE).await;
    page.click("#person-agree").await;
    page.until("document.getElementById('person-card').dataset.step === 'card'", PATIENCE).await;
    page.run(&format!("document.getElementById('person-can').value = '{CAN}'")).await;
    page.click("#person-read").await;
    page.until("document.getElementById('person-card').dataset.step === 'done'", PATIENCE).await;
    page.click("#certified-begin").await;
    step(page, "waiting").await;
}

/// Opens the first case of the queue, and waits until its first page is there.
async fn open_first(officer: &Browser) {
    officer.until("document.querySelector('#queue-list [data-mine=true]')", PATIENCE).await;
    officer.click("#queue-list [data-mine=true]").await;
    officer.until("document.getElementById('sheet').dataset.page === '1'", PATIENCE).await;
    officer.until("document.querySelectorAll('#lines [data-line]').length > 5", PATIENCE).await;
}

/// Looks at all that is to be looked at, as the button leads, and certifies.
async fn approve(officer: &Browser) {
    let ready = "document.getElementById('approve').dataset.ready === 'true'";
    while officer.run(&format!("return {ready}")).await != true {
        officer.click("#approve").await;
    }
    officer.click("#approve").await;
    officer.until("document.getElementById('ask').open", PATIENCE).await;
    officer.click("#ask-yes").await;
    officer.until("document.getElementById('told').textContent !== ''", PATIENCE).await;
}

/// Nothing severe on the console, where a breach of the Content-Security-Policy would be; these addresses aside, which are asked
/// for in vain.
async fn assert_quiet(browser: &Browser, expected: &[&str]) {
    let severe: Vec<_> = browser
        .console()
        .await
        .into_iter()
        .filter(|line| line.level == "SEVERE" && !expected.iter().any(|known| line.message.contains(known)))
        .collect();
    assert!(severe.is_empty(), "{severe:#?}");
}
