//! Malformed, silent, flooding and lying drivers: each is one typed error and a restart, or held with a hint; the
//! gateway never has a fault of its own, its memory stays bounded, and the other devices do not notice.

use kiosk_protocol::device::DeviceState as S;
use kiosk_protocol::error::{ErrorBody, ErrorCode as E};
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions, Temper, http, process, programs::source_tree, wait};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{flatbed, install_fake};

/// Images of all sessions, MiB; what an endless one can cost.
const BLOBS_MIB: u64 = 64;

/// A gateway with the real devices and these fake ones, which are started from the folder.
async fn with_fakes(vices: &[&str]) -> (Rig, Client, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut config = format!("[blobs]\nmemory_mib = 16\ntotal_mib = {BLOBS_MIB}\n");
    for vice in vices {
        install_fake(folder.path(), vice, "scanner");
        config += &format!("[devices.{}]\ndriver = \"{vice}\"\naddress = \"fake:1\"\n", device(vice));
    }
    let drivers = vec![source_tree().join("device-drivers"), folder.path().to_owned()];
    let options = RigOptions { config, drivers, temper: Temper::Strict, ..RigOptions::default() };
    let rig = Rig::start(options).await;
    let mut client = rig.client().await;
    for real in ["scanner", "printer", "ups"] {
        client.wait_state(real, S::Ready, PATIENCE).await;
    }
    (rig, client, folder)
}

/// Names are at most 32 characters long.
fn device(vice: &str) -> String {
    format!("f-{vice}").chars().take(32).collect()
}

/// The real devices work as ever, and the gateway has no fault and no great appetite.
async fn assert_unharmed(rig: &Rig, client: &mut Client) {
    for call in ["scanner.status", "receipt_printer.status", "ups.status"] {
        let order = if call == "scanner.status" { Order::from(call).device("scanner") } else { Order::from(call) };
        client.done(order).await;
    }
    client.done(flatbed().device("scanner")).await;
    rig.assert_healthy().await;
    let resident = process::resident_kib(rig.gateway_pid());
    assert!(resident < 200 * 1024, "the gateway has {resident} KiB");
    assert!(!rig.log().contains("panicked"), "{}", rig.log());
}

#[tokio::test]
async fn drivers_that_cannot_be_started_back_off_or_are_held_with_a_hint() {
    let cases = [
        ("no-hello", S::Backoff, E::DriverFault, "no hello"),
        ("garbage", S::Backoff, E::DriverFault, "JSON part"),
        ("oversized-length", S::Backoff, E::DriverFault, "4294967295"),
        ("oversized-blob", S::Backoff, E::DriverFault, "4294967295"),
        ("empty-frame", S::Backoff, E::DriverFault, "0 bytes"),
        ("not-json", S::Backoff, E::DriverFault, "not a message"),
        ("deep-json", S::Backoff, E::DriverFault, "not a message"),
        ("half-frame", S::Backoff, E::DriverFault, "ended"),
        ("hello-twice", S::Backoff, E::DriverFault, "twice"),
        ("ready-twice", S::Backoff, E::DriverFault, "ready"),
        ("wrong-capabilities", S::Backoff, E::DriverFault, "capabilities.sources"),
        ("no-ready", S::Backoff, E::DriverFault, "not ready in time"),
        ("closes-stdout", S::Backoff, E::DriverFault, "not ready in time"),
        ("exit-1", S::Backoff, E::DriverFault, "ended"),
        ("exit-70", S::Backoff, E::DeviceFault, "smokes"),
        ("exit-69", S::Absent, E::DeviceAbsent, "nothing at the address"),
        ("exit-64", S::Held, E::DriverHeld, "use `red`"),
        ("exit-77", S::Held, E::DriverHeld, "group `lp`"),
        ("wrong-version", S::Held, E::DriverHeld, "seam version"),
        ("wrong-kind", S::Held, E::DriverHeld, "was expected"),
        ("wrong-name", S::Held, E::DriverHeld, "somebody-else"),
    ];
    let names: Vec<&str> = cases.iter().map(|(vice, ..)| *vice).collect();
    let (rig, mut client, _folder) = with_fakes(&names).await;
    for (vice, state, code, hint) in cases {
        let right = |problem: Option<&ErrorBody>| {
            problem.is_some_and(|problem| problem.failure.code == code && problem.failure.detail.contains(hint))
        };
        let view = client
            .wait_device(&device(vice), PATIENCE, |view| view.state == state && right(view.problem.as_ref()))
            .await;
        let problem = view.problem.expect("it was looked at");
        assert!(!problem.message.vi.is_empty(), "{vice}");
        let error = client.fails(flatbed().device(&device(vice)).timeout_ms(60_000)).await;
        assert!(matches!(error.failure.code, E::DriverFault | E::DriverHeld | E::DeviceAbsent), "{vice}: {error:?}");
    }
    assert_unharmed(&rig, &mut client).await;
}

