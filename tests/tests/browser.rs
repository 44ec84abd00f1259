//! The demo page in a real browser, at a real gateway with simulated devices: what a citizen sees and can do.

use kiosk_tests::browser::{Browser, Demo};
use kiosk_tests::peers::code;
use kiosk_tests::peers::schema::{Item, assert_valid};
use kiosk_tests::rig::{PATIENCE, http};
use serde_json::{Value, json};

/// The demo with its page open, all devices ready.
async fn page(width: u32, height: u32) -> (Demo, Browser) {
    let (demo, browser) = tokio::join!(Demo::start(), Browser::start(width, height, &[]));
    browser.open(&demo.url()).await;
    browser.until(&state("connection", "connected"), PATIENCE).await;
    let ready = "document.querySelectorAll('[data-testid=device-row][data-state=ready]').length === 9";
    browser.until(ready, PATIENCE).await;
    (demo, browser)
}

/// The data attribute of an element has this value.
fn data(id: &str, attribute: &str, value: &str) -> String {
    format!("document.getElementById('{id}')?.dataset.{attribute} === '{value}'")
}

fn state(id: &str, value: &str) -> String {
    data(id, "state", value)
}

async fn scan(browser: &Browser) {
    browser.click("#scan-button").await;
    browser.until(&data("scan-progress", "phase", "done"), PATIENCE).await;
}

/// The image of a page whose scan was given up ends in the middle, and the browser says so by itself.
const CUT_OFF: [&str; 2] = ["/v1/blobs/", "net::ERR_INCOMPLETE_CHUNKED_ENCODING"];

/// Nothing severe on the console, which is also where a breach of the Content-Security-Policy would be; `expected`
/// lines, of which all the words are known, aside.
async fn assert_quiet(browser: &Browser, expected: &[[&str; 2]]) {
    let is_expected = |line: &str| expected.iter().any(|words| words.iter().all(|word| line.contains(word)));
    let console = browser.console().await.into_iter();
    let severe: Vec<_> = console.filter(|line| line.level == "SEVERE" && !is_expected(&line.message)).collect();
    assert!(severe.is_empty(), "{severe:#?}");
}

#[tokio::test]
async fn a_citizen_scans_reads_and_prints() {
    let (demo, browser) = page(1080, 1920).await;
    let kinds = "return [...document.querySelectorAll('[data-testid=device-row]')].map(r => r.dataset.kind).sort()";
    assert_eq!(
        browser.run(kinds).await,
        json!([
            "camera",
            "card_reader",
            "document_reader",
            "face_matcher",
            "page_printer",
            "qr_display",
            "receipt_printer",
            "scanner",
            "signer",
            "ups"
        ])
    );
    let recovered = "return [...document.querySelectorAll('[data-testid=device-row]:not(#device-qr) [data-testid=device-recovery]')].map(p => p.innerText).join('')";
    assert_eq!(browser.run(recovered).await, "", "a first start is no recovery");
    assert_eq!(browser.text("#scan-button").await, "Bắt đầu quét");
    assert_eq!(browser.run("return document.documentElement.lang").await, "vi");
    browser.until(&data("ups", "power", "mains"), PATIENCE).await;
    assert!(browser.text("#ups-power").await.contains("Điện lưới"));
    browser.screenshot("1080x1920-vi-1-start").await;

    scan(&browser).await;
    browser.until("document.getElementById('page-image').complete", PATIENCE).await;
    let image = "const i = document.getElementById('page-image'), b = i.getBoundingClientRect();
                 return [i.naturalWidth, i.naturalHeight, i.dataset.complete, b.width > 300 && b.height > 400]";
    assert_eq!(browser.run(image).await, json!([2480, 3508, "true", true]));

    browser.until(&data("reading-progress", "stage", "done"), PATIENCE).await;
    browser.click("label:has(#reading-toggle)").await;
    browser.until(&data("page-reading", "shown", "true"), PATIENCE).await;
    // The heading lies on the image, in the upper half, as on the paper.
    let heading = "const line = [...document.querySelectorAll('[data-testid=text-line]')]
          .find(g => g.textContent.includes('GIẤY KHAI SINH'));
        if (!line) return 'missing';
        const [t, i] = [line, document.getElementById('page-image')].map(e => e.getBoundingClientRect());
        const inside = t.left >= i.left && t.right <= i.right && t.top >= i.top && t.bottom <= i.top + i.height / 2;
        const visible = getComputedStyle(line).visibility === 'visible' && t.width > i.width / 10;
        return inside && visible";
    assert_eq!(browser.run(heading).await, true);
    browser.screenshot("1080x1920-vi-2-read").await;
    browser.click("#tab-text").await;
    let text = browser.text("#page-text").await;
    for line in ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "NGUYỄN HOÀNG BẢO NGỌC"] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    browser.screenshot("1080x1920-vi-3-text").await;

    browser.click("#language-en").await;
    assert_eq!(browser.text("#scan-button").await, "Scan");
    assert_eq!(browser.run("return document.documentElement.lang").await, "en");
    let left = "return [...document.querySelectorAll('[data-word]')].some(e => /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĐ]/.test(e.textContent))";
    assert_eq!(browser.run(left).await, false, "a Vietnamese word is left on the English page");

    browser.click("#print-button").await;
    browser.until(&data("print-progress", "phase", "printed"), PATIENCE).await;
    browser.until("document.getElementById('paper-image').naturalWidth > 0", PATIENCE).await;
    let paper = "const i = document.getElementById('paper-image'); return i.checkVisibility() && i.clientWidth > 200";
    assert_eq!(browser.run(paper).await, true);
    browser.screenshot("1080x1920-en-4-paper").await;
    let code = code_on_paper(&demo).await;
    assert!(code.starts_with("https://kiosk.example/verify/DEMO-"), "{code}");

    browser.resize(1280, 800).await;
    browser.screenshot("1280x800-en-4-paper").await;
    browser.click("#language-vi").await;
    assert!(browser.text("#print-progress").await.starts_with("Đã in xong"));
    browser.click("#tab-page").await;
    browser.screenshot("1280x800-vi-2-read").await;
    assert_quiet(&browser, &[]).await;
    let items = items(&browser.messages().await);
    assert!(items.iter().any(|item| item.message["name"] == "ocr.read"), "the messages were seen: {}", items.len());
    assert_valid(&items).await;
}

