//! The `nut` driver, through a whole gateway, and Debian's UPS server with its dummy UPS; and Debian's UPS client at our
//! simulated UPS.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use kiosk_protocol::device::{DeviceState, DeviceView, Facts};
use kiosk_protocol::ups::{PowerSource, UpsStatus};
use kiosk_tests::peers::{Peer, free_port, peer};
use kiosk_tests::rig::process::{Program, Signal};
use kiosk_tests::rig::{Client, PATIENCE, Parts, Rig, RigOptions, Simulators, wait};
use serde_json::json;
use tempfile::TempDir;

/// Debian's `upsd` with `dummy-ups`, which says what stands in a file.
struct Nut {
    folder: TempDir,
    user: String,
    port: u16,
    driver: Option<Program>,
    server: Option<Program>,
}

impl Nut {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let user = Peer::new(&peer("id")).arg("-un").run(PATIENCE).await.ok().trim().to_owned();
        let mut nut = Self { folder, user, port: 0, driver: None, server: None };
        std::fs::create_dir(nut.folder.path().join("state")).expect("a temporary folder can be written");
        nut.write("ups.conf", "[kiosk]\ndriver = dummy-ups\nport = kiosk.dev\nmode = dummy-loop\npollinterval = 1\n");
        nut.write("upsd.users", "[admin]\npassword = only-in-tests\nactions = SET\n");
        nut.says("OL CHRG");
        nut.start_driver();
        // Until a port is found that is still free when the server takes it.
        while nut.port == 0 {
            nut.port = free_port();
            nut.write("upsd.conf", &format!("LISTEN 127.0.0.1 {}\n", nut.port));
            if !nut.start_server().await {
                nut.port = 0;
            }
        }
        nut.status_is("OL CHRG").await;
        nut
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a temporary folder can be written");
        // Both want files that others cannot read.
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o640);
        std::fs::set_permissions(&path, owner_only).expect("its owner can change a file");
    }

    /// What the dummy UPS says from now on.
    fn says(&self, status: &str) {
        let text = format!(
            "device.mfr: Dummy Power\ndevice.model: Dummy 1000\ndevice.serial: D-4711\nbattery.charge: 87\n\
             battery.runtime: 1260\nups.load: 23\nups.status: {status}\nTIMER 1\n"
        );
        // Renamed, not written in place: a file that is half there is not read.
        self.write("next", &text);
        std::fs::rename(self.folder.path().join("next"), self.folder.path().join("kiosk.dev"))
            .expect("a temporary folder can be written");
    }

    fn peer(&self, program: &str) -> Peer {
        let (folder, state) = (self.folder.path(), self.folder.path().join("state"));
        let paths = [("NUT_CONFPATH", folder), ("NUT_STATEPATH", &state), ("NUT_ALTPIDPATH", &state)];
        let peer = Peer::new(&peer(program)).args(["-u", &self.user, "-F"]);
        paths.into_iter().fold(peer, |peer, (name, path): (_, &Path)| peer.env(name, path))
    }

    fn start_driver(&mut self) {
        let driver = self.peer("/lib/nut/dummy-ups").args(["-a", "kiosk"]);
        self.driver = Some(driver.start(self.folder.path(), "dummy-ups"));
    }

    /// Starts the server; whether it came up.
    async fn start_server(&mut self) -> bool {
        // Not /sbin/upsd, which is a wrapper that wants the machine's own configuration.
        let mut server = self.peer("/lib/nut/upsd").start(self.folder.path(), "upsd");
        let up = wait::until_async("an end of the start of upsd", PATIENCE, async || {
            let ended = server.ended().is_some();
            if ended || self.upsc().await.is_ok() { Some(!ended) } else { None }
        })
        .await;
        self.server = Some(server);
        up
    }

    /// What Debian's client is told: the status, or what is wrong.
    async fn upsc(&self) -> Result<String, String> {
        upsc(&["kiosk@127.0.0.1", "ups.status"], self.port).await
    }

    /// Waits until the server itself says so.
    async fn status_is(&self, status: &str) {
        let what = format!("upsd says {status}");
        wait::until_async(&what, PATIENCE, async || (self.upsc().await.as_deref() == Ok(status)).then_some(())).await;
    }

    fn kill(program: &mut Option<Program>) {
        program.take().expect("it runs").signal(Signal::KILL);
    }
}

/// Runs upsc; its first argument gets the port. Returns stdout, or stderr where it fails.
async fn upsc(arguments: &[&str], port: u16) -> Result<String, String> {
    let (first, rest) = arguments.split_first().expect("upsc has an argument");
    let (option, first) = if *first == "-l" { (Some("-l"), "127.0.0.1") } else { (None, *first) };
    let upsc = Peer::new(&peer("upsc")).args(option).arg(format!("{first}:{port}")).args(rest);
    let ran = upsc.run(PATIENCE).await;
    if ran.status.success() { Ok(ran.out.trim().to_owned()) } else { Err(ran.err) }
}

fn status(view: &DeviceView) -> Option<&UpsStatus> {
    match &view.facts {
        Facts::Ups { status: Some(status), .. } if view.state == DeviceState::Ready => Some(status),
        _ => None,
    }
}

