//! The `[copies]` section of the gateway's configuration: whose copies, who certifies, and how they are signed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kiosk_protocol::case::SignatureLevel;
use kiosk_protocol::identity::ChipVerdict;
use kiosk_register::{Check, Code, Options};
use serde::Deserialize;

/// Why a configuration cannot be used; it names the key.
#[derive(Debug, thiserror::Error)]
#[error("copies.{key}: {problem}")]
pub struct SettingsError {
    /// Which key.
    pub key: String,
    /// What is wrong, with the next step.
    pub problem: String,
}

/// All of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A folder for the signer alone: register, documents, log and keys.
    pub data: PathBuf,
    /// The host where copies are verified: `https://HOST/c/CODE`.
    pub host: String,
    /// The procedures that copies can be certified for, such as `tthc-2.000815`.
    pub procedures: Vec<String>,
    /// `[copies.agency]`
    pub agency: Agency,
    /// `[copies.policy]`
    #[serde(default)]
    pub policy: Policy,
    /// `[copies.signing]`
    pub signing: Signing,
    /// `[[copies.officers]]`
    pub officers: Vec<Officer>,
    /// Who says that the clock is right.
    #[serde(default)]
    pub clock: ClockSource,
    /// A template in the place of the built-in one.
    #[serde(default)]
    pub template: Option<PathBuf>,
    /// A folder with the letters, in the place of the installed ones.
    #[serde(default)]
    pub fonts: Option<PathBuf>,
    /// So many days a case is kept after the citizen has the copy, or it was withdrawn; then all that is personal is destroyed.
    #[serde(default = "seven")]
    pub retention_days: u32,
    /// So many days a case waits for a person: for an officer, or, signed, for somebody who takes the copy; then all that is
    /// personal is destroyed. The register's entry stays.
    #[serde(default = "thirty")]
    pub waiting_days: u32,
    /// `[copies.mail]`: copies by e-mail; absent: none.
    #[serde(default)]
    pub mail: Option<kiosk_mail::Settings>,
    /// A folder that gets each signed copy, named by its SHA-256; absent: copies are kept with their case only.
    #[serde(default)]
    pub archive: Option<PathBuf>,
}

fn seven() -> u32 {
    7
}

fn thirty() -> u32 {
    30
}

/// Whose copies.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// The first part of its verification codes, such as `HN1`.
    pub prefix: String,
    /// Its name in the register, such as `hn-hong-mai`.
    pub code: String,
    /// Its full name, as it stands on copies.
    pub name: String,
    /// Its place, as in the line of the date.
    pub place: String,
    /// Which book of the year.
    #[serde(default = "one")]
    pub volume: u32,
    /// The form of copy, as it stands on the first page.
    #[serde(default = "form_of_copy")]
    pub form_of_copy: String,
}

fn one() -> u32 {
    1
}

fn form_of_copy() -> String {
    "Bản sao chứng thực điện tử".to_owned()
}

/// What must be so before a copy is certified.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// So many officers must approve: 1, or 2 (four eyes).
    pub approvals: u8,
    /// What the card's proofs must come to for a case to go to an officer.
    pub card: Vec<ChipVerdict>,
    /// A case goes to an officer only if the face was compared, is surely the same, and was proven alive (`face.live`): a
    /// photograph matches, too.
    pub face_must_match: bool,
    /// The PAdES level that signatures get.
    pub level: SignatureLevel,
    /// What happens if the time stamp authority, or what says which certificates are revoked, does not answer.
    pub when_away: WhenAway,
    /// Whether the paper is scanned twice.
    pub second_scan: SecondScan,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            approvals: 1,
            card: vec![ChipVerdict::Genuine],
            face_must_match: false,
            level: SignatureLevel::Lta,
            when_away: WhenAway::Wait,
            second_scan: SecondScan::Asked,
        }
    }
}

/// Whether the paper is scanned twice, so that the officer sees where the two readings differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondScan {
    /// It is not.
    Never,
    /// If an officer asks for it.
    Asked,
    /// No case goes to an officer without.
    Always,
}

/// What happens if an authority does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenAway {
    /// The case waits.
    Wait,
    /// It is signed without, and completed when the authority answers again.
    GoOn,
}

/// Who says that the clock is right. While nobody does, no number is given and nothing is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSource {
    /// The kernel, told by NTP or another service.
    #[default]
    Synchronised,
    /// The operator: the machine's clock is right for another reason.
    Trusted,
}

/// How copies are signed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// The PKCS#11 library of the token's maker.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// A file with its PIN that only the signer may read (mode 0600 or 0400).
    #[serde(default)]
    pub pin_file: Option<PathBuf>,
    /// The name of a systemd credential with its PIN (`LoadCredential=` or `LoadCredentialEncrypted=`).
    #[serde(default)]
    pub pin_credential: Option<String>,
    /// A folder with the certificates of the authorities that are trusted, DER or PEM (`.cer`, `.crt`, `.der`, `.pem`).
    pub roots: PathBuf,
    /// A folder with the certificates between these and the signers', if they are not on the token.
    #[serde(default)]
    pub authorities: Option<PathBuf>,
    /// The time stamp authority's address.
    #[serde(default)]
    pub tsa: Option<String>,
    /// The agency's key: label of the key or its certificate on the token, or `id:` and its CKA_ID, hexadecimal.
    pub seal: String,
    /// The picture of the seal, PNG with transparency.
    #[serde(default)]
    pub seal_picture: Option<PathBuf>,
    /// Width and height of the seal, millimetres.
    #[serde(default = "seal_mm")]
    pub seal_mm: [f32; 2],
    /// Width and height of a signature by hand, millimetres.
    #[serde(default = "signature_mm")]
    pub signature_mm: [f32; 2],
}

