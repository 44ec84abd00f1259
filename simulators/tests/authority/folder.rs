//! The folder: made once, found again, nobody else's; and the end.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::rig::{Authority, good, ran, simulate};
use crate::token;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// It ends with its standard input.
fn end(mut authority: Authority) {
    drop(authority.stdin.take());
    assert!(authority.child.wait().unwrap().success());
}

#[test]
fn a_folder_is_found_again_with_all_that_is_in_it() {
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().join("authority");
    let at = folder.to_str().unwrap();
    let first = Authority::start(&["--folder", at]);
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(Path::new(first.of("pin_file"))), 0o600);
    first.ctl(&["set", "revoke=seal"]);
    let (line, root) = (first.line.clone(), std::fs::read(first.of("root")).unwrap());
    let stamp = |authority: &Authority| {
        let question = authority.question("a copy", "-sha256");
        let reply = authority.post("/tsa", "application/timestamp-query", &question).1;
        let text = authority.reading(&reply);
        text.lines().find(|line| line.starts_with("Serial number")).unwrap().to_owned()
    };
    assert_eq!(stamp(&first), "Serial number: 0x01");
    let (content, said) = ran(&mut simulate(&["authority", "--folder", at]));
    assert!(!content && said.contains("another simulated authority runs"), "{said}");
    end(first);

    let port = line["address"].as_str().unwrap().rsplit(':').next().unwrap();
    let other = if port == "30000" { "30001" } else { "30000" };
    let (content, said) = ran(&mut simulate(&["authority", "--folder", at, "--port", other]));
    assert!(!content && said.contains(&format!("name port {port}")), "{said}");
    let taken = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    let (content, said) = ran(&mut simulate(&["authority", "--folder", at]));
    assert!(!content && said.contains(port) && said.contains("name another folder"), "{said}");
    drop(taken);

    let second = Authority::start(&["--folder", at]);
    let known = |line: &Value| {
        let mut line = line.clone();
        line.as_object_mut().unwrap().remove("control");
        line
    };
    assert_eq!(known(&second.line), known(&line));
    assert_eq!(std::fs::read(second.of("root")).unwrap(), root);
    assert!(second.status_of("seal").1.contains("revoked"));
    assert_eq!(stamp(&second), "Serial number: 0x02");
    let own = token::certificate(&second, "officer-hai");
    good(token::signs(&second, "officer-hai", &own));
}

#[test]
fn the_officer_can_be_out_of_order_and_in_order_again() {
    let files = tempfile::tempdir().unwrap();
    let at = files.path().to_str().unwrap();
    for (officer, says) in [
        ("expired", "certificate has expired"),
        ("early", "certificate is not yet valid"),
        ("wrong-purpose", "unsuitable certificate purpose"),
        ("good", ""),
    ] {
        let authority = Authority::start(&["--folder", at, "--officer", officer]);
        let (valid, said) = authority.judged("officer-nguyet", &["-purpose", "smimesign"]);
        assert_eq!(valid, officer == "good", "{said}");
        assert!(said.contains(says), "{officer}: {said}");
        good(authority.judged("officer-hai", &["-purpose", "smimesign"]));
        // The token has the same certificate, and the key that it is for.
        let on_token = token::certificate(&authority, "officer-nguyet");
        assert_eq!(std::fs::read(&on_token).unwrap(), std::fs::read(authority.pem("officer-nguyet")).unwrap());
        good(token::signs(&authority, "officer-nguyet", &on_token));
        assert_eq!(authority.ctl(&[])["officer"], officer);
        end(authority);
    }
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("letter.txt"), "Dear").unwrap();
    let before = mode(files.path());
    let (content, said) = ran(&mut simulate(&["authority", "--folder", files.path().to_str().unwrap()]));
    assert!(!content && said.contains("holds something else"), "{said}");
    assert_eq!(std::fs::read_dir(files.path()).unwrap().count(), 1);
    assert_eq!(mode(files.path()), before);
}

#[test]
fn a_signal_ends_it_also_while_somebody_waits_and_its_temporary_folder_goes() {
    let mut authority = Authority::start(&[]);
    let folder = authority.folder();
    assert!(folder.exists());
    authority.ctl(&["fault", "crl", "does=silent"]);
    let _waiting = authority.ask("GET", "/root.crl", "", b"");
    assert!(Command::new("kill").arg(authority.child.id().to_string()).status().unwrap().success());
    assert!(authority.child.wait().unwrap().success());
    assert!(!folder.exists());
    TcpStream::connect(authority.of("address").strip_prefix("http://").unwrap()).unwrap_err();
}

#[test]
fn a_kiosk_can_have_an_authority() {
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().join("kept");
    let ready = files.path().join("ready.json");
    let mut child = simulate(&["kiosk", "--exit-with-stdin", "--with-authority", "--authority-folder"])
        .arg(&folder)
        .arg("--ready-file")
        .arg(&ready)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert!(line["authority"]["address"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(line["authority"]["root"], folder.canonicalize().unwrap().join("root.cer").to_str().unwrap());
    assert!(line["scanner"].is_string());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(folder.join("root.cer").exists());
}