async fn wait_power(client: &mut Client, power: PowerSource, battery_low: bool) {
    let right = |view: &DeviceView| {
        status(view).is_some_and(|status| (status.power, status.battery_low) == (power, battery_low))
    };
    client.wait_device("ups", PATIENCE, right).await;
}

async fn kiosk(nut: &Nut) -> (Rig, Client) {
    let config = format!("[devices.ups]\ndriver = \"nut\"\naddress = \"nut://127.0.0.1:{}/kiosk\"\n", nut.port);
    Rig::ready(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await
}

#[tokio::test]
async fn the_driver_tells_what_a_real_server_says() {
    let nut = Nut::start().await;
    let (_rig, mut client) = kiosk(&nut).await;
    wait_power(&mut client, PowerSource::Mains, false).await;
    let said = client.done("ups.status").await;
    for (figure, value) in [("charge_percent", 87.0), ("runtime_s", 1260.0), ("load_percent", 23.0)] {
        assert_eq!(said[figure].as_f64(), Some(value), "{figure} in {said}");
    }
    let view = client.devices.values().next().unwrap();
    let identity = serde_json::to_value(&view.identity).unwrap();
    let is = ["maker", "model", "serial"].map(|field| identity[field].as_str().unwrap_or_default());
    assert_eq!(is, ["Dummy Power", "Dummy 1000", "D-4711"]);

    for (says, power, battery_low) in [
        ("OB DISCHRG", PowerSource::Battery, false),
        ("OB DISCHRG LB", PowerSource::Battery, true),
        ("OL CHRG", PowerSource::Mains, false),
    ] {
        nut.says(says);
        nut.status_is(says).await;
        wait_power(&mut client, power, battery_low).await;
    }
}

#[tokio::test]
async fn a_dead_driver_of_the_server_is_not_mains_and_a_dead_server_is_an_absent_ups() {
    let mut nut = Nut::start().await;
    let (_rig, mut client) = kiosk(&nut).await;
    wait_power(&mut client, PowerSource::Mains, false).await;

    Nut::kill(&mut nut.driver);
    let view = client.wait_device("ups", PATIENCE, |view| view.state != DeviceState::Ready).await;
    assert_ne!(view.state, DeviceState::Busy);
    assert_eq!(status(&view), None, "nothing is told of the power: {view:?}");
    let asked = client.fails("ups.status").await;
    assert!(nut.upsc().await.unwrap_err().contains("Driver not connected"), "so says upsd; we: {asked:?}");
    nut.start_driver();
    wait_power(&mut client, PowerSource::Mains, false).await;

    Nut::kill(&mut nut.server);
    client.wait_state("ups", DeviceState::Absent, PATIENCE).await;
    assert!(nut.start_server().await, "upsd starts again");
    wait_power(&mut client, PowerSource::Mains, false).await;
}

#[tokio::test]
async fn a_name_that_the_server_does_not_know_is_told_with_those_that_it_does() {
    let nut = Nut::start().await;
    let config = format!("[devices.ups]\ndriver = \"nut\"\naddress = \"nut://127.0.0.1:{}/attic\"\n", nut.port);
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    let view = client.wait_state("ups", DeviceState::Held, PATIENCE).await;
    let problem = serde_json::to_string(&view.problem).unwrap();
    assert!(problem.contains("attic") && problem.contains("kiosk"), "{problem}");
}

#[tokio::test]
async fn debians_client_understands_the_simulated_ups() {
    let folder = tempfile::tempdir().unwrap();
    let (simulators, _program) = Simulators::start(folder.path(), &[]).await;
    let address = &simulators.addresses().unwrap().ups;
    let port = address.strip_prefix("nut://127.0.0.1:").and_then(|rest| rest.strip_suffix("/kiosk")).unwrap();
    let port = port.parse().unwrap();
    let status = ["kiosk@127.0.0.1", "ups.status"];

    assert_eq!(upsc(&["-l"], port).await.unwrap(), "kiosk");
    let all = upsc(&["kiosk@127.0.0.1"], port).await.unwrap();
    for line in ["battery.charge: 100", "ups.status: OL", "ups.load: 30"] {
        assert!(all.lines().any(|is| is.starts_with(line)), "{line} is missing in:\n{all}");
    }
    assert!(upsc(&["attic@127.0.0.1"], port).await.unwrap_err().contains("Unknown UPS"));
    assert!(upsc(&["kiosk@127.0.0.1", "no.such"], port).await.unwrap_err().contains("Variable not supported"));

    simulators.set("ups", json!({ "mains": "off" })).await;
    assert!(upsc(&status, port).await.unwrap().split(' ').any(|word| word == "OB"));
    simulators.set("ups", json!({ "charge": 10 })).await;
    let words = upsc(&status, port).await.unwrap();
    assert!(["OB", "LB"].iter().all(|word| words.split(' ').any(|is| is == *word)), "{words}");
    for (fault, says) in [("stale", "Data stale"), ("driver_dead", "Driver not connected")] {
        simulators.fault("ups", fault, json!({})).await;
        let error = upsc(&status, port).await.unwrap_err();
        assert!(error.contains(says), "{fault}: {error}");
        simulators.clear("ups").await;
    }
    simulators.set("ups", json!({ "mains": "on" })).await;
    assert!(upsc(&status, port).await.unwrap().split(' ').any(|word| word == "OL"));
}
