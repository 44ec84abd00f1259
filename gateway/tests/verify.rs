//! `kiosk-gateway verify` as a program: what it says, and its exit status.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../verify/src/tests/world.rs"]
#[expect(dead_code, reason = "the copy of the tests of `kiosk-verify`, shared by its file")]
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kiosk_pades::Level;
use kiosk_pades::testing::{Kind, day, file, pki};
use kiosk_proof::Status;
use serde_json::Value;
use tempfile::TempDir;
use world::{HOST, URL, copy, list, point, world};

/// A day after the copy was signed.
const AT: &str = "2026-06-03";

struct Files {
    folder: TempDir,
}

struct Said {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Files {
    /// All that belongs to the copy.
    fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        let world = world();
        files.put("copy.pdf", &world.pdf);
        files.put("roots/root.der", &pki().root.certificate);
        files.put("roots/README.txt", b"the roots of the tests");
        files.put("issue.tlog-proof", world.issue.as_bytes());
        files.put("final.tlog-proof", world.last.as_bytes());
        files.put("claims.key", &point());
        files.put("revocations", &list(Status::Valid, 8, day(30)));
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Runs it offline on a file, with these roots, at a day after signing.
    fn verify(&self, name: &str, more: &[&str]) -> Said {
        let roots = self.path("roots").display().to_string();
        self.run(&[&["--offline", "--at", AT, "--roots", &roots], more].concat(), &self.path(name))
    }

    #[expect(clippy::disallowed_methods, reason = "this test is the parent")]
    fn run(&self, arguments: &[&str], file: &Path) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk-gateway"));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).arg("verify").args(arguments).arg(file);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

#[test]
fn a_genuine_copy_is_told_in_vietnamese_and_in_english() {
    let files = Files::new();
    let said = files.verify("copy.pdf", &[]);
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("Bản sao này là thật."), "{}", said.out);
    assert!(said.out.contains("✓ Nguyễn Văn A đã ký lúc 07:00 ngày 02/06/2026"), "{}", said.out);
    assert!(said.out.contains("còn nguyên vẹn"), "{}", said.out);
    let said = files.verify("copy.pdf", &["--english"]);
    assert_eq!(said.status, Some(0));
    assert!(said.out.starts_with("This copy is genuine."), "{}", said.out);
    assert!(said.out.contains("· Nobody was asked whether the agency has withdrawn"), "{}", said.out);
}

#[test]
fn with_all_that_goes_with_it_nothing_is_left_open() {
    let files = Files::new();
    let (log_key, qr, code) = (world().log_key.to_string(), &world().qr, world().code.expose());
    let all = [
        &["--proof", "issue.tlog-proof", "--proof", "final.tlog-proof", "--log-key", &log_key][..],
        &["--status", "revocations", "--status-url", URL, "--claims-key", "claims.key"],
        &["--host", HOST, "--prefix", "HN1", "--json"],
    ]
    .concat();
    for printed in [["--qr", qr], ["--code", &code]] {
        let said = files.verify("copy.pdf", &[&all[..], &printed].concat());
        assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
        let answer: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((&answer["genuine"], &answer["verdict"]), (&Value::Bool(true), &Value::from("genuine")));
        let weights: Vec<_> = answer["vi"]["sentences"].as_array().unwrap().iter().map(|one| &one["weight"]).collect();
        assert!(weights.len() == 7 && weights.iter().all(|weight| **weight == "good"), "{}", said.out);
    }
    files.put("revocations", &list(Status::Revoked, 8, day(30)));
    let said = files.verify("copy.pdf", &[&all[..], &["--qr", qr]].concat());
    assert_eq!(said.status, Some(1), "{}{}", said.out, said.err);
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&answer["genuine"], &answer["verdict"]), (&Value::Bool(false), &Value::from("revoked")));
}

