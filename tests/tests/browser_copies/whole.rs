//! From the scan to the verified, reprinted and withdrawn copy; and what is scanned a second time, sent back or refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_tests::browser::{Browser, Demo};
use kiosk_tests::peers::code;
use kiosk_tests::rig::{Client, Order, PATIENCE, http, programs};
use serde_json::json;

use super::{VIEW_QUEUE, approve, ask, assert_quiet, officer, open_first, page, scan, step};

/// A day as it is written, as a regular expression.
const DAY: &str = "[0-9]{2}\\/[0-9]{2}\\/20[0-9]{2}";
/// The number of the card's holder.
const CITIZEN: &str = "099 200 000 001";
/// The paper that is scanned twice.
const PAPER: &str = "birth-certificate.jpg";

#[tokio::test]
async fn a_copy_is_asked_for_certified_taken_and_verified() {
    let (demo, page) = page().await;
    assert_eq!(page.run("return document.getElementById('certified-begin').disabled").await, true);
    scan(&page).await;
    ask(&page).await;
    page.screenshot("copy-1-waiting").await;
    let screen = Browser::start(800, 480, &[]).await;
    screen.open(&format!("{}screen.html", demo.url())).await;
    page.until("document.getElementById('device-qr').dataset.state === 'ready'", PATIENCE).await;

    let officer = officer(&demo, "nguyet").await;
    open_first(&officer).await;
    let text = officer.text("#person").await;
    assert!(text.contains("NGUYỄN VĂN AN") && text.contains("Thẻ thật"), "{text}");
    // A line of the reading and its place on the paper are marked together.
    officer.click("#lines [data-line='2']").await;
    let marked = "return [...document.querySelectorAll('.chosen')].map(line => line.dataset.line)";
    assert_eq!(officer.run(marked).await, json!(["2", "2"]));
    officer.screenshot("officer-2-case").await;
    officer.resize(1920, 1080).await;
    officer.screenshot("officer-2-case-1920x1080").await;
    officer.resize(1280, 800).await;
    approve(&officer).await;
    officer.until(VIEW_QUEUE, PATIENCE).await;
    let left = "return [document.getElementById('lines').textContent, document.getElementById('sheet').childElementCount, document.getElementById('person-facts').textContent, localStorage.length + sessionStorage.length]";
    assert_eq!(officer.run(left).await, json!(["", 0, "", 0]), "nothing of the case is left with the officer");

    step(&page, "done").await;
    let number = page.text("#copy-number").await;
    assert!(number.starts_with("1/"), "{number}");
    let code = page.text("#copy-code").await;
    page.click("#copy-receipt-button").await;
    page.until("document.getElementById('copy-receipt-progress').dataset.phase === 'printed'", PATIENCE).await;
    screen.until("document.body.dataset.state === 'showing'", PATIENCE).await;
    screen.screenshot("copy-2-screen").await;
    let shot = std::fs::read(programs::source_tree().join("target/screenshots/copy-2-screen.png")).unwrap();
    let shown = code::read(&shot).await.expect("the code can be read from the screen");
    assert!(shown.starts_with(&format!("https://chungthuc.example.vn/c/{code}#")), "{shown}");
    page.screenshot("copy-2-done").await;
    printed(&demo, &page, &shown).await;
    // A reload does not lose it; who goes away without a word is forgotten.
    let case = page.run("return sessionStorage.getItem('kiosk-case')").await;
    page.reload().await;
    step(&page, "done").await;
    assert_eq!(page.text("#copy-code").await, code);
    // …nor does it offer another print.
    page.until("document.getElementById('copy-print-progress').dataset.phase === 'printed'", PATIENCE).await;
    assert_eq!(page.run("return document.getElementById('copy-print-button').disabled").await, true);
    page.run("document.getElementById('certified-card').dataset.clearAfterS = '1'").await;
    page.click("#certified-title").await;
    step(&page, "idle").await;
    let left = "return [document.getElementById('copy-code').textContent, sessionStorage.getItem('kiosk-case')]";
    assert_eq!(page.run(left).await, json!(["", null]));
    screen.until("document.body.dataset.state === 'blank'", PATIENCE).await;
    assert_quiet(&page, &[]).await;
    assert_quiet(&officer, &[]).await;

    let mut client = Client::connect(demo.at).await;
    let copy = client.done(Order::new("case.copy", json!({ "case": case }))).await;
    let blob = copy["file"]["blob"].as_str().unwrap();
    let file = http::get(demo.at, &format!("/v1/blobs/{blob}"), Some(&client.token())).await.body;
    reprinted(&officer, &demo, &shown).await;
    verified(&demo, &code, &number, &file, &shown).await;
    withdrawn(&officer, &demo, &code, &number).await;
}

