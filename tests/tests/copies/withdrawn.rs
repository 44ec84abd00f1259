//! What is withdrawn before it is signed, and what a person ends whose records are damaged.

use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::copies::{Browser, Copies, page};
use kiosk_tests::peers::{Peer, python};
use kiosk_tests::rig::{PATIENCE, wait};
use serde_json::{Value, json};

/// How many entries the log has.
fn logged(copies: &Copies) -> usize {
    let checkpoint = std::fs::read_to_string(copies.data().join("log/checkpoint")).unwrap();
    checkpoint.lines().nth(1).unwrap().parse().unwrap()
}

async fn waits(copies: &mut Copies, case: &Value, state: &str, what: &str) {
    let view = copies.wait_for(case, &format!("waiting for {what}"), |view| view["waits_for"] == what).await;
    assert_eq!(view["state"], state, "{view}");
}

#[tokio::test]
async fn what_is_withdrawn_on_its_way_is_logged_and_signed_no_more() {
    let mut copies = Copies::start(&[], |settings| settings["retention_days"] = json!(7)).await;
    let mut browser = Browser::enrol(&mut copies, "nguyet").await;
    // One has its number only: without the officer's key on the token nobody knows his certificate.
    let key = copies.settings()["officers"][0]["key"].clone();
    copies.change(|settings| settings["officers"][0]["key"] = json!("not-there")).await;
    browser.sign_in(&mut copies).await;
    let numbered = copies.approved(&browser, &[page(1)]).await;
    waits(&mut copies, &numbered, "numbered", "token").await;
    copies.done("register.revoke", json!(browser.revocation(&numbered))).await;
    assert_eq!(logged(&copies), 0);
    copies.change(|settings| settings["officers"][0]["key"] = key).await;
    browser.sign_in(&mut copies).await;
    let state = copies.wait_for(&numbered, "being logged", |view| view["state"] != "numbered").await;
    assert_eq!(state["state"], "logged", "{state}");
    // The other one was begun to be signed.
    copies.no_time_stamps("refuse").await;
    let logged_only = copies.approved(&browser, &[page(2)]).await;
    waits(&mut copies, &logged_only, "logged", "time_stamp").await;
    copies.done("register.revoke", json!(browser.revocation(&logged_only))).await;
    copies.authority_works().await;
    copies.kill().await;
    browser.sign_in(&mut copies).await;
    // A third one shows that the clerk went past both.
    let third = copies.approved(&browser, &[page(3)]).await;
    let code = copies.wait(&third, "signed").await["copy"]["code"].clone();
    assert_eq!(copies.done("copy.verify", json!({ "code": code })).await["log_index"], 4);
    for case in [&numbered, &logged_only] {
        let view = copies.done("case.status", json!({ "case": case })).await;
        assert!(view["state"] == "logged" && view.get("copy").is_none(), "{view}");
        assert_eq!(copies.fails("case.copy", json!({ "case": case })).await.code, E::NotPermitted);
    }
    assert_eq!(logged(&copies), 6, "issue and withdrawal of both, issue and file of the third");
    let listed = copies.done("approval.list", json!({ "pass": browser.pass() })).await;
    assert_eq!(listed["cases"], json!([]), "nothing is left to do with them");
    let all = json!({ "pass": browser.pass(), "from_ms": 0, "until_ms": i64::MAX });
    let found = copies.done("register.search", all).await;
    let revoked = |place: usize| found["entries"][place]["revoked"].clone();
    assert_eq!([revoked(0), revoked(1), revoked(2)], [json!(true), json!(true), json!(false)], "{found}");
    // Both are on the list, at the places of their issue.
    assert_eq!(copies.on_list().await, [0, 2]);
    // They are kept as long as others, and then gone with all that is personal.
    copies.restart_at("+8d").await;
    copies.gone(&numbered).await;
    copies.gone(&logged_only).await;
    wait::until("register and log say the same", PATIENCE, || {
        copies.log().contains("the register and the log say the same").then_some(())
    })
    .await;
    assert_eq!(copies.done("case.status", json!({ "case": third })).await["state"], "signed");
}

/// Changes the first record of a case in the journal, as a failing disk would.
async fn damage(copies: &Copies, case: &Value) {
    const SCRIPT: &str = "
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
trigger = 'SELECT sql FROM sqlite_schema WHERE name = ?'
guard, = database.execute(trigger, ['journal_is_not_changed']).fetchone()
database.execute('DROP TRIGGER journal_is_not_changed')
changed = database.execute('UPDATE journal SET at_ms = at_ms + 1 WHERE case_id = ? AND kind = ?',
    [bytes.fromhex(sys.argv[2]), 'opened'])
assert changed.rowcount == 1
database.execute(guard)
database.commit()
";
    let database = copies.data().join("register/register.db");
    let script = Peer::new(&python()).args(["-c", SCRIPT]).arg(database).arg(case.as_str().unwrap());
    script.run(PATIENCE).await.ok();
}

#[tokio::test]
async fn a_case_whose_records_are_damaged_is_ended_by_a_person() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&case, "signed").await;
    let other = copies.approved(&browser, &[page(2)]).await;
    copies.wait(&other, "signed").await;
    let told = copies.operator("parked", &[]).await.fails();
    assert!(told.contains("stop the gateway first"), "{told}");
    copies.hand_over().await;
    assert!(copies.operator("parked", &[]).await.ok().contains("no case is parked"));
    damage(&copies, &case).await;
    let said = copies.operator("parked", &[]).await.ok();
    let digits = &case.as_str().unwrap()[..8];
    assert!(said.lines().count() == 1 && said.starts_with(digits) && said.contains("1/"), "{said}");
    // Whom it is about, and who says so, must be named.
    for (name, by) in
        [("0000", "nguyet"), ("00000000", "nguyet"), (&other.as_str().unwrap()[..8], "nguyet"), (digits, "")]
    {
        copies.operator("purge", &[name, "--by", by]).await.fails();
    }
    let documents = copies.data().join("documents").join(case.as_str().unwrap());
    assert!(documents.is_dir());
    copies.operator("purge", &[digits, "--by", "technician"]).await.ok();
    assert!(!documents.exists());
    assert!(copies.operator("parked", &[]).await.ok().contains("no case is parked"));
    copies.change(|_| {}).await;
    copies.gone(&case).await;
    assert_eq!(copies.done("case.status", json!({ "case": other })).await["state"], "signed");
}
