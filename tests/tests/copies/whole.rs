//! A case from its pages to the signed copy and back to who verifies it.

use kiosk_protocol::error::PrintOutcome;
use kiosk_tests::copies::{Browser, Copies, page};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::PATIENCE;
use serde_json::json;

#[tokio::test]
async fn a_case_goes_from_its_pages_to_a_signed_copy_that_is_verified_by_its_code() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1), page(2)]).await;
    let view = copies.done("case.status", json!({ "case": case })).await;
    assert_eq!((&view["state"], &view["waits_for"]), (&json!("awaiting_officer"), &json!("officer")), "{view}");

    // What the officer sees: the pages byte for byte, what was read, what to look at, and the copy as it will be.
    let looked = browser.look(&mut copies, &case).await;
    let seen = &looked.value;
    assert_eq!(copies.blob(&looked, &seen["pages"][1]["blob"]), page(2));
    assert_eq!(
        seen["doubts"],
        json!([
            { "kind": "face" },
            { "kind": "line", "page": 1, "line": 0, "confidence": 0.7_f32 },
            { "kind": "line", "page": 2, "line": 0, "confidence": 0.7_f32 },
        ])
    );
    assert!(copies.blob(&looked, &seen["preview"]["blob"]).starts_with(b"%PDF-1.7"));
    assert_eq!(seen["identity"]["identity"]["holder"]["full_name"], "Nguyễn Văn An");
    assert_eq!(seen["row"]["may_decide"], true);

    browser.decide(&mut copies, &case, kiosk_protocol::approval::ApprovalDecision::Approve, None).await.unwrap();
    let view = copies.wait(&case, "signed").await;
    let copy = &view["copy"];
    assert_eq!(copy["level"], "B-LTA", "{view}");
    assert!(copy["number"].as_str().unwrap().starts_with("1/"), "{view}");
    assert!(copy["qr"].as_str().unwrap().contains(copy["code"].as_str().unwrap()));

    let (file, reply) = copies.file(&case).await;
    assert!(file.starts_with(b"%PDF-1.7") && reply["file"]["bytes"].as_u64() == Some(file.len() as u64));
    assert_eq!(reply["sha256"], copy["file_sha256"]);
    assert_eq!(reply["proofs"].as_array().map(Vec::len), Some(2), "of its issue and of its file");
    copies.wait(&case, "stored").await;

    let code = copy["code"].as_str().unwrap().to_lowercase();
    let verified = copies.done("copy.verify", json!({ "code": code })).await;
    assert_eq!((&verified["standing"], &verified["holder"]), (&json!("valid"), &json!("N***** V** A*")), "{verified}");
    assert_eq!(verified["file_sha256"], json!([copy["file_sha256"]]));
    // The holder, and nobody else, gets the file again.
    let order = |number: &str| json!({ "code": code, "citizen_number": number });
    let failure = copies.fails("copy.fetch", order("099090000124")).await;
    assert_eq!(failure.code, kiosk_protocol::error::ErrorCode::NotPermitted);
    let again = copies.call("copy.fetch", order("099 090 000 123")).await.unwrap();
    assert_eq!(copies.blob(&again, &again.value["file"]["blob"]), file);
    let log = copies.log();
    for personal in ["Nguyễn", "099090000123", copy["code"].as_str().unwrap()] {
        assert!(!log.contains(personal), "{log}");
    }
}

#[tokio::test]
async fn a_copy_is_withdrawn_and_everybody_is_told() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    let view = copies.wait(&case, "signed").await;
    let mut request = browser.revocation(&case);
    let right = request.signature.clone();
    request.signature = browser.sign("kiosk-gateway revocation 1\ncase 0\nreason issued_in_error\n");
    let failure = copies.fails("register.revoke", serde_json::to_value(&request).unwrap()).await;
    assert_eq!(failure.code, kiosk_protocol::error::ErrorCode::NotPermitted);
    request.signature = right;
    let entry = copies.done("register.revoke", serde_json::to_value(&request).unwrap()).await;
    assert_eq!(entry["revoked"], true);
    let verified = copies.done("copy.verify", json!({ "code": view["copy"]["code"] })).await;
    assert_eq!(verified["standing"], "revoked");
    assert!(verified["revoked_ms"].is_i64());
    // A restart knows it, and a second withdrawal is the first one.
    copies.kill().await;
    browser.sign_in(&mut copies).await;
    copies.done("register.revoke", serde_json::to_value(browser.revocation(&case)).unwrap()).await;
    let checkpoint = std::fs::read_to_string(copies.data().join("log/checkpoint")).unwrap();
    assert_eq!(checkpoint.lines().nth(1), Some("3"), "issue, file, withdrawal: {checkpoint}");
    assert_eq!(copies.on_list().await, [0], "the place of its issue");

    let pass = browser.pass();
    let all = json!({ "pass": pass, "from_ms": 0, "until_ms": i64::MAX });
    let found = copies.done("register.search", all.clone()).await;
    assert_eq!(found["entries"].as_array().map(Vec::len), Some(1));
    let counts = copies.done("register.statistics", all.clone()).await;
    assert_eq!((&counts["counts"][0]["entries"], &counts["counts"][0]["revoked"]), (&json!(1), &json!(1)), "{counts}");
    let export = copies.call("register.export", all).await.unwrap();
    let csv = String::from_utf8(copies.blob(&export, &export.value["file"]["blob"])).unwrap();
    assert!(csv.lines().count() == 2 && csv.contains("issued_in_error"), "{csv}");
}