/// Prints the copy: the printer has no paper at first, then it is printed, once. Its code is on it.
async fn printed(demo: &Demo, page: &Browser, shown: &str) {
    let phase = |phase: &str| format!("document.getElementById('copy-print-progress').dataset.phase === '{phase}'");
    page.click("#fault-page_printer-paper_out").await;
    page.until("document.querySelector('#fault-page_printer-paper_out[aria-pressed=true]')", PATIENCE).await;
    page.click("#copy-print-button").await;
    let stopped = "document.querySelector('#copy-print-progress p').textContent.includes('Hết giấy')";
    page.until(stopped, PATIENCE).await;
    page.screenshot("copy-2-without-paper").await;
    page.click("#fault-page_printer-paper_out").await;
    page.until(&phase("printed"), PATIENCE).await;
    let told = page.text("#copy-print-progress").await;
    assert!(told.contains("Chỉ cán bộ mới in lại được"), "{told}");
    assert_eq!(page.run("return document.getElementById('copy-print-button').disabled").await, true);
    page.until("document.querySelector('#paper-image[data-of=page_printer]')?.naturalWidth > 2000", PATIENCE).await;
    page.screenshot("copy-2-printed").await;
    page.resize(1080, 1920).await;
    page.screenshot("copy-2-printed-1080x1920").await;
    page.resize(1280, 800).await;
    let paper = http::get(demo.control, "/devices/page_printer/paper.png", None).await.body;
    assert_eq!(code::read(&paper).await.as_deref(), Some(shown), "the code on the paper is that of the screen");
    let printer = http::get(demo.control, "/devices/page_printer", None).await.json();
    assert_eq!((&printer["jobs"], &printer["printed"]), (&json!(1), &json!(1)), "{printer}");
}

/// The officer finds the copy in the register and has it printed once more; nobody else can.
async fn reprinted(officer: &Browser, demo: &Demo, shown: &str) {
    officer.click("#open-register").await;
    officer.until("document.querySelectorAll('#register-entries tbody tr').length === 1", PATIENCE).await;
    officer.click("#register-entries button.link").await;
    officer.until("document.getElementById('reprint')", PATIENCE).await;
    // What is done is not to be reviewed, and says so.
    officer.until("document.querySelectorAll('#lines [data-line]').length > 5", PATIENCE).await;
    let standing = "return [document.querySelector('#case-state .badge').dataset.tone,
        ['decide', 'doubts-card'].some(id => document.getElementById(id).checkVisibility())]";
    assert_eq!(officer.run(standing).await, json!(["good", false]));
    officer.click("#reprint").await;
    officer.until("document.getElementById('ask').open", PATIENCE).await;
    officer.click("#ask-yes").await;
    officer.until("document.getElementById('told').textContent.includes('Đã in lại')", PATIENCE).await;
    officer.until("document.getElementById('case-print').textContent.includes('Bản in lại: đã giao')", PATIENCE).await;
    officer.screenshot("officer-3-reprinted").await;
    let printer = http::get(demo.control, "/devices/page_printer", None).await.json();
    assert_eq!((&printer["jobs"], &printer["printed"]), (&json!(2), &json!(2)), "{printer}");
    let paper = http::get(demo.control, "/devices/page_printer/paper.png", None).await.body;
    std::fs::write(programs::source_tree().join("target/screenshots/copy-4-reprint.png"), &paper).unwrap();
    assert_eq!(code::read(&paper).await.as_deref(), Some(shown));
}

