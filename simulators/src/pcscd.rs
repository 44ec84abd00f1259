//! A card reader behind a real pcscd, without a kernel's help: vsmartcard's `vpcd` is the reader, and the card is played
//! here ([`slot`]). pcscd gets a mount namespace of its own, so that neither it nor a pcscd of the machine notices the
//! other, and no reader of the machine takes part; its socket is the device's address, for `PCSCLITE_CSOCK_NAME`.
//!
//! vpcd listens on every address of the machine, not on 127.0.0.1 alone: while its slot is empty, anybody in the network
//! could play a card.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::child::{self, ENDS_WITH_US, Failure, is_running};
use crate::device::{Cable, Device, Knob, KnobError, chain, read_fault, read_set};
use crate::exchange::ExchangeLog;
use crate::usb::reader::card::CardOrder;

pub mod slot;

use slot::Slot;

/// The name in the control port's addresses.
pub const NAME: &str = "card_reader";
/// The name that pcscd gives the reader's first slot; the second is never used.
pub const READER: &str = "Kiosk Simulated Reader 00 00";
/// Where Debian's packages have them.
const PCSCD: &str = "/usr/sbin/pcscd";
const DRIVERS: &str = "/usr/lib/pcsc/drivers";
const VPCD: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
/// The first port that vpcd may get, and how many pairs there are.
const PORTS: (u16, u16) = (20_000, 5_000);

/// What the reader is made of.
#[derive(Debug, Default)]
pub struct Options {
    /// The card in it.
    pub card: CardOrder,
    /// The portrait of identity cards that have none of their own: a JPEG file's bytes.
    pub portrait: Option<Vec<u8>>,
}

/// Why the reader does not start.
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
    /// There is no such card.
    #[error("the card reader has no card")]
    Card(#[from] KnobError),
    /// A file, a port or the program.
    #[error("the card reader's {what}")]
    Io {
        /// Of what.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// pcscd does not listen.
    #[error(
        "pcscd does not listen; it said: {said} (where it may not have a mount namespace of its own, as in some containers, \
         there is no simulated card reader: run this with CAP_SYS_ADMIN, or allow user namespaces)"
    )]
    Silent {
        /// The end of its log.
        said: String,
    },
}

/// A running reader; dropping it ends pcscd.
#[derive(Debug)]
pub struct CardReader {
    service: Service,
    slot: Slot,
    card: Mutex<Option<&'static str>>,
    portrait: Option<PathBuf>,
    exchanges: ExchangeLog,
}

impl CardReader {
    /// Starts pcscd, and puts the card in.
    ///
    /// # Errors
    /// When something is missing, or namespaces are not to be had.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let (service, port) = Service::new()?;
        let portrait = match options.portrait {
            Some(jpeg) => Some(service.keep("portrait.jpg", &jpeg)?),
            None => None,
        };
        service.go_on().await?;
        let reader =
            Self { service, slot: Slot::at(port), card: Mutex::default(), portrait, exchanges: ExchangeLog::default() };
        reader.put_in(options.card)?;
        Ok(reader)
    }

    fn put_in(&self, order: CardOrder) -> Result<(), KnobError> {
        let card = order.card(self.portrait.as_deref())?;
        let name = card.as_ref().map(|card| card.name());
        match card {
            Some(card) => self.slot.insert(slot::Card::of(card)),
            None => self.slot.eject(),
        }
        *self.card.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = name;
        self.exchanges.event(name.map_or("card out".into(), |name| format!("card in: {name}")));
        Ok(())
    }
}

impl Device for CardReader {
    fn name(&self) -> &str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        &[]
    }

    fn cable(&self) -> &dyn Cable {
        &self.service
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.exchanges
    }

    fn state(&self) -> Value {
        let card = *self.card.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        json!({ "faults": [], "card": card, "commands": self.slot.commands().len() })
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        read_fault::<Value>(NAME, self.knobs(), order).map(drop)
    }

    fn clear(&self, _fault: Option<&str>) {}

    fn set(&self, order: Value) -> Result<(), KnobError> {
        self.put_in(read_set(order)?)
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.slot.eject();
            self.service.unplug().await;
            // What is left, the system clears away as other temporary files.
            let _ = std::fs::remove_dir_all(self.service.folder.path());
        })
    }
}

impl Drop for CardReader {
    fn drop(&mut self) {
        self.slot.eject();
    }
}

