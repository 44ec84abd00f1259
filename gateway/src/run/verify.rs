//! `kiosk-gateway verify`: is a certified copy genuine? Works on any machine, also without a network.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use kiosk_pades::Fetch;
use kiosk_pades_http::Http;
use kiosk_proof::{AgencyPrefix, NoteVerifier};
use kiosk_verify::{
    Evidence, LARGEST, Language, LogTrust, Printed, RegisterSays, Report, Time, Trust, Weight, certificates,
    claims_key, verify, verify_qr,
};

use super::announce;

/// Largest file beside the copy itself, bytes: a list of revocations has 4 MiB at most.
const FILE_MAX: u64 = 8 << 20;
/// Most certificates of a folder.
const MOST_ROOTS: usize = 256;
/// How long all authorities together may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// What files of certificates are called.
const ENDINGS: [&str; 4] = ["der", "cer", "crt", "pem"];

/// What to judge.
#[derive(clap::Args)]
pub struct Options {
    /// The certified copy, a PDF file; may be missing if there is only a paper, whose QR code is given with --qr
    #[arg(required_unless_present = "qr")]
    file: Option<PathBuf>,
    /// The folder with the certificates of the roots that are trusted (`.der`, `.cer`, `.crt`, `.pem`); those of time stamp
    /// authorities in its folder `time-stamps`, if they are others
    #[arg(long, value_name = "DIR", default_value = "/etc/kiosk-gateway/signing-roots")]
    roots: PathBuf,
    /// Ask nobody: what the file itself proves
    #[arg(long)]
    offline: bool,
    /// Judge for this time, such as 2026-11-29 or 2026-11-29T08:05:00+07:00; absent: now
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Time>,
    /// How many different people must have signed: the officer and the agency's seal
    #[arg(long, value_name = "N", default_value_t = 2)]
    signatures: usize,
    /// A proof of the transparency log (`.tlog-proof`); may be said again
    #[arg(long, value_name = "FILE", requires = "log_key")]
    proof: Vec<PathBuf>,
    /// The log's key: the line that its owner publishes
    #[arg(long, value_name = "LINE")]
    log_key: Option<String>,
    /// The key of who watches the log, a line like the log's; may be said again. All of them must have signed
    #[arg(long, value_name = "LINE", requires = "log_key")]
    cosigner: Vec<String>,
    /// The agency's signed list of revocations
    #[arg(long, value_name = "FILE", requires_all = ["status_url", "claims_key"])]
    status: Option<PathBuf>,
    /// Where the agency serves that list
    #[arg(long, value_name = "URL")]
    status_url: Option<String>,
    /// The text of the copy's QR code
    #[arg(long, value_name = "TEXT", conflicts_with = "code", requires_all = ["host", "prefix", "claims_key"])]
    qr: Option<String>,
    /// The code that is printed on the copy
    #[arg(long, requires = "prefix")]
    code: Option<String>,
    /// The host that the agency's QR codes lead to
    #[arg(long)]
    host: Option<String>,
    /// What the agency's codes begin with, such as HN1
    #[arg(long)]
    prefix: Option<String>,
    /// The agency's key for QR codes and lists of revocations (DER, or PEM as of `openssl pkey -pubout`); may be said again
    #[arg(long, value_name = "FILE")]
    claims_key: Vec<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// In English; else in Vietnamese
    #[arg(long)]
    english: bool,
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "write it like 2026-11-29 or 2026-11-29T08:05:00+07:00".to_owned())
}

/// Judges the file; the exit status says whether it is genuine.
///
/// # Errors
/// If a file cannot be read, or what should be trusted cannot be.
pub fn judge(options: &Options) -> anyhow::Result<ExitCode> {
    let at = options.at.map_or_else(SystemTime::now, SystemTime::from);
    let revocations = options.status.as_deref().map(|path| read(path, FILE_MAX)).transpose()?;
    let (path, qr) = match (&options.file, &options.qr) {
        (Some(path), qr) => (path, qr),
        (None, Some(qr)) => {
            let trust = options.with_keys(Trust::in_nobody())?;
            return options.tell(&verify_qr(qr, revocations.as_deref(), &trust, at));
        }
        (None, None) => bail!("give the file of the copy, or the text of its QR code with --qr"),
    };
    let trust = options.trust()?;
    let pdf = read(path, LARGEST as u64)?;
    let proofs = options.proof.iter().map(|path| text(path)).collect::<anyhow::Result<Vec<String>>>()?;
    let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
    let printed = match (qr, &options.code) {
        (Some(qr), _) => Some(Printed::Qr(qr)),
        (None, code) => code.as_deref().map(Printed::Code),
    };
    let evidence = Evidence {
        pdf: &pdf,
        proofs: &proofs,
        revocations: revocations.as_deref(),
        printed,
        register: RegisterSays::NotAsked,
    };
    let http = (!options.offline).then(|| Http::within(PATIENCE));
    options.tell(&verify(&evidence, &trust, at, http.as_ref().map(|http| http as &dyn Fetch)))
}

