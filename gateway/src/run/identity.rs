//! `kiosk-gateway identity`: what can be said of an identity chip's files that lie in a folder; [`read`] reads a card.

pub mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, bail};
use kiosk_emrtd::passive::{PassiveError, TrustList, check};
use kiosk_emrtd::{Portrait, PortraitFormat, VietnameseFields, zone};
use serde_json::{Map, Value, json};

use super::announce;

/// Longest file that is read, bytes.
const FILE_MAX: u64 = 1 << 20;

/// `kiosk-gateway identity …`
#[derive(clap::Subcommand)]
pub enum Task {
    /// Check the files of an identity chip that lie in a folder: whether the state has signed them. Fails if it has not
    Check(Check),
    /// Read the card in a reader. Fails if it is not proven genuine
    Read(read::Options),
}

/// What to check.
#[derive(clap::Args)]
pub struct Check {
    /// The folder, with a file for each file of the chip: SOD, DG1, DG2 …, with or without `EF.` or `EF_` before it and
    /// whatever behind a dot
    folder: PathBuf,
    /// The certificate of a signing authority (CSCA) that is trusted, DER; may be said again
    #[arg(long, value_name = "FILE", required = true)]
    trusted: Vec<PathBuf>,
    /// A list of certificates that an authority has revoked (CRL), DER; may be said again
    #[arg(long, value_name = "FILE")]
    revoked: Vec<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Show the holder's data
    #[arg(long)]
    show: bool,
}

/// A folder's files, by what they are.
#[derive(Debug, Default, PartialEq, Eq)]
struct Files {
    sod: Option<Vec<u8>>,
    groups: BTreeMap<u8, Vec<u8>>,
}

/// Checks the files; the exit status says whether the state has signed the files.
///
/// # Errors
/// If a file cannot be read, or there is nothing to check.
pub fn check_files(options: &Check) -> anyhow::Result<ExitCode> {
    let files = Files::read(&options.folder)?;
    let mut trusted = TrustList::new();
    for path in &options.trusted {
        trusted.add_authority(&read(path)?).with_context(|| path.display().to_string())?;
    }
    for path in &options.revoked {
        trusted.add_revoked(&read(path)?).with_context(|| path.display().to_string())?;
    }
    let Some(sod) = &files.sod else {
        bail!("{} has no SOD: without it nothing says what the state has signed", options.folder.display());
    };
    let groups = files.groups.iter().map(|(number, file)| (*number, file.as_slice())).collect();
    let outcome = check(sod, &groups, &trusted, SystemTime::now()).map(|_| ());
    let holder = options.show.then(|| files.holder());
    if options.json {
        announce(&serde_json::to_string_pretty(&report(&outcome, &files, holder))?);
    } else {
        announce(&text(&outcome, &files, holder.as_ref()));
    }
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Files {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut files = Self::default();
        let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_uppercase();
            let name = ["EF.", "EF_"].into_iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
            let name = name.split('.').next().unwrap_or_default();
            if name == "SOD" {
                files.sod = Some(read(&path)?);
            } else if let Some(number @ 1..=16) = name.strip_prefix("DG").and_then(|number| number.parse().ok()) {
                files.groups.insert(number, read(&path)?);
            }
        }
        if files.groups.is_empty() {
            bail!("{} has no data group; they are called DG1, DG2 and so on", folder.display());
        }
        Ok(files)
    }

    fn numbers(&self) -> Vec<u8> {
        self.groups.keys().copied().collect()
    }

    /// What the files say of their holder. Personal.
    fn holder(&self) -> Map<String, Value> {
        let mut holder = Map::new();
        if let Some(Ok(zone)) = self.groups.get(&1).map(|file| zone(file)) {
            for (name, value) in [
                ("surname", zone.surname),
                ("given_names", zone.given_names),
                ("document_number", zone.document_number),
                ("issuing_state", zone.issuing_state),
                ("nationality", zone.nationality),
                ("date_of_birth", zone.date_of_birth),
                ("date_of_expiry", zone.date_of_expiry),
                ("optional_data", zone.optional_data),
            ] {
                holder.insert(name.into(), value.into());
            }
        }
        if let Some(Ok(fields)) = self.groups.get(&13).map(|file| VietnameseFields::of_group(file)) {
            for (name, value) in [
                ("citizen_number", fields.citizen_number()),
                ("full_name", fields.full_name()),
                ("place_of_origin", fields.place_of_origin()),
                ("place_of_residence", fields.place_of_residence()),
            ] {
                holder.extend(value.map(|value| (name.to_owned(), value.into())));
            }
        }
        if let Some(Ok(portrait)) = self.groups.get(&2).map(|file| Portrait::of_group(file)) {
            let format = match portrait.format {
                PortraitFormat::Jpeg => "JPEG",
                PortraitFormat::Jpeg2000 => "JPEG 2000",
            };
            holder.insert("portrait".into(), format!("{format}, {} bytes", portrait.picture.len()).into());
        }
        holder
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = || {
        let length = std::fs::metadata(path)?.len();
        if length > FILE_MAX {
            return Err(std::io::Error::other(format!("it has {length} bytes; at most {FILE_MAX} are read")));
        }
        std::fs::read(path)
    };
    read().with_context(|| format!("cannot read {}", path.display()))
}

fn report(outcome: &Result<(), PassiveError>, files: &Files, holder: Option<Map<String, Value>>) -> Value {
    let passive = match outcome {
        Ok(()) => json!({ "result": "passed" }),
        Err(error) if error.is_unknown() => json!({ "result": "not_possible", "reason": error.to_string() }),
        Err(error) => json!({ "result": "failed", "reason": error.to_string() }),
    };
    let mut report = json!({ "passive_authentication": passive, "data_groups": files.numbers() });
    if let Some(holder) = holder {
        report["holder"] = holder.into();
    }
    report
}

fn text(outcome: &Result<(), PassiveError>, files: &Files, holder: Option<&Map<String, Value>>) -> String {
    let numbers: Vec<String> = files.numbers().iter().map(|number| format!("DG{number}")).collect();
    let numbers = numbers.join(", ");
    let mut text = match outcome {
        Ok(()) => {
            format!("The state has signed these files: {numbers}. Whether the chip is a copy, files cannot show.")
        }
        Err(error) => format!("These files ({numbers}) are not to be trusted: {error}."),
    };
    for (name, value) in holder.into_iter().flatten() {
        // Nobody has checked what a file says where the state has not signed it.
        let value: String = value.as_str().unwrap_or_default().chars().filter(|one| !one.is_control()).collect();
        text += &format!("\n{:20} {value}", name.replace('_', " "));
    }
    text
}
