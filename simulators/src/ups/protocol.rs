//! The NUT protocol: one line in, an answer out (RFC 9271, section 4; error words of section 4.4). No sockets.

use std::net::IpAddr;

use super::fault::Fault;
use super::queries::{get, list};
use super::state::{SetError, State};
use super::variables;
use super::words::split;

/// What `VER` tells of the server; the number is NUT's, so that clients that compare it know what to expect.
pub const SERVER_VERSION: &str = "2.8.0";
/// What `NETVER` tells: the protocol's version (RFC 9271, section 4.2.11).
const NETWORK_VERSION: &str = "1.3";

/// Who may log in.
#[derive(Debug, Clone)]
pub struct Account {
    /// Name of the UPS.
    pub ups: String,
    /// For USERNAME.
    pub user: String,
    /// For PASSWORD.
    pub password: String,
}

/// One client's side of the conversation.
#[derive(Debug)]
pub struct Conversation {
    peer: IpAddr,
    user: Option<String>,
    password: Option<String>,
    logged_in: bool,
}

/// What to do with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Send this and go on.
    Lines(String),
    /// Send this and close.
    Goodbye(String),
}

/// The protocol's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    AccessDenied,
    UnknownUps,
    VarNotSupported,
    CmdNotSupported,
    InvalidArgument,
    InvalidValue,
    TooLong,
    ReadOnly,
    FeatureNotConfigured,
    DriverNotConnected,
    DataStale,
    AlreadyLoggedIn,
    AlreadySetUsername,
    AlreadySetPassword,
    UsernameRequired,
    PasswordRequired,
    UnknownCommand,
}

impl Refusal {
    fn word(self) -> &'static str {
        match self {
            Refusal::AccessDenied => "ACCESS-DENIED",
            Refusal::UnknownUps => "UNKNOWN-UPS",
            Refusal::VarNotSupported => "VAR-NOT-SUPPORTED",
            Refusal::CmdNotSupported => "CMD-NOT-SUPPORTED",
            Refusal::InvalidArgument => "INVALID-ARGUMENT",
            Refusal::InvalidValue => "INVALID-VALUE",
            Refusal::TooLong => "TOO-LONG",
            Refusal::ReadOnly => "READONLY",
            Refusal::FeatureNotConfigured => "FEATURE-NOT-CONFIGURED",
            Refusal::DriverNotConnected => "DRIVER-NOT-CONNECTED",
            Refusal::DataStale => "DATA-STALE",
            Refusal::AlreadyLoggedIn => "ALREADY-LOGGED-IN",
            Refusal::AlreadySetUsername => "ALREADY-SET-USERNAME",
            Refusal::AlreadySetPassword => "ALREADY-SET-PASSWORD",
            Refusal::UsernameRequired => "USERNAME-REQUIRED",
            Refusal::PasswordRequired => "PASSWORD-REQUIRED",
            Refusal::UnknownCommand => "UNKNOWN-COMMAND",
        }
    }
}

/// The answer to a line that was too long to be read.
pub const TOO_LONG: &str = "ERR TOO-LONG\n";
/// The answer to a line that is no text.
pub const NO_TEXT: &str = "ERR INVALID-ARGUMENT\n";

const HELP: &str = "Commands: HELP VER NETVER PROTVER GET LIST SET INSTCMD LOGIN LOGOUT USERNAME PASSWORD STARTTLS";

impl Conversation {
    /// A client that has said nothing yet.
    #[must_use]
    pub fn new(peer: IpAddr) -> Self {
        Self { peer, user: None, password: None, logged_in: false }
    }

    /// Answers a line (without its end). An empty one gets nothing.
    pub fn answer(&mut self, line: &str, account: &Account, state: &mut State) -> Answer {
        let Some(words) = split(line) else { return refused(Refusal::InvalidArgument) };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((verb, rest)) = words.split_first() else { return Answer::Lines(String::new()) };
        state.lines += 1;
        if verb.eq_ignore_ascii_case("LOGOUT") {
            return Answer::Goodbye("OK Goodbye\n".into());
        }
        match self.carry_out(&verb.to_ascii_uppercase(), rest, account, state) {
            Ok(lines) => Answer::Lines(lines),
            Err(refusal) => refused(refusal),
        }
    }

    /// The client is gone: it no longer counts as logged in.
    pub fn end(&mut self, state: &mut State) {
        if std::mem::take(&mut self.logged_in)
            && let Some(place) = state.logins.iter().position(|login| *login == self.peer)
        {
            state.logins.swap_remove(place);
        }
    }