#[test]
fn what_is_not_genuine_has_another_exit_status_and_its_reason() {
    let files = Files::new();
    let mut changed = world().pdf.clone();
    let at = changed.windows(9).position(|bytes| bytes == b"0 0 100 1").unwrap();
    changed[at] = b'1';
    files.put("changed.pdf", &changed);
    files.put("unsigned.pdf", &file(Kind::Table));
    files.put("bare.pdf", &copy(Level::BT));
    files.put("text.pdf", b"a text");
    files.put("strangers/root.der", &pki().stranger.certificate);
    for (name, more, headline) in [
        ("changed.pdf", &[][..], "This file was changed after it was signed."),
        ("unsigned.pdf", &[], "This is no certified electronic copy"),
        ("text.pdf", &[], "This is no certified electronic copy"),
        ("bare.pdf", &[], "It could not be proven"),
        ("copy.pdf", &["--signatures", "3"], "It could not be proven"),
    ] {
        let said = files.verify(name, &[&["--english"], more].concat());
        assert_eq!(said.status, Some(1), "{name}: {}{}", said.out, said.err);
        assert!(said.out.starts_with(headline), "{name}: {}", said.out);
    }
    let said = files.run(&["--offline", "--at", AT, "--roots", "strangers", "--english"], &files.path("copy.pdf"));
    assert_eq!(said.status, Some(1));
    assert!(said.out.contains("? There is a signature that says it is by “Nguyễn Văn A”"), "{}", said.out);
}

#[test]
fn what_cannot_be_judged_is_an_error_with_the_next_step() {
    let files = Files::new();
    files.put("empty/README.txt", b"nothing");
    files.put("broken/root.pem", b"-----BEGIN CERTIFICATE-----");
    files.put("wrong/root.der", &[0x30, 0]);
    let copy = files.path("copy.pdf");
    for (roots, next) in [
        ("nowhere", "put the certificates of the roots into it"),
        ("empty", "has no certificate"),
        ("broken", "root.pem"),
        ("wrong", "cannot be read as a certificate"),
    ] {
        let said = files.run(&["--offline", "--roots", roots], &copy);
        assert_eq!((said.status, said.out.as_str()), (Some(1), ""), "{roots}: {}", said.err);
        assert!(said.err.contains(next), "{roots}: {}", said.err);
    }
    assert!(files.verify("nothing.pdf", &[]).err.contains("cannot read"));
    assert!(files.verify("roots", &[]).err.contains("it is a folder"));
    // What belongs together is asked for together, before any file is read.
    for (more, missing) in [
        (&["--proof", "final.tlog-proof"][..], "--log-key"),
        (&["--qr", "x"], "--host"),
        (&["--code", "x"], "--prefix"),
        (&["--status", "revocations"], "--status-url"),
        (&["--log-key", "rubbish"], "take the line that the log's owner publishes"),
        (&["--prefix", "HN-1"], "an agency's prefix is"),
        (&["--claims-key", "copy.pdf"], "no public key of P-256"),
        (&["--signatures", "0"], "expect 1 or more"),
    ] {
        let said = files.verify("copy.pdf", more);
        assert!(said.status != Some(0) && said.out.is_empty(), "{more:?}: {}", said.out);
        assert!(said.err.contains(missing), "{more:?}: {}", said.err);
    }
    let said = files.run(&["--at", "yesterday"], &copy);
    assert!(said.status != Some(0) && said.err.contains("2026-11-29"), "{}", said.err);
}

#[test]
fn time_stamp_authorities_may_have_roots_of_their_own() {
    let files = Files::new();
    files.put("roots/time-stamps/root.der", &pki().stranger.certificate);
    let said = files.verify("copy.pdf", &["--english"]);
    assert_eq!(said.status, Some(1), "{}", said.out);
    assert!(said.out.contains("time stamp of somebody who is not trusted"), "{}", said.out);
    files.put("roots/time-stamps/root.der", &pki().root.certificate);
    assert_eq!(files.verify("copy.pdf", &[]).status, Some(0));
}
