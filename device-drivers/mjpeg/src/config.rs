//! The driver's settings, `[devices.NAME.config]`.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_driver_sdk::OpenError;
use serde::Deserialize;

/// Longest password file, bytes.
const PASSWORD_MAX: u64 = 1024;

/// The settings as they are written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The URL of single pictures, where the camera has larger ones there than in its stream.
    pub(crate) snapshot: Option<String>,
    /// Who logs in, with the Basic scheme (RFC 7617).
    pub(crate) user: Option<String>,
    /// A file whose first line is the password.
    pub(crate) password_file: Option<String>,
    /// How often it is looked whether the camera is there, milliseconds.
    pub(crate) poll_ms: u64,
    /// After so long without a picture it is connected anew, milliseconds.
    pub(crate) stall_ms: u64,
    /// Live pictures a second at most.
    pub(crate) fps: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self { snapshot: None, user: None, password_file: None, poll_ms: 1000, stall_ms: 2000, fps: 30 }
    }
}

impl Config {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], naming the setting and its range.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        for (name, value, allowed) in [
            ("poll_ms", self.poll_ms, 200..=60_000),
            ("stall_ms", self.stall_ms, 500..=60_000),
            ("fps", u64::from(self.fps), 1..=240),
        ] {
            if !allowed.contains(&value) {
                let (least, most) = allowed.into_inner();
                return Err(OpenError::BadConfig(format!("config.{name} is {value}; use {least} to {most}")));
            }
        }
        Ok(())
    }

    /// The `Authorization` header, if there is a login.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`] if half of it is missing, [`OpenError::NoPermission`] if the file may not be read.
    pub(crate) fn authorization(&self) -> Result<Option<String>, OpenError> {
        let (user, file) = match (&self.user, &self.password_file) {
            (None, None) => return Ok(None),
            (Some(user), Some(file)) => (user, file),
            (Some(_), None) => {
                return Err(OpenError::BadConfig("config.user needs config.password_file beside it".into()));
            }
            (None, Some(_)) => {
                return Err(OpenError::BadConfig("config.password_file needs config.user beside it".into()));
            }
        };
        if user.contains(':') || user.chars().any(char::is_control) {
            return Err(OpenError::BadConfig(
                "config.user has a colon or a control character, which Basic cannot send".into(),
            ));
        }
        let failed = |reason: String| format!("config.password_file `{file}` {reason}");
        let length = std::fs::metadata(file).map(|data| data.len());
        if length.is_ok_and(|length| length > PASSWORD_MAX) {
            return Err(OpenError::BadConfig(failed(format!(
                "is longer than {PASSWORD_MAX} bytes: is it the right one?"
            ))));
        }
        let text = std::fs::read_to_string(file).map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                OpenError::NoPermission(failed("may not be read by the gateway's user".into()))
            }
            _ => OpenError::BadConfig(failed(format!("cannot be read: {error}"))),
        })?;
        let password = text.lines().next().filter(|line| !line.is_empty());
        let password = password.ok_or_else(|| OpenError::BadConfig(failed("is empty".into())))?;
        Ok(Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))))
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub(crate) fn stall(&self) -> Duration {
        Duration::from_millis(self.stall_ms)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn with(user: Option<&str>, file: Option<&str>) -> Config {
        Config { user: user.map(Into::into), password_file: file.map(Into::into), ..Config::default() }
    }

    #[test]
    fn the_login_is_user_and_first_line_of_the_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"open sesame\nnot this\n").unwrap();
        let path = file.path().to_str().unwrap();
        // RFC 7617, section 2, has this example.
        let header = with(Some("Aladdin"), Some(path)).authorization().unwrap();
        assert_eq!(header.as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(Config::default().authorization().unwrap(), None);
    }

    #[test]
    fn half_a_login_and_unusable_files_are_told() {
        let empty = tempfile::NamedTempFile::new().unwrap();
        let mut long = tempfile::NamedTempFile::new().unwrap();
        long.write_all(&[b'x'; 2000]).unwrap();
        let path = |file: &tempfile::NamedTempFile| file.path().to_str().unwrap().to_owned();
        for (config, word) in [
            (with(Some("a"), None), "password_file"),
            (with(None, Some("/nowhere")), "config.user"),
            (with(Some("a:b"), Some("/nowhere")), "colon"),
            (with(Some("a"), Some("/nowhere/at/all")), "cannot be read"),
            (with(Some("a"), Some(&path(&empty))), "is empty"),
            (with(Some("a"), Some(&path(&long))), "longer than"),
        ] {
            let error = config.authorization().unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        Config::default().check().unwrap();
        for config in [
            Config { poll_ms: 1, ..Config::default() },
            Config { stall_ms: 99_999_999, ..Config::default() },
            Config { fps: 0, ..Config::default() },
        ] {
            assert!(matches!(config.check(), Err(OpenError::BadConfig(_))));
        }
    }
}
