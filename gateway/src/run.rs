//! Puts the rooms together: from a configuration to a running gateway and back to nothing. The demo and its headless run
//! start the same gateway with simulated devices.

pub mod demo;
pub mod discover;
pub mod doctor;
pub mod face;
pub mod identity;
mod once;
pub mod verify;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use kiosk_protocol::device::{DeviceId, Kind};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::api::{self, Demo};
use crate::config::{Config, FACES_DEVICE, READER_DEVICE, SIGNER_DEVICE};
use crate::devices::{Devices, Running};
use crate::metrics::Metrics;
use crate::registry::{Registry, program_dir};
use crate::session::Hub;
use crate::store::blobs::{Blobs, Capacity};
use crate::supervisor::task::Unit;
use crate::{host, hotplug};

/// Commands may run on for so long after the gateway was told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// A driver that does not give a command up is killed; its client is told within so long after that.
const TOLD: Duration = Duration::from_millis(500);
/// The last messages may still go out for so long.
const LINGER: Duration = Duration::from_secs(1);

/// A running gateway.
pub struct Gateway {
    /// Where it listens.
    pub address: SocketAddr,
    hub: Hub,
    devices: Running,
    sockets: Arc<Semaphore>,
    places: usize,
    give_up: Duration,
    stop: CancellationToken,
    server: tokio::task::JoinHandle<()>,
}

impl Gateway {
    /// Takes the port and starts everything else. Devices come up on their own afterwards; none of them is waited for.
    ///
    /// # Errors
    /// If the port is taken, a driver is not installed, or the spool cannot be used.
    pub async fn start(config: Config, listener: TcpListener, demo: Option<Demo>) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let registry = Registry::load(&config.drivers)?;
        let metrics = Metrics::new();
        let spool = config.blobs.spool.clone().unwrap_or_else(std::env::temp_dir);
        tempfile::tempfile_in(&spool)
            .with_context(|| format!("cannot write into the spool folder `{}` (blobs.spool)", spool.display()))?;
        let blobs =
            Blobs::new(Capacity { memory: config.blobs.memory_mib << 20, total: config.blobs.total_mib << 20, spool });
        let give_up = Duration::from_millis(config.supervision.cancel_ms) + TOLD;
        // Before the drivers look, so that nothing is plugged in unseen between look and listening.
        let plugs = hotplug::listen();
        let (devices, running) = Devices::start(units(&config, &registry)?, &plugs);
        let hub = Hub::new(devices, blobs, metrics.clone())?;
        let places = config.server.max_connections;
        let sockets = Arc::new(Semaphore::new(places));
        let router = api::router(
            hub.clone(),
            metrics.clone(),
            address,
            &config.server,
            Arc::clone(&sockets),
            demo,
            copies(&config)?,
        );
        let stop = CancellationToken::new();
        let server = tokio::spawn(api::serve(listener, router, places, metrics, stop.clone()));
        Ok(Self { address, hub, devices: running, sockets, places, give_up, stop, server })
    }

    /// Drains and stops: no new commands, running ones may finish for ten seconds, then devices and connections end.
    pub async fn stop(self) {
        tracing::info!("stopping");
        self.hub.stop(DRAIN, self.give_up).await;
        self.devices.stop().await;
        // All places free again means that every client has had its last messages.
        let all = u32::try_from(self.places).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(LINGER, self.sockets.acquire_many(all)).await;
        self.stop.cancel();
        // It only ends by being told to.
        let _ = self.server.await;
        tracing::info!("stopped");
    }
}

/// Takes the configured port.
///
/// # Errors
/// If it is taken; the message says what to do.
pub async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(config.server.listen, config.server.port);
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; is another gateway running? Choose another port, or 0 for any free one")
    })
}

/// `kiosk-gateway run`: until SIGTERM or SIGINT.
///
/// # Errors
/// If it cannot start.
pub async fn run(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let listener = listen(&config).await?;
    let gateway = Gateway::start(config, listener, None).await?;
    announce(&format!("kiosk-gateway listens on http://{}", gateway.address));
    told_to_stop().await?;
    gateway.stop().await;
    Ok(())
}

/// `kiosk-gateway check`: everything that can be wrong before a device is touched.
///
/// # Errors
/// If the configuration cannot be used.
pub fn check(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let units = units(&config, &Registry::load(&config.drivers)?)?;
    for unit in &units {
        anyhow::ensure!(
            unit.program.is_file(),
            "device `{}`: its driver's program `{}` is not there",
            unit.device,
            unit.program.display()
        );
        announce(&format!("{}: {} at {}", unit.device, unit.driver, unit.address));
    }
    if config.copies.is_some() {
        let done = signer_check(path, &[])?;
        announce(String::from_utf8_lossy(&done.stdout).trim_end());
        anyhow::ensure!(done.status.success(), "[copies]: {}", String::from_utf8_lossy(&done.stderr).trim_end());
    }
    let plural = if units.len() == 1 { "" } else { "s" };
    announce(&format!("{} is right: {} device{plural}", path.display(), units.len()));
    Ok(())
}

