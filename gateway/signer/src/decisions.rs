//! What officers have signed, one line for each act: decisions, settlements, reprints, withdrawals. A line stands before the act
//! is done, and stays when the case is purged: it names nobody but the officer. Who doubts an act checks the signature himself.
//!
//! ```text
//! DATA/decisions/2026-11.jsonl   {"at_ms":…,"officer":"nguyet","public_key":"BA…","statement":"kiosk-gateway decision 1\n…","signature":"…"}
//! ```

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use kiosk_register::Day;
use serde::Serialize;

/// An act that an officer's key has signed; the signature was checked.
#[derive(Debug, Serialize)]
pub(crate) struct Decision {
    /// His code.
    pub(crate) officer: String,
    /// His key: the uncompressed point, base64url without padding.
    pub(crate) public_key: String,
    /// What was signed.
    pub(crate) statement: String,
    /// ECDSA P-256 with SHA-256, r and s, base64url without padding.
    pub(crate) signature: String,
}

#[derive(Serialize)]
struct Line<'a> {
    at_ms: i64,
    #[serde(flatten)]
    decision: &'a Decision,
}

/// All of them.
pub(crate) struct Decisions {
    folder: PathBuf,
}

impl Decisions {
    /// Opens the folder below `data`; makes it if there is none.
    pub(crate) fn open(data: &Path) -> io::Result<Self> {
        let folder = data.join("decisions");
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(Self { folder }),
        }
    }

    /// Notes one; durable when this returns.
    pub(crate) fn note(&mut self, decision: &Decision, at_ms: i64) -> io::Result<()> {
        let (year, month, _) = Day::of(at_ms).date();
        let path = self.folder.join(format!("{year:04}-{month:02}.jsonl"));
        let is_new = !path.exists();
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path)?;
        let mut line = Vec::new();
        if torn(&mut file)? {
            // A power cut came in the middle of the last one, whose act was not done then.
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, &Line { at_ms, decision })?;
        line.push(b'\n');
        file.write_all(&line)?;
        file.sync_data()?;
        if is_new {
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// Whether the last line has no end.
fn torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

#[cfg(test)]
mod tests {
    use super::{Decision, Decisions};

    /// 29 November 2026, 12:00 in Vietnam.
    const NOON_MS: i64 = 1_795_928_400_000;

    #[test]
    fn each_act_is_a_line_also_after_one_that_a_power_cut_tore() {
        let folder = tempfile::tempdir().unwrap();
        let mut decisions = Decisions::open(folder.path()).unwrap();
        let decision = |officer: &str| Decision {
            officer: officer.to_owned(),
            public_key: "BA".to_owned(),
            statement: "kiosk-gateway decision 1\ncase 0\n".to_owned(),
            signature: "AA".to_owned(),
        };
        decisions.note(&decision("nguyet"), NOON_MS).unwrap();
        let file = folder.path().join("decisions/2026-11.jsonl");
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, [&whole[..], &whole[..20]].concat()).unwrap();
        Decisions::open(folder.path()).unwrap().note(&decision("hai"), NOON_MS).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<Option<serde_json::Value>> = text.lines().map(|line| serde_json::from_str(line).ok()).collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert_eq!(lines[0].as_ref().unwrap()["statement"], "kiosk-gateway decision 1\ncase 0\n");
        assert!(lines[1].is_none(), "{text}");
        assert_eq!(
            (&lines[2].as_ref().unwrap()["officer"], &lines[2].as_ref().unwrap()["at_ms"]),
            (&"hai".into(), &NOON_MS.into())
        );
    }
}
