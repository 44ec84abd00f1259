//! A page printer that speaks IPP: CUPS's `ippeveprinter`, and paper that can be looked at. What it prints, it has done when
//! its command ([`COMMAND`]) says so; faults are files that the command looks for. Both programs are children that end with
//! this process, and nothing of them is known to other programs of the machine: the printer has a bus of its own, on which
//! there is no Avahi that would announce it in the network.
//!
//! Debian: `cups-ipp-utils`, `dbus-daemon`.

use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::child::{self, ENDS_WITH_US, Failure, is_running};
use crate::device::{Active, Cable, Device, Knob, KnobError, Sight, chain, read_fault};
use crate::exchange::ExchangeLog;
use crate::plug::Plug;

pub mod fault;
mod raster;

use fault::{Fault, KNOBS};

/// The name in the control port's addresses.
pub const NAME: &str = "page_printer";
/// The kind of document whose paper can be looked at.
pub const RASTER: &str = "image/pwg-raster";
/// Where Debian's packages have them.
const PRINTER: &str = "/usr/sbin/ippeveprinter";
const BUS: &str = "/usr/bin/dbus-daemon";
/// What the printer does with each job.
const COMMAND: &str = include_str!("page_printer/command.sh");

/// What a page printer is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1 and ::1; 0: any free one.
    pub port: u16,
    /// Media types of the documents that it takes, with commas between.
    pub formats: String,
}

/// Why the page printer does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something of it is missing.
    #[error("{what} is not there: install Debian's package {package}")]
    Missing {
        /// What.
        what: &'static str,
        /// Which package has it.
        package: &'static str,
    },
    /// A file, a port or a program.
    #[error("the page printer's {what}")]
    Io {
        /// Of what.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// One of its programs does not listen.
    #[error("{program} does not listen; it said: {said}")]
    Silent {
        /// Which.
        program: &'static str,
        /// The end of its log.
        said: String,
    },
}

/// A running page printer; dropping it ends its programs.
#[derive(Debug)]
pub struct PagePrinter {
    service: Service,
    faults: Mutex<Active<Fault>>,
    exchanges: ExchangeLog,
}

impl PagePrinter {
    /// Starts the printer; it listens when this returns.
    ///
    /// # Errors
    /// When something is missing, or the port is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let service = Service::new(options).await?;
        service.go_on().await?;
        Ok(Self { service, faults: Mutex::default(), exchanges: ExchangeLog::default() })
    }

    /// Its port, on 127.0.0.1 and ::1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.service.reserve.address().port()
    }

    /// The files of its certificates, `localhost.crt` and `localhost.key`, lie here when somebody has asked by TLS.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.service.at("keys")
    }

    /// The documents that it got, oldest first, whether they were printed or not.
    #[must_use]
    pub fn documents(&self) -> Vec<PathBuf> {
        // What cannot be read is none.
        let inside = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut documents: Vec<(SystemTime, PathBuf)> = inside(self.service.at("spool"))
            .flat_map(|start| inside(start.path()))
            .filter_map(|entry| {
                let about = entry.metadata().ok().filter(|about| about.len() > 0)?;
                Some((about.modified().ok()?, entry.path()))
            })
            .collect();
        documents.sort();
        documents.into_iter().map(|(_, path)| path).collect()
    }

    /// Those that were printed, in this order. One whose job was cancelled while it waited may be among them.
    #[must_use]
    pub fn printed(&self) -> Vec<PathBuf> {
        // There is no such file before the first.
        let files = std::fs::read_to_string(self.service.at("printed")).unwrap_or_default();
        files.lines().map(PathBuf::from).collect()
    }

    /// The paper of the last job that was printed, all sheets one below the other, as PNG; only of [`RASTER`].
    #[must_use]
    pub fn paper_png(&self) -> Option<Vec<u8>> {
        raster::png(&std::fs::read(self.printed().last()?).ok()?)
    }

    fn faults(&self) -> MutexGuard<'_, Active<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the faults, and the files by which the command knows them.
    fn change(&self, change: impl FnOnce(&mut Active<Fault>)) -> std::io::Result<()> {
        let mut faults = self.faults();
        change(&mut faults);
        for knob in KNOBS {
            let file = self.service.at("faults").join(knob.name);
            match faults.any(|fault| fault.name() == knob.name) {
                true => std::fs::write(file, "")?,
                false if file.exists() => std::fs::remove_file(file)?,
                false => {}
            }
        }
        Ok(())
    }
}

impl Device for PagePrinter {
    fn name(&self) -> &str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.service
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.exchanges
    }

    fn state(&self) -> Value {
        let (jobs, printed) = (self.documents().len(), self.printed().len());
        json!({ "faults": self.faults().to_json(), "formats": self.service.formats, "jobs": jobs, "printed": printed })
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault: Fault = read_fault(NAME, KNOBS, order)?;
        let problem = |error: std::io::Error| KnobError::BadOrder { order: "fault".into(), problem: error.to_string() };
        self.change(|faults| faults.add(fault)).map_err(problem)
    }

    fn clear(&self, fault: Option<&str>) {
        if let Err(error) = self.change(|faults| faults.clear(fault)) {
            self.exchanges.event(format!("a fault stays: {error}"));
        }
    }

    fn set(&self, _order: Value) -> Result<(), KnobError> {
        Err(KnobError::BadOrder { order: "set".into(), problem: "a printer has nothing to set, only faults".into() })
    }

    fn look(&self, what: &str) -> Option<Sight> {
        if what != "paper.png" {
            return None;
        }
        self.paper_png().map(Sight::Picture)
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.service.unplug().await;
            // What is left, the system clears away as other temporary files.
            let _ = std::fs::remove_dir_all(self.service.folder.path());
        })
    }
}

