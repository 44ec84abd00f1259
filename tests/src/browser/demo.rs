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
        let mut address_after = async |words: &str| loop {
            let line = says.next(PATIENCE).await;
            let line = line.unwrap_or_else(|| panic!("the demo ended before `{words}`:\n{}", gateway.log()));
            if let Some((_, url)) = line.split_once(words) {
                let address = url.trim().trim_start_matches("http://").trim_end_matches('/');
                break address.parse().unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        };
        let at = address_after("The demo kiosk:").await;
        let control = address_after("Its simulators:").await;
        Self { at, control, gateway, _says: says, _folder: folder }
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
