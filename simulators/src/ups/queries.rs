//! The questions of the NUT protocol: `GET` and `LIST` (RFC 9271, sections 4.2.2 and 4.2.7).

use super::protocol::{Account, Refusal, known, there};
use super::state::State;
use super::variables::{self, COMMANDS, Kind, VARIABLES};
use super::words::quote;

fn variable(name: &str) -> Result<&'static variables::Variable, Refusal> {
    variables::find(name).ok_or(Refusal::VarNotSupported)
}

pub(super) fn get(what: &str, rest: &[&str], account: &Account, state: &State) -> Result<String, Refusal> {
    match (what, rest) {
        ("NUMLOGINS", [ups]) => {
            there(ups, account, state)?;
            Ok(format!("NUMLOGINS {ups} {}\n", state.logins.len()))
        }
        ("UPSDESC", [ups]) => {
            known(ups, account)?;
            Ok(format!("UPSDESC {ups} {}\n", quote(DESCRIPTION)))
        }
        ("VAR", [ups, name]) => {
            there(ups, account, state)?;
            variable(name)?;
            let value = variables::value(name, state).ok_or(Refusal::VarNotSupported)?;
            Ok(format!("VAR {ups} {name} {}\n", quote(&value)))
        }
        ("TYPE", [ups, name]) => {
            there(ups, account, state)?;
            Ok(format!("TYPE {ups} {name} {}\n", type_words(variable(name)?.2)))
        }
        ("DESC", [ups, name]) => {
            known(ups, account)?;
            Ok(format!("DESC {ups} {name} {}\n", quote(variable(name)?.1)))
        }
        ("CMDDESC", [ups, name]) => {
            known(ups, account)?;
            let command = COMMANDS.iter().find(|(known, _)| known == name).ok_or(Refusal::CmdNotSupported)?;
            Ok(format!("CMDDESC {ups} {name} {}\n", quote(command.1)))
        }
        _ => Err(Refusal::InvalidArgument),
    }
}

/// What `LIST UPS` and `GET UPSDESC` tell.
const DESCRIPTION: &str = "Kiosk UPS (simulated)";

fn type_words(kind: Kind) -> String {
    match kind {
        Kind::Number => "NUMBER".into(),
        Kind::Text => "STRING:64".into(),
        Kind::WritableText(most) => format!("RW STRING:{most}"),
        Kind::WritableRange(..) => "RW RANGE".into(),
        Kind::WritableChoice(_) => "RW ENUM".into(),
    }
}

pub(super) fn list(what: &str, rest: &[&str], account: &Account, state: &State) -> Result<String, Refusal> {
    let items: Vec<String> = match (what, rest) {
        ("UPS", []) => vec![quote(DESCRIPTION)],
        ("VAR", [ups]) => {
            there(ups, account, state)?;
            let pair = |name: &str| variables::value(name, state).map(|value| format!("{name} {}", quote(&value)));
            VARIABLES.iter().filter_map(|(name, _, _)| pair(name)).collect()
        }
        ("RW", [ups]) => {
            there(ups, account, state)?;
            let writable = VARIABLES.iter().filter(|(_, _, kind)| !matches!(kind, Kind::Number | Kind::Text));
            let pair = |name: &str| variables::value(name, state).map(|value| format!("{name} {}", quote(&value)));
            writable.filter_map(|(name, _, _)| pair(name)).collect()
        }
        ("CMD", [ups]) => {
            there(ups, account, state)?;
            COMMANDS.iter().map(|(name, _)| (*name).to_owned()).collect()
        }
        ("CLIENT", [ups]) => {
            known(ups, account)?;
            state.logins.iter().map(ToString::to_string).collect()
        }
        ("ENUM", [ups, name]) => {
            there(ups, account, state)?;
            match variable(name)?.2 {
                Kind::WritableChoice(choices) => choices.iter().map(|choice| quote(choice)).collect(),
                _ => Vec::new(),
            }
        }
        ("RANGE", [ups, name]) => {
            there(ups, account, state)?;
            match variable(name)?.2 {
                Kind::WritableRange(low, high) => vec![format!("\"{low}\" \"{high}\"")],
                _ => Vec::new(),
            }
        }
        _ => return Err(Refusal::InvalidArgument),
    };
    let head = rest.iter().fold(what.to_owned(), |head, word| format!("{head} {word}"));
    // The one list without an argument names the UPS in its items instead.
    let each = if what == "UPS" { format!("UPS {}", account.ups) } else { head.clone() };
    let lines: String = items.iter().map(|item| format!("{each} {item}\n")).collect();
    Ok(format!("BEGIN LIST {head}\n{lines}END LIST {head}\n"))
}