#[tokio::test]
async fn drivers_that_misbehave_unasked_are_restarted() {
    let vices = [
        "wrong-status",
        "event-of-nothing",
        "done-unasked",
        "picture-of-a-scanner",
        "flood-of-status",
        "flood-of-chunks",
        "ignores-ping",
        "says-it-is-stuck",
    ];
    let (rig, mut client, _folder) = with_fakes(&vices).await;
    for vice in vices {
        let view = client.wait_state(&device(vice), S::Backoff, PATIENCE).await;
        assert_eq!(view.problem.map(|problem| problem.failure.code), Some(E::DriverFault), "{vice}");
    }
    assert_unharmed(&rig, &mut client).await;
}

#[tokio::test]
async fn drivers_that_say_anything_in_any_order_harm_nobody_but_themselves() {
    let vices: Vec<String> = (0..8).map(|seed| format!("babbles-{seed}")).collect();
    let names: Vec<&str> = vices.iter().map(String::as_str).collect();
    let (rig, mut client, _folder) = with_fakes(&names).await;
    for round in 0..3 {
        for vice in &names {
            // Asked for something whenever it may be: it is answered with an error, or with what a scanner may answer.
            let order = flatbed().device(&device(vice)).timeout_ms(20_000);
            let answered = client.call(order).await;
            if let Ok(reply) = &answered {
                assert!(reply["pages"].is_array(), "{vice} {round}: {reply}");
            }
            client.wait_device(&device(vice), PATIENCE, |view| view.problem.is_some()).await;
        }
    }
    assert_unharmed(&rig, &mut client).await;
}

#[tokio::test]
async fn what_belongs_to_no_request_is_dropped_and_a_flood_of_log_lines_is_cut() {
    let vices = ["event-for-unknown-request", "chunk-for-unknown-request", "flood-of-stderr"];
    let (rig, mut client, _folder) = with_fakes(&vices).await;
    for vice in vices {
        client.wait_state(&device(vice), S::Ready, PATIENCE).await;
        let report = client.done(flatbed().device(&device(vice))).await;
        assert_eq!(report["pages"].as_array().map(Vec::len), Some(1), "{vice} works all the same");
    }
    assert!(rig.log().len() < 4 << 20, "the log has {} bytes", rig.log().len());
    assert_unharmed(&rig, &mut client).await;
}

/// A scan by a driver with this vice.
async fn scan(client: &mut Client, vice: &str, timeout_ms: u64) -> Result<Value, ErrorBody> {
    client.wait_state(&device(vice), S::Ready, PATIENCE).await;
    client.call(flatbed().device(&device(vice)).timeout_ms(timeout_ms)).await
}

#[tokio::test]
async fn drivers_that_answer_wrongly_are_one_error_for_the_client() {
    let restarted = [
        ("wrong-reply", E::DriverFault),
        ("wrong-event", E::DriverFault),
        ("undeclared-event", E::DriverFault),
        ("flood-of-events", E::DriverFault),
        ("dies-in-request", E::DriverFault),
        ("garbage-in-request", E::DriverFault),
        ("huge-json", E::DriverFault),
        ("done-for-another", E::DriverFault),
        ("status-in-request", E::DriverFault),
        ("device-gone-in-request", E::DeviceAbsent),
    ];
    let names: Vec<&str> = restarted.iter().map(|(vice, _)| *vice).collect();
    let (rig, mut client, _folder) = with_fakes(&names).await;
    for (vice, code) in restarted {
        let error = scan(&mut client, vice, 60_000).await.expect_err(vice);
        assert_eq!((error.failure.code, error.failure.outcome), (code, None), "{vice}: {error:?}");
        assert!(error.failure.detail.len() < 1_000, "{vice}: what came is quoted, not repeated");
        // And it is there again, as another process.
        wait::until_async(&format!("{vice} again"), PATIENCE, async || {
            let log = rig.log();
            let starts = log.lines().filter(|line| line.contains("started a driver") && line.contains(&device(vice)));
            (starts.count() >= 2 && rig.state_now(&device(vice)).await == "ready").then_some(())
        })
        .await;
    }
    assert_unharmed(&rig, &mut client).await;
}

