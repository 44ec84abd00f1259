//! What stops a copy on its way: it waits with its reason, or goes on as the policy says, and nothing of it is lost.

use kiosk_protocol::approval::ApprovalDecision as Decision;
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::copies::{Browser, Copies, PROCEDURE, page};
use serde_json::{Value, json};

async fn waits(copies: &mut Copies, case: &Value, what: &str) -> Value {
    copies.wait_for(case, &format!("waiting for {what}"), |view| view["waits_for"] == what).await
}

#[tokio::test]
async fn without_time_stamps_a_case_waits_and_goes_on_by_itself() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    for how in ["refuse", "broken"] {
        copies.no_time_stamps(how).await;
        let case = copies.approved(&browser, &[page(1)]).await;
        let view = waits(&mut copies, &case, "time_stamp").await;
        assert_eq!(view["state"], "logged", "{view}");
        // The number and the entry of the log are its own, however often it is tried.
        copies.kill().await;
        browser.sign_in(&mut copies).await;
        waits(&mut copies, &case, "time_stamp").await;
        copies.authority_works().await;
        let view = copies.wait(&case, "signed").await;
        assert_eq!(view["copy"]["level"], "B-LTA", "{view}");
    }
}

#[tokio::test]
async fn a_policy_may_go_on_without_authorities_and_complete_the_copy_later() {
    let policy = json!({ "when_away": "go-on" });
    let mut copies = Copies::start(&[], |settings| settings["policy"] = policy).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    copies.no_time_stamps("refuse").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    let first = copies.wait(&case, "signed").await;
    assert_eq!(first["copy"]["level"], "B-B", "{first}");
    let (before, _) = copies.file(&case).await;
    copies.authority_works().await;
    let complete = |view: &Value| view["copy"]["level"] == "B-LTA";
    let last = copies.wait_for(&case, "the level B-LTA", complete).await;
    assert_eq!(last["copy"]["number"], first["copy"]["number"]);
    let (after, reply) = copies.file(&case).await;
    assert!(after.starts_with(&before), "what was signed stays as it is");
    assert_eq!(reply["proofs"].as_array().map(Vec::len), Some(3), "of the issue and of both files");
    let verified = copies.done("copy.verify", json!({ "code": last["copy"]["code"] })).await;
    let both = json!([first["copy"]["file_sha256"], last["copy"]["file_sha256"]]);
    assert_eq!(verified["file_sha256"], both);
}

#[tokio::test]
async fn a_certificate_that_does_not_hold_signs_nothing() {
    for (officer, state) in [("expired", "certificate"), ("early", "certificate"), ("wrong-purpose", "certificate")] {
        let mut copies = Copies::start(&["--officer", officer], |_| {}).await;
        let browser = Browser::enrol(&mut copies, "nguyet").await;
        let case = copies.approved(&browser, &[page(1)]).await;
        let view = waits(&mut copies, &case, state).await;
        assert_eq!(view["state"], "logged", "{officer}: {view}");
        assert!(view.get("copy").is_none());
        let failure = copies.fails("case.copy", json!({ "case": case })).await;
        assert_eq!(failure.code, E::NotPermitted);
    }
}

#[tokio::test]
async fn a_revoked_officer_signs_nothing() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    copies.knob("set", json!({ "revoke": "officer-nguyet" })).await;
    let case = copies.approved(&browser, &[page(1)]).await;
    let view = waits(&mut copies, &case, "certificate").await;
    assert_eq!(view["state"], "logged", "{view}");
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once() {
    let mut copies = Copies::start(&[], |settings| {
        let pin = std::path::Path::new(settings["data"].as_str().unwrap()).with_extension("pin");
        std::fs::write(&pin, "000000").unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&pin, private).unwrap();
        settings["signing"]["pin_file"] = json!(pin);
    })
    .await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let one = copies.approved(&browser, &[page(1)]).await;
    waits(&mut copies, &one, "token").await;
    let two = copies.approved(&browser, &[page(2)]).await;
    waits(&mut copies, &two, "token").await;
    let refused = copies.log().matches("the token refuses the PIN").count();
    assert_eq!(refused, 1, "{}", copies.log());
}

#[tokio::test]
async fn a_token_that_is_pulled_out_is_waited_for_and_found_again() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let first = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&first, "signed").await;
    // SoftHSM reads its objects from files whenever they are used: without them it signs as little as a token that is gone.
    let tokens = copies.authority.tokens();
    let away = tokens.with_extension("away");
    std::fs::rename(&tokens, &away).unwrap();
    let second = copies.approved(&browser, &[page(2)]).await;
    let view = waits(&mut copies, &second, "token").await;
    assert_eq!(view["state"], "logged", "{view}");
    std::fs::rename(&away, &tokens).unwrap();
    let view = copies.wait(&second, "signed").await;
    assert!(view["copy"]["number"].as_str().unwrap().starts_with("2/"), "{view}");
}

