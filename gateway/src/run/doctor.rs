//! `kiosk-gateway doctor`: what stands between the devices and the gateway on this machine, and the command that mends
//! it. Looks at files only, opens no device and changes nothing; run as root it also sees who holds a node. What is not
//! here: whether a device answers (that tells a running gateway).

mod configured;
mod copies;
mod missing;
mod nodes;
mod rivals;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use super::discover::system::System;
use super::discover::table::{Paint, Tone};
use super::discover::{Survey, survey};
use crate::config::{Config, Device};
use crate::registry::Registry;

/// Where the configuration is looked for when none is named.
const USUAL_CONFIG: &str = "/etc/kiosk-gateway/gateway.toml";

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// As it should be.
    Ok,
    /// Good to know; nothing must be done.
    Note,
    /// Something will not work.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Finding {
    level: Level,
    /// The device, by its name in the configuration or its port; or what else it is about.
    about: String,
    /// What was found.
    what: String,
    /// The command that mends it, or what else to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
}

impl Finding {
    fn ok(about: &str, what: impl Into<String>) -> Self {
        Self { level: Level::Ok, about: about.into(), what: what.into(), run: None }
    }

    fn note(about: &str, what: impl Into<String>) -> Self {
        Self { level: Level::Note, ..Self::ok(about, what) }
    }

    fn problem(about: &str, what: impl Into<String>, run: impl Into<String>) -> Self {
        Self { level: Level::Problem, run: Some(run.into()), ..Self::ok(about, what) }
    }

    fn with(self, run: impl Into<String>) -> Self {
        Self { run: Some(run.into()), ..self }
    }
}

/// Everything that is looked at.
struct Patient<'a> {
    system: &'a System,
    config: &'a Config,
    registry: &'a Registry,
    survey: Survey,
}

impl Patient<'_> {
    /// The configured devices of one driver.
    fn devices_of<'a>(&'a self, driver: &'a str) -> impl Iterator<Item = (&'a str, &'a Device)> {
        let own = move |(_, device): &(&String, &Device)| device.driver == driver;
        self.config.devices.iter().filter(own).map(|(name, device)| (name.as_str(), device))
    }
}

/// Looks and tells; the exit status is 1 if there is a problem.
///
/// # Errors
/// If the findings cannot be written as JSON.
pub fn doctor(path: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let findings = examine(&System::here(), path);
    if json {
        super::announce(&serde_json::to_string_pretty(&findings)?);
    } else {
        super::announce(&told(&findings, Paint::of_stdout()));
    }
    let problem = findings.iter().any(|finding| finding.level == Level::Problem);
    Ok(if problem { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The findings, problems first.
fn examine(system: &System, path: Option<&Path>) -> Vec<Finding> {
    let usual = || Some(system.path(USUAL_CONFIG)).filter(|usual| usual.is_file());
    let file = path.map(Path::to_owned).or_else(usual);
    let (config, mut findings) = read_config(file.as_deref());
    let registry = Registry::load(&config.drivers).unwrap_or_else(|error| {
        let run = "mend the driver.toml that is named, or install the driver's package anew";
        findings.push(Finding::problem("drivers", error.to_string(), run));
        Registry::default()
    });
    if registry.iter().next().is_none() {
        findings.push(Finding::problem("drivers", registry.summary(), "install the drivers' packages"));
    }
    let survey = survey(system, &registry);
    let patient = Patient { system, config: &config, registry: &registry, survey };
    findings.extend(configured::findings(&patient));
    findings.extend(nodes::findings(&patient));
    findings.extend(rivals::findings(&patient));
    findings.extend(missing::findings(&patient));
    findings.extend(copies::findings(&config, file.as_deref()));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings
}

/// The configuration, and what is wrong with it; a wrong one counts as empty.
fn read_config(path: Option<&Path>) -> (Config, Vec<Finding>) {
    let Some(path) = path else {
        let note =
            Finding::note("configuration", format!("there is no {USUAL_CONFIG}; only what is attached was looked at"));
        return (Config::default(), vec![note.with("kiosk-gateway discover    # prints one to begin with")]);
    };
    match Config::load(path) {
        Ok(config) => {
            let what = format!("{} can be read; it has {} devices", path.display(), config.devices.len());
            (config, vec![Finding::ok("configuration", what)])
        }
        Err(error) => {
            let why = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
            let run = format!("kiosk-gateway check {}    # until it says that the file is right", path.display());
            (Config::default(), vec![Finding::problem("configuration", format!("{error}{why}"), run)])
        }
    }
}

fn told(findings: &[Finding], paint: Paint) -> String {
    let mut text = String::new();
    let about = findings.iter().map(|finding| finding.about.chars().count()).max().unwrap_or(0);
    for finding in findings {
        let (word, tone) = match finding.level {
            Level::Ok => ("ok     ", Tone::Green),
            Level::Note => ("note   ", Tone::Yellow),
            Level::Problem => ("PROBLEM", Tone::Red),
        };
        let pad = " ".repeat(about - finding.about.chars().count());
        let name = paint.tone(Tone::Bold, &finding.about);
        writeln!(text, "{}  {name}{pad}  {}", paint.tone(tone, word), finding.what).expect("a String takes everything");
        if let Some(run) = &finding.run {
            let indent = " ".repeat(about + 11);
            writeln!(text, "{indent}{} {}", paint.tone(Tone::Faint, "→"), paint.tone(Tone::Bold, run))
                .expect("a String takes everything");
        }
    }
    let problems = findings.iter().filter(|finding| finding.level == Level::Problem).count();
    let verdict = match problems {
        0 => paint.tone(Tone::Green, "No problem found."),
        1 => paint.tone(Tone::Red, "One problem."),
        several => paint.tone(Tone::Red, &format!("{several} problems.")),
    };
    text + "\n" + &verdict
}
