//! `kiosk-gateway identity read`: reads the card in a reader by its driver, as the gateway does, without a gateway.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use kiosk_protocol::calls::Call;
use kiosk_protocol::device::{DeviceId, DeviceState, Kind};
use kiosk_protocol::identity::{
    CardAccess, ChipIdentity, ChipProgress, ChipProof, ChipVerdict, PrintedAccess, ProofResult, ReadIdentity,
};
use kiosk_protocol::personal::PersonalText;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::config::{Config, Device, Drivers};
use crate::devices::Devices;
use crate::hotplug::Plugs;
use crate::registry::Registry;
use crate::run::announce;
use crate::supervisor::task::Unit;
use crate::supervisor::{DevicesView, Job, Progress, Ticket};

/// The reader's driver has this long to be ready.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// What to read, and how.
#[derive(clap::Args)]
pub struct Options {
    /// The card access number printed on the card
    #[arg(long, value_name = "NUMBER", group = "access")]
    can: Option<String>,
    /// The machine readable zone, all lines
    #[arg(long, value_name = "TEXT", group = "access")]
    mrz: Option<String>,
    /// The text of the QR code on a Vietnamese identity card
    #[arg(long, value_name = "TEXT", group = "access")]
    qr: Option<String>,
    /// Number, date of birth and date of expiry as printed (dates as YYMMDD or YYYY-MM-DD)
    #[arg(long, num_args = 3, value_names = ["NUMBER", "BIRTH", "EXPIRY"], group = "access")]
    printed: Option<Vec<String>>,
    /// The configuration with the card reader; absent: the only reader of this machine
    #[arg(long)]
    config: Option<PathBuf>,
    /// The card reader, by its name in the configuration; absent: the only one in it
    #[arg(long, requires = "config")]
    device: Option<String>,
    /// A folder with the authorities that are trusted, in the place of the configuration's
    #[arg(long, value_name = "FOLDER")]
    trusted: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Show the holder's data
    #[arg(long)]
    show: bool,
    /// Write the portrait into a file
    #[arg(long, value_name = "FILE")]
    portrait: Option<PathBuf>,
}

