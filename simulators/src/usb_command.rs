//! `kiosk-simulate usb …`: which devices are plugged into this machine's own kernel, and how.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use kiosk_simulators::device::Attach;
use kiosk_simulators::kiosk::Plan;
use kiosk_simulators::ups::protocol::Account;
use kiosk_simulators::usb::barcode::Mode;
use kiosk_simulators::usb::camera::pictures::Shows;
use kiosk_simulators::usb::camera::video::FPS;
use kiosk_simulators::usb::descriptor::Speed;
use kiosk_simulators::usb::hub::{Hub, Vhci};
use kiosk_simulators::usb::reader::card::CardOrder;
use kiosk_simulators::usb::reader::identity;
use kiosk_simulators::usb::serial::To;
use kiosk_simulators::{printer, ups, usb};

use crate::command::{CommonArgs, acceleration};

/// The kinds of devices.
const KINDS: &[&str] = &["printer", "serial", "barcode", "keyboard-scanner", "ups", "reader", "camera"];

/// Arguments of `usb`.
#[derive(Debug, Args)]
pub(crate) struct UsbArgs {
    /// printer, serial, barcode, keyboard-scanner, ups, reader, camera; each may have settings after it, as in
    /// `printer,serial=A1,port=2 printer,serial=,name=second serial,to=echo reader,card=identity:FILE.toml
    /// camera,folder=DIR camera,video=FILE,video_fps=25`.
    #[arg(required = true, value_name = "DEVICE")]
    devices: Vec<String>,
    /// Serial number of the only device; empty: none.
    #[arg(long)]
    serial: Option<String>,
    /// Port of the virtual hub for the only device, from 1.
    #[arg(long)]
    port: Option<u8>,
    /// A monospaced TrueType font with the letters to print.
    #[arg(long, value_name = "FILE", default_value = printer::font::DEFAULT_FONT)]
    font: PathBuf,
    /// Seconds of a UPS's battery in one second.
    #[arg(long, default_value_t = 1.0)]
    acceleration: f64,
    #[command(flatten)]
    common: CommonArgs,
}

impl UsbArgs {
    /// What to start.
    pub(crate) fn plans(self) -> anyhow::Result<(Vec<Plan>, CommonArgs)> {
        let mut words = Vec::new();
        for device in &self.devices {
            let word = Word::read(device)?;
            word.check()?;
            words.push(word);
        }
        match words.as_mut_slice() {
            [only] => {
                only.serial = self.serial.clone().or(only.serial.take());
                only.port = self.port.or(only.port);
            }
            _ if self.serial.is_some() || self.port.is_some() => {
                bail!("--serial and --port are for one device; with several write printer,serial=S,port=N")
            }
            _ => {}
        }
        let hub: Arc<dyn Hub> = Arc::new(Vhci::open()?);
        let mut plans = Vec::new();
        for (place, word) in words.iter().enumerate() {
            let before = words[..place].iter().filter(|other| other.kind == word.kind).count();
            let name = match (&word.name, before) {
                (Some(name), _) => name.clone(),
                (None, 0) => word.kind.clone(),
                (None, before) => format!("{}-{}", word.kind, before + 1),
            };
            let options = usb::Options {
                name,
                hub: Arc::clone(&hub),
                port: word.port,
                speed: word.speed,
                // Different for each, and the same after every start.
                serial: Some(word.serial.clone().unwrap_or_else(|| format!("SIM{:04}", place + 1))),
                id: word.id,
                seed: self.common.seed + place as u64,
            };
            plans.push(self.plan(word, options)?);
        }
        Ok((plans, self.common))
    }

    fn plan(&self, word: &Word, options: usb::Options) -> anyhow::Result<Plan> {
        let (seed, attach) = (options.seed, Attach::Usb(options.clone()));
        Ok(match word.kind.as_str() {
            "printer" => {
                let (width, buffer, font) = (printer::WIDTH_80_MM, printer::BUFFER, self.font.clone());
                Plan::Printer(printer::Options { attach, width, buffer, font, seed })
            }
            "ups" => {
                let account = Account { ups: String::new(), user: String::new(), password: String::new() };
                Plan::Ups(ups::Options { attach, account, acceleration: acceleration(self.acceleration), seed })
            }
            "serial" => Plan::Serial(
                options,
                match word.own("to") {
                    None | Some("echo") => To::Echo,
                    Some(address) => To::Tcp(address.parse().context("to is echo, or an address as 127.0.0.1:9100")?),
                },
            ),
            "reader" => Plan::Reader(options, CardOrder::named(word.own("card").unwrap_or("test")).card(None)?),
            "camera" => Plan::Webcam(options, word.shows()?),
            "barcode" => Plan::Barcode(options, Mode::Pos),
            "keyboard-scanner" => Plan::Barcode(options, Mode::Keyboard),
            // Checked when it was read.
            other => bail!("there is no USB device {other:?}"),
        })
    }
}

