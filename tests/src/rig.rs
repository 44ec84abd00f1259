//! The rig: one kiosk of real processes (gateway, drivers, worker, simulators) on free ports and in a temporary folder,
//! and the means to use it, to hurt it and to look at it. Whatever does not go as it should panics with what was
//! expected; when a test fails, the gateway's log is printed. What is not here: any knowledge of what is right.
//!
//! All waits are for a state, with a deadline.

pub mod client;
pub mod http;
pub mod line;
pub mod pcscd;
pub mod process;
pub mod programs;
pub mod seam;
pub mod simulators;
pub mod wait;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

pub use client::{Client, Order};
pub use process::Process;
use process::{Lines, Program};
pub use simulators::Simulators;
pub use wait::PATIENCE;

/// How long devices may take to be ready.
pub const READY_WITHIN: Duration = PATIENCE;

/// What a kiosk consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    /// A gateway without devices, and no simulators.
    GatewayOnly,
    /// `scanner`, `printer` and `ups`, each simulated.
    #[default]
    Devices,
    /// The same and `reader`, the worker that reads pages. It loads models: keep these few.
    DevicesAndReader,
}

/// How patient the gateway is with its drivers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Temper {
    /// So patient that no loaded machine makes it kill a driver that is well.
    #[default]
    Calm,
    /// As impatient as a test can wait for that is about a driver which hangs, and still not as impatient as a kiosk.
    Strict,
}

impl Temper {
    /// Its `[supervision]`: hello, ready, heartbeat, cancel.
    fn configuration(self) -> String {
        let [hello, ready, heartbeat, cancel] = match self {
            Self::Calm => [120_000; 4],
            Self::Strict => [15_000, 15_000, 8_000, 8_000],
        };
        format!(
            "[supervision]\nhello_ms = {hello}\nready_ms = {ready}\nheartbeat_ms = {heartbeat}\ncancel_ms = {cancel}\n"
        )
    }
}

/// How a rig is to be.
#[derive(Clone, Debug, Default)]
pub struct RigOptions {
    /// What it consists of.
    pub parts: Parts,
    /// How patient its gateway is.
    pub temper: Temper,
    /// More lines for `[server]`.
    pub server: String,
    /// More sections of the configuration.
    pub config: String,
    /// Folders with drivers' folders; none: the project's own.
    pub drivers: Vec<PathBuf>,
    /// More arguments of `kiosk-simulate kiosk`.
    pub simulate: Vec<String>,
}

/// A running kiosk. Dropped, it leaves no process behind.
pub struct Rig {
    /// The gateway's address.
    pub address: SocketAddr,
    /// When the gateway was started.
    pub started: std::time::Instant,
    /// The simulators' knobs.
    pub simulators: Simulators,
    gateway: Program,
    _gateway_says: Lines,
    _simulators: Option<Program>,
    folder: TempDir,
}

