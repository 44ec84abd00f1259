//! The simulated authority: what it says of itself, and what can be done with its token.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::peers::Peer;
use crate::rig::programs;

/// What the authority says of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Authority {
    /// Where its services answer.
    pub address: String,
    pub(super) control: String,
    pub(super) root: PathBuf,
    pub(super) issuing: PathBuf,
    pub(super) module: PathBuf,
    pub(super) softhsm_conf: String,
    pub(super) token: String,
    pub(super) pin_file: PathBuf,
    pub(super) officers: Vec<OfficerKey>,
    pub(super) seal: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct OfficerKey {
    pub(super) key: String,
    pub(super) name: String,
}

impl Authority {
    /// The folder in which SoftHSM keeps its tokens.
    pub fn tokens(&self) -> PathBuf {
        let settings = std::fs::read_to_string(&self.softhsm_conf).expect("its settings can be read");
        let line = settings.lines().find_map(|line| line.strip_prefix("directories.tokendir"));
        line.expect("it says where they are").trim_start_matches([' ', '=']).trim().into()
    }

    /// A program that signs a file so often with a key of the token: the example `pades`, with as many bytes kept as pyHanko's.
    pub fn sign_many(&self, key: &str, file: &Path, count: u32) -> Peer {
        let pin = std::fs::read_to_string(&self.pin_file).expect("the PIN can be read");
        let token = format!("{},{},{},{key}", self.module.display(), self.token, pin.trim());
        let program = programs::find("kiosk-gateway").with_file_name("examples").join("pades");
        let peer = Peer::new(&program).arg("bench").arg(file).arg(count.to_string()).args(["--token", &token]);
        peer.env("SOFTHSM2_CONF", &self.softhsm_conf)
    }

    /// The same with pyHanko.
    pub fn sign_many_with_pyhanko(&self, key: &str, file: &Path, count: u32) -> Peer {
        let peer = Peer::script("sign_pyhanko.py").arg(&self.module).arg(&self.token).arg(&self.pin_file);
        peer.arg(key).arg(file).arg(count.to_string()).env("SOFTHSM2_CONF", &self.softhsm_conf)
    }
}
