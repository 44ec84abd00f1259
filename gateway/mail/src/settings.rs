//! How letters go out: the operator's settings, and the password, which is in a file of its own.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::ServerName;
use serde::Deserialize;

use crate::address::{AddressError, Recipient};
use crate::letter::is_one_line;

/// Most bytes of a user's name and a password, so that a line of `AUTH` is not longer than servers take (RFC 4954 section 4: 12,288).
const SECRET_MOST: usize = 4_096;
/// Most bytes of the sender's name.
const NAME_MOST: usize = 256;
/// Longest wait that can be set, seconds.
const WAIT_MOST_S: u32 = 3_600;
/// Most that can be set for a copy: 100 MiB; hardly a mail server takes more than 25.
const ATTACHMENT_MOST: u64 = 100 << 20;

/// How letters go out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The mail server: a name or an IP address.
    pub host: String,
    /// Its port. Absent: 465 for `tls`, 587 for `starttls`, 25 for `none`.
    pub port: Option<u16>,
    /// How the connection is kept secret.
    pub security: Security,
    /// Whether `security = "none"` may lead beyond this machine, where others can read the letters. Never with a password.
    #[serde(default)]
    pub unencrypted_beyond_this_machine: bool,
    /// Who logs in; absent: nobody does.
    pub user: Option<String>,
    /// A file with the password, for its owner only (mode 0600).
    pub password_file: Option<PathBuf>,
    /// Instead of it: the name of a systemd credential (`LoadCredential=` or `LoadCredentialEncrypted=` of the unit).
    pub credential: Option<String>,
    /// Whom letters come from; what cannot be delivered goes back there.
    pub from: Sender,
    /// The name that this machine says it has (`EHLO`); absent: the address that the connection comes from.
    pub hello_name: Option<String>,
    /// A PEM file with authorities that are trusted beside the machine's own ones.
    pub authorities: Option<PathBuf>,
    /// How long an answer may take, in seconds. RFC 5321 section 4.5.3.2 has 300 for most.
    #[serde(default = "timeout_s")]
    pub timeout_s: u32,
    /// How long the answer to the end of the letter may take, in seconds. If it is too short, letters that were accepted are
    /// sent again. RFC 5321 section 4.5.3.2.6: 600.
    #[serde(default = "end_timeout_s")]
    pub end_timeout_s: u32,
    /// Largest copy that is attached, in bytes; of a larger one the letter says how to fetch it.
    #[serde(default = "attachment_most")]
    pub attachment_most: u64,
}

/// Whom letters come from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The address, ASCII before the `@`.
    pub address: String,
    /// The name that is shown, as "UBND phường Hoàn Kiếm".
    pub name: String,
}

/// How a connection is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// From the first byte on (RFC 8314).
    Tls,
    /// From the command `STARTTLS` on (RFC 3207); nothing is sent to a server that does not offer it.
    StartTls,
    /// Not at all: for a mail server on this machine.
    None,
}

/// Why no letters can go out with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No server.
    #[error("`host` is neither a name nor an IP address: write the mail server's, without a port")]
    Host,
    /// Readable letters.
    #[error(
        "`security = \"none\"` lets everybody on the way read the letters: use \"tls\" or \"starttls\", or allow it with `unencrypted_beyond_this_machine = true`"
    )]
    Unencrypted,
    /// A readable password.
    #[error(
        "a password is not sent without encryption beyond this machine: use \"tls\" or \"starttls\", or take `user` out"
    )]
    UnencryptedPassword,
    /// One without the other.
    #[error("`user` needs one of `password_file` and `credential`, and these need `user`")]
    User,
    /// A name that cannot be sent.
    #[error("`user` is empty, has more than {SECRET_MOST} bytes, or control signs")]
    UserName,
    /// The sender's address.
    #[error("`from.address` cannot be used: {0}")]
    From(AddressError),
    /// The sender's address needs too much of servers.
    #[error("`from.address` has letters beyond ASCII before the @, which not all servers take: use another one")]
    FromNotAscii,
    /// The sender's name.
    #[error("`from.name` is empty, has more than {NAME_MOST} bytes, or signs that break a line")]
    FromName,
    /// This machine's name.
    #[error("`hello_name` is no name of a machine: write it as kiosk-7.hanoi.example, or take it out")]
    HelloName,
    /// A number.
    #[error("`{field}` is to be 1 to {most}")]
    Number {
        /// Which.
        field: &'static str,
        /// Most that is taken.
        most: u64,
    },
    /// A credential's name.
    #[error("`credential` is no name of a credential: write the one in `LoadCredential=`, without a path")]
    CredentialName,
    /// No credentials.
    #[error(
        "there are no credentials (CREDENTIALS_DIRECTORY is not set): add `LoadCredential=` to the unit, or use `password_file`"
    )]
    NoCredentials,
    /// A file that others can read.
    #[error("{} has mode {mode:03o}; a password is for its owner only: chmod 600", path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A file that does not hold one.
    #[error("{} does not hold a password: one line of 1 to {SECRET_MOST} bytes, UTF-8", path.display())]
    NoPassword {
        /// The file.
        path: PathBuf,
    },
    /// A file.
    #[error("{} cannot be read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The authorities.
    #[error("{} has no certificate of an authority that can be used ({why}): give a PEM file", path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Nobody to trust.
    #[error("this machine has no list of authorities: install ca-certificates, or name a file in `authorities`")]
    NoAuthorities,
    /// The library of TLS.
    #[error("TLS cannot be used: {0}")]
    Tls(String),
}