async fn code_on_paper(demo: &Demo) -> String {
    let png = http::get(demo.control, "/devices/printer/paper.png", None).await.body;
    code::read(&png).await.expect("a code is on the paper")
}

/// What the page and the gateway said to each other, as the JSON Schema sees it.
fn items(messages: &[(bool, Value)]) -> Vec<Item> {
    let command = |id: &Value| {
        let is = |(sent, message): &&(bool, Value)| *sent && message["type"] == "command" && message["id"] == *id;
        messages.iter().find(is).and_then(|(_, message)| Some(message["name"].as_str()?.to_owned()))
    };
    let item = |(sent, message): &(bool, Value)| Item {
        name: if *sent { "page" } else { "gateway" }.to_owned(),
        call: command(&message["id"]),
        message: message.clone(),
    };
    messages.iter().map(item).collect()
}

#[tokio::test]
async fn the_camera_is_seen_and_a_code_is_shown_on_the_second_screen() {
    let (demo, browser) = page(1280, 800).await;
    browser.click("#camera-live").await;
    browser.until("Number(document.getElementById('camera-image').dataset.pictures) > 5", PATIENCE).await;
    browser.until("document.getElementById('camera-image').naturalWidth === 640", PATIENCE).await;
    browser.screenshot("1280x800-vi-7-camera").await;
    browser.click("#camera-photo").await;
    browser.until(&data("camera-image", "live", "false"), PATIENCE).await;
    browser.until("document.getElementById('camera-image').naturalWidth === 640", PATIENCE).await;

    browser.click("#qr-show").await;
    browser
        .until("document.querySelector('#qr-error [data-testid=error]')?.dataset.code === 'device_silent'", PATIENCE)
        .await;
    let screen = Browser::start(800, 480, &[]).await;
    screen.open(&format!("{}screen.html", demo.url())).await;
    browser.until(&state("device-qr", "ready"), PATIENCE).await;
    browser.click("#qr-show").await;
    browser.until(&data("qr-card", "showing", "true"), PATIENCE).await;
    screen.until("document.body.dataset.state === 'showing'", PATIENCE).await;
    browser.click("#qr-clear").await;
    screen.until("document.body.dataset.state === 'blank'", PATIENCE).await;
    browser.click("#qr-show").await;
    screen.until("document.body.dataset.state === 'showing'", PATIENCE).await;
    browser.click("#finish-button").await;
    screen.until("document.body.dataset.state === 'blank'", PATIENCE).await;
    assert_quiet(&browser, &[]).await;
}

