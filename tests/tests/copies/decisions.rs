//! Officers' decisions: who may take them, what they are about, and what follows.

use kiosk_protocol::approval::{ApprovalDecision as Decision, Reason};
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::copies::{Browser, Copies, PROCEDURE, evidence, page, reading};
use serde_json::json;

#[tokio::test]
async fn only_an_officers_own_signature_over_this_case_and_this_content_decides() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let nguyet = Browser::enrol(&mut copies, "nguyet").await;
    let hai = Browser::enrol(&mut copies, "hai").await;
    let (one, other) = (copies.prepared(&[page(1)]).await, copies.prepared(&[page(2)]).await);
    let content = nguyet.look(&mut copies, &one).await.value["content"].clone();
    let other_content = nguyet.look(&mut copies, &other).await.value["content"].clone();
    assert_ne!(content, other_content);

    let right = nguyet.decision(&one, &content, Decision::Approve, None);
    let mut forged = Vec::new();
    // The officer's signature over another case, another decision; another officer's signature; another content.
    let mut it = right.clone();
    it.signature = nguyet.decision(&other, &content, Decision::Approve, None).signature;
    forged.push(it);
    let mut it = right.clone();
    it.signature = nguyet.decision(&one, &content, Decision::Refuse, Some(Reason::ScanPoor)).signature;
    forged.push(it);
    let mut it = right.clone();
    it.signature = hai.decision(&one, &content, Decision::Approve, None).signature;
    forged.push(it);
    forged.push(nguyet.decision(&one, &other_content, Decision::Approve, None));
    let mut it = right.clone();
    it.pass.0 = "0".repeat(32);
    forged.push(it);
    for request in forged {
        let failure = copies.fails("approval.decide", serde_json::to_value(&request).unwrap()).await;
        assert_eq!(failure.code, E::NotPermitted, "{failure}");
    }
    let view = copies.done("case.status", json!({ "case": one })).await;
    assert_eq!(view["state"], "awaiting_officer");
    copies.done("approval.decide", serde_json::to_value(&right).unwrap()).await;
    // Once: what is signed is not decided again.
    let failure = copies.fails("approval.decide", serde_json::to_value(&right).unwrap()).await;
    assert_eq!(failure.code, E::NotPermitted);
    copies.wait(&one, "signed").await;
}

#[tokio::test]
async fn a_refusal_has_a_reason_and_what_is_sent_back_is_prepared_anew() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1)]).await;
    let failure = browser.decide(&mut copies, &case, Decision::SendBack, None).await.unwrap_err();
    assert_eq!((failure.code, failure.field.as_deref()), (E::InvalidRequest, Some("payload.reason")));
    browser.decide(&mut copies, &case, Decision::SendBack, Some(Reason::ScanPoor)).await.unwrap();
    let view = copies.done("case.status", json!({ "case": case })).await;
    assert_eq!((&view["state"], &view["reason"]), (&json!("sent_back"), &json!("scan_poor")), "{view}");
    // A decision about the round before is worth nothing in the next, even if all its pages are the same.
    copies.prepare(&case, &[page(1)]).await;
    let content = browser.look(&mut copies, &case).await.value["content"].clone();
    browser.decide(&mut copies, &case, Decision::SendBack, Some(Reason::ScanPoor)).await.unwrap();
    copies.prepare(&case, &[page(1)]).await;
    let old = browser.decision(&case, &content, Decision::Approve, None);
    let failure = copies.fails("approval.decide", serde_json::to_value(&old).unwrap()).await;
    assert!(failure.detail.contains("other content"), "{failure}");
    browser.decide(&mut copies, &case, Decision::SendBack, Some(Reason::ScanPoor)).await.unwrap();
    copies.prepare(&case, &[page(3), page(4)]).await;
    browser.decide(&mut copies, &case, Decision::Refuse, Some(Reason::OriginalDamaged)).await.unwrap();
    let view = copies.done("case.status", json!({ "case": case })).await;
    assert_eq!((&view["state"], &view["reason"]), (&json!("refused"), &json!("original_damaged")), "{view}");
    assert!(view.get("copy").is_none());
}

