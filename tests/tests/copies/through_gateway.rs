//! The signer behind a gateway: what anybody learns of a file, and who cannot wait.

use kiosk_protocol::error::{ErrorCode as E, Retry};
use kiosk_tests::copies::{Browser, Copies, PROCEDURE, page};
use kiosk_tests::rig::{Client, Order, PATIENCE, Parts, Rig, RigOptions, http, wait};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

/// A gateway that has taken the signer over, and a client of it.
async fn gateway(copies: &mut Copies) -> (Rig, Client) {
    let config = copies.hand_over().await;
    Rig::ready(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await
}

#[tokio::test]
async fn a_withdrawn_copy_is_known_by_its_file_alone() {
    let mut copies = Copies::start(&[], |settings| settings["policy"] = json!({ "when_away": "go-on" })).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let good = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&good, "signed").await;
    let (good, _) = copies.file(&good).await;
    // One that was completed after it was signed: the register has its first state.
    copies.no_time_stamps("refuse").await;
    let bad = copies.approved(&browser, &[page(2)]).await;
    copies.wait(&bad, "signed").await;
    copies.authority_works().await;
    copies.wait_for(&bad, "the level B-LTA", |view| view["copy"]["level"] == "B-LTA").await;
    let (file, _) = copies.file(&bad).await;
    copies.done("register.revoke", json!(browser.revocation(&bad))).await;

    let (rig, _client) = gateway(&mut copies).await;
    let verdict = async |file: &[u8]| {
        let answer = http::post_bytes(rig.address, "/v1/verify", file.to_vec()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let said = verdict(&good).await;
    assert!(said["verdict"].as_str().unwrap().starts_with("genuine"), "{said}");
    assert!(!said.to_string().contains("not_asked_withdrawn"), "the register was asked: {said}");
    let said = verdict(&file).await;
    assert_eq!(said["verdict"], "revoked", "{said}");
    // Something behind it does not hide it; and what is no copy of this register is judged by itself.
    let said = verdict(&[&file[..], b"\n"].concat()).await;
    assert_eq!(said["verdict"], "revoked", "{said}");
    // Somebody whose file comes slowly holds up nobody.
    let mut slow = tokio::net::TcpStream::connect(rig.address).await.unwrap();
    let head = format!("POST /v1/verify HTTP/1.1\r\nHost: {}\r\nContent-Length: 100000\r\n\r\n%", rig.address);
    slow.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..5 {
        let said = verdict(b"hello").await;
        assert_eq!(said["verdict"], "no_certified_copy", "{said}");
    }
}

/// Waits until a case's copy is composed.
async fn is_composed(client: &mut Client, case: &Value) {
    wait::until_async("the copy is composed", PATIENCE, async || {
        let view = client.done(Order::new("case.status", json!({ "case": case }))).await;
        (view["state"] == "awaiting_officer").then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_the_signer_has_begun_for_a_client_that_cannot_wait_it_ends() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let mut cases: Vec<Value> = Vec::new();
    for number in 0..2 {
        let case = copies.done("case.open", json!({ "procedure": PROCEDURE })).await["case"].clone();
        copies.identify(&case, &vec![page(number); 40]).await;
        cases.push(case);
    }
    let (rig, mut client) = gateway(&mut copies).await;
    let signer = rig.child("kiosk-signer").expect("it runs");
    let prepare = |case: &Value| Order::new("case.prepare", json!({ "case": case }));
    let failed = client.fails(prepare(&cases[0]).timeout_ms(100)).await;
    assert_eq!(failed.failure.code, E::Timeout, "{failed:?}");
    is_composed(&mut client, &cases[0]).await;
    // One that is taken back before it begins is not done, and may be sent again.
    let mut given_up = None;
    for _ in 0..20 {
        let id = client.start(prepare(&cases[1])).await;
        client.taken(id).await.unwrap();
        client.cancel(id).await;
        let failure = client.finish(id).await.unwrap_err().failure;
        assert_eq!(failure.code, E::Cancelled, "{failure:?}");
        if failure.retry == Retry::Unknown {
            given_up = Some(failure);
            break;
        }
    }
    let given_up = given_up.expect("it begins at once");
    assert!(given_up.detail.contains("ended all the same"), "{given_up}");
    is_composed(&mut client, &cases[1]).await;
    assert_eq!(rig.child("kiosk-signer").map(|now| now.pid), Some(signer.pid), "{}", rig.log());
    assert!(!rig.log().contains("killing a driver"), "{}", rig.log());
}

#[tokio::test]
async fn a_copy_is_delivered_when_its_last_byte_was_taken() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1)]).await;
    copies.wait(&case, "signed").await;
    let (rig, mut client) = gateway(&mut copies).await;
    let order = |name| Order::new(name, json!({ "case": case }));
    let copy = client.done(order("case.copy")).await;
    let view = client.done(order("case.status")).await;
    assert_eq!((&view["state"], &view["deliveries"][0]["state"]), (&json!("signed"), &json!("started")), "{view}");
    let path = format!("/v1/blobs/{}", copy["file"]["blob"].as_str().unwrap());
    let file = http::get(rig.address, &path, Some(&client.token())).await;
    assert_eq!(file.body.len() as u64, copy["file"]["bytes"].as_u64().unwrap());
    wait::until_async("the signer knows that it was taken", PATIENCE, async || {
        let view = client.done(order("case.status")).await;
        (view["state"] == "stored" && view["deliveries"][0]["state"] == "done").then_some(())
    })
    .await;
    // Once is enough.
    let again = client.done(order("case.copy")).await;
    assert!(again.get("delivery").is_none(), "{again}");
}
