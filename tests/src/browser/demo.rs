//! The demo, as `make demo` starts it.

use std::net::SocketAddr;

use tempfile::TempDir;

use crate::rig::PATIENCE;
use crate::rig::process::{self, Lines, Program};
use crate::rig::programs;

/// The demo: a gateway with simulated devices and its page, as a newcomer starts it.
pub struct Demo {
    /// Its address.
    pub at: SocketAddr,
    /// Where its simulators are controlled.
    pub control: SocketAddr,
    /// Its officers, and the one-time code of each.
    pub officers: Vec<(String, String)>,
    gateway: Program,
    _says: Lines,
    _folder: TempDir,
}

impl Demo {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let arguments = ["demo", "--port", "0"].map(String::from);
        let mut gateway =
            Program::start(&programs::find("kiosk-gateway"), &arguments, &folder.path().join("gateway.log"));
        let mut says = gateway.lines();
        let (mut at, mut control, mut officers) = (None, None, Vec::new());
        loop {
            let line = says.next(PATIENCE).await;
            let line = line.unwrap_or_else(|| panic!("the demo ended before it told all:\n{}", gateway.log()));
            let address = |url: &str| {
                let address = url.trim().trim_start_matches("http://").trim_end_matches('/');
                Some(address.parse().unwrap_or_else(|error| panic!("{error}: {line}")))
            };
            if let Some((_, url)) = line.split_once("The demo kiosk:") {
                at = address(url);
            } else if let Some((_, url)) = line.split_once("Its simulators:") {
                control = address(url);
            } else if let Some((officer, code)) = line.split_once(", one-time code ") {
                officers.push((officer.trim().to_owned(), code.trim().to_owned()));
            } else if line.contains("Ctrl-C stops everything") {
                break;
            }
        }
        let (at, control) = (at.expect("it tells its address"), control.expect("it tells its simulators'"));
        Self { at, control, officers, gateway, _says: says, _folder: folder }
    }

    /// The page's address.
    pub fn url(&self) -> String {
        format!("http://{}/", self.at)
    }

    /// The gateway's log so far.
    pub fn log(&self) -> String {
        self.gateway.log()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the demo's log ---\n{}--- end of the demo's log ---", self.log());
        }
        let children = process::descendants_of(self.gateway.pid());
        self.gateway.signal(process::Signal::KILL);
        for child in &children {
            child.kill_and_wait(PATIENCE);
        }
    }
}
