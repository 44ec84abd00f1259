//! The second scan of the same paper: who may ask for it, what is taken for one, and what the officer sees of it.

use kiosk_protocol::approval::{ApprovalDecision as Decision, Reason};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::copies::{Browser, Copies, evidence, page, reading};
use serde_json::{Value, json};

/// A page scanned again: its name in the session, its picture, and what was read on it.
fn again(name: &str, number: u8) -> (&str, Vec<u8>, Value) {
    let image = page(number);
    let read = reading(&image);
    (name, image, read)
}

/// The same with another year on it, at another place: the paper lies otherwise.
fn forged(name: &str, number: u8) -> (&str, Vec<u8>, Value) {
    let (name, image, mut read) = again(name, number);
    let word = &mut read["lines"][0]["words"][3];
    word["text"] = json!("1998");
    word["quad"][0] = json!({ "x": 444.0, "y": 503.0 });
    (name, image, read)
}

async fn ask(copies: &mut Copies, browser: &Browser, case: &Value) {
    browser.decide(copies, case, Decision::SendBack, Some(Reason::SecondScan)).await.unwrap();
    let view = copies.done("case.status", json!({ "case": case })).await;
    assert_eq!((&view["state"], &view["second_scan"]), (&json!("sent_back"), &json!("asked")), "{view}");
}

#[tokio::test]
async fn an_officer_asks_for_a_second_scan_and_decides_about_both() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1), page(2)]).await;
    let before = browser.look(&mut copies, &case).await.value;
    assert!(before.get("second").is_none());
    ask(&mut copies, &browser, &case).await;
    let order = json!({ "case": case });
    assert_eq!(copies.fails("case.prepare", order.clone()).await.code, E::NotPermitted, "it is asked for");

    // The same paper twice has no differences; another year is one, with both its places.
    let mut contents = vec![before["content"].clone()];
    for (pages, count) in [([again("s-1", 1), again("s-2", 2)], 0), ([again("s-3", 1), forged("s-4", 2)], 1)] {
        let view = copies.second_scan(&case, &pages).await.unwrap();
        assert_eq!((&view["state"], &view["second_scan"]), (&json!("sent_back"), &json!("done")), "{view}");
        copies.done("case.prepare", order.clone()).await;
        let seen = browser.look(&mut copies, &case).await;
        let second = &seen.value["second"];
        assert_eq!((&second["count"], second["differences"].as_array().map(Vec::len)), (&json!(count), Some(count)));
        for (place, (_, image, read)) in pages.iter().enumerate() {
            assert_eq!(copies.blob(&seen, &second["pages"][place]["blob"]), *image);
            let kept: Value = serde_json::from_slice(&copies.blob(&seen, &second["readings"][place]["blob"])).unwrap();
            assert_eq!(kept["lines"][0]["words"][3]["text"], read["lines"][0]["words"][3]["text"]);
        }
        contents.push(seen.value["content"].clone());
        if count == 0 {
            ask(&mut copies, &browser, &case).await;
            let stale = copies.second_scan(&case, &pages).await.unwrap_err();
            assert_eq!(stale.code, E::InvalidRequest, "the scans of before are no others: {stale}");
        } else {
            let told = &second["differences"][0];
            assert_eq!(
                (&told["page"], &told["first"]["text"], &told["second"]["text"]),
                (&json!(2), &json!("1990"), &json!("1998"))
            );
            assert_eq!(told["first"]["quad"][0], json!({ "x": 440.0, "y": 500.0 }));
            assert_eq!(told["second"]["quad"][0], json!({ "x": 444.0, "y": 503.0 }));
        }
    }
    assert!(contents[0] != contents[1] && contents[1] != contents[2] && contents[0] != contents[2], "{contents:?}");
    // Who has not seen the second scan has not seen what is certified.
    let old = browser.decision(&case, &contents[1], Decision::Approve, None);
    let failure = copies.fails("approval.decide", serde_json::to_value(&old).unwrap()).await;
    assert!(failure.detail.contains("other content"), "{failure}");
    browser.decide(&mut copies, &case, Decision::Approve, None).await.unwrap();
    copies.wait(&case, "signed").await;
    let late = copies.second_scan(&case, &[again("s-5", 1), again("s-6", 2)]).await.unwrap_err();
    assert_eq!(late.code, E::NotPermitted, "{late}");
}

