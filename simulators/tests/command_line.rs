//! The program `kiosk-simulate` as others start it.

#![allow(clippy::unwrap_used, reason = "a test that fails here fails")]
#![allow(clippy::disallowed_methods, reason = "the program under test is started as a process")]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use serde_json::Value;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk-simulate"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// A running simulator; killed when the test fails.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    addresses: Value,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let stdin = child.stdin.take();
        Self { child, stdin, addresses: serde_json::from_str(&line).unwrap() }
    }

    fn address(&self, of: &str) -> &str {
        self.addresses[of].as_str().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_kiosk_tells_its_addresses_once_all_listen() {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready.json");
    let running = Running::start(&["kiosk", "--ready-file", ready.to_str().unwrap()]);
    assert!(running.address("scanner").ends_with("/eSCL"));
    assert!(running.address("ups").starts_with("nut://127.0.0.1:") && running.address("ups").ends_with("/kiosk"));
    TcpStream::connect(running.address("printer").strip_prefix("tcp:").unwrap()).unwrap();
    let written: Value = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
    assert_eq!(written, running.addresses);
}

#[test]
fn ctl_turns_knobs_and_shows_them() {
    let running = Running::start(&["ups"]);
    assert!(running.addresses.get("printer").is_none());
    let control = running.address("control");
    let set = run(&["ctl", "--control", control, "ups", "set", "mains=off", "charge=50"]);
    assert!(set.status.success());
    let state: Value = serde_json::from_slice(&run(&["ctl", "--control", control, "ups"]).stdout).unwrap();
    assert_eq!(state["status"], "OB DISCHRG");
    assert!(run(&["ctl", "--control", control, "ups", "fault", "stale"]).status.success());
    assert!(run(&["ctl", "--control", control, "ups", "clear", "stale"]).status.success());
    let wrong = run(&["ctl", "--control", control, "ups", "fault", "jam"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("replace_battery"));
    assert!(!run(&["ctl", "--control", control, "ups", "set", "mains"]).status.success());
    assert!(run(&["ctl", "--control", control, "ups", "unplug"]).status.success());
    let address = running.address("ups").strip_prefix("nut://").unwrap().strip_suffix("/kiosk").unwrap();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn the_end_of_standard_input_ends_it_when_told_so() {
    let mut running = Running::start(&["kiosk", "--exit-with-stdin"]);
    drop(running.stdin.take());
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn a_termination_signal_ends_it_at_once() {
    let mut running = Running::start(&["kiosk"]);
    assert!(Command::new("kill").arg(running.child.id().to_string()).status().unwrap().success());
    assert!(running.child.wait().unwrap().success());
}

#[test]
fn a_port_in_use_is_told_with_its_number() {
    let running = Running::start(&["printer"]);
    let port = running.address("printer").rsplit(':').next().unwrap();
    let second = run(&["printer", "--printer-port", port]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains(port), "{second:?}");
    let nobody = run(&["ctl", "--control", "http://127.0.0.1:1", "ups"]);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("is kiosk-simulate running?"));
}

#[test]
fn a_device_of_other_programs_that_cannot_be_had_is_left_out_if_wanted() {
    // A folder that holds something else is none for an authority.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), "hello").unwrap();
    let kiosk = ["kiosk", "--with-authority", "--authority-folder", folder.path().to_str().unwrap()];
    let refused = run(&kiosk);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("holds something else"), "{refused:?}");
    let running = Running::start(&[&kiosk[..], &["--leave-out-missing"]].concat());
    assert!(running.addresses.get("authority").is_none() && running.addresses.get("scanner").is_some());
}

#[test]
fn list_names_all_devices_and_faults() {
    let mut text = String::new();
    run(&["list"]).stdout.as_slice().read_to_string(&mut text).unwrap();
    for word in ["scanner", "printer", "ups", "jam", "paper_out", "driver_dead", "unplug", "page_printer", "abort"] {
        assert!(text.contains(word), "{word}");
    }
}

#[test]
fn a_wrong_usb_device_is_told_before_anything_is_plugged_in() {
    for (words, says) in [
        (&["usb", "toaster"][..], "camera"),
        (&["usb", "reader,folder=x"], "card"),
        (&["usb", "printer,id=epson"], "04b8:0e15"),
        (&["usb", "printer,port"], "key=value"),
        (&["usb", "printer", "ups", "--serial", "A"], "for one device"),
    ] {
        let wrong = run(words);
        assert!(!wrong.status.success());
        assert!(String::from_utf8_lossy(&wrong.stderr).contains(says), "{words:?}: {wrong:?}");
    }
}