fn timeout_s() -> u32 {
    60
}

fn end_timeout_s() -> u32 {
    600
}

fn attachment_most() -> u64 {
    10 << 20
}

impl Settings {
    /// Looks whether they make sense together; reads no file.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn check(&self) -> Result<(), SettingsError> {
        self.server_name()?;
        let unencrypted = self.security == Security::None && !self.is_loopback();
        if unencrypted && !self.unencrypted_beyond_this_machine {
            return Err(SettingsError::Unencrypted);
        }
        if unencrypted && self.user.is_some() {
            return Err(SettingsError::UnencryptedPassword);
        }
        match (&self.user, &self.password_file, &self.credential) {
            (None, None, None) | (Some(_), Some(_), None) | (Some(_), None, Some(_)) => {}
            _ => return Err(SettingsError::User),
        }
        if self.user.as_ref().is_some_and(|user| !is_secret(user)) {
            return Err(SettingsError::UserName);
        }
        self.sender()?;
        if !is_one_line(&self.from.name, NAME_MOST) {
            return Err(SettingsError::FromName);
        }
        let is_name = |name: &String| matches!(ServerName::try_from(name.as_str()), Ok(ServerName::DnsName(_)));
        if self.hello_name.as_ref().is_some_and(|name| !is_name(name)) {
            return Err(SettingsError::HelloName);
        }
        let number = |field, value, most| {
            if (1..=most).contains(&value) { Ok(()) } else { Err(SettingsError::Number { field, most }) }
        };
        number("port", self.port().into(), u16::MAX.into())?;
        number("timeout_s", self.timeout_s.into(), WAIT_MOST_S.into())?;
        number("end_timeout_s", self.end_timeout_s.into(), WAIT_MOST_S.into())?;
        number("attachment_most", self.attachment_most, ATTACHMENT_MOST)?;
        match &self.credential {
            Some(name) if name.is_empty() || name.starts_with('.') || name.contains('/') || !is_one_line(name, 255) => {
                Err(SettingsError::CredentialName)
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        // RFC 8314 sections 3.3 and 7.3; RFC 6409 section 3.1; RFC 5321 section 4.5.4.2.
        self.port.unwrap_or(match self.security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        })
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s.into())
    }

    pub(crate) fn end_timeout(&self) -> Duration {
        Duration::from_secs(self.end_timeout_s.into())
    }

    /// Whether only this machine can be meant. What the name `localhost` leads to is looked at again when it is known.
    fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }

    /// Whether addresses beyond this machine are not spoken to.
    pub(crate) fn only_loopback(&self) -> bool {
        self.security == Security::None && !self.unencrypted_beyond_this_machine
    }

    pub(crate) fn server_name(&self) -> Result<ServerName<'static>, SettingsError> {
        ServerName::try_from(self.host.clone()).map_err(|_| SettingsError::Host)
    }

    pub(crate) fn sender(&self) -> Result<Recipient, SettingsError> {
        let sender = Recipient::parse(&self.from.address).map_err(SettingsError::From)?;
        if sender.needs_utf8() { Err(SettingsError::FromNotAscii) } else { Ok(sender) }
    }

    /// Reads the password, if there is one.
    ///
    /// # Errors
    /// [`SettingsError::NotPrivate`], [`SettingsError::NoPassword`], [`SettingsError::NoCredentials`], [`SettingsError::File`].
    pub(crate) fn login(&self) -> Result<Option<Login>, SettingsError> {
        let Some(user) = &self.user else { return Ok(None) };
        let password = match (&self.password_file, &self.credential) {
            (Some(file), _) => secret_in(file, 0o077)?,
            (None, Some(name)) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or(SettingsError::NoCredentials)?;
                // systemd gives the unit's user the right to read by an access control list, which shows as the group's.
                secret_in(&Path::new(&folder).join(name), 0o037)?
            }
            (None, None) => return Err(SettingsError::User),
        };
        Ok(Some(Login { user: user.clone(), password }))
    }
}

/// Who logs in, and with what; no `Debug`.
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
}

fn secret_in(path: &Path, forbidden: u32) -> Result<String, SettingsError> {
    let failed = |source| SettingsError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    let mode = about.permissions().mode() & 0o777;
    if mode & forbidden != 0 {
        return Err(SettingsError::NotPrivate { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    let most = SECRET_MOST as u64 + 3;
    let read = if about.is_file() { file.take(most).read_to_string(&mut text) } else { Ok(0) };
    match read {
        Err(error) if error.kind() != io::ErrorKind::InvalidData => return Err(failed(error)),
        _ => {}
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if is_secret(line) { Ok(line.to_owned()) } else { Err(SettingsError::NoPassword { path: path.to_owned() }) }
}

fn is_secret(text: &str) -> bool {
    !text.is_empty() && text.len() <= SECRET_MOST && !text.chars().any(char::is_control)
}
