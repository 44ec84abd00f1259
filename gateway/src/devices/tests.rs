use std::collections::BTreeMap;

use kiosk_protocol::device::{DeviceId, DeviceState, Kind};
use serde_json::json;

use super::{Devices, Unit};
use crate::config::Supervision;

#[tokio::test]
async fn the_first_snapshot_has_all_devices() {
    let unit = |name: &str| Unit {
        device: DeviceId(name.into()),
        driver: "none".into(),
        kind: Kind::Ups,
        program: "/no/such/program".into(),
        address: "tcp:127.0.0.1:1".into(),
        config: json!({}),
        environment: BTreeMap::new(),
        patience: Supervision::default(),
    };
    let (devices, running) = Devices::start(vec![unit("one"), unit("two")], &crate::hotplug::Plugs::none());
    // No task has run yet: nothing was awaited.
    let first: Vec<_> =
        devices.watch().borrow().devices.values().map(|view| (view.device.0.clone(), view.state)).collect();
    assert_eq!(first, [("one".into(), DeviceState::Starting), ("two".into(), DeviceState::Starting)]);
    running.stop().await;
}