/// On a telephone: by the QR code, then by the file, then by a code with a typing error.
async fn verified(demo: &Demo, code: &str, number: &str, file: &[u8], shown: &str) {
    let phone = Browser::start(360, 740, &[]).await;
    let verdict = |verdict: &str| format!("document.getElementById('result').dataset.verdict === '{verdict}'");
    let tone = |tone: &str| format!("document.getElementById('verdict').dataset.tone === '{tone}'");
    // Claims that the agency has not signed leave a doubt, whatever the register says of the code.
    phone.open(&format!("{}c/{code}#ABC", demo.url())).await;
    phone.until(&verdict("not_proven"), PATIENCE).await;
    phone.until(&tone("doubt"), PATIENCE).await;
    phone.open("about:blank").await;
    let (_, path) = shown.split_once("/c/").unwrap();
    phone.open(&format!("{}c/{path}", demo.url())).await;
    phone.until(&verdict("valid"), PATIENCE).await;
    phone.until(&tone("good"), PATIENCE).await;
    assert!(phone.text("#checked").await.contains("đã được cơ quan ký"));
    let facts = phone.text("#facts").await;
    assert!([number, code, "N***** V** A*"].iter().all(|known| facts.contains(known)), "{facts}");
    // What can be done next: the file as well, or another copy; not the same code again.
    let next = "return ['by-code', 'by-file', 'again'].map(id => document.getElementById(id).checkVisibility())";
    assert_eq!(phone.run(next).await, json!([false, true, true]));
    phone.screenshot("verify-1-code-360x740").await;
    // Who has the code and knows whose it is gets the file.
    for (digits, told) in [("099200000002", "Không đúng số"), (CITIZEN, "Tệp đã được tải về")] {
        phone.run(&format!("document.getElementById('holder').value = '{digits}'")).await;
        phone.click("#fetch-button").await;
        let said = format!("document.getElementById('fetch-told').textContent.startsWith('{told}')");
        phone.until(&said, PATIENCE).await;
    }

    for (bytes, expected) in [(file.to_vec(), "genuine"), (damaged(file), "altered")] {
        choose(&phone, &bytes).await;
        let told = format!("document.getElementById('result').dataset.verdict.startsWith('{expected}')");
        phone.until(&told, PATIENCE).await;
        phone.screenshot(&format!("verify-2-{expected}-360x740")).await;
    }
    let wide = phone.run("return document.documentElement.scrollWidth").await;
    assert!(wide.as_u64().unwrap() <= 360, "{wide}");

    phone.click("#again").await;
    // Without its code the register knows the file itself.
    choose(&phone, file).await;
    phone.until(&verdict("genuine"), PATIENCE).await;
    phone.until(&tone("good"), PATIENCE).await;
    phone.click("#again").await;
    let mut wrong: Vec<char> = code.chars().collect();
    wrong[4] = if wrong[4] == '2' { '3' } else { '2' };
    let wrong: String = wrong.into_iter().filter(|sign| *sign != '-').collect();
    phone.run(&format!("document.getElementById('code').value = '{}'", wrong.to_lowercase())).await;
    phone.click("#code-button").await;
    phone.until("document.getElementById('code-error').dataset.code === 'invalid_request'", PATIENCE).await;
    // The groups are those of the paper, whatever was typed.
    let groups = "return [...document.querySelectorAll('#code-shown span')].map(group => group.textContent.length)";
    assert_eq!(phone.run(groups).await, json!([3, 4, 4, 4, 4, 2]));
    phone.click("#language-en").await;
    let left = "return [...document.querySelectorAll('[data-word], #code-error')].some(e => /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđĐ]/.test(e.textContent))";
    assert_eq!(phone.run(left).await, false, "a Vietnamese word is left on the English page");
    assert_quiet(&phone, &["/v1/copies/"]).await;
}

