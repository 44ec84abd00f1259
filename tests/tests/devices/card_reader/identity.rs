//! `identity.read` under the real pcscd, with the simulated identity card in the slot.

use std::path::Path;

use kiosk_protocol::card::CardState;
use kiosk_protocol::error::{ErrorCode, Retry};
use kiosk_tests::peers::Peer;
use kiosk_tests::rig::pcscd::Pcscd;
use kiosk_tests::rig::pcscd::identity::{CAN, card, trusted};
use kiosk_tests::rig::{Client, Order, Rig, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{WITHIN, is, kiosk, put_in, speak, wait};

/// A kiosk that trusts it, with a card in.
async fn with_card(toml: &str) -> (Pcscd, Rig, Client, TempDir) {
    let pcscd = Pcscd::start().await;
    let folder = trusted();
    let rig = kiosk(&format!("config.trusted = {:?}", folder.path())).await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    put_in(&pcscd, &mut client, card(toml)).await;
    (pcscd, rig, client, folder)
}

fn read(access: Value) -> Order {
    Order::new("identity.read", json!({ "access": access })).device("card").timeout_ms(60_000)
}

fn by_can() -> Order {
    read(json!({ "can": CAN }))
}

#[tokio::test]
async fn a_genuine_card_is_read_with_its_proofs_and_its_portrait() {
    let (_pcscd, rig, mut client, _folder) = with_card("").await;
    let id = client.start(by_can()).await;
    let identity = client.finish(id).await.unwrap();
    assert_eq!((&identity["verdict"], &identity["opened"]), (&json!("genuine"), &json!("pace")));
    for proof in ["passive", "active", "chip"] {
        assert_eq!(identity["proofs"][proof], json!({ "result": "passed" }), "{proof}");
    }
    let holder = &identity["holder"];
    assert_eq!((&holder["full_name"], &holder["citizen_number"]), (&json!("NGUYỄN VĂN AN"), &json!("099200000001")));
    assert_eq!((&holder["date_of_birth"], &holder["sex"]), (&json!("2000-06-15"), &json!("M")));
    assert_eq!(identity["document"]["date_of_expiry"], "2040-06-15");
    assert_eq!(identity["document"]["expired"], false);

    // How far it is, file by file.
    let progress: Vec<Value> = client.events(id).iter().map(|(_, event)| (*event).clone()).collect();
    assert_eq!(progress[0]["stage"], "opened");
    let of_portrait: Vec<&Value> = progress.iter().filter(|event| event["file"] == "DG2").collect();
    let last = of_portrait.last().unwrap();
    assert_eq!(last["got_bytes"], last["total_bytes"]);

    let path = format!("/v1/blobs/{}", identity["portrait"]["blob"].as_str().unwrap());
    let portrait = http::get(rig.address, &path, Some(&client.token())).await;
    let picture = image::load_from_memory(&portrait.body).unwrap();
    let size = |side: &str| identity["portrait"][side].as_u64().map(|pixels| u32::try_from(pixels).unwrap());
    assert_eq!((Some(picture.width()), Some(picture.height())), (size("width_px"), size("height_px")));

    // Nothing of the holder in the log, and nothing left when the session ends: the driver that knew it is replaced.
    let before = rig.children();
    client.done("session.end").await;
    assert_eq!(http::get(rig.address, &path, Some(&client.token())).await.status, 404);
    let ended = || (before.iter().filter(|process| !process.runs()).count() == 1).then_some(());
    kiosk_tests::rig::wait::until("the driver of this reader, and no other, is replaced", WITHIN, ended).await;
    let log = rig.log();
    for personal in ["NGUY", "099200000001", "200000001", "000615"] {
        assert!(!log.contains(personal), "{personal} is in the log:\n{log}");
    }
}

#[tokio::test]
async fn it_opens_with_whatever_is_printed_on_it() {
    let (_pcscd, _rig, mut client, _folder) = with_card("").await;
    let code = "099200000001||Nguyễn Văn An|15062000|Nam|Xã A, tỉnh B|01072024";
    let printed = |number: &str, birth: &str, expiry: &str| json!({ "printed": { "document_number": number, "date_of_birth": birth, "date_of_expiry": expiry } });
    for access in [
        json!({ "qr": code }),
        printed("200000001", "000615", "400615"),
        printed("099200000001", "2000-06-15", "2040-06-15"),
    ] {
        assert_eq!(client.done(read(access)).await["verdict"], "genuine");
    }
    for (access, field) in [
        (json!({ "can": "12" }), "payload.access.can"),
        (json!({ "qr": "https://example.invalid" }), "payload.access.qr"),
        (json!({ "mrz": "IDVNM" }), "payload.access.mrz"),
    ] {
        let error = client.fails(read(access)).await.failure;
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidRequest, Some(field)));
    }
    let error = client.fails(read(json!({ "can": "999999" }))).await.failure;
    assert_eq!((error.code, error.retry), (ErrorCode::WrongAccessData, Retry::Unsafe), "{error:?}");
    assert_eq!(client.done(by_can()).await["verdict"], "genuine", "a wrong number locks nothing");
}