#[tokio::test]
async fn a_print_is_noted_before_and_after_and_never_done_twice_silently() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&case, "signed").await;
    let order = json!({ "case": case });
    // The printer had no paper: it is tried again.
    let job = copies.done("case.print_started", order.clone()).await;
    let ended = json!({ "delivery": job["delivery"], "outcome": "not_printed" });
    copies.done("case.delivery_ended", ended).await;
    let again = copies.done("case.print_started", order.clone()).await;
    assert_eq!(again["delivery"], job["delivery"]);
    // A power cut while it prints: nobody knows, and nobody prints.
    copies.kill().await;
    browser.sign_in(&mut copies).await;
    let view = copies.done("case.status", order.clone()).await;
    assert_eq!((&view["waits_for"], &view["deliveries"][0]["state"]), (&json!("person"), &json!("unknown")), "{view}");
    assert_eq!(
        copies.fails("case.print_started", order.clone()).await.code,
        kiosk_protocol::error::ErrorCode::NotPermitted
    );
    let listed = copies.done("approval.list", json!({ "pass": browser.pass() })).await;
    assert_eq!(listed["cases"][0]["waits_for"], "person", "{listed}");
    // The officer finds the paper, and permits another one, which says what it is.
    let settled = browser.settlement(&view["deliveries"][0], PrintOutcome::Printed);
    let mut other = settled.clone();
    other.outcome = PrintOutcome::NotPrinted;
    let failure = copies.fails("approval.settle", json!(other)).await;
    assert!(failure.detail.contains("signature does not fit"), "{failure}");
    assert_eq!(copies.done("approval.settle", json!(settled)).await["state"], "done");
    assert_eq!(copies.fails("case.print_started", order).await.code, kiosk_protocol::error::ErrorCode::NotPermitted);
    let permission = browser.reprint(&mut copies, &case).await;
    let mut forged = permission.clone();
    forged.nonce = browser.reprint(&mut copies, &case).await.nonce;
    let failure = copies.fails("case.print_started", json!({ "case": case, "reprint": forged })).await;
    assert!(failure.detail.contains("signature does not fit"), "{failure}");
    let order = json!({ "case": case, "reprint": permission });
    let job = copies.call("case.print_started", order.clone()).await.unwrap();
    let failure = copies.fails("case.print_started", order).await;
    assert!(failure.detail.contains("challenge"), "a permission is good once: {failure}");
    let paper = copies.folder.path().join("reprint.pdf");
    std::fs::write(&paper, copies.blob(&job, &job.value["blob"])).unwrap();
    let text = Peer::new(&peer("pdftotext")).arg(&paper).arg("-").run(PATIENCE).await.ok();
    assert!(text.contains("BẢN IN LẠI"), "{text}");
    let ended = json!({ "delivery": job.value["delivery"], "outcome": "printed" });
    let view = copies.done("case.delivery_ended", ended).await;
    assert_eq!(view["deliveries"][1]["reprint"], true, "{view}");
    // What she has signed stays: the approval, the settlement, the permission that was used (and none of the forged ones).
    let said = copies.decisions();
    let kinds: Vec<&str> = said.iter().map(|it| it["statement"].as_str().unwrap().lines().next().unwrap()).collect();
    assert_eq!(kinds, ["kiosk-gateway decision 1", "kiosk-gateway settlement 1", "kiosk-gateway reprint 1"]);
    assert!(said.iter().all(|it| browser.has_signed(it)), "{said:?}");
}

#[tokio::test]
async fn where_a_reprint_lies_no_first_print_is_made_and_of_a_withdrawn_copy_none() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&case, "signed").await;
    let order = json!({ "case": case });
    let ended = |job: &serde_json::Value, outcome: &str| json!({ "delivery": job["delivery"], "outcome": outcome });
    let job = copies.done("case.print_started", order.clone()).await;
    // While one is under way, an officer cannot begin another.
    let permission = browser.reprint(&mut copies, &case).await;
    let failure = copies.fails("case.print_started", json!({ "case": case, "reprint": permission })).await;
    assert!(failure.detail.contains("approval.settle"), "{failure}");
    copies.done("case.delivery_ended", ended(&job, "not_printed")).await;
    let permission = browser.reprint(&mut copies, &case).await;
    let job = copies.done("case.print_started", json!({ "case": case, "reprint": permission })).await;
    copies.done("case.delivery_ended", ended(&job, "printed")).await;
    assert_eq!(copies.fails("case.print_started", order).await.code, kiosk_protocol::error::ErrorCode::NotPermitted);
    copies.done("register.revoke", json!(browser.revocation(&case))).await;
    let permission = browser.reprint(&mut copies, &case).await;
    let failure = copies.fails("case.print_started", json!({ "case": case, "reprint": permission })).await;
    assert!(failure.detail.contains("withdrawn"), "{failure}");
    let kinds = copies.decisions().len();
    assert_eq!(kinds, 3, "the approval, the one reprint that was made, the withdrawal");
}