#[tokio::test]
async fn the_demo_has_people_and_their_cards() {
    let (_demo, browser) = page(1280, 800).await;
    let step = |step: &str| format!("document.getElementById('person-card').dataset.step === '{step}'");
    let read = async || {
        browser.click("#person-agree").await;
        browser.until(&step("card"), PATIENCE).await;
        browser.run("document.getElementById('person-can').value = '000001'").await;
        browser.click("#person-read").await;
    };
    read().await;
    browser.until(&step("done"), PATIENCE).await;
    browser.click("#person-again").await;
    browser.click("#set-camera-beforePhotograph").await;
    browser.click("#set-card_reader-cardCopy").await;
    browser.run("document.getElementById('device-card').scrollIntoView({ behavior: 'instant' })").await;
    browser.screenshot("1280x800-vi-9-cards").await;
    read().await;
    browser.until(&step("counter"), PATIENCE).await;
    assert_eq!(browser.run("return document.getElementById('person-verdict').dataset.verdict").await, "copy");
    assert_quiet(&browser, &[]).await;
}

#[tokio::test]
async fn plugs_are_pulled_and_the_mains_fail() {
    let (_demo, browser) = page(1280, 800).await;
    browser.screenshot("1280x800-vi-1-start").await;
    browser.until(&data("ups", "power", "mains"), PATIENCE).await;
    browser.click("#fault-ups-mains_off").await;
    browser.until(&data("ups", "power", "battery"), PATIENCE).await;
    assert!(browser.text("#ups-power").await.contains("Đang dùng pin"));
    assert_ne!(browser.run("return document.getElementById('ups-charge').dataset.value").await, "unknown");
    browser.click("#fault-ups-low_battery").await;
    browser.until(&data("ups", "low", "true"), PATIENCE).await;
    browser.run("document.getElementById('ups').scrollIntoView({ behavior: 'instant' })").await;
    browser.screenshot("1280x800-vi-5-battery-low").await;
    browser.click("#fault-ups-low_battery").await;
    browser.click("#fault-ups-mains_off").await;
    browser.until(&data("ups", "power", "mains"), PATIENCE).await;

    for device in ["scanner", "printer", "ups"] {
        let (row, plug) = (format!("device-{device}"), format!("plug-{device}"));
        browser.click(&format!("#{plug}")).await;
        browser.until(&data(&plug, "plugged", "false"), PATIENCE).await;
        browser
            .until(&format!("!['ready', 'busy'].includes(document.getElementById('{row}').dataset.state)"), PATIENCE)
            .await;
        browser.until(&state(&row, "absent"), PATIENCE).await;
        assert_eq!(browser.text(&format!("#{row} [data-testid=device-state]")).await, "Chưa kết nối");
        let away = browser.text(&format!("#{row} [data-testid=device-recovery]")).await;
        assert!(away.starts_with("Chưa sẵn sàng, đã "), "{away}");
        if device == "ups" {
            browser.until(&data("ups", "power", "unknown"), PATIENCE).await;
            assert_eq!(browser.text("#ups-power").await, "Không rõ nguồn điện", "what is not known is not mains");
            browser.screenshot("1280x800-vi-6-unplugged").await;
        }
        browser.click(&format!("#{plug}")).await;
        browser.until(&state(&row, "ready"), PATIENCE).await;
        let back = browser.text(&format!("#{row} [data-testid=device-recovery]")).await;
        assert!(back.starts_with("Sẵn sàng lại sau ") && back.contains("từ khi cắm"), "{back}");
        let took = browser.run(&format!("return Number(document.getElementById('{row}').dataset.recoveryMs)")).await;
        assert!(took.as_f64().is_some_and(|took| took > 0.0), "{took}");
    }
    browser.until(&data("ups", "power", "mains"), PATIENCE).await;
    browser.click("#language-en").await;
    assert!(browser.text("#device-ups [data-testid=device-recovery]").await.starts_with("Ready again after "));
    browser.screenshot("1280x800-en-7-recovered").await;
    assert_quiet(&browser, &[]).await;
}