#[tokio::test]
async fn what_is_wrong_with_a_card_is_told_apart() {
    let (pcscd, _rig, mut client, _folder) = with_card("").await;
    for (toml, verdict) in [
        ("[faults]\nwrong_sod = 'dg2'", "forged"),
        ("[faults]\nsigner = 'revoked'", "forged"),
        ("[faults]\nsigner = 'expired'", "unproven"),
        ("[faults]\nwrong_key = true", "forged"),
        ("[faults]\ncloned = true", "copy"),
    ] {
        pcscd.slot(0).eject();
        client.done(wait("removed")).await;
        put_in(&pcscd, &mut client, card(toml)).await;
        let identity = client.done(by_can()).await;
        assert_eq!(identity["verdict"], verdict, "{toml}: {}", identity["proofs"]);
        let proofs = &identity["proofs"];
        let reasons = ["passive", "active", "chip"].map(|proof| proofs[proof]["reason"].as_str().unwrap_or_default());
        assert!(reasons.iter().any(|reason| !reason.is_empty()), "{toml}: no reason in {proofs}");
    }
}

#[tokio::test]
async fn a_card_that_leaves_or_falls_silent_gives_one_error_and_the_next_is_read() {
    let (pcscd, rig, mut client, _folder) = with_card("[faults]\nremoved_at = 40").await;
    let error = client.fails(by_can()).await.failure;
    assert_eq!((error.code, error.retry), (ErrorCode::CardRemoved, Retry::Safe), "{error:?}");
    client.wait_device("card", WITHIN, is(CardState::Absent)).await;
    assert_eq!(client.fails(by_can()).await.failure.code, ErrorCode::NoCard);

    // Cancelled in the middle, and the time over in the middle.
    put_in(&pcscd, &mut client, card("[faults]\nslow_ms = 200")).await;
    let id = client.start(by_can()).await;
    client.event(id, "identity.progress").await;
    client.cancel(id).await;
    assert_eq!(client.finish_within(id, WITHIN).await.unwrap_err().failure.code, ErrorCode::Cancelled);
    let free = kiosk_tests::rig::wait::until_async("the card to be free", WITHIN, async || {
        match client.call(by_can().timeout_ms(1_500)).await {
            Err(error) if error.failure.code == ErrorCode::Timeout => Some(error.failure),
            _ => None,
        }
    });
    let error = free.await;
    assert!(error.detail.contains("command"), "{error:?}");

    pcscd.slot(0).eject();
    client.done(wait("removed").timeout_ms(60_000)).await;
    put_in(&pcscd, &mut client, card("")).await;
    let read =
        kiosk_tests::rig::wait::until_async("the card to be read", WITHIN, async || client.call(by_can()).await.ok());
    assert_eq!(read.await["verdict"], "genuine");
    rig.assert_healthy().await;
}

#[tokio::test]
async fn without_anybody_to_trust_a_card_is_unproven_and_commands_stay_forbidden() {
    let pcscd = Pcscd::start().await;
    let rig = kiosk("").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    put_in(&pcscd, &mut client, card("")).await;
    let identity = client.done(by_can()).await;
    assert_eq!(
        (&identity["verdict"], &identity["proofs"]["passive"]["result"]),
        (&json!("unproven"), &json!("not_possible"))
    );
    assert_eq!(client.fails(speak(&["00a40400"])).await.failure.code, ErrorCode::NotPermitted);
}