/// `ippeveprinter` itself: "unplugged", it is killed.
#[derive(Debug)]
struct Service {
    child: tokio::sync::Mutex<Option<Child>>,
    /// It wants a bus, though nothing need be on it.
    _bus: Child,
    /// Never served: it holds the port while the printer is away.
    reserve: Plug,
    formats: String,
    folder: TempDir,
}

impl Service {
    /// With its bus, and not running yet.
    async fn new(options: Options) -> Result<Self, StartError> {
        for (what, package) in [(PRINTER, "cups-ipp-utils"), (BUS, "dbus-daemon")] {
            if !Path::new(what).exists() {
                return Err(StartError::Missing { what, package });
            }
        }
        let Options { port, formats } = options;
        let failed = |what| move |source| StartError::Io { what, source };
        let reserve = Plug::bind(port).map_err(failed("port"))?;
        let folder = tempfile::tempdir().map_err(failed("folder"))?;
        let fill = || {
            for inner in ["spool", "keys", "faults", "on"] {
                std::fs::create_dir(folder.path().join(inner))?;
            }
            let command = folder.path().join("command");
            std::fs::write(&command, COMMAND)?;
            std::fs::set_permissions(command, std::fs::Permissions::from_mode(0o700))
        };
        fill().map_err(failed("folder"))?;
        let socket = folder.path().join("bus");
        let mut bus = command(BUS);
        bus.args(["--session", "--nofork", "--nopidfile"]).arg(format!("--address=unix:path={}", socket.display()));
        let bus = child::start(bus, &folder.path().join("bus.log"), || socket.exists()).await;
        let bus = bus.map_err(|failure| not_started(BUS, failure))?;
        Ok(Self { child: tokio::sync::Mutex::default(), _bus: bus, reserve, formats, folder })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the printer (again); returns when it listens.
    async fn go_on(&self) -> Result<(), StartError> {
        let mut running = self.child.lock().await;
        if is_running(running.as_mut()) {
            return Ok(());
        }
        let port = self.reserve.address().port();
        let failed = |source| StartError::Io { what: "folder", source };
        // After each start the jobs are counted from 1: what is there from before must not be written over.
        let start = std::fs::read_dir(self.at("spool")).map_err(failed)?.count().to_string();
        let spool = self.at("spool").join(&start);
        std::fs::create_dir(&spool).map_err(failed)?;
        std::fs::write(self.at("on").join(&start), "").map_err(failed)?;
        let mut printer = command(PRINTER);
        // -n: of all addresses of the machine only the loopback's; -r off: not announced; -k: documents are kept; -2: both sides
        // of the paper; -s: pages a minute.
        printer.args(["-p", &port.to_string(), "-n", "localhost", "-r", "off", "-k", "-2", "-s", "10,10"]);
        printer.args(["-f", &self.formats, "-M", "Kiosk", "-m", "Simulated page printer"]);
        printer.arg("-d").arg(spool).arg("-K").arg(self.at("keys")).arg("-c").arg(self.at("command"));
        printer.arg("Kiosk").env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={}", self.at("bus").display()));
        let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let child = child::start(printer, &self.at("printer.log"), listens).await;
        *running = Some(child.map_err(|failure| not_started(PRINTER, failure))?);
        Ok(())
    }
}

impl Cable for Service {
    fn address(&self) -> String {
        format!("ipp://localhost:{}/ipp/print", self.reserve.address().port())
    }

    fn is_in(&self) -> bool {
        // Held while it changes: then it is not.
        self.child.try_lock().is_ok_and(|mut child| is_running(child.as_mut()))
    }

    fn state(&self) -> Value {
        json!({ "plugged": self.is_in() })
    }

    fn insert(&self, _order: Value) -> BoxFuture<'_, Result<(), KnobError>> {
        Box::pin(async {
            let started = self.go_on().await;
            started.map_err(|error| KnobError::BadOrder { order: "plug".into(), problem: chain(&error) })
        })
    }

    fn unplug(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(mut child) = self.child.lock().await.take() {
                // It may have ended on its own just now.
                let _ = child.kill().await;
                // Its command may just have begun.
                for start in std::fs::read_dir(self.at("on")).into_iter().flatten().flatten() {
                    let _ = std::fs::remove_file(start.path());
                }
            }
        })
    }
}

fn not_started(program: &'static str, failure: Failure) -> StartError {
    match failure {
        Failure::Io(source) => StartError::Io { what: "program cannot be started", source },
        Failure::Silent(said) => StartError::Silent { program, said },
    }
}

#[expect(clippy::disallowed_methods, reason = "no child of the gateway's")]
fn command(program: &str) -> Command {
    let [setpriv, arguments @ ..] = ENDS_WITH_US;
    let mut command = Command::new(setpriv);
    command.args(arguments).arg(program);
    command
}
