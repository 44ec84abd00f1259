//! The gateway's configuration: one TOML file, read once. A mistake stops the start with the line, the reason and, where
//! a key is misspelt, the key that was probably meant. What is not here: the meaning of a driver's own settings.

mod supervision;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use supervision::Supervision;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `[server]`
    #[serde(default)]
    pub server: Server,
    /// `[drivers]`
    #[serde(default)]
    pub drivers: Drivers,
    /// `[blobs]`
    #[serde(default)]
    pub blobs: BlobLimits,
    /// `[supervision]`
    #[serde(default)]
    pub supervision: Supervision,
    /// `[reader]`: the worker that reads scanned pages; absent: no `ocr.read`.
    pub reader: Option<Reader>,
    /// `[faces]`: the worker that looks at faces; absent: no `face.*`.
    pub faces: Option<Faces>,
    /// `[copies]`: certified copies; absent: no `case.*`. What is in it is the signer's, but for `environment`.
    pub copies: Option<toml::Table>,
    /// `[devices.NAME]`
    #[serde(default)]
    pub devices: BTreeMap<String, Device>,
}

/// `[server]`: where front ends connect.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address to listen on: a loopback address.
    pub listen: IpAddr,
    /// Port; 0 takes a free one, which is told on stdout.
    pub port: u16,
    /// Origins of pages that may connect, byte for byte (`https://kiosk.example.vn`), beside the gateway's own.
    pub origins: Vec<String>,
    /// Most connections at once.
    pub max_connections: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 7180, origins: Vec::new(), max_connections: 16 }
    }
}

/// `[drivers]`: where driver folders and programs are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Drivers {
    /// Folders that hold one folder per driver, each with a `driver.toml`. Absent: `drivers/` beside the gateway's
    /// program, then `/usr/lib/kiosk-gateway/drivers`; for a program in the source tree, its `device-drivers/`.
    pub dirs: Vec<PathBuf>,
    /// Where the drivers' programs are if not in their own folder. Absent: beside the gateway's program.
    pub programs: Option<PathBuf>,
}

/// `[blobs]`: how much the images of all sessions together may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BlobLimits {
    /// In memory, MiB; what is more goes to the spool.
    pub memory_mib: u64,
    /// In memory and spool together, MiB; what is more is refused.
    pub total_mib: u64,
    /// Folder of the spool (unnamed files, gone with the process). Absent: the system's folder for temporary files.
    pub spool: Option<PathBuf>,
}

impl Default for BlobLimits {
    fn default() -> Self {
        Self { memory_mib: 64, total_mib: 1024, spool: None }
    }
}

/// `[reader]`: the worker that reads scanned pages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// Folder with the detection model (`make setup` fills it). Absent: `/usr/share/kiosk-gateway/models`.
    pub models: Option<PathBuf>,
}

/// `[faces]`: the worker that looks at faces.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Faces {
    /// Folder with the models (`make setup` fills it). Absent: `/usr/share/kiosk-gateway/models`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<PathBuf>,
    /// A file of thresholds in the place of the built-in ones, with its hash in `thresholds_sha256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<PathBuf>,
    /// The SHA-256 of `thresholds`, hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds_sha256: Option<String>,
}

/// `[devices.NAME]`: one device.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The driver, by the name in its `driver.toml`.
    pub driver: String,
    /// Where the device is, for example `tcp:192.168.1.9:9100`.
    pub address: String,
    /// The driver's own settings.
    #[serde(default)]
    pub config: toml::Table,
    /// Variables of the driver's environment, for the libraries it uses: `PCSCLITE_CSOCK_NAME` or `SANE_CONFIG_DIR`. Of the
    /// gateway's own it gets only `PATH`, `KIOSK_LOG`, `LANG` and `TZ`.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{path}`")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path}:{line}: {problem}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with a suggestion.
        problem: String,
    },
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// If it cannot be read or a value in it is wrong; the message has the line.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|(line, problem)| ConfigError::Invalid { path: path.to_owned(), line, problem })
    }

    /// Checks the text of a file; an error has the line and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            (line, with_suggestion(error.message()))
        })?;
        config.check().map_err(|(key, problem)| (line_with(text, &key), problem))?;
        Ok(config)
    }

    /// The limits that types cannot express. An error names a text to find the line by.
    fn check(&self) -> Result<(), (String, String)> {
        if !self.server.listen.is_loopback() {
            return Err((
                "listen".into(),
                format!(
                    "server.listen is {}; the gateway listens on loopback only: use 127.0.0.1 or ::1",
                    self.server.listen
                ),
            ));
        }
        for origin in &self.server.origins {
            check_origin(origin)
                .map_err(|problem| (origin.clone(), format!("server.origins: `{origin}` {problem}")))?;
        }
        if !(1..=4096).contains(&self.server.max_connections) {
            return Err(("max_connections".into(), "server.max_connections must be 1 to 4096".into()));
        }
        if self.blobs.memory_mib == 0 || self.blobs.total_mib < self.blobs.memory_mib {
            return Err((
                "_mib".into(),
                "blobs.memory_mib must be at least 1, and blobs.total_mib at least as much".into(),
            ));
        }
        self.supervision.check()?;
        for name in self.devices.keys() {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
            if name.is_empty() || name.len() > 32 || !name.bytes().all(plain) {
                return Err((
                    name.clone(),
                    format!("device name `{name}`: use 1 to 32 lower-case letters, digits, `-` and `_`"),
                ));
            }
            for (taken, by, is_there) in [
                (READER_DEVICE, "reader", self.reader.is_some()),
                (FACES_DEVICE, "faces", self.faces.is_some()),
                (SIGNER_DEVICE, "copies", self.copies.is_some()),
            ] {
                if name == taken && is_there {
                    return Err((name.clone(), format!("the name `{taken}` is taken by the [{by}] section")));
                }
            }
        }
        Ok(())
    }
}

/// The name under which the worker of `[reader]` appears among the devices.
pub const READER_DEVICE: &str = "reader";
/// The name under which the worker of `[faces]` appears among the devices.
pub const FACES_DEVICE: &str = "faces";

/// The name under which the signer of `[copies]` appears among the devices.
pub const SIGNER_DEVICE: &str = "signer";

/// An origin as browsers send it: `scheme://host[:port]`, nothing else, no wildcard.
fn check_origin(origin: &str) -> Result<(), &'static str> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let host = host.ok_or("must begin with `https://` or `http://`")?;
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
    };
    if host.is_empty() || !host.bytes().all(plain) {
        return Err("must be `scheme://host[:port]` in lower case, without path, trailing slash or wildcard");
    }
    Ok(())
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn line_with(text: &str, key: &str) -> usize {
    text.find(key).map_or(1, |offset| line_of(text, offset))
}

/// Adds the nearest right key to serde's message about an unknown one.
fn with_suggestion(message: &str) -> String {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (true, [wrong, right @ ..]) = (message.starts_with("unknown field"), &words[..]) else {
        return message.to_owned();
    };
    nearest(wrong, right.iter().copied())
        .map_or_else(|| message.to_owned(), |near| format!("{message}; did you mean `{near}`?"))
}

/// The candidate that is most like `wrong`, if any is like it at all.
pub fn nearest<'a>(wrong: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(wrong, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(wrong.len()).div_ceil(2).min(4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