/// pcscd itself: "unplugged", it is killed, as a crash does.
#[derive(Debug)]
struct Service {
    folder: TempDir,
    child: tokio::sync::Mutex<Option<Child>>,
}

impl Service {
    /// Not running yet, and the port at which vpcd will wait for the card.
    fn new() -> Result<(Self, u16), StartError> {
        for (what, package) in [(PCSCD, "pcscd"), (VPCD, "vsmartcard-vpcd")] {
            if !Path::new(what).exists() {
                return Err(StartError::Missing { what, package });
            }
        }
        let failed = |what| move |source| StartError::Io { what, source };
        let port = two_ports().map_err(failed("ports"))?;
        let folder = tempfile::tempdir().map_err(failed("folder"))?;
        let at = folder.path();
        let vpcd = at.join("libifdvpcd.so");
        let conf = format!(
            "FRIENDLYNAME \"Kiosk Simulated Reader\"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {}\nCHANNELID {port:#x}\n",
            vpcd.display()
        );
        let fill = || {
            std::fs::copy(VPCD, &vpcd)?;
            std::fs::create_dir(at.join("run"))?;
            std::fs::create_dir(at.join("conf"))?;
            std::fs::write(at.join("conf/vpcd"), conf)
        };
        fill().map_err(failed("folder"))?;
        Ok((Self { folder, child: tokio::sync::Mutex::default() }, port))
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, StartError> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).map_err(|source| StartError::Io { what: "folder", source })?;
        Ok(path)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("run/pcscd/pcscd.comm")
    }

    /// Starts pcscd (again); returns when it listens.
    #[expect(clippy::disallowed_methods, reason = "no child of the gateway's: pcscd in its own namespace")]
    async fn go_on(&self) -> Result<(), StartError> {
        let mut running = self.child.lock().await;
        if is_running(running.as_mut()) {
            return Ok(());
        }
        let at = self.folder.path();
        // After a crash they stay, and the next pcscd takes them for a living one's.
        let _ = std::fs::remove_dir_all(at.join("run/pcscd"));
        let log = at.join("pcscd.log");
        let script = format!(
            "mount --bind \"$1/run\" /run && mount -t tmpfs kiosk-simulate {DRIVERS} && exec {PCSCD} --foreground --info --config \"$1/conf\""
        );
        let mut command = Command::new("unshare");
        // Who may not, becomes root of a namespace of users.
        if !may_mount().await {
            command.args(["--user", "--map-root-user"]);
        }
        command.arg("--mount").args(ENDS_WITH_US).args(["/bin/sh", "-c", &script, "pcscd"]).arg(at);
        let child = child::start(command, &log, || self.socket().exists()).await.map_err(|failure| match failure {
            Failure::Io(source) => StartError::Io { what: "pcscd cannot be started", source },
            Failure::Silent(said) => StartError::Silent { said },
        })?;
        *running = Some(child);
        Ok(())
    }
}

impl Cable for Service {
    fn address(&self) -> String {
        self.socket().display().to_string()
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
            self.go_on().await.map_err(|error| KnobError::BadOrder { order: "plug".into(), problem: chain(&error) })
        })
    }

    fn unplug(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(mut child) = self.child.lock().await.take() {
                // It may have ended on its own just now.
                let _ = child.kill().await;
            }
        })
    }
}

/// Whether a namespace of mounts is to be had without one of users, as root outside of most containers.
#[expect(clippy::disallowed_methods, reason = "no child of the gateway's")]
async fn may_mount() -> bool {
    let mut command = Command::new("unshare");
    command.args(["--mount", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|status| status.success())
}

/// Two free ports, one after the other: vpcd has two slots. Below those that a connection may get for its own end, so that
/// only another server may take them before vpcd does.
fn two_ports() -> std::io::Result<u16> {
    let mut last = std::io::Error::other("no two free ports side by side");
    // Processes that start at the same time, and readers of one process, begin at different places.
    static READERS: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_add(READERS.fetch_add(1, Ordering::Relaxed)) % u32::from(PORTS.1);
    for at in 0..u32::from(PORTS.1) {
        let pair = u16::try_from((begin + at) % u32::from(PORTS.1)).unwrap_or_default();
        let first = PORTS.0 + 2 * pair;
        let taken = [first, first + 1].map(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)));
        match taken.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(_) => return Ok(first),
            Err(error) => last = error,
        }
    }
    Err(last)
}