#[tokio::test]
async fn four_eyes_are_of_two_officers() {
    let mut copies = Copies::start(&[], |settings| settings["policy"] = json!({ "approvals": 2 })).await;
    let nguyet = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1)]).await;
    let row = nguyet.decide(&mut copies, &case, Decision::Approve, None).await.unwrap();
    assert_eq!((&row["waits_for"], &row["may_decide"]), (&json!("second_officer"), &json!(false)), "{row}");
    let failure = nguyet.decide(&mut copies, &case, Decision::Approve, None).await.unwrap_err();
    assert_eq!(failure.code, E::NotPermitted);
    let hai = Browser::enrol(&mut copies, "hai").await;
    hai.decide(&mut copies, &case, Decision::Approve, None).await.unwrap();
    copies.wait(&case, "signed").await;
}

#[tokio::test]
async fn an_officer_sees_and_decides_what_is_of_his_procedures_only() {
    let mut copies = Copies::start(&[], |settings| {
        settings["procedures"] = json!([PROCEDURE, "tthc-other"]);
        settings["officers"][1]["procedures"] = json!(["tthc-other"]);
    })
    .await;
    let nguyet = Browser::enrol(&mut copies, "nguyet").await;
    let hai = Browser::enrol(&mut copies, "hai").await;
    let case = copies.prepared(&[page(1)]).await;
    let listed = copies.done("approval.list", json!({ "pass": hai.pass() })).await;
    assert_eq!(listed["cases"], json!([]));
    let failure = copies.fails("approval.case", json!({ "pass": hai.pass(), "case": case })).await;
    assert_eq!(failure.code, E::NotPermitted, "{failure}");
    let content = nguyet.look(&mut copies, &case).await.value["content"].clone();
    let request = hai.decision(&case, &content, Decision::Approve, None);
    assert_eq!(copies.fails("approval.decide", json!(request)).await.code, E::NotPermitted);
    nguyet.decide(&mut copies, &case, Decision::Approve, None).await.unwrap();
    copies.wait(&case, "signed").await;
    let permission = hai.reprint(&mut copies, &case).await;
    let failure = copies.fails("case.print_started", json!({ "case": case, "reprint": permission })).await;
    assert!(failure.detail.contains("procedures"), "{failure}");
    assert_eq!(copies.fails("register.revoke", json!(hai.revocation(&case))).await.code, E::NotPermitted);
    // In the register he sees the entry, and no name by which the copy could be had.
    for (officer, own) in [(&hai, false), (&nguyet, true)] {
        let all = json!({ "pass": officer.pass(), "from_ms": 0, "until_ms": i64::MAX });
        let found = copies.done("register.search", all).await;
        assert_eq!(
            (found["entries"][0].get("case").is_some(), &found["entries"][0]["pages"]),
            (own, &json!(1)),
            "{found}"
        );
    }
    assert_eq!(copies.decisions().len(), 1, "nothing of hai's is noted");
}

#[tokio::test]
async fn a_face_that_matches_must_be_alive_too_where_the_policy_asks_for_faces() {
    let mut copies = Copies::start(&[], |settings| settings["policy"] = json!({ "face_must_match": true })).await;
    let case = copies.done("case.open", json!({ "procedure": PROCEDURE })).await["case"].clone();
    let image = page(1);
    let pages = json!({ "case": case, "pages": [{ "image": "page-0", "resolution_dpi": 200 }] });
    copies.call_with("case.pages", pages, &[("page-0", &image)]).await.unwrap();
    let readings = serde_json::to_vec(&json!([reading(&image)])).unwrap();
    let order = json!({ "case": case, "pages": ["page-0"] });
    copies.call_with("case.recognise", order, &[("readings", &readings)]).await.unwrap();
    let example = include_str!("../../../protocol/examples/completion.face.match.json");
    let mut proofs = json!(evidence());
    proofs["face"] = serde_json::from_str::<serde_json::Value>(example).unwrap()["payload"].clone();
    assert_eq!(proofs["face"]["decision"], "match");
    for live in [false, true] {
        proofs["face"]["live"] = json!(live);
        let proofs = serde_json::to_vec(&proofs).unwrap();
        let told = copies.call_with("case.identify", json!({ "case": case }), &[("evidence", &proofs)]).await;
        assert_eq!(told.as_ref().err().map(|failure| failure.code), (!live).then_some(E::NotPermitted), "{told:?}");
    }
}