/// Gives the page a file, as a person chooses one.
async fn choose(phone: &Browser, file: &[u8]) {
    let text = STANDARD.encode(file);
    let choose = format!(
        "const bytes = Uint8Array.from(atob('{text}'), letter => letter.charCodeAt(0));
         const files = new DataTransfer();
         files.items.add(new File([bytes], 'ban-sao.pdf', {{ type: 'application/pdf' }}));
         const input = document.getElementById('file');
         input.files = files.files;
         input.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    phone.run(&choose).await;
}

/// The file with one bit of its first page changed.
fn damaged(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let middle = file.len() / 3;
    file[middle] ^= 1;
    file
}

/// The officer finds the copy in the register and withdraws it; whoever has its code sees that.
async fn withdrawn(officer: &Browser, demo: &Demo, code: &str, number: &str) {
    officer.click("#open-register").await;
    officer.until("document.querySelectorAll('#register-entries tbody tr').length === 1", PATIENCE).await;
    assert!(officer.text("#register-entries").await.contains(number));
    assert!(officer.text("#register-days tfoot").await.contains('1'));
    officer.screenshot("officer-3-register").await;
    officer.click("#register-entries button.danger").await;
    officer.until("document.getElementById('ask').open", PATIENCE).await;
    assert_eq!(officer.run("return document.getElementById('ask-yes').disabled").await, true, "a reason is needed");
    officer.click("label:has(> [value=issued_in_error])").await;
    officer.click("#ask-yes").await;
    let today = format!("Đã thu hồi lúc [0-9]{{2}}:[0-9]{{2}} {DAY}");
    let told = format!("/{today}/.test(document.querySelector('#register-entries [data-tone=bad]')?.textContent)");
    officer.until(&told, PATIENCE).await;
    officer.screenshot("officer-3-withdrawn").await;
    officer.click("#register-entries button.link").await;
    // The register has told it; then the copy's own code does.
    officer.until("document.querySelectorAll('#lines [data-line]').length > 5", PATIENCE).await;
    let told = format!("/{today}/.test(document.querySelector('#case-state [data-state=withdrawn]')?.textContent)");
    officer.until(&told, PATIENCE).await;
    officer.screenshot("officer-3-withdrawn-case").await;
    assert_eq!(officer.run("return document.getElementById('reprint')").await, json!(null), "it is not printed again");
    let phone = Browser::start(360, 740, &[]).await;
    phone.open(&format!("{}c/{code}", demo.url())).await;
    phone.until("document.getElementById('result').dataset.verdict === 'revoked'", PATIENCE).await;
    assert!(phone.text("#headline").await.contains("thu hồi lúc"));
    phone.screenshot("verify-3-revoked-360x740").await;

    // Nobody uses the page: it locks itself, and the browser's own key opens it again.
    officer.run("document.body.dataset.lockAfterS = '1'").await;
    officer.until("document.body.dataset.view === 'enter'", PATIENCE).await;
    assert_eq!(
        officer.run("return document.getElementById('register-entries').querySelectorAll('tbody tr').length").await,
        0
    );
    officer.run("document.body.dataset.lockAfterS = '300'").await;
    officer.reload().await;
    officer.until("document.getElementById('sign-in')?.hidden === false", PATIENCE).await;
    officer.click("#sign-in-list [data-officer=nguyet]").await;
    officer.until(VIEW_QUEUE, PATIENCE).await;
}

/// The sample paper with another last digit in the child's number: the 9 of its fourth place stands there.
fn forged(folder: &std::path::Path) -> std::path::PathBuf {
    let mut paper = image::open(programs::samples().join(PAPER)).unwrap().to_rgb8();
    let nine = image::imageops::crop_imm(&paper, 783, 1530, 29, 50).to_image();
    image::imageops::replace(&mut paper, &nine, 1055, 1531);
    let path = folder.join("forged.jpg");
    let file = std::fs::File::create(&path).unwrap();
    image::codecs::jpeg::JpegEncoder::new_with_quality(file, 95).encode_image(&paper).unwrap();
    path
}

async fn lay(demo: &Demo, paper: &std::path::Path) {
    let laid = http::post(demo.control, "/devices/scanner/load", &json!({ "platen": paper })).await;
    assert_eq!(laid.status, 200, "{}", laid.text());
}

/// The officer asks for a second scan, and the page for the paper.
async fn ask_for_second(officer: &Browser, page: &Browser) {
    officer.click("#ask-second").await;
    officer.until("document.getElementById('ask').open", PATIENCE).await;
    officer.click("#ask-yes").await;
    officer.until(VIEW_QUEUE, PATIENCE).await;
    step(page, "again").await;
    assert!(page.text("#certified-told").await.contains("quét giấy tờ thêm một lần"));
    assert_eq!(page.run("return document.getElementById('certified-begin').disabled").await, true, "scan it first");
}

#[tokio::test]
async fn an_officer_asks_for_a_second_scan_and_sees_where_the_paper_differs() {
    let (demo, page) = page().await;
    let folder = tempfile::tempdir().unwrap();
    lay(&demo, &programs::samples().join(PAPER)).await;
    scan(&page).await;
    ask(&page).await;
    let officer = officer(&demo, "nguyet").await;
    open_first(&officer).await;
    assert_eq!(officer.run("return document.getElementById('scans').hidden").await, true);
    ask_for_second(&officer, &page).await;
    page.screenshot("copy-4-second-scan").await;
    lay(&demo, &forged(folder.path())).await;
    scan(&page).await;
    page.click("#certified-begin").await;
    step(&page, "waiting").await;

    open_first(&officer).await;
    officer.until("document.getElementById('second-told').dataset.count === '1'", PATIENCE).await;
    officer.click("#doubts li:first-child button").await;
    let quote = officer.text("#doubts li:first-child q").await;
    assert!(quote.contains("099319004217 ↔ 099319004219"), "{quote}");
    // The same word is marked in both pictures, at about the same place.
    let mut places = Vec::new();
    for side in ["first", "second"] {
        officer.click(&format!("#scan-{side}")).await;
        let marked = "document.querySelector('#sheet .different.chosen')?.points.getItem(0)";
        officer.until(marked, PATIENCE).await;
        let place = officer.run(&format!("const {{ x, y }} = {marked}; return [x, y]")).await;
        let [x, y] = [0, 1].map(|axis| place[axis].as_f64().unwrap());
        assert!((730.0..790.0).contains(&x) && (1500.0..1570.0).contains(&y), "{side}: {place}");
        let cut = format!("return document.querySelector('#cut-{side} image').href.baseVal");
        let shown = "return document.querySelector('#sheet image').href.baseVal";
        assert_eq!(officer.run(&cut).await, officer.run(shown).await, "{side}");
        places.push(officer.run(shown).await);
        officer.screenshot(&format!("officer-4-second-{side}")).await;
    }
    assert_ne!(places[0], places[1]);

    // Another one of the right paper has no differences, and then it is certified.
    ask_for_second(&officer, &page).await;
    lay(&demo, &programs::samples().join(PAPER)).await;
    scan(&page).await;
    page.click("#certified-begin").await;
    step(&page, "waiting").await;
    open_first(&officer).await;
    officer.until("document.getElementById('second-told').dataset.count === '0'", PATIENCE).await;
    officer.screenshot("officer-4-second-same").await;
    approve(&officer).await;
    step(&page, "done").await;
    assert_quiet(&page, &[]).await;
    assert_quiet(&officer, &[]).await;
}

#[tokio::test]
async fn what_is_sent_back_is_done_again_and_what_is_refused_ends_with_its_reason() {
    let (demo, page) = page().await;
    scan(&page).await;
    ask(&page).await;
    let officer = officer(&demo, "hai").await;
    for (button, reason, then) in [("send-back", "scan_poor", "again"), ("refuse", "not_allowed", "ended")] {
        open_first(&officer).await;
        officer.click(&format!("#{button}")).await;
        officer.until("document.getElementById('ask').open", PATIENCE).await;
        officer.click(&format!("label:has(> [value={reason}])")).await;
        officer.click("#ask-yes").await;
        officer.until(VIEW_QUEUE, PATIENCE).await;
        step(&page, then).await;
        page.screenshot(&format!("copy-3-{then}")).await;
        if then == "again" {
            assert!(page.text("#certified-told").await.contains("Bản quét không rõ"));
            scan(&page).await;
            page.click("#person-again").await;
            ask(&page).await;
        }
    }
    assert!(page.text("#certified-told").await.contains("Giấy tờ này không được chứng thực"));
    // Who gives up before an officer has looked leaves nothing: the officer's list is empty by itself.
    page.click("#certified-again").await;
    page.until("document.getElementById('page-image').naturalWidth === 0", PATIENCE).await;
    scan(&page).await;
    page.click("#person-again").await;
    ask(&page).await;
    officer.until("document.querySelectorAll('#queue-list button').length === 1", PATIENCE).await;
    page.click("#certified-leave").await;
    step(&page, "idle").await;
    officer.until("document.querySelectorAll('#queue-list button').length === 0", PATIENCE).await;
}
