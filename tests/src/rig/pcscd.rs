//! A pcscd of the test's own, with two readers that have no hardware (vsmartcard's `vpcd`) and whose cards are played by
//! the test ([`card`]).
//!
//! pcscd's socket has a fixed place and vpcd its ports, so the test's thread gets namespaces of its own, with a `/run` and
//! a loopback of its own: everything that this thread starts from then on (pcscd, a gateway and its drivers,
//! `opensc-tool`) meets there, and neither other tests nor a pcscd of the machine notice. Use it first, and in tests whose
//! runtime is one thread.

pub mod identity;
mod private;

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::process::Program;
use super::wait;
pub use kiosk_simulators::pcscd::slot::{self as card, Slot};

const PCSCD: &str = "/usr/sbin/pcscd";
const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Where packages put drivers of readers; hidden, so that no reader of the machine takes part.
const DRIVERS: &str = "/usr/lib/pcsc/drivers";
const VPCD: &str = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const WITHIN: Duration = Duration::from_secs(30);

/// Where vpcd waits for the first slot's card; for the second's at the next. In a network of the test's own, and none of
/// the ports that a connection may get for its own end: a card that knocks while vpcd is away could meet itself.
const PORT: u16 = 15_963;

/// The names of the two readers.
pub const READERS: [&str; 2] = ["Kiosk Test Reader 00 00", "Kiosk Test Reader 00 01"];

/// A running pcscd. Dropped, it is killed; a test that fails prints what it said.
pub struct Pcscd {
    folder: TempDir,
    service: Option<Program>,
    slots: [Slot; 2],
}

impl Pcscd {
    /// Moves this thread into a namespace of its own and starts pcscd there, with both slots empty.
    pub async fn start() -> Self {
        let mut pcscd = Self::stopped().await;
        pcscd.go_on().await;
        pcscd
    }

    /// The same without starting pcscd.
    pub async fn stopped() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let vpcd = folder.path().join("libifdvpcd.so");
        std::fs::copy(VPCD, &vpcd).unwrap_or_else(|error| panic!("{VPCD}: {error}; run `make setup` first"));
        private::enter(&["/run", DRIVERS]);
        std::fs::create_dir("/run/pcscd").expect("the new /run is empty");
        let up = Program::start(
            Path::new("/bin/sh"),
            &["-c".into(), "exec ip link set lo up".into()],
            &vpcd.with_extension("log"),
        );
        let status = { up }.end_within(WITHIN).await;
        assert!(status.success(), "`ip link set lo up` failed ({status}): run `make setup` first");
        let reader = format!(
            "FRIENDLYNAME \"Kiosk Test Reader\"\nDEVICENAME /dev/null:{PORT:#x}\nLIBPATH {}\nCHANNELID {PORT:#x}\n",
            vpcd.display()
        );
        let conf = folder.path().join("conf");
        std::fs::create_dir(&conf).expect("the folder is empty");
        std::fs::write(conf.join("vpcd"), reader).expect("the folder is writable");
        Self { folder, service: None, slots: [Slot::at(PORT), Slot::at(PORT + 1)] }
    }

    /// The slot of one of the [`READERS`].
    pub fn slot(&self, reader: usize) -> &Slot {
        &self.slots[reader]
    }

    /// Kills pcscd, as a crash does.
    pub fn kill(&mut self) {
        self.service = None;
    }

    /// Starts pcscd (again); returns when it listens.
    pub async fn go_on(&mut self) {
        for left_behind in [SOCKET, "/run/pcscd/pcscd.pid"] {
            // After a crash they stay, and the next pcscd takes them for a living one's.
            let _ = std::fs::remove_file(left_behind);
        }
        let at = self.folder.path().display();
        // pcscd writes its log to stdout, where nobody would read it.
        let run = format!("exec {PCSCD} --foreground --info --config {at}/conf >>{at}/pcscd.out");
        let log = self.folder.path().join("pcscd.log");
        self.service = Some(Program::start(Path::new("/bin/sh"), &["-c".into(), run], &log));
        wait::until("pcscd's socket", WITHIN, || Path::new(SOCKET).exists().then_some(())).await;
    }
}

impl Drop for Pcscd {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let said = std::fs::read(self.folder.path().join("pcscd.out")).unwrap_or_default();
            eprintln!("--- pcscd ---\n{}--- end of pcscd ---", String::from_utf8_lossy(&said));
        }
    }
}