#[tokio::test]
async fn what_is_no_second_scan_of_the_same_pages_is_refused() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1), page(2)]).await;
    // Nothing changes under the eyes of an officer.
    let early = copies.second_scan(&case, &[again("s-1", 1), again("s-2", 2)]).await.unwrap_err();
    assert_eq!(early.code, E::NotPermitted, "{early}");
    let content = browser.look(&mut copies, &case).await.value["content"].clone();
    let refuses = browser.decision(&case, &content, Decision::Refuse, Some(Reason::SecondScan));
    let failure = copies.fails("approval.decide", serde_json::to_value(&refuses).unwrap()).await;
    assert_eq!((failure.code, failure.field.as_deref()), (E::InvalidRequest, Some("payload.reason")), "{failure}");
    ask(&mut copies, &browser, &case).await;
    for (what, pages) in [
        ("a page less", vec![again("s-1", 1)]),
        ("a page more", vec![again("s-1", 1), again("s-2", 2), again("s-3", 3)]),
        ("none", vec![]),
        ("a scan that the case has", vec![again("s-1", 1), again("page-1", 2)]),
        ("one scan twice", vec![again("s-1", 1), again("s-1", 1)]),
        ("no picture", vec![again("s-1", 1), ("s-2", b"%PDF-1.7".to_vec(), reading(&page(2)))]),
    ] {
        let failure = copies.second_scan(&case, &pages).await.unwrap_err();
        assert_eq!(failure.code, E::InvalidRequest, "{what}: {failure}");
    }
    let view = copies.done("case.status", json!({ "case": case })).await;
    assert_eq!(view["second_scan"], "asked", "{view}");
    // Sent back for another reason, its pages themselves are to be scanned anew.
    copies.second_scan(&case, &[again("s-1", 1), again("s-2", 2)]).await.unwrap();
    copies.done("case.prepare", json!({ "case": case })).await;
    browser.decide(&mut copies, &case, Decision::SendBack, Some(Reason::ScanPoor)).await.unwrap();
    let failure = copies.second_scan(&case, &[again("s-3", 1), again("s-4", 2)]).await.unwrap_err();
    assert_eq!(failure.code, E::NotPermitted, "{failure}");
    assert_eq!(copies.fails("case.prepare", json!({ "case": case })).await.code, E::NotPermitted);
    copies.prepare(&case, &[page(1)]).await;
    assert!(browser.look(&mut copies, &case).await.value.get("second").is_none(), "it was of other pages");
}

#[tokio::test]
async fn a_policy_may_want_each_paper_twice_or_never() {
    let mut copies = Copies::start(&[], |settings| settings["policy"] = json!({ "second_scan": "always" })).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let opened = copies.done("case.open", json!({ "procedure": kiosk_tests::copies::PROCEDURE })).await;
    let (case, image) = (opened["case"].clone(), page(1));
    let order = json!({ "case": case });
    let pages = json!({ "case": case, "pages": [{ "image": "p", "resolution_dpi": 200 }] });
    copies.call_with("case.pages", pages, &[("p", &image)]).await.unwrap();
    let unread = copies.second_scan(&case, &[again("s-1", 1)]).await.unwrap_err();
    assert_eq!(unread.code, E::NotPermitted, "there is nothing to compare with: {unread}");
    let readings = serde_json::to_vec(&[reading(&image)]).unwrap();
    let recognise = json!({ "case": case, "pages": ["p"] });
    copies.call_with("case.recognise", recognise, &[("readings", &readings)]).await.unwrap();
    let person = serde_json::to_vec(&evidence()).unwrap();
    let view = copies.call_with("case.identify", order.clone(), &[("evidence", &person)]).await.unwrap().value;
    assert_eq!((&view["state"], &view["second_scan"]), (&json!("identified"), &json!("asked")), "{view}");
    assert_eq!(copies.fails("case.prepare", order.clone()).await.code, E::NotPermitted);
    copies.second_scan(&case, &[again("s-1", 1)]).await.unwrap();
    copies.done("case.prepare", order.clone()).await;
    assert_eq!(browser.look(&mut copies, &case).await.value["second"]["count"], 0);

    copies.change(|settings| settings["policy"] = json!({ "second_scan": "never" })).await;
    let mut browser = browser;
    browser.sign_in(&mut copies).await;
    let failure = browser.decide(&mut copies, &case, Decision::SendBack, Some(Reason::SecondScan)).await.unwrap_err();
    assert_eq!(failure.code, E::InvalidRequest, "{failure}");
    browser.decide(&mut copies, &case, Decision::SendBack, Some(Reason::ScanPoor)).await.unwrap();
    copies.prepare(&case, &[page(1)]).await;
}

#[tokio::test]
async fn a_second_scan_is_kept_encrypted_survives_a_power_cut_and_goes_with_its_case() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1)]).await;
    ask(&mut copies, &browser, &case).await;
    copies.second_scan(&case, &[forged("s-1", 1)]).await.unwrap();
    copies.kill().await;
    browser.sign_in(&mut copies).await;
    copies.done("case.prepare", json!({ "case": case })).await;
    assert_eq!(browser.look(&mut copies, &case).await.value["second"]["count"], 1);
    let documents = copies.data().join("documents").join(case.as_str().unwrap());
    let image = page(1);
    for name in ["second-page-001", "second-reading-001", "second-differences"] {
        let file = std::fs::read(documents.join(name)).unwrap();
        let holds = |bytes: &[u8]| file.windows(bytes.len()).any(|part| part == bytes);
        assert!(!holds(&image[200..264]) && !holds(b"1998"), "{name}");
    }
    // One that is not what was compared is no second scan.
    let (one, other) = (documents.join("second-page-001"), documents.join("page-001"));
    let kept = std::fs::read(&one).unwrap();
    std::fs::copy(&other, &one).unwrap();
    let failure = copies.fails("approval.case", json!({ "pass": browser.pass(), "case": case })).await;
    assert!(failure.detail.contains("damaged"), "{failure}");
    std::fs::write(&one, kept).unwrap();
    browser.look(&mut copies, &case).await;
    copies.done("case.withdraw", json!({ "case": case })).await;
    assert!(!documents.exists());
}