    fn carry_out(
        &mut self,
        verb: &str,
        rest: &[&str],
        account: &Account,
        state: &mut State,
    ) -> Result<String, Refusal> {
        match (verb, rest) {
            ("VER", []) => {
                Ok(format!("Network UPS Tools upsd {SERVER_VERSION} - https://www.networkupstools.org/ (simulated)\n"))
            }
            ("NETVER" | "PROTVER", []) => Ok(format!("{NETWORK_VERSION}\n")),
            ("HELP", []) => Ok(format!("{HELP}\n")),
            // A server without a certificate answers so (RFC 9271, section 4.2.12).
            ("STARTTLS", []) => Err(Refusal::FeatureNotConfigured),
            ("GET", [what, rest @ ..]) => get(&what.to_ascii_uppercase(), rest, account, state),
            ("LIST", [what, rest @ ..]) => list(&what.to_ascii_uppercase(), rest, account, state),
            ("USERNAME", [user]) => keep(&mut self.user, user, Refusal::AlreadySetUsername),
            ("PASSWORD", [password]) => keep(&mut self.password, password, Refusal::AlreadySetPassword),
            ("LOGIN", [ups]) => self.login(ups, account, state),
            ("PRIMARY" | "MASTER", [ups]) => {
                self.may(account)?;
                known(ups, account)?;
                Ok(format!("OK {verb}-GRANTED\n"))
            }
            ("FSD", [ups]) => {
                self.may(account)?;
                known(ups, account)?;
                state.forced_shutdown = true;
                Ok("OK FSD-SET\n".into())
            }
            ("SET", [what, ups, name, value]) if what.eq_ignore_ascii_case("VAR") => {
                self.may(account)?;
                there(ups, account, state)?;
                variables::find(name).ok_or(Refusal::VarNotSupported)?;
                state.set_variable(name, value).map_err(|error| match error {
                    SetError::ReadOnly => Refusal::ReadOnly,
                    SetError::TooLong => Refusal::TooLong,
                    SetError::Invalid => Refusal::InvalidValue,
                })?;
                Ok("OK\n".into())
            }
            ("INSTCMD", [ups, name, ..]) => {
                self.may(account)?;
                there(ups, account, state)?;
                if state.command(name) { Ok("OK\n".into()) } else { Err(Refusal::CmdNotSupported) }
            }
            (
                "GET" | "LIST" | "SET" | "USERNAME" | "PASSWORD" | "LOGIN" | "PRIMARY" | "MASTER" | "FSD" | "INSTCMD"
                | "VER" | "NETVER" | "PROTVER" | "HELP" | "STARTTLS",
                _,
            ) => Err(Refusal::InvalidArgument),
            _ => Err(Refusal::UnknownCommand),
        }
    }

    fn login(&mut self, ups: &str, account: &Account, state: &mut State) -> Result<String, Refusal> {
        if self.logged_in {
            return Err(Refusal::AlreadyLoggedIn);
        }
        // upsd says OK to any name and password and looks at them only here.
        self.may(account)?;
        known(ups, account)?;
        self.logged_in = true;
        state.logins.push(self.peer);
        Ok("OK\n".into())
    }

    fn may(&self, account: &Account) -> Result<(), Refusal> {
        let user = self.user.as_ref().ok_or(Refusal::UsernameRequired)?;
        let password = self.password.as_ref().ok_or(Refusal::PasswordRequired)?;
        if (user, password) == (&account.user, &account.password) { Ok(()) } else { Err(Refusal::AccessDenied) }
    }
}

fn refused(refusal: Refusal) -> Answer {
    Answer::Lines(format!("ERR {}\n", refusal.word()))
}

fn keep(place: &mut Option<String>, value: &str, already: Refusal) -> Result<String, Refusal> {
    if place.is_some() {
        return Err(already);
    }
    *place = Some(value.to_owned());
    Ok("OK\n".into())
}

pub(super) fn known(ups: &str, account: &Account) -> Result<(), Refusal> {
    if ups == account.ups { Ok(()) } else { Err(Refusal::UnknownUps) }
}

/// The UPS is known and its driver has something to say.
pub(super) fn there(ups: &str, account: &Account, state: &State) -> Result<(), Refusal> {
    known(ups, account)?;
    let refusal = state.faults.find(|fault| match fault {
        Fault::DriverDead {} => Some(Refusal::DriverNotConnected),
        Fault::Stale {} => Some(Refusal::DataStale),
        _ => None,
    });
    refusal.map_or(Ok(()), Err)
}
