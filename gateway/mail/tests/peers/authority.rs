//! An authority of our own, by OpenSSL's program, and servers that it vouches for.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct Authority {
    folder: TempDir,
}

/// A server's certificate and key.
pub(crate) struct Named {
    certificate: PathBuf,
    key: PathBuf,
}

fn openssl(arguments: &[&str]) {
    #[expect(clippy::disallowed_methods, reason = "a peer")]
    let ran = Command::new("openssl").args(arguments).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const KEY: [&str; 9] = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (file, key) = (folder.path().join("ca.pem"), folder.path().join("ca.key"));
        let more = ["-subj", "/CN=Authority of a test", "-keyout", text(&key), "-out", text(&file)];
        openssl(&[&KEY[..], &more, &["-addext", "keyUsage=critical,keyCertSign"]].concat());
        Self { folder }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for a server of this name.
    pub(crate) fn server(&self, name: &str) -> Named {
        let path = |extension: &str| self.folder.path().join(format!("{name}.{extension}"));
        let (certificate, key) = (path("pem"), path("key"));
        let (ca, ca_key) = (self.file(), self.folder.path().join("ca.key"));
        let subject = format!("/CN={name}");
        let names = format!("subjectAltName=DNS:{name}");
        let made = ["-subj", &subject, "-keyout", text(&key), "-out", text(&certificate)];
        let signed = ["-CA", text(&ca), "-CAkey", text(&ca_key), "-addext", &names];
        openssl(&[&KEY[..], &made, &signed, &["-addext", "basicConstraints=critical,CA:FALSE"]].concat());
        Named { certificate, key }
    }
}

impl Named {
    /// What a server with it is told.
    pub(crate) fn options(&self, security: &str) -> Value {
        json!({ "security": security, "certificate": self.certificate, "key": self.key })
    }
}
