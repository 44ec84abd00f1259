//! The demo: the gateway with simulated devices, its page, and the whole job once without a browser.

pub(super) mod copies;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::{Gateway, announce, listen, once, told_to_stop};
use crate::api::Demo;
use crate::config::{Config, Device, Drivers, Faces, Reader};
use crate::host;
use crate::registry::{program_dir, source_tree};

/// How long the simulators may take to listen.
const SIMULATORS_WITHIN: Duration = Duration::from_secs(60);
/// They have this long to end: they take their folders with them, which have keys and printed pages.
const STOPPED_WITHIN: Duration = Duration::from_secs(15);

/// Options of `kiosk-gateway demo`.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Port of the demo page; 0 takes a free one
    #[arg(long, default_value_t = 7180)]
    port: u16,
    /// Run the main job once without a browser; exit status 0 only if all of it is right
    #[arg(long)]
    pub once: bool,
    /// With --once: where scan.jpg, text.txt, receipt.png, photo.jpg, portrait.jpg, copy.pdf, copy-printed.png (the paper that came
    /// out of the page printer), copy-receipt.png and summary.json go
    #[arg(long, default_value = "demo-out", requires = "once")]
    out: PathBuf,
    /// With --once: do without card reader, faces, page printer and certified copy, where their programs or the faces cannot be had
    #[arg(long, requires = "once")]
    without_person: bool,
    /// Folder with the drivers' folders [default: device-drivers of the source tree that this program was built in]
    #[arg(long)]
    drivers: Option<PathBuf>,
    /// Folder with the models [default: models of the same source tree]
    #[arg(long)]
    models: Option<PathBuf>,
    /// Folder with the sample documents [default: simulators/samples of the same source tree]
    #[arg(long)]
    samples: Option<PathBuf>,
    /// Folder with faces for the simulated camera and card [default: .venv/faces of the same source tree, if it is there]
    #[arg(long)]
    faces: Option<PathBuf>,
}

/// What the simulators say when they listen.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Simulators {
    pub(super) control: String,
    scanner: String,
    printer: String,
    ups: String,
    camera: String,
    /// The socket of the pcscd that has the reader.
    card_reader: Option<String>,
    /// The page printer, if it could be had.
    page_printer: Option<String>,
    /// The certification authority, if it could be had.
    pub(super) authority: Option<copies::Authority>,
}

/// `kiosk-gateway demo`.
///
/// # Errors
/// If something cannot be started, or with `--once` if a step fails.
pub async fn demo(options: Options) -> anyhow::Result<()> {
    let tree = source_tree();
    let place = |given: &Option<PathBuf>, name: &str| -> anyhow::Result<PathBuf> {
        let found = given.clone().or_else(|| tree.as_ref().map(|tree| tree.join(name)));
        let found = found.with_context(|| format!("cannot find `{name}`; say where it is (--help)"))?;
        anyhow::ensure!(found.is_dir(), "`{}` is not a folder", found.display());
        Ok(found)
    };
    let drivers = place(&options.drivers, "device-drivers")?;
    let samples = place(&options.samples, "simulators/samples")?;
    let models = place(&options.models, "models").context("the models are not there; `make setup` fetches them")?;
    let mut config = Config::default();
    config.server.port = if options.once { 0 } else { options.port };
    config.drivers = Drivers { dirs: vec![drivers], programs: None };
    let faces = options.faces.clone().or_else(|| tree.as_ref().map(|tree| tree.join(".venv/faces")));
    let faces = faces.filter(|folder| folder.is_dir());
    anyhow::ensure!(
        faces.is_some() || !options.once || options.without_person,
        "there are no faces for the simulated camera: `make demo` fetches them; --without-person does without"
    );
    if faces.is_some() {
        config.faces = Some(Faces { models: Some(models.clone()), ..Faces::default() });
    }
    config.reader = Some(Reader { models: Some(models) });
    let listener = listen(&config).await?;
    let address = listener.local_addr()?;
    // Without --once it is better to see the rest than nothing.
    let whole = options.once && !options.without_person;
    let arguments = simulator_arguments(address, &samples, faces.as_deref(), whole);
    let (mut child, simulators) = match simulate(&arguments).await {
        Err(error) if whole => {
            let hint = "the simulators do not start; if it is card reader, page printer or authority, --without-person leaves them out";
            return Err(error.context(hint));
        }
        started => started?,
    };
    for (there, without) in [
        (simulators.card_reader.is_some(), "no card reader, and so no person's step"),
        (simulators.page_printer.is_some(), "no page printer, and so no copy on paper"),
        (simulators.authority.is_some(), "no authority, and so no certified copy"),
    ] {
        if !there {
            announce(&format!("  {without}; what it needs the simulators said above"));
        }
    }
    // Held apart: waiting for a child closes the stdin that is still in it, and that tells the simulators to stop.
    let lifeline = child.stdin.take();
    for (name, driver, at) in [
        ("scanner", "escl", Some(&simulators.scanner)),
        ("printer", "escpos", Some(&simulators.printer)),
        ("page-printer", "ipp", simulators.page_printer.as_ref()),
        ("ups", "nut", Some(&simulators.ups)),
        ("camera", "mjpeg", Some(&simulators.camera)),
        ("qr", "qr-screen", Some(&"screen:front".to_owned())),
    ] {
        let Some(address) = at.cloned() else { continue };
        let driver = driver.to_owned();
        let device = Device { driver, address, config: toml::Table::new(), environment: BTreeMap::new() };
        config.devices.insert(name.into(), device);
    }
    let trusted = tempfile::tempdir().context("cannot make a folder for the authority of the simulated card")?;
    if let Some(socket) = &simulators.card_reader {
        for (file, revoked) in [("simulated.cer", &[][..]), ("simulated.crl", &["--crl"])] {
            let bytes = authority(revoked).await?;
            std::fs::write(trusted.path().join(file), bytes)
                .context("cannot keep the authority of the simulated card")?;
        }
        let settings = toml::Table::from_iter([("trusted".into(), trusted.path().display().to_string().into())]);
        let environment = BTreeMap::from([("PCSCLITE_CSOCK_NAME".to_owned(), socket.clone())]);
        let reader = Device {
            driver: "pcsc".into(),
            address: "pcsc:Kiosk Simulated Reader 00 00".into(),
            config: settings,
            environment,
        };
        config.devices.insert("card".into(), reader);
    }
    let kept = tempfile::tempdir().context("cannot make a folder for the copies")?;
    if let Some(authority) = &simulators.authority {
        config.copies = Some(copies::settings(authority, &samples, kept.path())?);
    }
    let copies = config.copies.clone();
    let demo = Demo { simulators: simulators.control.clone() };
    let gateway = Gateway::start(config, listener, Some(demo)).await?;
    let result = if options.once {
        let stopped = async { told_to_stop().await.and_then(|()| anyhow::bail!("told to stop")) };
        tokio::select! {
            result = once(address, &simulators, &samples, &options.out, copies.as_ref(), kept.path()) => result,
            result = stopped => result,
        }
    } else {
        let officers = match &copies {
            Some(copies) => copies::announcement(copies, address, kept.path()).await?,
            None => String::new(),
        };
        announce(&format!(
            "\n  The demo kiosk:     http://{address}/\n  Its second screen:  http://{address}/screen.html\n  Its simulators:     {}\n{officers}\n  Ctrl-C stops everything.\n",
            simulators.control
        ));
        tokio::select! {
            result = told_to_stop() => result,
            status = child.wait() => Err(anyhow::anyhow!("the simulators ended: {status:?}")),
        }
    };
    gateway.stop().await;
    drop(lifeline);
    if tokio::time::timeout(STOPPED_WITHIN, child.wait()).await.is_err() {
        child.kill().await.context("cannot kill the simulators")?;
    }
    result
}

