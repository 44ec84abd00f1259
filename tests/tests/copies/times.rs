//! What time does: what is archived, kept, given up and purged, and what a wrong clock stops.

use kiosk_protocol::approval::ApprovalDecision;
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::copies::{Browser, Copies, PROCEDURE, page};
use serde_json::{Value, json};

fn documents(copies: &Copies, case: &Value) -> std::path::PathBuf {
    copies.data().join("documents").join(case.as_str().unwrap())
}

#[tokio::test]
async fn a_copy_that_was_taken_is_archived_and_after_its_days_only_the_register_knows_it() {
    let mut copies = Copies::start(&[], |settings| {
        settings["archive"] = json!(std::path::Path::new(settings["data"].as_str().unwrap()).with_extension("archive"));
        settings["retention_days"] = json!(7);
    })
    .await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&case, "signed").await;
    let (file, reply) = copies.file(&case).await;
    let code = copies.wait(&case, "stored").await["copy"]["code"].clone();
    let sha256 = reply["sha256"].as_str().unwrap();
    let archived = copies.data().with_extension("archive").join(&sha256[..2]).join(format!("{sha256}.pdf"));
    assert_eq!(std::fs::read(&archived).unwrap(), file);

    // Six days later all is there; after eight nothing that is personal.
    copies.restart_at("+6d").await;
    assert_eq!(copies.done("case.status", json!({ "case": case })).await["state"], "stored");
    assert!(documents(&copies, &case).is_dir());
    copies.restart_at("+8d").await;
    copies.gone(&case).await;
    assert!(!documents(&copies, &case).exists());
    let verified = copies.done("copy.verify", json!({ "code": code })).await;
    assert_eq!((&verified["standing"], &verified["file_sha256"]), (&json!("valid"), &json!([sha256])), "{verified}");
    assert!(verified.get("holder").is_none(), "{verified}");
    let order = json!({ "code": code, "citizen_number": "099090000123" });
    let failure = copies.fails("copy.fetch", order).await;
    assert!(failure.code == E::NotPermitted && failure.detail.contains("no longer kept"), "{failure}");
    assert_eq!(std::fs::read(&archived).unwrap(), file, "the archive is not the case's");
    // It can still be withdrawn.
    browser.sign_in(&mut copies).await;
    copies.done("register.revoke", json!(browser.revocation(&case))).await;
    assert_eq!(copies.done("copy.verify", json!({ "code": code })).await["standing"], "revoked");
    assert_eq!(copies.decisions().len(), 2, "what was signed about it stays");
}

#[tokio::test]
async fn what_nobody_comes_back_for_is_given_up() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let opened = copies.done("case.open", json!({ "procedure": PROCEDURE })).await["case"].clone();
    let prepared = copies.prepared(&[page(1)]).await;
    let signed = copies.approved(&browser, &[page(2)]).await;
    let code = copies.wait(&signed, "signed").await["copy"]["code"].clone();

    copies.restart_at("+2d").await;
    copies.gone(&opened).await;
    for (case, state) in [(&prepared, "awaiting_officer"), (&signed, "signed")] {
        assert_eq!(copies.done("case.status", json!({ "case": case })).await["state"], state);
    }
    copies.restart_at("+31d").await;
    for case in [&prepared, &signed] {
        copies.gone(case).await;
        assert!(!documents(&copies, case).exists());
    }
    // What was issued stays in the register, with its number.
    let verified = copies.done("copy.verify", json!({ "code": code })).await;
    assert_eq!((&verified["standing"], &verified["register_number"]), (&json!("valid"), &json!(1)), "{verified}");
}

#[tokio::test]
async fn while_the_clock_is_wrong_nothing_gets_a_number() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let first = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&first, "signed").await;
    let second = copies.prepared(&[page(2)]).await;
    let third = copies.done("case.open", json!({ "procedure": PROCEDURE })).await["case"].clone();
    copies.restart_at("-2d").await;
    browser.sign_in(&mut copies).await;
    let pages = json!({ "case": third, "pages": [{ "image": "page-0", "resolution_dpi": 200 }] });
    let failure = copies.call_with("case.pages", pages, &[("page-0", &page(3))]).await.unwrap_err();
    assert!(failure.code == E::NotPermitted && failure.detail.contains("clock"), "{failure}");
    browser.decide(&mut copies, &second, ApprovalDecision::Approve, None).await.unwrap();
    let view = copies.wait_for(&second, "waiting for the clock", |view| view["waits_for"] == "clock").await;
    assert_eq!(view["state"], "approved", "{view}");
    // Of what is signed nothing changes.
    copies.file(&first).await;
    copies.kill().await;
    let view = copies.wait(&second, "signed").await;
    assert!(view["copy"]["number"].as_str().unwrap().starts_with("2/"), "{view}");
}
