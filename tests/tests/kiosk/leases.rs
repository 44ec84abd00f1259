//! Two clients, one device: who has it alone, who waits, and when it is free again. And what belongs to one session only.

use std::time::{Duration, Instant};

use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions, http, wait};
use serde_json::json;

use crate::support::{PAGE_TAKES_MINUTES, flatbed, slow};

/// The longest that a lease can have, milliseconds: if somebody else gets it sooner, it was given back.
const LONGEST: u32 = 900_000;

fn acquire(ttl_ms: u32) -> Order {
    Order::new("lease.acquire", json!({ "ttl_ms": ttl_ms })).device("scanner")
}

fn release() -> Order {
    Order::from("lease.release").device("scanner")
}

async fn waiting(client: &mut Client, order: Order) -> u64 {
    let id = client.start(order).await;
    client.taken(id).await.expect("it may wait");
    id
}

async fn assert_shut_out(client: &mut Client) {
    let error = client.fails(flatbed()).await;
    assert_eq!(error.failure.code, E::NotPermitted);
    assert!(error.failure.detail.contains("lease.acquire"), "it says what to do: {}", error.failure.detail);
}

#[tokio::test]
async fn a_lease_shuts_others_out_until_it_is_given_back() {
    let (rig, mut owner) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    assert_eq!(owner.done(acquire(LONGEST)).await, json!({ "device": "scanner", "ttl_ms": LONGEST }));
    assert_shut_out(&mut other).await;
    other.done("scanner.status").await;
    other.done("ups.status").await;
    owner.done(flatbed()).await;
    owner.done(release()).await;
    other.done(flatbed()).await;
}

#[tokio::test]
async fn those_who_wait_get_it_in_order() {
    let (rig, mut first) = Rig::ready(RigOptions::default()).await;
    let (mut second, mut third) = (rig.client().await, rig.client().await);
    first.done(acquire(LONGEST)).await;
    let second_waits = waiting(&mut second, acquire(LONGEST)).await;
    let third_waits = waiting(&mut third, acquire(LONGEST)).await;
    first.done(release()).await;
    second.finish(second_waits).await.unwrap();
    third.done("ups.status").await;
    assert!(!third.is_over(third_waits), "the third waits for the second");
    assert_shut_out(&mut first).await;
    second.done(release()).await;
    third.finish(third_waits).await.unwrap();
}

#[tokio::test]
async fn the_end_of_a_session_frees_its_lease_and_its_device_at_once() {
    let (rig, mut owner) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    owner.done(acquire(LONGEST)).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let scan = owner.start(flatbed()).await;
    owner.event(scan, "scanner.page_started").await;
    let waits = waiting(&mut other, acquire(LONGEST)).await;
    owner.done("session.end").await;
    other.finish(waits).await.unwrap();
    wait::until_async("the end of its scan", PATIENCE, async || {
        (rig.simulators.state("scanner").await["state"] == "Idle").then_some(())
    })
    .await;
    rig.simulators.clear("scanner").await;
    other.done(flatbed()).await;
}

#[tokio::test]
async fn a_lease_outlives_its_clients_connection_by_ten_seconds() {
    let (rig, mut owner) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    owner.done(acquire(LONGEST)).await;
    let waits = waiting(&mut other, acquire(LONGEST)).await;
    let (token, cursor) = (owner.token(), owner.cursor);
    owner.kill();
    let owner = Client::resume(rig.address, &token, cursor).await;
    assert!(owner.welcome.resumed);
    let since = Instant::now();
    owner.kill();
    other.finish(waits).await.unwrap();
    assert!(since.elapsed() >= Duration::from_secs(9), "freed after {:?}", since.elapsed());
}

#[tokio::test]
async fn a_lease_whose_time_is_over_is_lost_and_its_owner_is_told() {
    let (rig, mut owner) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    owner.done(acquire(LONGEST)).await;
    owner.done(acquire(1_000)).await;
    let waits = waiting(&mut other, acquire(LONGEST)).await;
    assert_eq!(owner.notice("lease.lost", PATIENCE).await, json!({ "device": "scanner" }));
    other.finish(waits).await.unwrap();
    assert_shut_out(&mut owner).await;
    let error = owner.fails(release()).await;
    assert_eq!(error.failure.code, E::NotFound);
}

#[tokio::test]
async fn a_lease_can_be_made_longer() {
    let (rig, mut owner) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    owner.done(acquire(1_000)).await;
    owner.done(acquire(LONGEST)).await;
    let error = other.fails(acquire(LONGEST).timeout_ms(2_000)).await;
    assert_eq!(error.failure.code, E::Timeout, "it was not free after the first time");
    other.done("ups.status").await;
    assert_shut_out(&mut other).await;
}

#[tokio::test]
async fn a_lease_has_limits_and_needs_a_device() {
    let (_rig, mut client) = Rig::ready(RigOptions::default()).await;
    for (order, code, field) in [
        (acquire(999), E::InvalidRequest, Some("payload.ttl_ms")),
        (acquire(900_001), E::InvalidRequest, Some("payload.ttl_ms")),
        (Order::from("lease.acquire"), E::UnknownDevice, Some("device")),
        (Order::from("lease.acquire").device("toaster"), E::UnknownDevice, Some("device")),
        (release(), E::NotFound, None),
    ] {
        let error = client.fails(order).await;
        assert_eq!((error.failure.code, error.failure.field.as_deref()), (code, field), "{error:?}");
    }
}

#[tokio::test]
async fn a_blob_belongs_to_its_session_alone() {
    let (rig, mut owner) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    let report = owner.done(flatbed()).await;
    let blob = report["pages"][0]["blob"].as_str().unwrap().to_owned();
    let path = format!("/v1/blobs/{blob}");
    let tokens = [(None, 401), (Some(other.token()), 404), (Some("0".repeat(52)), 404), (Some(owner.token()), 200)];
    for (token, status) in tokens {
        assert_eq!(http::get(rig.address, &path, token.as_deref()).await.status, status);
    }
    let image = json!({ "elements": [{ "type": "image", "blob": blob }] });
    let error = other.fails(Order::new("receipt_printer.print", image).key("not-my-picture")).await;
    assert_eq!(error.failure.code, E::NotFound, "nor can it be printed by somebody else");
    owner.done("session.end").await;
    assert_eq!(http::get(rig.address, &path, Some(&owner.token())).await.status, 404, "wiped with its session");
    let metrics = http::get(rig.address, "/metrics", None).await.text();
    assert!(metrics.lines().any(|line| line == "kiosk_blob_bytes 0"), "{metrics}");
}