/// The job without a browser; with an officer, if copies can be certified.
async fn once(
    address: SocketAddr,
    simulators: &Simulators,
    samples: &Path,
    out: &Path,
    copies: Option<&toml::Table>,
    folder: &Path,
) -> anyhow::Result<()> {
    let invitation = match copies {
        Some(copies) => Some(copies::invitation(copies, copies::OFFICERS[0], folder).await?),
        None => None,
    };
    once::run(address, simulators, samples, out, invitation).await
}

/// `whole`: a device that cannot be had is an error, instead of being left out.
fn simulator_arguments(address: SocketAddr, samples: &Path, faces: Option<&Path>, whole: bool) -> Vec<String> {
    let with = ["--with-camera", "--with-card-reader", "--with-page-printer", "--with-authority"];
    let mut arguments: Vec<String> =
        ["kiosk", "--exit-with-stdin", "--adf-reload"].into_iter().chain(with).map(String::from).collect();
    if !whole {
        arguments.push("--leave-out-missing".into());
    }
    arguments.extend(["--samples".into(), samples.display().to_string()]);
    arguments.extend(["--allow-origin".into(), format!("http://{address}")]);
    if let Some(faces) = faces {
        arguments.extend(["--faces".into(), faces.display().to_string()]);
    }
    arguments
}

fn simulator() -> PathBuf {
    program_dir().join("kiosk-simulate")
}

async fn simulate(arguments: &[String]) -> anyhow::Result<(Child, Simulators)> {
    let mut child =
        host::spawn_tool(&simulator(), arguments).context("the simulators are built with `cargo build --workspace`")?;
    let stdout = child.stdout.take().context("the simulators have no stdout")?;
    let mut line = String::new();
    let read = async { BufReader::new(stdout).read_line(&mut line).await };
    tokio::time::timeout(SIMULATORS_WITHIN, read)
        .await
        .context("the simulators did not start in time: the machine is busy; try again")??;
    anyhow::ensure!(!line.is_empty(), "the simulators ended at once; what is wrong they said above");
    let simulators = serde_json::from_str(&line).with_context(|| format!("the simulators said `{}`", line.trim()))?;
    Ok((child, simulators))
}

/// The authority of the simulated card, or its revocation list.
async fn authority(option: &[&str]) -> anyhow::Result<Vec<u8>> {
    let arguments: Vec<String> = ["csca"].iter().chain(option).map(ToString::to_string).collect();
    let child = host::spawn_tool(&simulator(), &arguments)?;
    let done = child.wait_with_output().await?;
    anyhow::ensure!(done.status.success(), "`kiosk-simulate csca` failed: {}", done.status);
    Ok(done.stdout)
}
