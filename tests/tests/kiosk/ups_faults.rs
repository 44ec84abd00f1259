//! Every fault of a UPS is told, mains power is never claimed by a UPS that does not answer, and it works again
//! afterwards without a restart of the gateway.

use kiosk_protocol::device::{DeviceState, DeviceView, Facts};
use kiosk_protocol::error::{ErrorCode as E, Retry};
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::ups::PowerSource;
use kiosk_tests::rig::{Client, PATIENCE, Rig, RigOptions, wait};
use serde_json::{Value, json};

use crate::support::kind;

fn power(view: &DeviceView) -> Option<PowerSource> {
    match &view.facts {
        Facts::Ups { status, .. } => status.as_ref().map(|status| status.power),
        other => panic!("not a UPS: {other:?}"),
    }
}

/// Turns a fault on and waits until it is told; nothing that is said from then on claims mains power.
async fn stale_by(fault: &str, parameters: Value) -> (Rig, Client, E) {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    client.wait_device("ups", PATIENCE, |view| power(view) == Some(PowerSource::Mains)).await;
    rig.simulators.fault("ups", fault, parameters).await;
    let view = client.wait_device("ups", PATIENCE, |view| view.state != DeviceState::Ready).await;
    assert_eq!(power(&view), None, "what the power was is forgotten");
    let problem = view.problem.expect("a device that is not ready says why").failure;
    assert!(!problem.detail.is_empty());
    let error = client.fails("ups.status").await;
    assert_ne!(error.failure.code, E::Internal);
    (rig, client, error.failure.code)
}

async fn works_again(rig: &Rig, client: &mut Client) {
    for message in &client.heard {
        if let ServerMessage::Notice { name, payload, .. } = message
            && name == "device.changed"
            && payload["device"] == "ups"
            && !matches!(payload["state"].as_str(), Some("ready" | "busy"))
        {
            assert_eq!(payload["status"], Value::Null, "no status while it does not answer: {payload}");
        }
    }
    rig.simulators.clear("ups").await;
    rig.simulators.plug("ups").await;
    client.wait_device("ups", PATIENCE, |view| power(view) == Some(PowerSource::Mains)).await;
    assert_eq!(client.done("ups.status").await["power"], "mains");
}

#[tokio::test]
async fn stale_data_are_no_mains() {
    for fault in ["stale", "driver_dead"] {
        let (rig, mut client, code) = stale_by(fault, json!({})).await;
        assert_eq!(code, E::DeviceSilent, "{fault}");
        works_again(&rig, &mut client).await;
    }
}

#[tokio::test]
async fn silence_is_no_mains() {
    let (rig, mut client, code) = stale_by("silence", json!({})).await;
    assert_eq!(code, E::DeviceSilent);
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn garbage_is_no_mains() {
    let (rig, mut client, code) = stale_by("garbage", json!({})).await;
    assert!(matches!(code, E::DeviceSilent | E::DeviceFault), "{code:?}");
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn a_ups_that_answers_too_slowly_is_no_mains() {
    let (rig, mut client, code) = stale_by("slow", json!({ "bytes_per_second": 20 })).await;
    assert_eq!(code, E::DeviceSilent);
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn an_unplugged_ups_is_no_mains() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.unplug("ups").await;
    let view = client.wait_state("ups", DeviceState::Absent, PATIENCE).await;
    assert_eq!(power(&view), None);
    assert_eq!(kind(&client.fails("ups.status").await), (E::DeviceAbsent, Retry::Safe, None));
    works_again(&rig, &mut client).await;
}

/// How often a server of the UPS goes and comes.
const BLINKS: u32 = 100;

#[tokio::test]
async fn a_storm_of_blinks_of_the_server_is_no_mains_and_leaves_nothing_behind() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.set("ups", json!({ "mains": "off", "acceleration": 0 })).await;
    client.wait_device("ups", PATIENCE, |view| power(view) == Some(PowerSource::Battery)).await;
    let (children, log, from) = (rig.children().len(), rig.log().len(), client.heard.len());
    let began = std::time::Instant::now();
    for _ in 0..BLINKS {
        rig.simulators.unplug("ups").await;
        rig.simulators.plug("ups").await;
    }
    client.wait_device("ups", PATIENCE, |view| power(view) == Some(PowerSource::Battery)).await;
    assert_eq!(client.done("ups.status").await["power"], "battery");
    for message in &client.heard[from..] {
        if let ServerMessage::Notice { payload, .. } = message {
            assert_ne!(payload["status"]["power"], "mains", "{payload}");
        }
    }
    let log = rig.log().split_off(log);
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    assert!(lines <= 50 + 10 * began.elapsed().as_secs(), "{lines} lines in {:?}:\n{log}", began.elapsed());
    wait::until("no process more than before", PATIENCE, || (rig.children().len() <= children).then_some(())).await;
    rig.simulators.set("ups", json!({ "mains": "on" })).await;
    works_again(&rig, &mut client).await;
}

#[tokio::test]
async fn a_low_battery_is_told_at_once() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let low = |view: &DeviceView, wanted: bool| match &view.facts {
        Facts::Ups { status: Some(status), .. } => status.battery_low == wanted,
        _ => false,
    };
    let mut took = Vec::new();
    for _ in 0..10 {
        for (order, wanted) in
            [(json!({ "mains": "off", "charge": 5 }), true), (json!({ "mains": "on", "charge": 80 }), false)]
        {
            let since = std::time::Instant::now();
            rig.simulators.set("ups", order).await;
            client.wait_device("ups", PATIENCE, |view| low(view, wanted)).await;
            took.push(since.elapsed());
        }
    }
    took.sort();
    eprintln!("low battery and its end reached a client of nut after {:?} to {:?}", took[0], took[took.len() - 1]);
}

#[tokio::test]
async fn a_failing_battery_is_told() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("ups", "low_battery", json!({})).await;
    rig.simulators.fault("ups", "replace_battery", json!({})).await;
    rig.simulators.fault("ups", "mains_off", json!({})).await;
    let right = |view: &DeviceView| match &view.facts {
        Facts::Ups { status: Some(status), .. } => {
            status.battery_low && status.replace_battery && status.power == PowerSource::Battery
        }
        _ => false,
    };
    client.wait_device("ups", PATIENCE, right).await;
    works_again(&rig, &mut client).await;
}
