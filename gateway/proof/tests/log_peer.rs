//! A log of ours, looked at by Go's `sumdb` packages, which the Go project checks all its modules with.

#![expect(clippy::unwrap_used, reason = "a test program")]

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_proof::{CodeHash, Event, Folder, Log, NoteKey, NoteKind, NoteSigner, Opening};

/// Where Debian has the sources of Go packages.
const GO_PATH: &str = "/usr/share/gocode";

fn opening(number: u64) -> Opening {
    let code = CodeHash::from_bytes([7; 16]);
    Opening::new(Event::Issue, number, "01-SCTĐT/BS", code, [2; 32], [3; 32], 1_790_000_000 + number).unwrap()
}

#[test]
fn go_agrees_with_our_log_and_refuses_what_was_changed() {
    let sumdb = Path::new(GO_PATH).join("src/golang.org/x/mod/sumdb/tlog");
    assert!(sumdb.is_dir(), "Debian's package golang-golang-x-mod-dev is not installed: run `make setup`");
    let folder = tempfile::tempdir().unwrap();
    let key = || Box::new(NoteKey::new("log.example/copies", NoteKind::Log, &[1; 32]).unwrap());
    let root = folder.path().join("log");
    let mut log = Log::create(Folder::open(&root).unwrap(), key()).unwrap();
    let openings: Vec<Opening> = (0..1000).map(opening).collect();
    for part in openings[..600].chunks(97) {
        log.append(&part.iter().map(Opening::entry).collect::<Vec<_>>()).unwrap();
    }
    let mut old = log.checkpoint().clone();
    let witness = NoteKey::new("witness.example", NoteKind::Cosigner, &[2; 32]).unwrap();
    old.cosign(&witness, 1_790_000_700).unwrap();
    log.append(&openings[600..].iter().map(Opening::entry).collect::<Vec<_>>()).unwrap();
    let sidecar = log.sidecar(openings[300].clone(), 300, log.checkpoint()).unwrap();
    let grown = log.consistency(600, 1000).unwrap();
    let grown: Vec<String> = grown.iter().map(|hash| STANDARD.encode(hash)).collect();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    #[expect(clippy::disallowed_methods, reason = "a peer")]
    let said = Command::new("go")
        .env("GO111MODULE", "off")
        .env("GOPATH", GO_PATH)
        .env("GOFLAGS", "")
        .env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go"))
        .arg("run")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/log.go"))
        .arg(&root)
        .arg(key().verifier().to_string())
        .arg(file("copy.tlog-proof", sidecar.to_string()))
        .arg(file("old", old.to_string()))
        .arg(file("grown", grown.join("\n")))
        .output()
        .unwrap_or_else(|error| panic!("Debian's package golang-go is not installed ({error}): run `make setup`"));
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert_eq!((out.trim(), err.trim()), ("ok 1000", ""));
}
