//! Which drivers there are: reads each driver's `driver.toml`, starts nothing. What is not here: which devices there are
//! (configuration), what is attached ([`crate::hotplug`]) and how a driver is run ([`crate::host`], [`crate::supervisor`]).

#[cfg(test)]
mod tests;
pub mod udev;
mod usb;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kiosk_protocol::device::Kind;
use serde::Deserialize;

use crate::config::{Drivers, nearest};

pub use usb::{NodeKind, UsbEntry};

/// A driver's `driver.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name.
    pub name: String,
    /// The kind of device it serves.
    pub kind: Kind,
    /// The file name of its program.
    pub program: String,
    /// What it is, one line.
    pub summary: String,
    /// The forms of address that it takes, for people.
    pub addresses: Vec<String>,
    /// `[[usb]]`: the USB devices that it serves.
    #[serde(default)]
    pub usb: Vec<UsbEntry>,
}

/// A driver that can be started.
#[derive(Clone, Debug)]
pub struct DriverEntry {
    /// What its `driver.toml` says.
    pub manifest: Manifest,
    /// Its program.
    pub program: PathBuf,
}

/// All drivers, by name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    entries: BTreeMap<String, DriverEntry>,
    /// Where they were looked for.
    dirs: Vec<PathBuf>,
}

/// A driver that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A `driver.toml` cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A `driver.toml` is not what it should be.
    #[error("{path}: {problem}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Two drivers have the same name.
    #[error("two drivers are called `{name}`: `{first}` and `{second}`")]
    Twice {
        /// The name.
        name: String,
        /// One program.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// The configuration names a driver that does not exist.
    #[error("device `{device}` wants the driver `{driver}`, which is not installed{hint}; {known}")]
    Unknown {
        /// The device.
        device: String,
        /// The driver that it wants.
        driver: String,
        /// The name that was probably meant.
        hint: String,
        /// The names that there are, and where they were looked for.
        known: String,
    },
}

impl Registry {
    /// Reads all `driver.toml` in the configured folders.
    ///
    /// # Errors
    /// If one of them cannot be read or is wrong: a driver that is not what it says is never skipped silently.
    pub fn load(drivers: &Drivers) -> Result<Self, RegistryError> {
        let beside = program_dir();
        let dirs = match (drivers.dirs.is_empty(), source_tree()) {
            (false, _) => drivers.dirs.clone(),
            (true, Some(tree)) => vec![tree.join("device-drivers")],
            (true, None) => vec![beside.join("drivers"), PathBuf::from("/usr/lib/kiosk-gateway/drivers")],
        };
        let programs = drivers.programs.clone().unwrap_or(beside);
        let mut entries = BTreeMap::new();
        for dir in dirs.iter().filter(|dir| dir.is_dir()) {
            for manifest in manifests(dir)? {
                add(&mut entries, &manifest, &programs)?;
            }
        }
        Ok(Self { entries, dirs })
    }

    /// The driver that a device wants.
    ///
    /// # Errors
    /// If there is none of that name; the message suggests the nearest.
    pub fn driver_for(&self, device: &str, driver: &str) -> Result<&DriverEntry, RegistryError> {
        self.entries.get(driver).ok_or_else(|| RegistryError::Unknown {
            device: device.into(),
            driver: driver.into(),
            hint: nearest(driver, self.entries.keys().map(String::as_str))
                .map(|near| format!(" (did you mean `{near}`?)"))
                .unwrap_or_default(),
            known: self.summary(),
        })
    }

    /// Which drivers there are, and where they were looked for.
    pub fn summary(&self) -> String {
        let dirs: Vec<String> = self.dirs.iter().map(|dir| format!("`{}`", dir.display())).collect();
        let dirs = dirs.join(" and ");
        if self.entries.is_empty() {
            return format!(
                "there are none in {dirs}: name the folder that holds the drivers' folders in [drivers] dirs"
            );
        }
        format!("there are {} in {dirs}", self.entries.keys().cloned().collect::<Vec<_>>().join(", "))
    }

    /// All drivers.
    pub fn iter(&self) -> impl Iterator<Item = &DriverEntry> {
        self.entries.values()
    }
}

/// The folder of the gateway's own program.
pub fn program_dir() -> PathBuf {
    std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_owned)).unwrap_or_default()
}

/// The source tree that the gateway's program was built in: the nearest folder above it that looks like one.
pub fn source_tree() -> Option<PathBuf> {
    let looks_right = |dir: &&Path| dir.join("device-drivers").is_dir() && dir.join("simulators/samples").is_dir();
    program_dir().ancestors().find(looks_right).map(Path::to_owned)
}

fn manifests(dir: &Path) -> Result<Vec<PathBuf>, RegistryError> {
    let failed = |source| RegistryError::Read { path: dir.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let manifest = entry.map_err(failed)?.path().join("driver.toml");
        if manifest.is_file() {
            found.push(manifest);
        }
    }
    found.sort();
    Ok(found)
}

fn add(entries: &mut BTreeMap<String, DriverEntry>, path: &Path, programs: &Path) -> Result<(), RegistryError> {
    let text = std::fs::read_to_string(path).map_err(|source| RegistryError::Read { path: path.to_owned(), source })?;
    let invalid = |problem: String| RegistryError::Invalid { path: path.to_owned(), problem };
    let manifest: Manifest = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
    if manifest.program.contains('/') || manifest.program.is_empty() {
        return Err(invalid("program must be a file name without a folder".into()));
    }
    for entry in &manifest.usb {
        entry.check().map_err(|error| invalid(format!("[[usb]]: {error}")))?;
    }
    let own = path.with_file_name(&manifest.program);
    let program = if own.is_file() { own } else { programs.join(&manifest.program) };
    let entry = DriverEntry { manifest, program };
    let name = entry.manifest.name.clone();
    if let Some(first) = entries.insert(name.clone(), entry) {
        return Err(RegistryError::Twice { name, first: first.program, second: path.to_owned() });
    }
    Ok(())
}
