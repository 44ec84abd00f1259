//! A kiosk's devices started together, with one control port: what `kiosk-simulate` runs and what tests can hold.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::authority::{self, Authority};
use crate::camera::{self, Camera};
use crate::control::{self, Control, Devices};
use crate::device::{Device, Knob, chain};
use crate::page_printer::{self, PagePrinter};
use crate::panel::{self, Panel};
use crate::pcscd::{self, CardReader};
use crate::printer::{self, Printer};
use crate::scanner::{self, Scanner};
use crate::ups::{self, Ups};
use crate::usb;

/// What to start, in this order.
#[derive(Debug)]
pub struct Options {
    /// The devices.
    pub devices: Vec<Plan>,
    /// Port of the control port on 127.0.0.1; 0: any.
    pub control_port: u16,
    /// The web pages that may use the control port.
    pub allow_origin: Option<String>,
    /// Devices that are other people's programs are left out where those cannot be had ([`Kiosk::left_out`]).
    pub leave_out_missing: bool,
}

/// A device to start. A new kind of device is one line here, in [`Plan::start`] and in [`KINDS`].
#[derive(Debug)]
pub enum Plan {
    /// An eSCL scanner.
    Scanner(scanner::Options),
    /// A receipt printer.
    Printer(printer::Options),
    /// A UPS.
    Ups(ups::Options),
    /// A network camera.
    Camera(camera::Options),
    /// A display panel at a serial line.
    Panel(panel::Options),
    /// A serial line on USB, and what hangs on it.
    Serial(usb::Options, usb::serial::To),
    /// A barcode scanner on USB.
    Barcode(usb::Options, usb::barcode::Mode),
    /// A webcam on USB, and what it sees.
    Webcam(usb::Options, usb::camera::pictures::Shows),
    /// A smart card reader behind a pcscd of its own.
    CardReader(Box<pcscd::Options>),
    /// A certification authority.
    Authority(authority::Options),
    /// A page printer.
    PagePrinter(page_printer::Options),
    /// A smart card reader on USB, and the card in it.
    Reader(usb::Options, Option<Box<dyn usb::reader::card::Card>>),
}

/// Kinds of devices with their own faults, for `kiosk-simulate list`.
pub const KINDS: &[(&str, &[Knob])] = &[
    (scanner::NAME, scanner::fault::KNOBS),
    (printer::NAME, printer::fault::KNOBS),
    (ups::NAME, ups::fault::KNOBS),
    ("network camera", camera::fault::KNOBS),
    (panel::NAME, panel::fault::KNOBS),
    ("card reader behind pcscd", &[]),
    (authority::NAME, authority::fault::KNOBS),
    (page_printer::NAME, page_printer::fault::KNOBS),
    ("barcode scanner on USB", usb::barcode::KNOBS),
    ("card reader on USB", usb::reader::fault::KNOBS),
    ("camera on USB", usb::camera::fault::KNOBS),
];

/// Why the kiosk does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The scanner.
    #[error(transparent)]
    Scanner(#[from] scanner::StartError),
    /// The printer.
    #[error(transparent)]
    Printer(#[from] printer::StartError),
    /// The UPS.
    #[error(transparent)]
    Ups(#[from] ups::StartError),
    /// The network camera.
    #[error(transparent)]
    Camera(#[from] camera::StartError),
    /// The display panel.
    #[error(transparent)]
    Panel(#[from] panel::StartError),
    /// The card reader behind pcscd.
    #[error(transparent)]
    CardReader(#[from] pcscd::StartError),
    /// The certification authority.
    #[error(transparent)]
    Authority(#[from] authority::StartError),
    /// The page printer.
    #[error(transparent)]
    PagePrinter(#[from] page_printer::StartError),
    /// The camera on USB.
    #[error(transparent)]
    Webcam(#[from] usb::camera::StartError),
    /// A USB device.
    #[error(transparent)]
    Usb(#[from] usb::hub::HubError),
    /// The control port.
    #[error(transparent)]
    Control(#[from] control::StartError),
}

impl StartError {
    /// It is about a device that is played by other people's programs, which this machine may not have.
    fn is_of_other_programs(&self) -> bool {
        matches!(self, Self::CardReader(_) | Self::Authority(_) | Self::PagePrinter(_))
    }
}

impl Plan {
    /// Starts the device.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(self) -> Result<Arc<dyn Device>, StartError> {
        Ok(match self {
            Plan::Scanner(options) => Arc::new(Scanner::start(options).await?),
            Plan::Printer(options) => Arc::new(Printer::start(options).await?),
            Plan::Ups(options) => Arc::new(Ups::start(options).await?),
            Plan::Camera(options) => Arc::new(Camera::start(options).await?),
            Plan::Panel(options) => Arc::new(Panel::start(options).await?),
            Plan::Serial(options, to) => Arc::new(usb::serial::start(options, to)?),
            Plan::CardReader(options) => Arc::new(CardReader::start(*options).await?),
            Plan::Authority(options) => Arc::new(Authority::start(options).await?),
            Plan::PagePrinter(options) => Arc::new(PagePrinter::start(options).await?),
            Plan::Webcam(options, shows) => Arc::new(usb::camera::start(options, &shows)?),
            Plan::Reader(options, card) => Arc::new(usb::reader::start(options, card)?),
            Plan::Barcode(options, mode) => Arc::new(usb::barcode::start(options, mode)?),
        })
    }
}

/// The running devices; dropping them ends them.
#[derive(Debug)]
pub struct Kiosk {
    devices: Devices,
    control: Control,
    left_out: Vec<String>,
}

impl Kiosk {
    /// Starts all; everything listens when this returns.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (mut devices, mut left_out) = (Vec::new(), Vec::new());
        for plan in options.devices {
            match plan.start().await {
                Ok(device) => devices.push(device),
                Err(error) if options.leave_out_missing && error.is_of_other_programs() => left_out.push(chain(&error)),
                Err(error) => return Err(error),
            }
        }
        let devices = Devices::new(devices);
        let control = Control::start(options.control_port, devices.clone(), options.allow_origin).await?;
        Ok(Self { devices, control, left_out })
    }

    /// Why devices were left out.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Where everything is, by the devices' names, and the control port as `control`: the one line that
    /// `kiosk-simulate` prints when all is up.
    #[must_use]
    pub fn addresses(&self) -> Map<String, Value> {
        let mut addresses = Map::new();
        addresses.insert("control".into(), self.control.url().into());
        addresses.extend(self.devices.all().map(|device| (device.name().to_owned(), device.announced())));
        addresses
    }

    /// Ends all, with what they have on the disk.
    pub async fn end(self) {
        for device in self.devices.all() {
            device.end().await;
        }
    }

    /// A device by its name, also for direct use.
    #[must_use]
    pub fn device(&self, name: &str) -> Option<Arc<dyn Device>> {
        self.devices.named(name)
    }
}

/// The sample documents beside this crate's source.
#[must_use]
pub fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/samples"))
}