#[tokio::test]
async fn trouble_is_told_in_the_citizens_words_and_a_reload_keeps_the_session() {
    let (_demo, browser) = page(1080, 1920).await;
    // A slow scan is given up.
    browser.click("#fault-scanner-slow").await;
    browser.until("document.getElementById('fault-scanner-slow').ariaPressed === 'true'", PATIENCE).await;
    browser.click("#scan-button").await;
    browser.until("Number(document.getElementById('scan-progress').dataset.bytes) > 50000", PATIENCE).await;
    browser.screenshot("1080x1920-vi-8-scanning").await;
    browser.click("#scan-cancel").await;
    browser.until(&data("scan-progress", "phase", "cancelled"), PATIENCE).await;
    assert_eq!(browser.text("#scan-progress").await.trim(), "Đã hủy quét.");
    assert_eq!(browser.text("#scan-error").await, "", "what somebody asked for is no error");

    // The page is loaded anew in the middle of a scan: the session goes on.
    let token = "return Object.values(sessionStorage)[0]";
    let before: Value = serde_json::from_str(browser.run(token).await.as_str().unwrap()).unwrap();
    browser.click("#scan-button").await;
    browser.until("Number(document.getElementById('scan-progress').dataset.bytes) > 50000", PATIENCE).await;
    browser.messages().await;
    browser.reload().await;
    browser.until(&state("connection", "connected"), PATIENCE).await;
    let after: Value = serde_json::from_str(browser.run(token).await.as_str().unwrap()).unwrap();
    assert_eq!((&before["token"], before["token"].is_string()), (&after["token"], true));
    let messages = browser.messages().await;
    let hello = messages.iter().find(|(sent, message)| *sent && message["name"] == "session.hello");
    assert_eq!(hello.expect("the page says hello").1["payload"]["resume"]["token"], after["token"]);
    let welcomes = |message: &Value| message["type"] == "completion" && message["payload"]["resumed"] == true;
    assert!(messages.iter().any(|(sent, message)| !sent && welcomes(message)), "{messages:#?}");
    browser.click("#fault-scanner-slow").await;
    browser.until("document.getElementById('fault-scanner-slow').ariaPressed === 'false'", PATIENCE).await;
    // And it is of use: the scanner serves the next scan.
    scan(&browser).await;
    browser.until("document.getElementById('page-image').naturalWidth === 2480", PATIENCE).await;

    // A jam, in both languages.
    browser.click("#fault-scanner-jam").await;
    browser.until("document.getElementById('fault-scanner-jam').ariaPressed === 'true'", PATIENCE).await;
    browser.click("label:has(#source-adf)").await;
    browser.click("#scan-button").await;
    browser.until(&data("scan-progress", "phase", "failed"), PATIENCE).await;
    let error = "#scan-error [data-code=jam] [data-testid=error-message]";
    assert_eq!(browser.text(error).await, "Giấy bị kẹt. Vui lòng gọi nhân viên.");
    browser.screenshot("1080x1920-vi-9-jam").await;
    browser.click("#language-en").await;
    assert_eq!(browser.text(error).await, "Paper is jammed. Please call the staff.");
    browser.click("#scan-error summary").await;
    assert!(browser.text("#scan-error [data-testid=error-details]").await.contains("ScannerAdfJam"));
    browser.screenshot("1080x1920-en-9-jam").await;

    // The printer has no paper: nothing is said to be printed.
    browser.click("#fault-printer-paper_out").await;
    browser
        .until("document.querySelector('#device-printer [data-testid=device-facts]').innerText !== ''", PATIENCE)
        .await;
    browser.click("#print-button").await;
    browser.until(&data("print-progress", "phase", "failed"), PATIENCE).await;
    assert!(browser.text("#print-error [data-testid=error-message]").await.to_lowercase().contains("paper"));

    // A new session has nothing of the old one.
    browser.click("#finish-button").await;
    let other = format!(
        "{{ const s = Object.values(sessionStorage)[0]; return Boolean(s) && JSON.parse(s).token !== {} }}",
        after["token"]
    );
    browser.until(&format!("(() => {other})()"), PATIENCE).await;
    browser.until(&state("connection", "connected"), PATIENCE).await;
    assert_eq!(browser.run("return document.getElementById('page-image').naturalWidth").await, 0);
    assert_quiet(&browser, &[CUT_OFF]).await;
}