impl Rig {
    /// Starts a kiosk; returns when the gateway listens. Its devices come up on their own.
    pub async fn start(options: RigOptions) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (simulators, program) = match options.parts {
            Parts::GatewayOnly => (Simulators::none(), None),
            Parts::Devices | Parts::DevicesAndReader => {
                let (simulators, program) = Simulators::start(folder.path(), &options.simulate).await;
                (simulators, Some(program))
            }
        };
        let config = folder.path().join("gateway.toml");
        std::fs::write(&config, configuration(&options, &simulators)).expect("the configuration can be written");
        let started = std::time::Instant::now();
        let (gateway, says, address) = start_gateway(folder.path(), &config).await;
        Self { address, started, simulators, gateway, _gateway_says: says, _simulators: program, folder }
    }

    /// Starts a kiosk and waits until all of its devices are ready; returns it with a first client.
    pub async fn ready(options: RigOptions) -> (Self, Client) {
        let rig = Self::start(options).await;
        let mut client = rig.client().await;
        client.wait_all_ready(READY_WITHIN).await;
        (rig, client)
    }

    /// A new client with a session of its own.
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// The gateway's process id.
    pub fn gateway_pid(&self) -> i32 {
        self.gateway.pid()
    }

    /// The gateway's children.
    pub fn children(&self) -> Vec<Process> {
        process::children_of(self.gateway.pid())
    }

    /// The gateway's child that runs this program, if it runs now.
    pub fn child(&self, program: &str) -> Option<Process> {
        self.children().into_iter().find(|child| child.program == program)
    }

    /// The gateway's program, to signal it or to wait for its end.
    pub fn gateway(&mut self) -> &mut Program {
        &mut self.gateway
    }

    /// The gateway's log so far.
    pub fn log(&self) -> String {
        self.gateway.log()
    }

    /// A folder of this rig's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The state of a device as it is at this moment (a client hears of it a little later).
    pub async fn state_now(&self, device: &str) -> String {
        let health = http::get(self.address, "/healthz", None).await.json();
        health["devices"][device].as_str().unwrap_or_else(|| panic!("no device `{device}` in {health}")).to_owned()
    }

    /// Waits until another process than `before` serves a device, and the device is ready.
    pub async fn restarted(&self, device: &str, before: &Process, within: Duration) -> Process {
        wait::until_async(&format!("a new driver for {device}"), within, async || {
            let now = self.child(&before.program).filter(|now| now != before)?;
            (self.state_now(device).await == "ready").then_some(now)
        })
        .await
    }

    /// Asks the gateway for `/healthz`; panics if it does not say that it is well.
    pub async fn assert_healthy(&self) {
        let answer = http::get(self.address, "/healthz", None).await;
        assert_eq!((answer.status, answer.json()["status"].as_str()), (200, Some("ok")), "the gateway's health");
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the gateway's log ---\n{}--- end of the gateway's log ---", self.log());
        }
        // Drivers end with their stdin; those that are stopped or stuck are killed.
        let children = process::descendants_of(self.gateway.pid());
        self.gateway.kill_and_wait();
        for child in &children {
            child.kill_and_wait(PATIENCE);
        }
    }
}

/// Starts a gateway with this configuration in `folder` and waits until it listens.
pub async fn start_gateway(folder: &Path, config: &Path) -> (Program, Lines, SocketAddr) {
    let arguments = ["run".to_owned(), "--config".to_owned(), config.display().to_string()];
    let (program, log) = (programs::find("kiosk-gateway"), folder.join("gateway.log"));
    let mut gateway = Program::start_with(&program, &arguments, &log, &[("KIOSK_LOG", "info,kiosk_gateway=debug")]);
    let mut says = gateway.lines();
    let line = says.next(PATIENCE).await;
    let address = line.as_deref().and_then(|line| line.strip_prefix("kiosk-gateway listens on http://"));
    let address = address.and_then(|address| address.parse().ok());
    let address = address.unwrap_or_else(|| panic!("the gateway said {line:?}; its log:\n{}", gateway.log()));
    (gateway, says, address)
}

/// The text of a configuration. Polls are quick, so that what a simulator does is seen soon.
fn configuration(options: &RigOptions, simulators: &Simulators) -> String {
    let own = [programs::source_tree().join("device-drivers")];
    let dirs = if options.drivers.is_empty() { &own[..] } else { &options.drivers };
    let dirs: Vec<String> = dirs.iter().map(|dir| format!("{:?}", dir.display().to_string())).collect();
    let mut text = format!("[server]\nport = 0\n{}\n[drivers]\ndirs = [{}]\n", options.server, dirs.join(", "));
    if let Some(at) = simulators.addresses() {
        for (name, driver, address, poll_ms) in [
            ("scanner", "escl", &at.scanner, 200),
            ("printer", "escpos", &at.printer, 200),
            ("ups", "nut", &at.ups, 500),
        ] {
            text +=
                &format!("[devices.{name}]\ndriver = {driver:?}\naddress = {address:?}\nconfig.poll_ms = {poll_ms}\n");
        }
    }
    if options.parts == Parts::DevicesAndReader {
        let models = programs::source_tree().join("models");
        text += &format!("[reader]\nmodels = {:?}\n", models.display().to_string());
    }
    text + &options.temper.configuration() + &options.config
}
