//! `kiosk-signer check`: whether all is there that copies are certified with. Looks at files only, and changes nothing; with the
//! token it also opens each key and asks who says which certificates are revoked, which uses one try of the PIN.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use crate::clock;
use crate::fault::{Fault, with_causes};
use crate::office::{CHECKED_WITHIN, composer};
use crate::officers;
use crate::settings::{ClockSource, Settings};
use crate::signing::Keys;

/// How bad it is; as in `kiosk-gateway doctor`, which shows these findings among its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    Note,
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    /// The key of the configuration.
    about: &'static str,
    what: String,
    /// The command that mends it, or what else to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, about: &'static str, what: impl Into<String>) {
        self.0.push(Finding { level: Level::Ok, about, what: what.into(), run: None });
    }

    fn note(&mut self, about: &'static str, what: impl Into<String>, run: impl Into<String>) {
        self.0.push(Finding { level: Level::Note, about, what: what.into(), run: Some(run.into()) });
    }

    fn problem(&mut self, about: &'static str, what: impl Into<String>, run: impl Into<String>) {
        self.0.push(Finding { level: Level::Problem, about, what: what.into(), run: Some(run.into()) });
    }

    /// Whether nothing is certified before somebody changes something.
    pub fn has_problem(&self) -> bool {
        self.0.iter().any(|finding| finding.level == Level::Problem)
    }
}

impl std::fmt::Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for Finding { level, about, what, run } in &self.0 {
            let word = match level {
                Level::Ok => "ok",
                Level::Note => "note",
                Level::Problem => "PROBLEM",
            };
            writeln!(text, "{word:<8} {about}: {what}")?;
            if let Some(run) = run {
                writeln!(text, "         → {run}")?;
            }
        }
        f.write_str(text.trim_end())
    }
}

/// Looks at everything; `token`: also at the keys.
pub fn check(settings: &Settings, token: bool) -> Findings {
    let mut found = Findings::default();
    data(&mut found, &settings.data);
    match composer(settings).check(CHECKED_WITHIN) {
        Ok(()) => found.ok("copies.template", "letters and template compose a copy"),
        Err(error) => found.problem(
            "copies.template",
            with_causes(&error),
            "mend copies.template or copies.fonts; the letters are in the package fonts-liberation2",
        ),
    }
    if settings.clock == ClockSource::Synchronised && !clock::is_synchronised() {
        let what = "nothing keeps the machine's clock right: no number is given and nothing is signed before that";
        found.note(
            "copies.clock",
            what,
            "timedatectl set-ntp true    # or clock = \"trusted\", if it is right otherwise",
        );
    }
    for officer in &settings.officers {
        match officers::is_enrolled(&settings.data, &officer.code) {
            true => found.ok("copies.officers", format!("`{}` has a browser with a key", officer.code)),
            false => found.note(
                "copies.officers",
                format!("`{}` has no browser yet, and can decide nothing", officer.code),
                format!("kiosk-signer invite {}    # a one-time code for the page /officer", officer.code),
            ),
        }
    }
    let signing = &settings.signing;
    if !signing.module.is_file() {
        let what = format!("there is no `{}`", signing.module.display());
        found.problem(
            "copies.signing.module",
            what,
            "install the software of the token's maker, and give its PKCS#11 library",
        );
    }
    match Keys::new(settings) {
        Ok(mut keys) => {
            found.ok("copies.signing", "PIN, certificates of authorities and pictures can be read");
            if token {
                self::keys(&mut found, settings, &mut keys);
            }
        }
        Err(error) => found.problem("copies.signing", with_causes(&error), "mend what is named, then check again"),
    }
    found
}

fn data(found: &mut Findings, folder: &Path) {
    match std::fs::metadata(folder) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => found.problem(
            "copies.data",
            format!("others can look into `{}`", folder.display()),
            format!("chmod 700 {}", folder.display()),
        ),
        Ok(_) => found.ok("copies.data", format!("`{}` is for the signer alone", folder.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match folder.parent().is_some_and(Path::is_dir) {
            true => found.ok("copies.data", format!("`{}` is made at the first start", folder.display())),
            false => found.problem(
                "copies.data",
                format!("there is no folder for `{}`", folder.display()),
                format!("mkdir -p {}", folder.parent().unwrap_or(folder).display()),
            ),
        },
        Err(error) => {
            found.problem("copies.data", format!("`{}`: {error}", folder.display()), "run it as the signer's user")
        }
    }
}

fn keys(found: &mut Findings, settings: &Settings, keys: &mut Keys) {
    let own = settings.officers.iter().map(|officer| officer.key.as_str());
    for key in own.chain([settings.signing.seal.as_str()]) {
        match keys.check(key, SystemTime::now()) {
            Ok(()) => found.ok("copies.signing.token", format!("`{key}` signs, and its certificate holds")),
            Err(fault) => {
                let next = match &fault {
                    Fault::Token(_) => "look whether the token is plugged in, its label and PIN, and the key's name",
                    _ => "have the certificate renewed, or look at copies.signing.roots and the network",
                };
                found.problem("copies.signing.token", format!("`{key}`: {}", with_causes(&fault)), next);
            }
        }
    }
    for (key, days) in keys.expiring(SystemTime::now()) {
        let what = format!("the certificate of `{key}` runs out within {days} days");
        found.note("copies.signing.token", what, "have it renewed");
    }
}
