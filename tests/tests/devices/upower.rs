//! The driver `upower` with a scripted UPower (python-dbusmock) on a bus of the test's own.

use std::collections::HashMap;
use std::time::Duration;

use kiosk_protocol::device::{DeviceState as S, DeviceView, Facts};
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::ups::{PowerSource, UpsStatus};
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::process::{Program, Signal};
use kiosk_tests::rig::{Client, Parts, Rig, RigOptions, wait};
use tempfile::TempDir;
use zbus::{Connection, ObjectPath, Variant};

const WITHIN: Duration = Duration::from_secs(30);
const UPOWER: &str = "org.freedesktop.UPower";
const MOCK: &str = "org.freedesktop.DBus.Mock";
/// UPower's D-Bus reference, `org.freedesktop.UPower.Device`: `Type`, `State`, `WarningLevel`.
const UPS: u32 = 3;
const CHARGING: u32 = 1;
const DISCHARGING: u32 = 2;
const CRITICAL: u32 = 4;

/// A bus with a UPower on it that says what the test wants.
struct Mock {
    folder: TempDir,
    address: String,
    bus: Option<Program>,
    service: Option<Program>,
    connection: Connection,
}

impl Mock {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let address = format!("unix:path={}/bus", folder.path().display());
        let bus = start_bus(&folder, &address);
        let connection = wait::until_async("a bus", WITHIN, async || connect(&address).await).await;
        let mut mock = Self { folder, address, bus: Some(bus), service: None, connection };
        mock.start_service().await;
        mock
    }

    async fn start_service(&mut self) {
        let service = Peer::new("/usr/bin/python3".as_ref())
            .args(["-m", "dbusmock", "--template", "upower"])
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.address);
        self.service = Some(service.start(self.folder.path(), "upower"));
        let there = async || self.call("/org/freedesktop/UPower", UPOWER, "EnumerateDevices", &()).await.ok().map(drop);
        wait::until_async("a UPower", WITHIN, there).await;
    }

    async fn call<B>(&self, path: &str, interface: &str, method: &str, body: &B) -> zbus::Result<zbus::Message>
    where
        B: serde::Serialize + zbus::DynamicType + Sync,
    {
        self.connection.call_method(Some(UPOWER), path, Some(interface), method, body).await
    }

    /// Plugs in a UPS that is used.
    async fn plug(&self, name: &str, serial: &'static str) {
        let path = format!("/org/freedesktop/UPower/devices/{name}");
        let properties: HashMap<&str, Variant<'static>> = HashMap::from([
            ("Type", Variant::U32(UPS)),
            ("IsPresent", true.into()),
            ("Vendor", "Mock Power".into()),
            ("Model", "Mock 1000".into()),
            ("Serial", serial.into()),
            ("State", Variant::U32(DISCHARGING)),
            ("WarningLevel", Variant::U32(1)),
            ("Percentage", Variant::F64(81.5)),
            ("TimeToEmpty", Variant::I64(1200)),
            ("UpdateTime", Variant::U64(0)),
        ]);
        let methods = [("Refresh", "", "", "")].as_slice();
        let object = (path, "org.freedesktop.UPower.Device", properties, methods);
        self.call("/org/freedesktop/UPower", MOCK, "AddObject", &object).await.expect("the mock takes a device");
    }

    async fn unplug(&self, name: &str) {
        let path = format!("/org/freedesktop/UPower/devices/{name}");
        self.call("/org/freedesktop/UPower", MOCK, "RemoveObject", &path).await.expect("the mock removes it");
    }

    async fn set(&self, name: &str, properties: &[(&str, Variant<'static>)]) {
        let path = format!("/org/freedesktop/UPower/devices/{name}");
        let path = ObjectPath::try_from(path).expect("a path");
        let properties: HashMap<&str, &Variant<'static>> =
            properties.iter().map(|(name, value)| (*name, value)).collect();
        let root = "/org/freedesktop/UPower";
        self.call(root, MOCK, "SetDeviceProperties", &(path, properties)).await.expect("the mock takes properties");
    }

    fn section(&self, name: &str, at: &str) -> String {
        format!("[devices.{name}]\ndriver = \"upower\"\naddress = \"upower:{at}\"\nconfig.bus = \"{}\"\n", self.address)
    }
}

fn start_bus(folder: &TempDir, address: &str) -> Program {
    let arguments = ["--session", "--nofork", "--nopidfile", "--nosyslog"];
    Peer::new(&peer("dbus-daemon")).args(arguments).arg(format!("--address={address}")).start(folder.path(), "bus")
}

async fn connect(address: &str) -> Option<Connection> {
    zbus::connection::Builder::address(address).build().await.ok()
}

async fn kiosk(config: String) -> (Rig, Client) {
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let client = rig.client().await;
    (rig, client)
}

fn status(view: &DeviceView) -> Option<&UpsStatus> {
    match &view.facts {
        Facts::Ups { status, .. } if view.state == S::Ready => status.as_ref(),
        _ => None,
    }
}

async fn wait_power(client: &mut Client, device: &str, power: PowerSource, low: bool) -> DeviceView {
    let right =
        |view: &DeviceView| status(view).is_some_and(|status| (status.power, status.battery_low) == (power, low));
    client.wait_device(device, WITHIN, right).await
}

#[tokio::test]
async fn what_upower_says_is_told_and_what_it_forgets_is_absent() {
    let mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    let (_rig, mut client) = kiosk(mock.section("ups", "any")).await;
    let view = wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    let identity = view.identity.as_ref().expect("it was ready");
    let told = [&identity.maker, &identity.model, &identity.serial].map(|text| text.as_deref().unwrap_or_default());
    assert_eq!(told, ["Mock Power", "Mock 1000", "M-1"]);
    let figures = status(&view).map(|status| (status.charge_percent, status.runtime_s, status.load_percent));
    assert_eq!(figures, Some((Some(81.5), Some(1200), None)));

    mock.set("ups0", &[("WarningLevel", Variant::U32(CRITICAL))]).await;
    wait_power(&mut client, "ups", PowerSource::Battery, true).await;
    mock.set("ups0", &[("State", Variant::U32(CHARGING)), ("WarningLevel", Variant::U32(1))]).await;
    wait_power(&mut client, "ups", PowerSource::Mains, false).await;

    mock.unplug("ups0").await;
    let view = client.wait_state("ups", S::Absent, WITHIN).await;
    assert_eq!(status(&view), None, "a UPS that was pulled out is not on mains");
    mock.plug("ups1", "M-1").await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
}

#[tokio::test]
async fn two_upses_are_told_apart_by_serial_number() {
    let mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    mock.plug("ups1", "M-2").await;
    mock.set("ups1", &[("State", Variant::U32(CHARGING))]).await;
    let sections = [("any", "any"), ("one", "any?serial=M-1"), ("two", "any?serial=M-2"), ("by-name", "ups1")];
    let config = sections.map(|(name, at)| mock.section(name, at)).concat();
    let (_rig, mut client) = kiosk(config).await;
    wait_power(&mut client, "one", PowerSource::Battery, false).await;
    wait_power(&mut client, "two", PowerSource::Mains, false).await;
    wait_power(&mut client, "by-name", PowerSource::Mains, false).await;
    let held = client.wait_state("any", S::Held, WITHIN).await;
    let problem = serde_json::to_string(&held.problem).unwrap();
    assert!(problem.contains("upower:ups0") && problem.contains("serial M-2"), "{problem}");
}

#[tokio::test]
async fn a_dead_upower_or_bus_is_an_absent_ups_until_it_is_back() {
    let mut mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    let (_rig, mut client) = kiosk(mock.section("ups", "any")).await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;

    mock.service.take().expect("it runs").signal(Signal::KILL);
    client.wait_state("ups", S::Absent, WITHIN).await;
    mock.start_service().await;
    mock.plug("ups0", "M-1").await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;

    let mut bus = mock.bus.take().expect("it runs");
    bus.signal(Signal::KILL);
    bus.end_within(WITHIN).await;
    client.wait_state("ups", S::Absent, WITHIN).await;
    std::fs::remove_file(mock.folder.path().join("bus")).expect("the dead bus left its socket");
    mock.bus = Some(start_bus(&mock.folder, &mock.address));
    mock.connection = wait::until_async("a bus", WITHIN, async || connect(&mock.address).await).await;
    mock.start_service().await;
    mock.plug("ups0", "M-1").await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
}

#[tokio::test]
async fn an_upower_that_does_not_answer_or_has_old_news_is_stale() {
    let mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    let (rig, mut client) = kiosk(mock.section("ups", "any")).await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    let driver = rig.child("kiosk-driver-upower").expect("it runs");
    let service = mock.service.as_ref().expect("it runs");
    service.signal(Signal::STOP);
    let view = client.wait_state("ups", S::Stale, WITHIN).await;
    assert_eq!(status(&view), None);
    service.signal(Signal::CONT);
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    assert_eq!(rig.child("kiosk-driver-upower"), Some(driver), "its driver is not to blame");

    mock.set("ups0", &[("UpdateTime", Variant::U64(1_000_000_000)), ("State", Variant::U32(DISCHARGING))]).await;
    let view = client.wait_state("ups", S::Stale, WITHIN).await;
    let problem = serde_json::to_string(&view.problem).unwrap();
    assert!(problem.contains("stale_after_s"), "{problem}");
}

#[tokio::test]
async fn what_is_no_ups_any_more_or_says_nonsense_is_never_on_mains() {
    let mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    let (_rig, mut client) = kiosk(mock.section("ups", "any?serial=M-1")).await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    // Of other types and sizes than UPower's reference says.
    let long: &'static str = Box::leak("long ".repeat(2_000).into_boxed_str());
    mock.set("ups0", &[("State", "charging".into()), ("Percentage", Variant::I64(-5)), ("Model", long.into())]).await;
    let view = wait_power(&mut client, "ups", PowerSource::Unknown, false).await;
    assert_eq!(status(&view).and_then(|status| status.charge_percent), None);
    mock.set("ups0", &[("State", Variant::U32(77)), ("TimeToEmpty", Variant::F64(f64::NAN))]).await;
    let view = client.wait_device("ups", WITHIN, |view| status(view).is_some_and(|ups| ups.runtime_s.is_none())).await;
    assert_eq!(status(&view).map(|status| status.power), Some(PowerSource::Unknown));
    // It comes back as a battery of something else.
    mock.set("ups0", &[("Type", Variant::U32(2)), ("State", Variant::U32(CHARGING))]).await;
    client.wait_state("ups", S::Absent, WITHIN).await;
    mock.set("ups0", &[("Type", Variant::U32(UPS)), ("State", Variant::U32(DISCHARGING))]).await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    for message in &client.heard {
        if let ServerMessage::Notice { payload, .. } = message {
            assert_ne!(payload["status"]["power"], "mains", "{payload}");
        }
    }
}

/// How often UPower loses and finds the UPS.
const BLINKS: u32 = 100;

#[tokio::test]
async fn a_storm_of_blinks_is_no_mains_and_leaves_nothing_behind() {
    let mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    let (rig, mut client) = kiosk(mock.section("ups", "any")).await;
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    let (children, log) = (rig.children().len(), rig.log().len());
    let began = std::time::Instant::now();
    for _ in 0..BLINKS {
        mock.unplug("ups0").await;
        mock.plug("ups0", "M-1").await;
    }
    wait_power(&mut client, "ups", PowerSource::Battery, false).await;
    client.done("ups.status").await;
    for message in &client.heard {
        if let ServerMessage::Notice { payload, .. } = message {
            assert_ne!(payload["status"]["power"], "mains", "{payload}");
        }
    }
    let log = rig.log().split_off(log);
    let lines = log.lines().filter(|line| !line.contains("DEBUG")).count() as u64;
    assert!(lines <= 50 + 10 * began.elapsed().as_secs(), "{lines} lines in {:?}:\n{log}", began.elapsed());
    wait::until("no process more than before", WITHIN, || (rig.children().len() <= children).then_some(())).await;
}

#[tokio::test]
async fn a_low_battery_is_told_as_soon_as_upower_knows() {
    let mock = Mock::start().await;
    mock.plug("ups0", "M-1").await;
    let (_rig, mut client) = kiosk(mock.section("ups", "any")).await;
    let mut took = Vec::new();
    for (level, low) in [(1, false), (CRITICAL, true)].into_iter().cycle().take(20) {
        let since = std::time::Instant::now();
        mock.set("ups0", &[("WarningLevel", Variant::U32(level))]).await;
        wait_power(&mut client, "ups", PowerSource::Battery, low).await;
        took.push(since.elapsed());
    }
    took.sort();
    eprintln!("low battery and its end reached a client of upower after {:?} to {:?}", took[0], took[took.len() - 1]);
}
