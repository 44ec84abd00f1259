//! The officer's page by itself: whose keys a browser keeps, where Back leads, and that all of it follows the language.

use kiosk_tests::browser::{Browser, Demo};
use kiosk_tests::rig::PATIENCE;
use serde_json::json;

use super::{VIEW_QUEUE, ask, assert_quiet, enrol, officer, open_first, page, scan, step};

/// The officers that can be chosen at the entrance.
async fn choices(browser: &Browser) -> serde_json::Value {
    browser.until("document.getElementById('sign-in')?.hidden === false", PATIENCE).await;
    browser
        .run("return [...document.querySelectorAll('#sign-in-list button')].map(button => button.dataset.officer)")
        .await
}

async fn sign_in(browser: &Browser, officer: &str) {
    browser.click(&format!("#sign-in-list [data-officer={officer}]")).await;
    browser.until(VIEW_QUEUE, PATIENCE).await;
}

/// Puts the one officer's record where a browser of the first version has it, and gives whether his key can be read.
const AS_BEFORE: &str = "return (async () => {
    const asked = request => new Promise((done, failed) => Object.assign(request, { onsuccess: () => done(request.result), onerror: failed }));
    let database = await asked(indexedDB.open('kiosk-officer'));
    const record = await asked(database.transaction('officer').objectStore('officer').get('nguyet'));
    database.close();
    await asked(indexedDB.deleteDatabase('kiosk-officer'));
    const request = indexedDB.open('kiosk-officer', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('officer').put(record, 'this');
    database = await asked(request);
    database.close();
    return record.keys.privateKey.extractable;
})()";

#[tokio::test]
async fn a_browser_keeps_a_key_of_each_officer() {
    let demo = Demo::start().await;
    let browser = officer(&demo, "nguyet").await;
    browser.click("#sign-out").await;
    assert_eq!(choices(&browser).await, json!(["nguyet"]), "who signs out keeps his key");
    // A browser that was enrolled when there was one officer to each is his still.
    assert_eq!(browser.run(AS_BEFORE).await, false);
    browser.reload().await;
    assert_eq!(choices(&browser).await, json!(["nguyet"]));
    browser.click("#enrol-anew").await;
    enrol(&browser, &demo, "hai").await;
    for who in ["nguyet", "hai"] {
        let name = browser.text("#officer-name").await;
        browser.click("#sign-out").await;
        assert_eq!(choices(&browser).await.as_array().map(Vec::len), Some(2));
        browser.screenshot("officer-1-choice").await;
        sign_in(&browser, who).await;
        assert_ne!(browser.text("#officer-name").await, name, "the other one sits here now");
    }
    assert_quiet(&browser, &[]).await;
}

/// All that can be seen or is read out and is still Vietnamese; what was scanned, and people's names, aside.
const VIETNAMESE: &str = r"
    const letters = /[\u1ea0-\u1ef9àáâãèéêìíòóôõùúýăđĩũơư]/i;
    const data = '#lines li > span, #doubts q, #person dd, #officer-name, .languages, #case-print strong';
    const seen = [...document.querySelectorAll('body *')].filter(each => each.checkVisibility() && each.tagName !== 'SCRIPT');
    const own = each => [...each.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.textContent).join('');
    const said = each => ['title', 'aria-label', 'alt', 'placeholder'].map(name => each.getAttribute(name) ?? '');
    return seen
        .flatMap(each => [each.closest(data) ? '' : own(each), ...(each.closest('.languages') ? [] : said(each))])
        .concat(document.title)
        .filter(text => letters.test(text));";

#[tokio::test]
async fn back_leads_to_the_list_and_all_follows_the_language() {
    let (demo, page) = page().await;
    scan(&page).await;
    ask(&page).await;
    let case = page.run("return sessionStorage.getItem('kiosk-case')").await;
    let officer = officer(&demo, "nguyet").await;
    open_first(&officer).await;
    let badge = "return document.querySelector('#case-state .badge').dataset.state";
    assert_eq!(officer.run(badge).await, "awaiting_officer");
    let unsure = "document.querySelectorAll('#lines small').length > 0";
    officer.until(unsure, PATIENCE).await;
    officer.click("#language-en").await;
    assert_eq!(officer.run(VIETNAMESE).await, json!([]), "on the English page");
    officer.screenshot("officer-5-english").await;

    // Nothing of the case is in the address or stays in the browser's history.
    let kept = "return location.href + JSON.stringify(history.state)";
    let kept = officer.run(kept).await;
    assert!(kept.as_str().is_some_and(|kept| !kept.contains(case.as_str().unwrap())), "{kept}");
    officer.run("history.back()").await;
    officer.until(VIEW_QUEUE, PATIENCE).await;
    assert_eq!(officer.run(VIETNAMESE).await, json!([]), "on the English list");
    officer.screenshot("officer-5-list").await;
    officer.click("#open-register").await;
    officer.until("document.body.dataset.view === 'register'", PATIENCE).await;
    assert_eq!(officer.run(VIETNAMESE).await, json!([]), "on the English register");
    officer.run("history.back()").await;
    officer.until(VIEW_QUEUE, PATIENCE).await;
    assert_eq!(officer.run("return document.getElementById('sign-out').hidden").await, false, "nobody was signed out");
    open_first(&officer).await;
    assert_quiet(&officer, &[]).await;

    // Meanwhile the kiosk has forgotten the person; nobody is asked to agree again.
    page.run("document.getElementById('person-card').dataset.clearAfterS = '1'").await;
    page.click("#person-title").await;
    for reloaded in [false, true] {
        if reloaded {
            page.reload().await;
        }
        step(&page, "waiting").await;
        page.until("document.getElementById('person-case')?.textContent.includes('Cán bộ đang xem')", PATIENCE).await;
        page.until("document.getElementById('person-card').dataset.step === 'idle'", PATIENCE).await;
        let shown = "return ['person-consent', 'person-case'].map(id => document.getElementById(id).checkVisibility())";
        assert_eq!(page.run(shown).await, json!([false, true]));
    }
    page.screenshot("copy-1-waiting-still").await;
}
