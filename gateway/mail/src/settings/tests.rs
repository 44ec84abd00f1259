use std::fs;

use super::*;

fn settings(more: &str) -> Result<Settings, String> {
    let text = format!(
        "host = \"mail.hanoi.example\"\nsecurity = \"tls\"\n{more}\n[from]\naddress = \"a@hanoi.example\"\nname = \"UBND\"\n"
    );
    toml::from_str(&text).map_err(|error| error.to_string())
}

fn said(change: impl Fn(&mut Settings)) -> String {
    let mut changed = settings("").unwrap();
    change(&mut changed);
    changed.check().unwrap_err().to_string()
}

#[test]
fn what_is_not_said_has_a_default() {
    let it = settings("").unwrap();
    it.check().unwrap();
    assert_eq!((it.port(), it.timeout_s, it.end_timeout_s, it.attachment_most), (465, 60, 600, 10 << 20));
    let port = |security| Settings { security, ..it.clone() }.port();
    assert_eq!((port(Security::StartTls), port(Security::None)), (587, 25));
}

#[test]
fn a_misspelt_key_is_refused() {
    assert!(settings("passwort_file = \"x\"").unwrap_err().contains("passwort_file"));
    assert!(settings("password = \"secret\"").is_err());
}

#[test]
fn nothing_goes_unencrypted_beyond_this_machine_unless_that_is_said() {
    let none = |host: &str| {
        let mut it = settings("").unwrap();
        (it.security, it.host) = (Security::None, host.to_owned());
        it
    };
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
        none(host).check().unwrap();
        assert!(none(host).only_loopback());
    }
    for host in ["mail.hanoi.example", "192.0.2.1", "localhost.hanoi.example", "::2"] {
        assert!(matches!(none(host).check(), Err(SettingsError::Unencrypted)));
        let mut said = none(host);
        said.unencrypted_beyond_this_machine = true;
        said.check().unwrap();
        (said.user, said.password_file) = (Some("kiosk".into()), Some("/x".into()));
        assert!(matches!(said.check(), Err(SettingsError::UnencryptedPassword)));
    }
}

#[test]
fn each_mistake_names_its_field() {
    for host in ["", "mail.hanoi.example:465", "mail hanoi", "mail\r\n"] {
        assert!(said(|it| it.host = host.into()).contains("`host`"), "{host:?}");
    }
    assert!(said(|it| it.user = Some("kiosk".into())).contains("`user`"));
    assert!(said(|it| it.credential = Some("smtp".into())).contains("`user`"));
    let user = |it: &mut Settings| (it.user, it.credential) = (Some("kiosk".into()), Some("smtp".into()));
    assert!(said(|it| (user(it), it.password_file = Some("/x".into())).1).contains("`user`"));
    assert!(said(|it| (user(it), it.user = Some("a\0b".into())).1).contains("`user`"));
    for name in ["", "..", "a/b", ".a", "a\nb"] {
        assert!(said(|it| (user(it), it.credential = Some(name.into())).1).contains("`credential`"));
    }
    assert!(said(|it| it.from.address = "nobody".into()).contains("`from.address`"));
    assert!(said(|it| it.from.address = "thư@hanoi.example".into()).contains("`from.address`"));
    assert!(said(|it| it.from.name = "UBND\r\nBcc: a@b.example".into()).contains("`from.name`"));
    assert!(said(|it| it.hello_name = Some("a b\r\n".into())).contains("`hello_name`"));
    assert!(said(|it| it.hello_name = Some("192.0.2.1".into())).contains("`hello_name`"));
    assert!(said(|it| it.port = Some(0)).contains("`port`"));
    assert!(said(|it| it.timeout_s = 0).contains("`timeout_s`"));
    assert!(said(|it| it.end_timeout_s = 3_601).contains("`end_timeout_s`"));
    assert!(said(|it| it.attachment_most = u64::MAX).contains("`attachment_most`"));
}

fn file(folder: &Path, content: &[u8], mode: u32) -> PathBuf {
    let path = folder.join(format!("{mode:o}-{}", content.len()));
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn a_password_is_one_line_in_a_file_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let read = |content: &[u8], mode| secret_in(&file(folder.path(), content, mode), 0o077);
    assert_eq!(read("mật khẩu 1\n".as_bytes(), 0o600).unwrap(), "mật khẩu 1");
    assert_eq!(read(b" with spaces ", 0o400).unwrap(), " with spaces ");
    assert_eq!(read(b"of another system\r\n", 0o600).unwrap(), "of another system");
    assert_eq!(read(&[b'a'; SECRET_MOST], 0o600).unwrap().len(), SECRET_MOST);
    for mode in [0o640, 0o604, 0o644, 0o620, 0o610] {
        let said = read(b"secret", mode).unwrap_err().to_string();
        assert!(said.contains(&format!("{mode:o}")) && !said.contains("secret"), "{said}");
    }
    for content in [&b""[..], b"\n", b"two\nlines\n", b"a\0b", b"\xff\xfe", &[b'a'; SECRET_MOST + 1], &[b'a'; 100_000]]
    {
        assert!(matches!(read(content, 0o600), Err(SettingsError::NoPassword { .. })));
    }
    assert!(matches!(secret_in(&folder.path().join("none"), 0o077), Err(SettingsError::File { .. })));
}

#[test]
fn a_credential_may_show_the_groups_right_to_read() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(secret_in(&file(folder.path(), b"secret", 0o440), 0o037).unwrap(), "secret");
    for mode in [0o444, 0o460, 0o441] {
        assert!(matches!(
            secret_in(&file(folder.path(), b"secret", mode), 0o037),
            Err(SettingsError::NotPrivate { .. })
        ));
    }
}