impl Options {
    fn tell(&self, report: &Report) -> anyhow::Result<ExitCode> {
        if self.json {
            announce(&serde_json::to_string_pretty(&report.answer())?);
        } else {
            announce(&shown(report, if self.english { Language::English } else { Language::Vietnamese }));
        }
        Ok(if report.verdict.is_proven() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn trust(&self) -> anyhow::Result<Trust> {
        let signers = roots(&self.roots)?;
        let time_stamps = self.roots.join("time-stamps");
        let time_stamps = if time_stamps.is_dir() { roots(&time_stamps)? } else { signers.clone() };
        let trust = Trust::new(signers, time_stamps).with_context(|| self.roots.display().to_string())?;
        self.with_keys(trust.with_signatures(self.signatures)?)
    }

    /// With what else the command line says to be trusted.
    fn with_keys(&self, mut trust: Trust) -> anyhow::Result<Trust> {
        if let Some(line) = &self.log_key {
            let key = NoteVerifier::parse(line.trim())?;
            let cosigners = self.cosigner.iter().map(|line| NoteVerifier::parse(line.trim()));
            let cosigners = cosigners.collect::<Result<Vec<_>, _>>()?;
            trust.log = Some(LogTrust { key, quorum: cosigners.len(), cosigners });
        }
        for path in &self.claims_key {
            let key = claims_key(&read(path, FILE_MAX)?).with_context(|| path.display().to_string())?;
            trust.claims_keys.push(key);
        }
        trust.prefix = self.prefix.as_deref().map(AgencyPrefix::new).transpose()?;
        trust.host = self.host.as_deref().map(str::to_lowercase);
        trust.revocations_url.clone_from(&self.status_url);
        Ok(trust)
    }
}

/// The certificates of a folder, in the order of their names.
pub(super) fn roots(folder: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let missing = || {
        format!(
            "cannot read the folder of trusted roots {}: put the certificates of the roots into it that the state publishes, or name another one with --roots",
            folder.display()
        )
    };
    let entries = std::fs::read_dir(folder).with_context(missing)?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    let is_certificate = |path: &PathBuf| {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        path.is_file() && ENDINGS.contains(&ending.as_str())
    };
    paths.retain(is_certificate);
    paths.sort();
    let mut roots = Vec::new();
    for path in paths {
        roots.extend(certificates(&read(&path, FILE_MAX)?).with_context(|| path.display().to_string())?);
        if roots.len() > MOST_ROOTS {
            bail!("{} has more than {MOST_ROOTS} certificates; keep the roots only", folder.display());
        }
    }
    if roots.is_empty() {
        bail!(
            "{} has no certificate ({}); put the roots into it that the state publishes",
            folder.display(),
            ENDINGS.map(|ending| format!(".{ending}")).join(", ")
        );
    }
    Ok(roots)
}

/// A file, if it is not larger than that. Also of what grows while it is read.
fn read(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let read = || {
        let file = std::fs::File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(std::io::Error::other("it is a folder"));
        }
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(std::io::Error::other(format!("it has more than {most} bytes, which is more than is read")));
        }
        Ok(bytes)
    };
    read().with_context(|| format!("cannot read {}", path.display()))
}

fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = read(path, FILE_MAX)?;
    String::from_utf8(bytes).ok().with_context(|| format!("{} is no proof of a log: it is no text", path.display()))
}

fn shown(report: &Report, language: Language) -> String {
    let words = report.words(language);
    let mut shown = format!("{}\n{}", words.headline, words.advice);
    for sentence in words.sentences {
        let mark = match sentence.weight {
            Weight::Good => '✓',
            Weight::Note => '·',
            Weight::Doubt => '?',
            Weight::Bad => '✗',
        };
        shown += &format!("\n {mark} {}", sentence.text);
        if let Some(detail) = sentence.detail {
            shown += &format!("\n   ({detail})");
        }
    }
    shown
}
