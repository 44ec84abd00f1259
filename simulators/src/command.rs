//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kiosk_simulators::authority::Officer;
use kiosk_simulators::device::Attach;
use kiosk_simulators::kiosk::{self, Plan};
use kiosk_simulators::people::People;
use kiosk_simulators::ups::protocol::Account;
use kiosk_simulators::usb::camera::pictures::Shows;
use kiosk_simulators::usb::camera::video::FPS;
use kiosk_simulators::{authority, camera, page_printer, panel, printer, scanner, ups};

use crate::usb_command::UsbArgs;

/// Simulated kiosk devices, each with knobs for its faults: on 127.0.0.1 only, or as USB devices of this machine.
#[derive(Debug, Parser)]
#[command(name = "kiosk-simulate", version)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of these, for a moment")]
pub(crate) enum Command {
    /// Start scanner, printer and UPS, with a camera, a card reader, a page printer and an authority if wanted, and print their
    /// addresses as one line of JSON.
    Kiosk {
        /// A network camera, too.
        #[arg(long)]
        with_camera: bool,
        /// A card reader with an identity card in it, too, behind a pcscd of its own.
        #[arg(long)]
        with_card_reader: bool,
        /// A page printer, too.
        #[arg(long)]
        with_page_printer: bool,
        /// A certification authority with time stamps and a token, too.
        #[arg(long)]
        with_authority: bool,
        /// Where the authority is kept, and found again the next time; without it a temporary folder.
        #[arg(long, value_name = "DIR", requires = "with_authority")]
        authority_folder: Option<PathBuf>,
        /// Leave out card reader, page printer and authority where their programs cannot be had, and say so on standard error.
        #[arg(long)]
        leave_out_missing: bool,
        #[command(flatten)]
        scanner: ScannerArgs,
        #[command(flatten)]
        printer: PrinterArgs,
        #[command(flatten)]
        ups: UpsArgs,
        #[command(flatten)]
        camera: CameraArgs,
        #[command(flatten)]
        page_printer: PagePrinterArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a scanner alone.
    Scanner {
        #[command(flatten)]
        scanner: ScannerArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a receipt printer alone.
    Printer {
        #[command(flatten)]
        printer: PrinterArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a UPS alone.
    Ups {
        #[command(flatten)]
        ups: UpsArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a network camera alone.
    Camera {
        #[command(flatten)]
        camera: CameraArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a card reader alone, behind a pcscd of its own; its address is pcscd's socket, for PCSCLITE_CSOCK_NAME.
    CardReader {
        /// The card in it: none, test, identity, identity:FILE.toml.
        #[arg(long, default_value = "identity")]
        card: String,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a page printer alone: CUPS's ippeveprinter, and paper that can be looked at.
    PagePrinter {
        #[command(flatten)]
        page_printer: PagePrinterArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Start a certification authority alone: certificates, time stamps, OCSP, revocation lists, and a SoftHSM token with the keys of
    /// two officers and a seal.
    Authority {
        #[command(flatten)]
        authority: AuthorityArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Does what standard input says to the token that SOFTHSM2_CONF says.
    #[command(name = authority::COMMAND, hide = true)]
    AuthorityToken,
    /// Start a display panel alone.
    Panel {
        #[command(flatten)]
        panel: PanelArgs,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Plug virtual USB devices into this machine's own kernel (as root, with the module vhci_hcd).
    Usb(UsbArgs),
    /// Write the certificate of the authority behind simulated identity cards to standard output, as DER.
    Csca {
        /// Its revocation list instead.
        #[arg(long)]
        crl: bool,
        /// The same key with its curve's name instead of all its numbers, as OpenSSL wants it.
        #[arg(long, conflicts_with = "crl")]
        named_curve: bool,
    },
    /// Write a picture of the back of an identity card as a PNG file, to scan it, print it or hold it before a camera.
    CardPicture {
        /// Whose card: FILE.toml; without it the one that simulated readers have.
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
        /// Without the QR code, as cards were before 2024.
        #[arg(long)]
        without_code: bool,
        /// Dots an inch.
        #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(100..=1200))]
        dpi: u16,
        /// The PNG file to write.
        out: PathBuf,
    },
    /// Turn a knob of running devices, or look at one: `ctl --control URL scanner fault jam page=2`.
    Ctl(CtlArgs),
    /// Name the devices and their faults.
    List,
}

/// Options of every start.
#[derive(Debug, Args)]
pub(crate) struct CommonArgs {
    /// Port of the control port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) control_port: u16,
    /// Web pages of this origin may use the control port.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) allow_origin: Option<String>,
    /// Also write the line of addresses to this file, once everything listens.
    #[arg(long, value_name = "PATH")]
    pub(crate) ready_file: Option<PathBuf>,
    /// End when standard input ends, so that a parent that dies leaves nothing behind.
    #[arg(long)]
    pub(crate) exit_with_stdin: bool,
    /// Every random choice comes from this number.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// Options of the scanner.
#[derive(Debug, Args)]
pub(crate) struct ScannerArgs {
    /// Port of the scanner; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    scanner_port: u16,
    /// Folder of .jpg and .png pages, 300 dots an inch: the first lies on the glass, all lie in the feeder.
    #[arg(long, value_name = "DIR", default_value_os_t = kiosk::samples(), hide_default_value = true)]
    samples: PathBuf,
    /// Fill the feeder again whenever a job has emptied it.
    #[arg(long)]
    adf_reload: bool,
}

impl ScannerArgs {
    pub(crate) fn plan(self, common: &CommonArgs) -> Plan {
        let Self { scanner_port: port, samples, adf_reload: reload } = self;
        Plan::Scanner(scanner::Options { port, samples, reload, seed: common.seed })
    }
}

/// Options of the printer.
#[derive(Debug, Args)]
pub(crate) struct PrinterArgs {
    /// Port of the printer; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    printer_port: u16,
    /// Dots across: 576 for paper of 80 mm, 384 for 58 mm.
    #[arg(long, default_value_t = printer::WIDTH_80_MM, value_parser = clap::value_parser!(u32).range(96..=1024))]
    paper_width: u32,
    /// Bytes that wait while the printer cannot print.
    #[arg(long, default_value_t = printer::BUFFER)]
    printer_buffer: usize,
    /// A monospaced TrueType font with the letters to print.
    #[arg(long, value_name = "FILE", default_value = printer::font::DEFAULT_FONT)]
    font: PathBuf,
}

impl PrinterArgs {
    pub(crate) fn plan(self, common: &CommonArgs) -> Plan {
        let Self { printer_port: port, paper_width: width, printer_buffer, font } = self;
        let (attach, buffer) = (Attach::Tcp(port), printer_buffer.min(1 << 20));
        Plan::Printer(printer::Options { attach, width, buffer, font, seed: common.seed })
    }
}

/// Options of the UPS.
#[derive(Debug, Args)]
pub(crate) struct UpsArgs {
    /// Port of the UPS; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    ups_port: u16,
    /// Name of the UPS.
    #[arg(long, default_value = "kiosk")]
    ups_name: String,
    /// Who may log in.
    #[arg(long, default_value = "monitor")]
    ups_user: String,
    /// And with which password.
    #[arg(long, default_value = "simulated")]
    ups_password: String,
    /// Battery seconds in one second.
    #[arg(long, default_value_t = 1.0)]
    acceleration: f64,
}

impl UpsArgs {
    pub(crate) fn plan(self, common: &CommonArgs) -> Plan {
        let Self { ups_port: port, ups_name: ups, ups_user: user, ups_password: password, acceleration } = self;
        Plan::Ups(ups::Options {
            attach: Attach::Tcp(port),
            account: Account { ups, user, password },
            acceleration: self::acceleration(acceleration),
            seed: common.seed,
        })
    }
}

/// Battery seconds in one second, within what makes sense.
pub(crate) fn acceleration(wanted: f64) -> f64 {
    if wanted.is_finite() { wanted.clamp(0.0, 1e6) } else { 1.0 }
}

/// Options of the network camera.
#[derive(Debug, Args)]
pub(crate) struct CameraArgs {
    /// Port of the camera; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    camera_port: u16,
    /// Folder of .jpg pictures; without it a test picture that counts its frames.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// A Motion JPEG file, shown again and again.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    video: Option<PathBuf>,
    /// The video's pictures a second; with several viewers each gets the next.
    #[arg(long, default_value_t = FPS, value_parser = clap::value_parser!(u16).range(1..=120))]
    video_fps: u16,
    /// Width of the pictures, pixels.
    #[arg(long, default_value_t = 640, value_parser = clap::value_parser!(u16).range(16..=4096))]
    width: u16,
    /// Height of the pictures, pixels.
    #[arg(long, default_value_t = 480, value_parser = clap::value_parser!(u16).range(16..=4096))]
    height: u16,
    /// Pictures a second.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=120))]
    fps: u16,
    /// Folder of faces (tests/faces/README.md): people stand before the camera, one of them with the card.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["folder", "video"])]
    faces: Option<PathBuf>,
    /// Who must log in, with the Basic scheme.
    #[arg(long, value_name = "USER:PASSWORD")]
    camera_login: Option<String>,
}

impl CameraArgs {
    /// The people who may stand before it.
    pub(crate) fn people(&self) -> Option<People> {
        self.faces.as_deref().map(People::of)
    }

    pub(crate) fn plan(self, common: &CommonArgs) -> Plan {
        let people = self.people();
        let Self { camera_port: port, folder, video, video_fps, width, height, fps, faces: _, camera_login: login } =
            self;
        let shows = match (folder, video) {
            (Some(folder), _) => Shows::Folder(folder),
            (None, Some(file)) => Shows::Video { file, fps: video_fps },
            (None, None) => Shows::Test,
        };
        Plan::Camera(camera::Options { port, shows, size: (width, height), fps, people, login, seed: common.seed })
    }
}

/// Options of the page printer.
#[derive(Debug, Args)]
pub(crate) struct PagePrinterArgs {
    /// Port of the page printer; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    page_printer_port: u16,
    /// Media types of the documents that it takes, with commas between; only PWG Raster can be looked at afterwards.
    #[arg(long, value_name = "TYPES", default_value = page_printer::RASTER)]
    page_printer_formats: String,
}

impl PagePrinterArgs {
    pub(crate) fn plan(self) -> Plan {
        let Self { page_printer_port: port, page_printer_formats: formats } = self;
        Plan::PagePrinter(page_printer::Options { port, formats })
    }
}

/// Options of the authority.
#[derive(Debug, Args)]
pub(crate) struct AuthorityArgs {
    /// Where it is kept, and found again the next time; without it a temporary folder.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Port of the authority; 0 takes the one that the folder's certificates name, or for a new authority a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What the certificate of the first officer is like.
    #[arg(long, value_enum, default_value_t = OfficerArg::Good)]
    officer: OfficerArg,
}

/// What the certificate of the first officer is like.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OfficerArg {
    /// Good for three years.
    Good,
    /// Until yesterday.
    Expired,
    /// From next year on.
    Early,
    /// For servers, not for signatures.
    WrongPurpose,
}

impl AuthorityArgs {
    /// As it is in a kiosk.
    pub(crate) fn kept_in(folder: Option<PathBuf>) -> Self {
        Self { folder, port: 0, officer: OfficerArg::Good }
    }

    pub(crate) fn plan(self, common: &CommonArgs) -> std::io::Result<Plan> {
        let Self { folder, port, officer } = self;
        let officer = match officer {
            OfficerArg::Good => Officer::Good,
            OfficerArg::Expired => Officer::Expired,
            OfficerArg::Early => Officer::Early,
            OfficerArg::WrongPurpose => Officer::WrongPurpose,
        };
        let program = std::env::current_exe()?;
        Ok(Plan::Authority(authority::Options { folder, port, officer, program, seed: common.seed }))
    }
}

/// Options of the display panel.
#[derive(Debug, Args)]
pub(crate) struct PanelArgs {
    /// Port of the panel's serial line; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    panel_port: u16,
    /// What it speaks.
    #[arg(long, value_enum)]
    protocol: PanelProtocol,
}

/// What a display panel speaks.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PanelProtocol {
    /// Nextion: a QR code `qr0`, a text `t0`.
    Nextion,
    /// DGUS II: a QR code at 5000, a text at 5200 (hexadecimal).
    Dgus,
}

impl PanelArgs {
    pub(crate) fn plan(self, common: &CommonArgs) -> Plan {
        let protocol = match self.protocol {
            PanelProtocol::Nextion => panel::Protocol::Nextion,
            PanelProtocol::Dgus => panel::Protocol::Dgus,
        };
        Plan::Panel(panel::Options { port: self.panel_port, protocol, seed: common.seed })
    }
}

/// Arguments of `ctl`.
#[derive(Debug, Args)]
pub(crate) struct CtlArgs {
    /// The control port: what `kiosk` printed as "control".
    #[arg(long, env = "KIOSK_SIMULATE_CONTROL", value_name = "URL")]
    pub(crate) control: String,
    /// The device's name, as in the line that was printed at the start; none lists them.
    pub(crate) device: Option<String>,
    /// fault, clear, set, load, unplug, plug, replug, exchanges; printer, page_printer: paper FILE;
    /// printer: receipts, receipt N FILE. None: the state.
    pub(crate) action: Option<String>,
    /// The fault's name and key=value parameters, or file names.
    pub(crate) rest: Vec<String>,
}