/// Writes the certificate behind simulated identity cards, or its revocation list.
pub(crate) fn csca(crl: bool, named_curve: bool) -> anyhow::Result<()> {
    let bytes = match (crl, named_curve) {
        (true, _) => identity::revocation_list(),
        (false, true) => identity::csca_certificate_with(identity::Parameters::Named),
        (false, false) => identity::csca_certificate(),
    };
    std::io::stdout().write_all(&bytes).context("cannot write to standard output")
}

/// Writes the picture of a card's back.
pub(crate) fn card_picture(card: Option<&Path>, with_code: bool, dpi: u16, out: &Path) -> anyhow::Result<()> {
    let profile = card.map_or_else(|| Ok(identity::Profile::default()), identity::Profile::load)?;
    // ID-1 is 85.60 mm wide, an inch 25.4 mm.
    let width = u32::from(dpi) * 8_560 / 2_540;
    let picture = profile.back(width, with_code, Path::new(identity::ZONE_FONT))?;
    picture.save_with_format(out, image::ImageFormat::Png).with_context(|| format!("cannot write {}", out.display()))
}

/// One device of the command line: `KIND,key=value,…`.
#[derive(Debug, Default)]
struct Word {
    kind: String,
    name: Option<String>,
    serial: Option<String>,
    port: Option<u8>,
    speed: Option<Speed>,
    id: Option<(u16, u16)>,
    /// What only devices of this kind have.
    own: Vec<(String, String)>,
}

impl Word {
    fn read(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.split(',');
        let mut word = Word { kind: parts.next().unwrap_or_default().into(), ..Word::default() };
        for part in parts {
            let Some((key, value)) = part.split_once('=') else { bail!("{part:?} in {text:?} is not key=value") };
            match key {
                "name" => word.name = Some(value.into()),
                "serial" => word.serial = Some(value.into()),
                "port" => word.port = Some(value.parse().with_context(|| format!("{part:?} in {text:?}"))?),
                "id" => {
                    let id = usb::parse_id(value);
                    word.id = Some(id.with_context(|| format!("{part:?} in {text:?}: an id looks like 04b8:0e15"))?);
                }
                "speed" => {
                    word.speed = Some(match value {
                        "low" => Speed::Low,
                        "full" => Speed::Full,
                        "high" => Speed::High,
                        _ => bail!("{part:?} in {text:?}: a speed is low, full or high"),
                    });
                }
                _ => word.own.push((key.into(), value.into())),
            }
        }
        Ok(word)
    }

    /// A setting that only devices of this kind have.
    fn own(&self, key: &str) -> Option<&str> {
        self.own.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    /// What a camera sees.
    fn shows(&self) -> anyhow::Result<Shows> {
        let fps = match self.own("video_fps") {
            None => FPS,
            Some(fps) => fps.parse().ok().filter(|fps| (1..=120).contains(fps)).context("video_fps is 1 to 120")?,
        };
        Ok(match (self.own("folder"), self.own("video")) {
            (Some(_), Some(_)) => bail!("a camera sees a folder or a video, not both"),
            (Some(folder), None) => Shows::Folder(folder.into()),
            (None, Some(file)) => Shows::Video { file: file.into(), fps },
            (None, None) => Shows::Test,
        })
    }

    /// A kind that there is, and no setting that it does not have.
    fn check(&self) -> anyhow::Result<()> {
        if !KINDS.contains(&self.kind.as_str()) {
            bail!("there is no USB device {:?}; there are: {}", self.kind, KINDS.join(", "));
        }
        let known: &[&str] = match self.kind.as_str() {
            "serial" => &["to"],
            "reader" => &["card"],
            "camera" => &["folder", "video", "video_fps"],
            _ => &[],
        };
        for (key, _) in &self.own {
            if !known.contains(&key.as_str()) {
                let known = [&["name", "serial", "port", "speed", "id"], known].concat().join(", ");
                bail!("a {} has no setting {key:?}; it has: {known}", self.kind);
            }
        }
        Ok(())
    }
}