/// What `kiosk-signer check` says of `[copies]`.
fn signer_check(path: &Path, more: &[&str]) -> Result<std::process::Output, host::SpawnError> {
    let arguments = ["check", "--config"].into_iter().map(OsStr::new).chain([path.as_os_str()]);
    let arguments: Vec<&OsStr> = arguments.chain(more.iter().map(OsStr::new)).collect();
    host::run_tool(&program_dir().join("kiosk-signer"), &arguments)
}

/// `kiosk-gateway drivers`: which drivers are installed.
///
/// # Errors
/// If the configuration or a `driver.toml` cannot be used.
pub fn drivers(path: Option<&Path>) -> anyhow::Result<()> {
    let config = path.map(Config::load).transpose()?.unwrap_or_default();
    let registry = Registry::load(&config.drivers)?;
    if registry.iter().next().is_none() {
        announce(&registry.summary());
    }
    for entry in registry.iter() {
        let manifest = &entry.manifest;
        announce(&format!(
            "{:<12} {}\n{:12} addresses: {}",
            manifest.name,
            manifest.summary,
            "",
            manifest.addresses.join(", ")
        ));
    }
    Ok(())
}

/// What there is of certified copies beside the signer.
fn copies(config: &Config) -> anyhow::Result<Option<api::Copies>> {
    let Some(copies) = &config.copies else { return Ok(None) };
    let text = |table: &toml::Table, key: &str| table.get(key).and_then(toml::Value::as_str).map(PathBuf::from);
    let signing = copies.get("signing").and_then(toml::Value::as_table);
    let data = text(copies, "data").context("copies.data is missing: a folder for the signer")?;
    let roots = signing.and_then(|signing| text(signing, "roots")).context("copies.signing.roots is missing")?;
    let roots = verify::roots(&roots)?;
    let mut trust = kiosk_verify::Trust::new(roots.clone(), roots).context("copies.signing.roots")?;
    // Without it a code that comes with a file could not be read, and the file would stay unproven.
    let prefix = copies.get("agency").and_then(|agency| agency.get("prefix")).and_then(toml::Value::as_str);
    let prefix = prefix.context("copies.agency.prefix is missing: the first part of its verification codes")?;
    trust.prefix = Some(kiosk_proof::AgencyPrefix::new(prefix).context("copies.agency.prefix")?);
    let host =
        copies.get("host").and_then(toml::Value::as_str).context("copies.host is missing: where codes lead to")?;
    trust.host = Some(host.to_lowercase());
    trust.revocations_url = Some(format!("https://{host}/log/status"));
    Ok(Some(api::Copies::new(data.join("log"), trust)))
}

fn units(config: &Config, registry: &Registry) -> anyhow::Result<Vec<Unit>> {
    let mut units = Vec::new();
    for (name, device) in &config.devices {
        let entry = registry.driver_for(name, &device.driver)?;
        units.push(Unit {
            device: DeviceId(name.clone()),
            driver: entry.manifest.name.clone(),
            kind: entry.manifest.kind,
            program: entry.program.clone(),
            address: device.address.clone(),
            config: serde_json::to_value(&device.config)?,
            environment: device.environment.clone(),
            patience: config.supervision,
        });
    }
    if let Some(reader) = &config.reader {
        let config_of_worker = match &reader.models {
            Some(models) => serde_json::json!({ "models": models }),
            None => serde_json::json!({}),
        };
        units.push(Unit {
            device: DeviceId(READER_DEVICE.into()),
            driver: "kiosk-worker".into(),
            kind: Kind::DocumentReader,
            program: config.drivers.programs.clone().unwrap_or_else(program_dir).join("kiosk-worker"),
            address: "worker:documents".into(),
            config: config_of_worker,
            environment: BTreeMap::new(),
            patience: config.supervision,
        });
    }
    if let Some(faces) = &config.faces {
        units.push(Unit {
            device: DeviceId(FACES_DEVICE.into()),
            driver: "kiosk-face-worker".into(),
            kind: Kind::FaceMatcher,
            program: config.drivers.programs.clone().unwrap_or_else(program_dir).join("kiosk-face-worker"),
            address: "worker:faces".into(),
            config: serde_json::to_value(faces)?,
            environment: BTreeMap::new(),
            patience: config.supervision,
        });
    }
    if let Some(copies) = &config.copies {
        let mut settings = copies.clone();
        let environment = settings.remove("environment").map(toml::Value::try_into).transpose();
        units.push(Unit {
            device: DeviceId(SIGNER_DEVICE.into()),
            driver: "kiosk-signer".into(),
            kind: Kind::Signer,
            program: config.drivers.programs.clone().unwrap_or_else(program_dir).join("kiosk-signer"),
            address: "signer:copies".into(),
            config: serde_json::to_value(settings)?,
            environment: environment.context("copies.environment has names and texts")?.unwrap_or_default(),
            patience: config.supervision,
        });
    }
    Ok(units)
}

/// Comes with SIGTERM or SIGINT.
async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Says something to the person at the terminal, or to the program that started this one.
fn announce(text: &str) {
    // Whoever reads it may have read enough.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}