fn seal_mm() -> [f32; 2] {
    [36.0, 36.0]
}

fn signature_mm() -> [f32; 2] {
    [40.0, 18.0]
}

/// One who may certify.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// His name in the register, such as `nguyet`.
    pub code: String,
    /// His full name.
    pub name: String,
    /// His title.
    pub title: String,
    /// His key, as in `seal`.
    pub key: String,
    /// The picture of his signature by hand, PNG with transparency.
    #[serde(default)]
    pub picture: Option<PathBuf>,
    /// The procedures that he may certify for; empty: all.
    #[serde(default)]
    pub procedures: Vec<String>,
}

impl Settings {
    /// How the register is opened.
    pub(crate) fn register(&self, check: Check) -> Options {
        let retention_ms = i64::from(self.retention_days) * 24 * 3_600_000;
        Options { retention_ms, check, ..Options::default() }
    }

    /// Those of a whole configuration of the gateway.
    ///
    /// # Errors
    /// What is wrong, with its line where there is one.
    pub fn of_configuration(text: &str) -> Result<Self, String> {
        let all: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let copies = all.get("copies").and_then(toml::Value::as_table).ok_or("it has no [copies]")?;
        let mut copies = copies.clone();
        // For the gateway, which starts the signer with it.
        copies.remove("environment");
        let settings: Self =
            copies.try_into().map_err(|error: toml::de::Error| format!("copies: {}", error.message()))?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    /// What the gateway starts the signer with, of a whole configuration.
    ///
    /// # Errors
    /// What is wrong.
    pub fn environment(text: &str) -> Result<BTreeMap<String, String>, String> {
        let all: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
        let environment = all.get("copies").and_then(|copies| copies.get("environment")).cloned();
        environment
            .map_or_else(|| Ok(BTreeMap::new()), toml::Value::try_into)
            .map_err(|error: toml::de::Error| format!("copies.environment: {}", error.message()))
    }

    /// The limits that types cannot express.
    ///
    /// # Errors
    /// [`SettingsError`], the first that is found.
    pub fn check(&self) -> Result<(), SettingsError> {
        let wrong = |key: &str, problem: &str| SettingsError { key: key.to_owned(), problem: problem.to_owned() };
        let code = |key: &str, text: &str| {
            Code::new(text).map_err(|error| SettingsError { key: key.to_owned(), problem: error.to_string() })
        };
        let sign = |sign: u8| matches!(sign, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':');
        if self.host.is_empty() || self.host.len() > 64 || !self.host.bytes().all(sign) {
            return Err(wrong("host", "use a host name in lower case, with its port if that is not 443"));
        }
        if self.procedures.is_empty() {
            return Err(wrong("procedures", "name at least one procedure"));
        }
        for procedure in &self.procedures {
            code("procedures", procedure)?;
        }
        code("agency.code", &self.agency.code)?;
        kiosk_proof::AgencyPrefix::new(&self.agency.prefix)
            .map_err(|error| SettingsError { key: "agency.prefix".to_owned(), problem: error.to_string() })?;
        if self.officers.is_empty() {
            return Err(wrong("officers", "name at least one officer: no copy is certified without one"));
        }
        for (place, officer) in self.officers.iter().enumerate() {
            code("officers.code", &officer.code)?;
            if self.officers[..place].iter().any(|other| other.code == officer.code) {
                return Err(wrong("officers.code", "two officers have the same code"));
            }
            if let Some(unknown) = officer.procedures.iter().find(|own| !self.procedures.contains(own)) {
                let problem = format!("`{unknown}` is not among copies.procedures");
                return Err(SettingsError { key: "officers.procedures".to_owned(), problem });
            }
        }
        if !(1..=2).contains(&self.policy.approvals) {
            return Err(wrong("policy.approvals", "use 1, or 2 for four eyes"));
        }
        if usize::from(self.policy.approvals) > self.officers.len() {
            return Err(wrong("policy.approvals", "there are fewer officers than must approve"));
        }
        if self.policy.card.is_empty() || self.policy.card.contains(&ChipVerdict::Forged) {
            return Err(wrong("policy.card", "name the verdicts that are taken; `forged` is never"));
        }
        if self.policy.level != SignatureLevel::B && self.signing.tsa.is_none() {
            return Err(wrong("signing.tsa", "this level needs a time stamp authority: give its address"));
        }
        match (&self.signing.pin_file, &self.signing.pin_credential) {
            (Some(_), None) | (None, Some(_)) => {}
            _ => return Err(wrong("signing.pin_file", "give either pin_file or pin_credential")),
        }
        if !(1..=3650).contains(&self.retention_days) {
            return Err(wrong("retention_days", "use 1 to 3650"));
        }
        if !(1..=3650).contains(&self.waiting_days) {
            return Err(wrong("waiting_days", "use 1 to 3650"));
        }
        if let Some(mail) = &self.mail {
            mail.check().map_err(|error| SettingsError { key: "mail".to_owned(), problem: error.to_string() })?;
        }
        let length = |mm: f32| (5.0..=80.0).contains(&mm);
        if !self.signing.seal_mm.into_iter().chain(self.signing.signature_mm).all(length) {
            return Err(wrong("signing.seal_mm", "seals and signatures are 5 to 80 mm wide and high"));
        }
        Ok(())
    }

    /// The officer of this code.
    pub fn officer(&self, code: &str) -> Option<&Officer> {
        self.officers.iter().find(|officer| officer.code == code)
    }
}

impl Officer {
    /// Whether he may certify for a procedure.
    pub fn may_certify(&self, procedure: &str) -> bool {
        self.procedures.is_empty() || self.procedures.iter().any(|own| own == procedure)
    }
}

#[cfg(test)]
mod tests;
