//! A running authority and the programs that judge it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Nothing here takes longer, however busy the machine is.
const WITHIN: Duration = Duration::from_secs(60);

pub(crate) fn simulate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk-simulate"));
    command.args(arguments);
    command
}

/// What a program says on both outputs, and whether it is content.
pub(crate) fn ran(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    (status.success(), said)
}

pub(crate) fn openssl(arguments: &[&str]) -> (bool, String) {
    ran(Command::new("openssl").args(arguments))
}

/// What a program says that must be content.
pub(crate) fn good((success, said): (bool, String)) -> String {
    assert!(success, "{said}");
    said
}

/// An authority; killed when the test fails.
pub(crate) struct Authority {
    pub(crate) child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    /// What it said.
    pub(crate) line: Value,
    /// For the test's files.
    pub(crate) files: TempDir,
}

impl Authority {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = simulate(&["authority", "--exit-with-stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let stdin = child.stdin.take();
        let line = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it says {line:?}"));
        Self { child, stdin, line, files: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn of(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap()
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.files.path().join(name).to_str().unwrap().into()
    }

    pub(crate) fn keep(&self, name: &str, content: &[u8]) -> String {
        let file = self.file(name);
        std::fs::write(&file, content).unwrap();
        file
    }

    /// The folder that it says its root is in.
    pub(crate) fn folder(&self) -> PathBuf {
        Path::new(self.of("root")).parent().unwrap().to_owned()
    }

    /// A certificate of the folder, as a PEM file.
    pub(crate) fn pem(&self, name: &str) -> String {
        self.folder().join(format!("{name}.pem")).to_str().unwrap().into()
    }

    /// Turns a knob.
    pub(crate) fn ctl(&self, order: &[&str]) -> Value {
        let output = simulate(&["ctl", "--control", self.of("control"), "authority"]).args(order).output().unwrap();
        assert!(output.status.success(), "{order:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.of("address").strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(WITHIN)).unwrap();
        stream
    }

    /// Asks, and does not wait for the answer.
    pub(crate) fn ask(&self, method: &str, path: &str, media_type: &str, body: &[u8]) -> TcpStream {
        let mut stream = self.connect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // Of what is too long it may not take all.
        let _ = stream.write_all(body);
        stream
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Vec<u8>) {
        answer(self.ask("GET", path, "text/plain", b""))
    }

    pub(crate) fn post(&self, path: &str, media_type: &str, body: &[u8]) -> (u16, Vec<u8>) {
        answer(self.ask("POST", path, media_type, body))
    }

    /// Asks OpenSSL's OCSP client about a certificate.
    pub(crate) fn status_of(&self, name: &str) -> (bool, String) {
        let (url, issuer, certificate) = (format!("{}/ocsp", self.of("address")), self.pem("issuing"), self.pem(name));
        let (root, chain) = (self.pem("root"), self.pem("issuing"));
        let about = ["ocsp", "-issuer", &issuer, "-cert", &certificate, "-url", &url, "-timeout", "50"];
        openssl(&[&about[..], &["-CAfile", &root, "-verify_other", &chain]].concat())
    }

    /// Has OpenSSL judge a certificate, with the revocation lists that it fetches itself, but for the root's own, which names
    /// no place for it.
    pub(crate) fn judged(&self, name: &str, more: &[&str]) -> (bool, String) {
        let (root, chain, own) = (self.pem("root"), self.pem("issuing"), self.pem(name));
        let list = self.keep("root.crl", &self.get("/root.crl").1);
        let list = good(openssl(&["crl", "-inform", "DER", "-in", &list]));
        let list = self.keep("root.crl.pem", list.as_bytes());
        let chain = [
            "verify",
            "-CRLfile",
            &list,
            "-x509_strict",
            "-crl_check_all",
            "-crl_download",
            "-CAfile",
            &root,
            "-untrusted",
            &chain,
        ];
        openssl(&[&chain[..], more, &[&own]].concat())
    }

    /// OpenSSL's question for a stamp over this text.
    pub(crate) fn question(&self, text: &str, digest: &str) -> Vec<u8> {
        let (data, query) = (self.keep("data", text.as_bytes()), self.file("query.tsq"));
        good(openssl(&["ts", "-query", "-data", &data, digest, "-cert", "-out", &query]));
        std::fs::read(query).unwrap()
    }

    /// What OpenSSL reads in the answer to such a question.
    pub(crate) fn reading(&self, reply: &[u8]) -> String {
        let reply = self.keep("reply.tsr", reply);
        let settings = self.folder().join("openssl.cnf");
        let mut command = Command::new("openssl");
        command.env("OPENSSL_CONF", settings).env("AUTHORITY", "none").env("STAMP_SERIAL", "none");
        good(ran(command.args(["ts", "-reply", "-in", &reply, "-text"])))
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body.
pub(crate) fn answer(mut stream: TcpStream) -> (u16, Vec<u8>) {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    let status = std::str::from_utf8(&bytes[9..12]).unwrap().parse().unwrap();
    (status, bytes.split_off(end + 4))
}