#[tokio::test]
async fn the_command_line_reads_a_card_and_shows_its_holder_only_if_asked() {
    let pcscd = Pcscd::start().await;
    pcscd.slot(0).insert(card(""));
    let folder = trusted();
    let config = folder.path().join("kiosk.toml");
    let reader = super::READERS[0];
    let trusted = folder.path();
    std::fs::write(
        &config,
        format!(
            "[devices.card]\ndriver = \"pcsc\"\naddress = \"pcsc:{reader}\"\nconfig.trusted = {trusted:?}\n\
             [devices.other]\ndriver = \"pcsc\"\naddress = \"pcsc:{}\"\n",
            super::READERS[1]
        ),
    )
    .unwrap();
    let gateway = |words: &[&str], config: &Path| {
        Peer::new(&programs::find("kiosk-gateway"))
            .args(["identity", "read", "--device", "card", "--config"])
            .arg(config)
            .args(words)
            .run(WITHIN)
    };
    // vpcd looks for a card every 400 ms.
    let said = kiosk_tests::rig::wait::until_async("the card is seen", WITHIN, async || {
        let ran = gateway(&["--can", CAN], &config).await;
        (!ran.err.contains("no_card")).then_some(ran)
    });
    let said = said.await.ok();
    assert!(said.starts_with("The card is genuine") && !said.contains("099200000001"), "{said}");

    let portrait = folder.path().join("portrait.jpg");
    let words = ["--can", CAN, "--json", "--show", "--portrait", portrait.to_str().unwrap()];
    let report: Value = serde_json::from_str(&gateway(&words, &config).await.ok()).unwrap();
    assert_eq!(report["holder"]["citizen_number"], "099200000001");
    image::open(&portrait).unwrap();

    let complained = gateway(&["--can", "999999"], &config).await.fails();
    assert!(complained.contains("do not open") || complained.contains("does not open"), "{complained}");
    assert!(gateway(&[], &config).await.fails().contains("--can"), "it says what opens a card");
}

/// A reader that none of us wrote, over the same pcscd: the crate `emrtd`, which knows basic access control only.
#[tokio::test]
async fn another_reader_reads_the_same_card() {
    let pcscd = Pcscd::start().await;
    let rig = kiosk("").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    put_in(&pcscd, &mut client, card("")).await;
    let context = pcsc::Context::establish(pcsc::Scope::System).unwrap();
    let name = std::ffi::CString::new(super::READERS[0]).unwrap();
    let in_reader = context.connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY).unwrap();
    let mut reader = emrtd::EmrtdComms::new(in_reader);
    reader.select_emrtd_application().unwrap();
    let secret = emrtd::other_mrz("200000001", "000615", "400615").unwrap();
    reader.establish_bac_session_keys(secret.as_bytes()).unwrap();
    let mut file = |id: &[u8; 2], name: &str| {
        reader.select_ef(id, name, true).unwrap_or_else(|error| panic!("{name}: {error}"));
        reader.read_data_from_ef(true).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let [dg1, dg2, sod] =
        [(b"\x01\x01", "DG1"), (b"\x01\x02", "DG2"), (b"\x01\x1d", "SOD")].map(|(id, name)| file(id, name));
    // What it has read is what ours makes of it, and signed.
    assert_eq!(kiosk_emrtd::zone(&dg1).unwrap().document_number, "200000001");
    image::load_from_memory(emrtd::get_jpeg_from_ef_dg2(&dg2).unwrap()).unwrap();
    let mut trusted = kiosk_emrtd::passive::TrustList::new();
    trusted.add_authority(&kiosk_simulators::usb::reader::identity::csca_certificate()).unwrap();
    let groups = std::collections::BTreeMap::from([(1, &dg1[..]), (2, &dg2[..])]);
    kiosk_emrtd::passive::check(&sod, &groups, &trusted, std::time::SystemTime::now()).unwrap();
}