#[tokio::test]
async fn drivers_that_lie_about_blobs_are_not_believed() {
    let vices = ["unknown-blob", "unfinished-blob", "blob-goes-on-after-its-end"];
    let (rig, mut client, _folder) = with_fakes(&vices).await;
    for vice in vices {
        let error = scan(&mut client, vice, 60_000).await.expect_err(vice);
        assert_eq!(error.failure.code, E::DriverFault, "{vice}: {error:?}");
    }
    assert_unharmed(&rig, &mut client).await;
}

#[tokio::test]
async fn blobs_without_end_and_without_number_are_stopped_at_the_limit() {
    let vices = ["endless-blob", "many-blobs", "blob-with-a-wrong-media-type"];
    let (rig, mut client, _folder) = with_fakes(&vices).await;
    for vice in ["endless-blob", "many-blobs"] {
        let error = scan(&mut client, vice, 60_000).await.expect_err(vice);
        assert!(matches!(error.failure.code, E::TooLarge | E::DriverFault), "{vice}: {error:?}");
        assert_unharmed(&rig, &mut client).await;
    }
    let result = scan(&mut client, "blob-with-a-wrong-media-type", 60_000).await;
    if let Ok(report) = result {
        let path = format!("/v1/blobs/{}", report["pages"][0]["blob"].as_str().expect("a page has a blob"));
        let answer = http::get(rig.address, &path, Some(&client.token())).await;
        assert!(!answer.headers.contains_key("set-cookie"), "{:?}", answer.headers);
    }
    client.done("session.end").await;
    let metrics = http::get(rig.address, "/metrics", None).await.text();
    assert!(metrics.lines().any(|line| line == "kiosk_blob_bytes 0"), "{metrics}");
}

#[tokio::test]
async fn who_ignores_a_cancel_or_a_deadline_is_killed_and_who_is_late_is_too_late() {
    let vices = ["ignores-cancel", "silent", "late", "done-twice"];
    let (rig, mut client, _folder) = with_fakes(&vices).await;
    client.wait_state(&device("ignores-cancel"), S::Ready, PATIENCE).await;
    let id = client.start(flatbed().device(&device("ignores-cancel"))).await;
    client.taken(id).await.unwrap();
    client.cancel(id).await;
    let error = client.finish(id).await.unwrap_err();
    assert!(matches!(error.failure.code, E::Cancelled | E::DriverFault), "{error:?}");
    wait::until_async("the end of who ignores a cancel", PATIENCE, async || {
        rig.log().contains("it did not give up a request in time").then_some(())
    })
    .await;

    let error = scan(&mut client, "silent", 500).await.unwrap_err();
    assert_eq!(error.failure.code, E::Timeout, "it gave up when it was told that its time was over");
    let late = scan(&mut client, "late", 500).await;
    if let Err(error) = &late {
        assert_eq!(error.failure.code, E::Timeout, "{error:?}");
    }
    scan(&mut client, "done-twice", 60_000).await.expect("the first word counts");
    wait::until_async("the end of who answers twice", PATIENCE, async || {
        rig.log().contains("it answered a request that it was not asked").then_some(())
    })
    .await;
    assert_unharmed(&rig, &mut client).await;
}

#[tokio::test]
async fn a_very_long_detail_reaches_the_client_within_limits() {
    let (rig, mut client, _folder) = with_fakes(&["long-detail"]).await;
    let error = scan(&mut client, "long-detail", 60_000).await.unwrap_err();
    assert_eq!(error.failure.code, E::DeviceFault);
    assert!(error.failure.detail.len() <= 4_096, "{} bytes", error.failure.detail.len());
    assert_eq!(json!(rig.state_now(&device("long-detail")).await), "ready");
    assert_unharmed(&rig, &mut client).await;
}