/// Reads a card; the exit status says whether it is proven genuine.
///
/// # Errors
/// If it cannot be read.
pub async fn read(options: Options) -> anyhow::Result<ExitCode> {
    let request = ReadIdentity { access: options.access()? };
    let unit = options.unit()?;
    let device = unit.device.clone();
    let (devices, running) = Devices::start(vec![unit], &Plugs::none());
    let outcome = read_by(&devices, &device, &request).await;
    running.stop().await;
    let (identity, portrait) = outcome?;
    if let Some(path) = &options.portrait {
        ensure!(identity.portrait.is_some(), "the card's portrait cannot be read");
        write_private(path, &portrait).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if options.json {
        announce(&serde_json::to_string_pretty(&report(&identity, options.show))?);
    } else {
        announce(&text(&identity, options.show));
    }
    Ok(if identity.verdict == ChipVerdict::Genuine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Options {
    fn access(&self) -> anyhow::Result<CardAccess> {
        let personal = |text: &String| PersonalText::new(text.clone());
        Ok(match (&self.can, &self.mrz, &self.qr, self.printed.as_deref()) {
            (Some(can), ..) => CardAccess::Can(personal(can)),
            (_, Some(mrz), ..) => CardAccess::Mrz(personal(mrz)),
            (_, _, Some(qr), _) => CardAccess::Qr(personal(qr)),
            (_, _, _, Some([number, birth, expiry])) => CardAccess::Printed(PrintedAccess {
                document_number: personal(number),
                date_of_birth: personal(birth),
                date_of_expiry: personal(expiry),
            }),
            _ => bail!("say what opens the card: --can, --mrz, --qr or --printed; it is printed on it"),
        })
    }

    fn unit(&self) -> anyhow::Result<Unit> {
        let config = self.config.as_deref().map(Config::load).transpose()?;
        let registry = Registry::load(config.as_ref().map_or(&Drivers::default(), |config| &config.drivers))?;
        let (name, driver, address, mut settings, environment) = match &config {
            None => ("card".to_owned(), "pcsc", "pcsc:any", toml::Table::new(), BTreeMap::new()),
            Some(config) => {
                let is_reader = |driver: &str| {
                    registry
                        .iter()
                        .any(|entry| entry.manifest.name == driver && entry.manifest.kind == Kind::CardReader)
                };
                let mut readers = config.devices.iter().filter(|(name, device)| {
                    self.device.as_ref().is_none_or(|wanted| wanted == *name) && is_reader(&device.driver)
                });
                match (readers.next(), readers.next()) {
                    (Some((name, device)), None) => {
                        let Device { driver, address, config, environment } = device;
                        (name.clone(), driver.as_str(), address.as_str(), config.clone(), environment.clone())
                    }
                    (None, _) => bail!("the configuration has no such card reader"),
                    (Some(_), Some(_)) => bail!("the configuration has several card readers: name one with --device"),
                }
            }
        };
        if let Some(trusted) = &self.trusted {
            let trusted = std::path::absolute(trusted)?;
            settings.insert("trusted".into(), trusted.display().to_string().into());
        }
        let entry = registry.driver_for(&name, driver)?;
        Ok(Unit {
            device: DeviceId(name),
            driver: entry.manifest.name.clone(),
            kind: entry.manifest.kind,
            program: entry.program.clone(),
            address: address.to_owned(),
            config: serde_json::to_value(settings)?,
            environment,
            patience: config.map(|config| config.supervision).unwrap_or_default(),
        })
    }
}

/// A person's picture, for nobody else on this machine.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

async fn read_by(
    devices: &Devices,
    device: &DeviceId,
    request: &ReadIdentity,
) -> anyhow::Result<(ChipIdentity, Vec<u8>)> {
    ready(devices, device).await?;
    let call = Call::find("identity.read").context("the protocol has no identity.read")?;
    let (progress, mut answers) = mpsc::channel(64);
    let job = Job {
        call,
        payload: serde_json::to_value(request)?,
        attachments: Vec::new(),
        deadline: Instant::now() + Duration::from_millis(call.timeout_ms.into()),
        ticket: Ticket::default(),
        progress,
    };
    devices.submit(device, job)?;
    let mut portrait = Vec::new();
    let mut told = None;
    while let Some(progress) = answers.recv().await {
        match progress {
            Progress::Event { payload, .. } => {
                let progress: ChipProgress = serde_json::from_value(payload)?;
                let file = progress.file.unwrap_or_else(|| "the card lets us in".into());
                if told.as_ref() != Some(&file) {
                    eprintln!("… {file}");
                    told = Some(file);
                }
            }
            Progress::Chunk { mut bytes, .. } => portrait.append(&mut bytes),
            Progress::Done(result) => return Ok((serde_json::from_value(result?)?, portrait)),
        }
    }
    bail!("the card reader's driver ended without an answer")
}

async fn ready(devices: &Devices, device: &DeviceId) -> anyhow::Result<()> {
    let mut watch = devices.watch();
    // Whoever runs this waits for the answer: what is wrong is told as soon as it is known.
    let is_decided = |view: &DevicesView| {
        let view = view.devices.get(device);
        view.is_some_and(|view| view.state == DeviceState::Ready || view.problem.is_some())
    };
    let decided = tokio::time::timeout(READY_WITHIN, watch.wait_for(is_decided)).await;
    let problem = match &decided {
        Ok(Ok(view)) => view.devices.get(device).and_then(|view| view.problem.clone()),
        Ok(Err(_)) => bail!("the card reader's driver has ended"),
        Err(_) => bail!("the card reader is not ready after {} seconds", READY_WITHIN.as_secs()),
    };
    match problem {
        Some(problem) => bail!("the card reader is not ready: {}", problem.failure.detail),
        None => Ok(()),
    }
}

fn report(identity: &ChipIdentity, show: bool) -> Value {
    let mut report = json!(identity);
    if !show && let Some(report) = report.as_object_mut() {
        report.remove("holder");
        let document = &identity.document;
        report.insert("document".into(), json!({ "expired": document.expired }));
    }
    report
}

fn text(identity: &ChipIdentity, show: bool) -> String {
    let verdict = match identity.verdict {
        ChipVerdict::Genuine => "The card is genuine: signed by the state, and no copy.",
        ChipVerdict::MayBeCopy => "Signed by the state, but the chip has not shown that it is no copy.",
        ChipVerdict::Copy => "A copy: signed by the state, but the chip failed to show that it is no copy.",
        ChipVerdict::Unproven => "It could not be shown that the state signed it.",
        ChipVerdict::Forged => "Forged: not what the state signed.",
    };
    let mut text = verdict.to_owned();
    let proofs = &identity.proofs;
    for (name, proof) in [("passive", &proofs.passive), ("active", &proofs.active), ("chip", &proofs.chip)] {
        text += &format!("\n{name:8} authentication: {}", proof_text(proof));
    }
    if identity.document.expired {
        text += "\nThe card has expired.";
    }
    if show {
        let mut lines = Vec::new();
        for part in [json!(identity.holder), json!(identity.document)] {
            for (name, value) in part.as_object().into_iter().flatten() {
                lines.extend(value.as_str().map(|value| format!("\n{:20} {value}", name.replace('_', " "))));
            }
        }
        text += &lines.concat();
    }
    text
}

fn proof_text(proof: &ChipProof) -> String {
    let result = match proof.result {
        ProofResult::Passed => "passed",
        ProofResult::Failed => "failed",
        ProofResult::NotOffered => "not offered by the chip",
        ProofResult::NotPossible => "not possible",
    };
    proof.reason.as_ref().map_or_else(|| result.to_owned(), |reason| format!("{result} ({reason})"))
}
