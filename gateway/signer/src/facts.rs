//! What the signer itself must know of a case, beside what the journal says: one JSON value, kept with the case's personal
//! values and gone with them.

use std::collections::BTreeSet;

use kiosk_protocol::approval::Reason;
use kiosk_protocol::case::{CopyLanguage, SignatureLevel};
use kiosk_register::{CaseId, Code, Personal, Step, Store};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// All of it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Facts {
    /// In which languages it is certified.
    pub(crate) language: CopyLanguage,
    /// The pages, in order.
    pub(crate) pages: Vec<PageFacts>,
    /// The same pages, scanned a second time.
    pub(crate) second: Option<SecondFacts>,
    /// The names of all pictures that were ever taken for it: none is a second scan of itself.
    #[serde(default)]
    pub(crate) scanned: BTreeSet<String>,
    /// When they were scanned, milliseconds since 1970.
    pub(crate) converted_ms: i64,
    /// The officers who have approved this content.
    pub(crate) approvals: Vec<Approval>,
    /// Why it was refused or sent back.
    pub(crate) reason: Option<Reason>,
    /// Its verification code, as it is printed; drawn before its number is taken.
    pub(crate) code: Option<String>,
    /// The entry of the log for its issue; without a place before it is there.
    pub(crate) issue: Option<Logged>,
    /// The signed files, the newest last.
    pub(crate) files: Vec<SignedFile>,
    /// The entry of the log for its withdrawal.
    pub(crate) revoked: Option<Logged>,
    /// Citizen numbers that were not the holder's, of who wanted the file again.
    pub(crate) wrong_numbers: u32,
    /// The text of its QR code.
    pub(crate) qr: Option<String>,
}

/// A page.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageFacts {
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) media_type: String,
    pub(crate) resolution_dpi: u16,
    /// The name of its picture in the session that scanned it.
    pub(crate) blob: String,
    /// As who read it saw it.
    pub(crate) size_px: Option<[u32; 2]>,
    /// SHA-256 of what was read on it.
    pub(crate) reading_sha256: Option<String>,
}

/// A second scan.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFacts {
    /// Its pages, in order.
    pub(crate) pages: Vec<PageFacts>,
    /// SHA-256 of where it differs from the first.
    pub(crate) differences_sha256: String,
}

/// An approval; its signature is among the decisions.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approval {
    pub(crate) officer: String,
    pub(crate) at_ms: i64,
}

/// An entry of the log.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logged {
    /// What opens it, hexadecimal digits.
    pub(crate) opening: String,
    /// Its place.
    pub(crate) index: Option<u64>,
}

/// A signed file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedFile {
    pub(crate) sha256: String,
    pub(crate) level: SignatureLevel,
    pub(crate) logged: Logged,
}

impl Facts {
    /// Those of a case.
    pub(crate) fn load(store: &Store, case: CaseId) -> Result<Self, Fault> {
        let value = store.personal(case, &name())?;
        let damaged = || Fault::Damaged { case, what: "facts" };
        serde_json::from_slice(&value.ok_or_else(damaged)?.0).map_err(|_| damaged())
    }

    /// Keeps them; durable when this returns.
    pub(crate) fn save(&self, store: &mut Store, case: CaseId) -> Result<(), Fault> {
        Ok(store.put_personal(case, &name(), &self.value())?)
    }

    /// Keeps them and goes one arrow on, both or neither.
    pub(crate) fn save_and_advance(&self, store: &mut Store, case: CaseId, step: &Step) -> Result<(), Fault> {
        store.advance_with(case, &name(), &self.value(), step)?;
        Ok(())
    }

    fn value(&self) -> Personal {
        Personal(serde_json::to_vec(self).expect("facts are plain data"))
    }

    /// Changes those of a case; durable when this returns. Who has loaded them before may have old ones.
    pub(crate) fn change(store: &mut Store, case: CaseId, change: impl FnOnce(&mut Self)) -> Result<Self, Fault> {
        let mut facts = Self::load(store, case)?;
        change(&mut facts);
        facts.save(store, case)?;
        Ok(facts)
    }

    /// The newest signed file that is in the log: before it is there, nobody gets it.
    pub(crate) fn file(&self) -> Option<&SignedFile> {
        self.files.iter().rev().find(|file| file.logged.index.is_some())
    }
}

fn name() -> Code {
    Code::new("facts").expect("this is a code")
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal digits as bytes.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
