//! `kiosk-signer`: the process that owns cases, the register and the keys. A child of the gateway (kind `signer`), which starts
//! it without arguments. For the operator: `kiosk-signer invite OFFICER` makes a one-time code for an officer's browser, `check`
//! looks whether all is there, `parked` and `purge` are for cases whose records are damaged, `renew` keeps an old copy provable.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiosk_signer::{Settings, SignerChild, check, invite, parked, purge, renew};

/// Owns cases, the register of certified copies, and the keys that sign them.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a one-time code by which an officer's browser gets its key enrolled, good for a day
    Invite {
        /// The officer's code, as in [[copies.officers]]
        officer: String,
        /// The gateway's configuration
        #[arg(long, default_value = "/etc/kiosk-gateway/gateway.toml")]
        config: PathBuf,
    },
    /// Look whether all is there that copies are certified with; the exit status is 1 if not
    Check {
        /// The gateway's configuration
        #[arg(long, default_value = "/etc/kiosk-gateway/gateway.toml")]
        config: PathBuf,
        /// Also open the keys on the token (a wrong PIN uses up one try) and ask which certificates are revoked
        #[arg(long)]
        token: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// List the cases whose records are damaged, and that the signer leaves alone; the gateway must be stopped
    Parked {
        /// The gateway's configuration
        #[arg(long, default_value = "/etc/kiosk-gateway/gateway.toml")]
        config: PathBuf,
    },
    /// End a parked case: its key and documents are destroyed, its records and its number stay; the gateway must be stopped
    Purge {
        /// The case, by the digits that `parked` shows
        case: String,
        /// Who has decided so, for the journal
        #[arg(long, value_name = "CODE")]
        by: String,
        /// The gateway's configuration
        #[arg(long, default_value = "/etc/kiosk-gateway/gateway.toml")]
        config: PathBuf,
    },
    /// Add fresh validation data and one more archive time stamp to a signed copy, before the last one's authority runs out
    Renew {
        /// The signed copy
        file: PathBuf,
        /// Where the renewed copy goes
        out: PathBuf,
        /// The gateway's configuration
        #[arg(long, default_value = "/etc/kiosk-gateway/gateway.toml")]
        config: PathBuf,
    },
}

fn main() -> ExitCode {
    if std::env::args_os().len() == 1 && !std::io::stdin().is_terminal() {
        return kiosk_driver_sdk::serve::<SignerChild>();
    }
    let said = match Arguments::parse().command {
        Command::Invite { officer, config } => settings(&config).and_then(|settings| {
            let (code, had) = invite(&settings, &officer).map_err(|error| error.to_string())?;
            let replaced = if had { " The key of before ends when it is used." } else { "" };
            Ok(format!("{code}\nFor {officer}, once, within 24 hours, on the page /officer.{replaced}"))
        }),
        Command::Check { config, token, json } => settings(&config).and_then(|settings| {
            let found = check(&settings, token);
            let said = if json {
                serde_json::to_string(&found).map_err(|error| error.to_string())?
            } else {
                found.to_string()
            };
            if found.has_problem() {
                say(&said);
                return Err("copies cannot be certified yet".to_owned());
            }
            Ok(said)
        }),
        Command::Parked { config } => settings(&config).and_then(|settings| parked(&settings)),
        Command::Purge { case, by, config } => settings(&config).and_then(|settings| {
            let case = purge(&settings, &case, &by)?;
            Ok(format!("{case} is purged; its records and its number stay"))
        }),
        Command::Renew { file, out, config } => settings(&config).and_then(|settings| {
            renew(&settings, &file, &out)?;
            Ok(format!("{} is good for as long as its newest time stamp", out.display()))
        }),
    };
    match said {
        Ok(said) => {
            say(&said);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("kiosk-signer: {error}");
            ExitCode::FAILURE
        }
    }
}

fn settings(path: &PathBuf) -> Result<Settings, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let environment = Settings::environment(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    begin_with(&environment)?;
    Settings::of_configuration(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The token's library is told by its environment where the token is: as the gateway does for the signer, this program begins anew
/// with it, in its own place.
#[expect(clippy::disallowed_methods, reason = "no child: this program itself")]
fn begin_with(environment: &BTreeMap<String, String>) -> Result<(), String> {
    if environment.iter().all(|(name, value)| std::env::var(name).is_ok_and(|own| own == *value)) {
        return Ok(());
    }
    let program = std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))?;
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).envs(environment).exec();
    Err(format!("cannot begin with copies.environment: {error}"))
}

fn say(text: &str) {
    // Whoever reads it may have read enough.
    let _ = writeln!(std::io::stdout(), "{text}");
}