#[tokio::test]
async fn an_officer_who_has_certified_must_stay_in_the_configuration_until_his_copies_are_signed() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    copies.no_time_stamps("refuse").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    waits(&mut copies, &case, "time_stamp").await;
    let all = copies.settings()["officers"].clone();
    copies.change(|settings| drop(settings["officers"].as_array_mut().unwrap().remove(0))).await;
    copies.authority_works().await;
    waits(&mut copies, &case, "person").await;
    copies.change(|settings| settings["officers"] = all).await;
    copies.wait(&case, "signed").await;
}

#[tokio::test]
async fn what_is_given_up_or_damaged_is_told_and_leaves_nothing() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1)]).await;
    let documents = copies.data().join("documents").join(case.as_str().unwrap());
    assert!(documents.is_dir());
    copies.done("case.withdraw", json!({ "case": case })).await;
    assert!(!documents.exists());
    assert_eq!(copies.fails("case.status", json!({ "case": case })).await.code, E::NotFound);

    let case = copies.prepared(&[page(2)]).await;
    let file = copies.data().join("documents").join(case.as_str().unwrap()).join("page-001");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let order = json!({ "pass": browser.pass(), "case": case });
    let failure = copies.fails("approval.case", order).await;
    assert!(failure.detail.contains("damaged"), "{failure}");
    // Once an officer has certified it, it cannot be given up any more.
    let other = copies.approved(&browser, &[page(3)]).await;
    copies.wait(&other, "signed").await;
    assert_eq!(copies.fails("case.withdraw", json!({ "case": other })).await.code, E::NotPermitted);
    let failure = browser.decide(&mut copies, &other, Decision::Approve, None).await.unwrap_err();
    assert_eq!(failure.code, E::NotPermitted);
}

#[tokio::test]
async fn what_is_no_order_is_refused() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let pass = json!("0".repeat(32));
    let case = json!("0".repeat(32));
    for (call, order, code) in [
        ("case.open", json!({ "procedure": "other" }), E::InvalidRequest),
        ("case.status", json!({ "case": "x" }), E::InvalidRequest),
        ("case.status", json!({ "case": case }), E::NotFound),
        ("case.copy", json!({ "case": case }), E::NotFound),
        ("approval.list", json!({ "pass": pass }), E::NotPermitted),
        ("approval.case", json!({ "pass": pass, "case": case }), E::NotPermitted),
        ("register.search", json!({ "pass": pass, "from_ms": 0, "until_ms": 1 }), E::NotPermitted),
        ("register.export", json!({ "pass": pass, "from_ms": 0, "until_ms": 1 }), E::NotPermitted),
        ("copy.verify", json!({ "code": "HN1-0000-0000-0000-0000-11" }), E::InvalidRequest),
        ("copy.verify", json!({ "code": "" }), E::InvalidRequest),
    ] {
        assert_eq!(copies.fails(call, order.clone()).await.code, code, "{call} {order}");
    }
    let opened = copies.done("case.open", json!({ "procedure": kiosk_tests::copies::PROCEDURE })).await;
    for (what, image) in [("text", &b"hello"[..]), ("nothing", b""), ("a PDF", b"%PDF-1.7")] {
        let order = json!({ "case": opened["case"], "pages": [{ "image": "p", "resolution_dpi": 300 }] });
        let failure = copies.call_with("case.pages", order, &[("p", image)]).await.unwrap_err();
        assert_eq!(failure.code, E::InvalidRequest, "{what}: {failure}");
    }
    // A step cannot be skipped.
    let failure = copies.fails("case.prepare", json!({ "case": opened["case"] })).await;
    assert_eq!(failure.code, E::NotPermitted);
}

#[tokio::test]
async fn on_a_full_disk_nothing_begins_and_nothing_is_lost() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let prepared = copies.prepared(&[page(1)]).await;
    let disk = copies.restart_on_a_disk(96).await;
    browser.sign_in(&mut copies).await;
    let filler = disk.join("filler");
    let fill = || {
        let mut file = std::fs::File::create(&filler).unwrap();
        let full = loop {
            if let Err(error) = std::io::Write::write_all(&mut file, &[0; 4096]) {
                break error;
            }
        };
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    };
    fill();
    // What a citizen begins is refused with the reason; so is what an officer decides, since it cannot be noted.
    let failure = copies.fails("case.open", json!({ "procedure": PROCEDURE })).await;
    assert!(failure.code == E::Busy && failure.detail.contains("disk is full"), "{failure}");
    let failure = browser.decide(&mut copies, &prepared, Decision::Approve, None).await.unwrap_err();
    assert_eq!(failure.code, E::Busy, "{failure}");
    std::fs::remove_file(&filler).unwrap();
    // Full again as soon as it is approved: it waits, or is signed, and comes to its end when there is room.
    browser.decide(&mut copies, &prepared, Decision::Approve, None).await.unwrap();
    fill();
    copies
        .wait_for(&prepared, "an end or a wait", |view| view["waits_for"] == "disk" || view["state"] == "signed")
        .await;
    std::fs::remove_file(&filler).unwrap();
    let view = copies.wait(&prepared, "signed").await;
    assert!(view["copy"]["number"].as_str().unwrap().starts_with("1/"), "{view}");
    let (file, reply) = copies.file(&prepared).await;
    assert!(file.starts_with(b"%PDF") && reply["proofs"].as_array().map(Vec::len) == Some(2));
}
