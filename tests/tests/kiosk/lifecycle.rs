//! Start and end: without devices, with late ones, with a wrong configuration, by SIGTERM in the middle of work, by SIGKILL.

use std::path::PathBuf;
use std::process::ExitStatus;

use kiosk_protocol::device::DeviceState as S;
use kiosk_protocol::error::ErrorCode as E;
use kiosk_tests::rig::client::Ended;
use kiosk_tests::rig::process::{self, Program, Signal};
use kiosk_tests::rig::{self, PATIENCE, Parts, Rig, RigOptions, http, programs};
use tempfile::TempDir;

use crate::support::{PAGE_TAKES_MINUTES, codes_on_paper, flatbed, kind, long_receipt, print, slow};

fn gateway_only() -> RigOptions {
    RigOptions { parts: Parts::GatewayOnly, ..RigOptions::default() }
}

#[tokio::test]
async fn a_gateway_starts_with_no_devices_at_all() {
    let rig = Rig::start(gateway_only()).await;
    let mut client = rig.client().await;
    assert!(client.devices.is_empty());
    let error = client.fails("ups.status").await;
    assert_eq!(error.failure.code, E::UnknownDevice);
    rig.assert_healthy().await;
}

#[tokio::test]
async fn a_gateway_starts_without_its_devices_and_picks_them_up_late() {
    let rig = Rig::start(RigOptions::default()).await;
    for device in ["scanner", "printer", "ups"] {
        rig.simulators.unplug(device).await;
    }
    // A second gateway that has never seen them.
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.toml");
    std::fs::copy(rig.folder().join("gateway.toml"), &config).unwrap();
    let (_gateway, _says, address) = rig::start_gateway(folder.path(), &config).await;
    let mut client = rig::Client::connect(address).await;
    for device in ["scanner", "printer", "ups"] {
        client.wait_state(device, S::Absent, PATIENCE).await;
    }
    drop(rig.client().await);
    for device in ["scanner", "ups"] {
        rig.simulators.plug(device).await;
        client.wait_state(device, S::Ready, PATIENCE).await;
    }
    client.done(flatbed()).await;
}

#[tokio::test]
async fn sigterm_lets_the_running_command_finish_and_refuses_new_ones() {
    let (mut rig, mut client) = Rig::ready(RigOptions::default()).await;
    let mut other = rig.client().await;
    slow(&rig, "printer", 20_000).await;
    let id = client.start(print(long_receipt("drained"), "while-stopping")).await;
    client.event(id, "receipt_printer.progress").await;
    let children = rig.children();
    assert_eq!(children.len(), 3, "{children:?}");
    rig.gateway().signal(Signal::TERM);
    other.notice("gateway.stopping", PATIENCE).await;
    assert_eq!(other.fails("ups.status").await.failure.code, E::ShuttingDown);
    assert!(!client.is_over(id), "the print goes on");
    rig.simulators.clear("printer").await;
    assert_eq!(client.finish(id).await.unwrap()["outcome"], "printed");
    assert_eq!(client.end(PATIENCE).await, Ended::Closed(1000));
    assert_eq!(rig.gateway().end_within(PATIENCE).await.code(), Some(0));
    assert!(children.iter().all(|child| !child.runs()), "no child is left");
    assert_eq!(codes_on_paper(&rig).await, ["drained"]);
}

#[tokio::test]
async fn a_command_that_takes_too_long_does_not_hold_the_end_up() {
    let (mut rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let id = client.start(flatbed()).await;
    client.event(id, "scanner.page_started").await;
    rig.gateway().signal(Signal::TERM);
    let error = client.finish_within(id, PATIENCE).await.unwrap_err();
    assert!(matches!(error.failure.code, E::ShuttingDown | E::Cancelled), "{error:?}");
    assert_eq!(rig.gateway().end_within(PATIENCE).await.code(), Some(0));
}

#[tokio::test]
async fn a_killed_gateway_leaves_no_child() {
    let (mut rig, mut client) = Rig::ready(RigOptions::default()).await;
    slow(&rig, "scanner", PAGE_TAKES_MINUTES).await;
    let id = client.start(flatbed()).await;
    client.event(id, "scanner.page_started").await;
    let children = rig.children();
    assert_eq!(children.len(), 3, "{children:?}");
    rig.gateway().signal(Signal::KILL);
    rig.gateway().end_within(PATIENCE).await;
    for child in children {
        child.gone_within(PATIENCE).await;
    }
}

#[tokio::test]
async fn a_rig_leaves_no_process_behind() {
    let (rig, _client) = Rig::ready(RigOptions::default()).await;
    let stopped = rig.child("kiosk-driver-nut").unwrap();
    stopped.signal(Signal::STOP);
    let all = process::descendants_of(i32::try_from(std::process::id()).unwrap());
    let own = rig.gateway_pid();
    let mine: Vec<_> = rig.children().into_iter().chain(all.into_iter().filter(|process| process.pid == own)).collect();
    assert_eq!(mine.len(), 4, "{mine:?}");
    drop(rig);
    assert!(mine.iter().all(|process| !process.runs()), "{mine:?}");
}

#[tokio::test]
async fn memory_at_rest_is_modest() {
    let (rig, _client) = Rig::ready(RigOptions::default()).await;
    let gateway = process::resident_kib(rig.gateway_pid());
    assert!((1..120 * 1024).contains(&gateway), "the gateway has {gateway} KiB");
    for child in rig.children() {
        let resident = child.resident_kib();
        assert!((1..60 * 1024).contains(&resident), "{} has {resident} KiB", child.program);
    }
}

/// Runs the gateway's program to its end: exit status, stdout, stderr.
async fn run(arguments: &[&str]) -> (ExitStatus, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let mut program = Program::start(&programs::find("kiosk-gateway"), &arguments, &folder.path().join("log"));
    let said = program.lines().rest(PATIENCE).await;
    let status = program.end_within(PATIENCE).await;
    (status, said, program.log())
}

fn config(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn with_drivers(text: &str) -> String {
    format!("[drivers]\ndirs = [{:?}]\n{text}", programs::source_tree().join("device-drivers").display().to_string())
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_with_the_next_step() {
    let rig = Rig::start(gateway_only()).await;
    let (_folder, path) = config(&format!("[server]\nport = {}\n", rig.address.port()));
    let (status, _, log) = run(&["run", "--config", path.to_str().unwrap()]).await;
    assert_eq!(status.code(), Some(1));
    assert!(log.contains("is another gateway running? Choose another port"), "{log}");
    rig.assert_healthy().await;
}

#[tokio::test]
async fn a_mistake_in_the_configuration_stops_the_start_with_line_reason_and_suggestion() {
    for (text, line, words) in [
        ("[server]\nprot = 7180\n", 2, &["unknown field `prot`", "did you mean `port`?"][..]),
        ("[sever]\nport = 1\n", 1, &["did you mean `server`?"]),
        ("[server]\nport = \"many\"\n", 2, &["expected u16"]),
        ("[server]\nport = 70000\n", 2, &["70000"]),
        ("[server]\nlisten = \"0.0.0.0\"\n", 2, &["loopback only", "use 127.0.0.1"]),
        ("[server]\norigins = [\"https://*.vn\"]\n", 2, &["wildcard"]),
        ("[server]\nmax_connections = 0\n", 2, &["1 to 4096"]),
        ("[blobs]\nmemory_mib = 9\ntotal_mib = 3\n", 2, &["total_mib"]),
        ("[devices.Scanner]\ndriver = \"escl\"\naddress = \"x:y\"\n", 1, &["lower-case"]),
        ("[devices.a]\ndriver = \"escl\"\n", 1, &["address"]),
        ("[server\n", 1, &[]),
    ] {
        let (_folder, path) = config(text);
        let (status, _, log) = run(&["run", "--config", path.to_str().unwrap()]).await;
        assert_eq!(status.code(), Some(1), "{text}");
        assert!(log.contains(&format!("gateway.toml:{line}: ")), "{text}: {log}");
        for word in words {
            assert!(log.contains(word), "{text} should say {word:?}: {log}");
        }
    }
    let (status, _, log) = run(&["run", "--config", "/nowhere/gateway.toml"]).await;
    assert_eq!(status.code(), Some(1));
    assert!(log.contains("/nowhere/gateway.toml"), "{log}");
}

#[tokio::test]
async fn an_unknown_driver_is_answered_with_the_nearest() {
    let (_folder, path) =
        config(&with_drivers("[devices.scanner]\ndriver = \"esci\"\naddress = \"http://127.0.0.1/eSCL\"\n"));
    let (status, _, log) = run(&["run", "--config", path.to_str().unwrap()]).await;
    assert_eq!(status.code(), Some(1));
    assert!(log.contains("did you mean `escl`?"), "{log}");
    for driver in ["escpos", "nut", "skeleton"] {
        assert!(log.contains(driver), "{driver} is installed: {log}");
    }
}

#[tokio::test]
async fn a_configuration_can_be_checked_and_the_drivers_listed() {
    let (_folder, path) =
        config(&with_drivers("[devices.scanner]\ndriver = \"escl\"\naddress = \"http://127.0.0.1/eSCL\"\n"));
    let (status, said, log) = run(&["check", path.to_str().unwrap()]).await;
    assert!(status.success(), "{log}");
    assert!(said.contains("scanner: escl at http://127.0.0.1/eSCL") && said.contains("is right: 1 device"), "{said}");
    let (_folder, wrong) = config("[server]\nprot = 1\n");
    let (status, _, log) = run(&["check", wrong.to_str().unwrap()]).await;
    assert!(status.code() == Some(1) && log.contains("gateway.toml:2: "), "{log}");
    let (status, said, log) = run(&["drivers", "--config", path.to_str().unwrap()]).await;
    assert!(status.success(), "{log}");
    for driver in ["escl", "escpos", "nut", "skeleton"] {
        assert!(said.lines().any(|line| line.starts_with(driver)), "{said}");
    }
}

#[tokio::test]
async fn a_reader_that_has_read_enough_is_no_fault() {
    let (_folder, path) = config(&with_drivers(""));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    #[expect(clippy::disallowed_methods, reason = "its stdout is a pipe that nobody reads")]
    let mut gateway = tokio::process::Command::new(programs::find("kiosk-gateway"));
    gateway.args(["drivers", "--config"]).arg(path).stdout(writer).stderr(std::process::Stdio::piped());
    let gateway = gateway.spawn().unwrap();
    let ended = tokio::time::timeout(PATIENCE, gateway.wait_with_output()).await.expect("it ends").unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}

#[tokio::test]
async fn a_device_with_wrong_settings_is_held_with_a_hint_and_the_others_work() {
    let config = "[devices.odd]\ndriver = \"nut\"\naddress = \"nut://127.0.0.1:9/kiosk\"\nconfig.pol_ms = 5\n".into();
    let rig = Rig::start(RigOptions { config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    let view = client.wait_state("odd", S::Held, PATIENCE).await;
    assert!(view.problem.unwrap().failure.detail.contains("pol_ms"));
    let error = client.fails(rig::Order::from("ups.status").device("odd")).await;
    assert_eq!(kind(&error).0, E::DriverHeld);
    for device in ["scanner", "printer", "ups"] {
        client.wait_state(device, S::Ready, PATIENCE).await;
    }
    let metrics = http::get(rig.address, "/metrics", None).await.text();
    assert!(metrics.contains("kiosk_device_ready{device=\"odd\"} 0"), "{metrics}");
    assert!(metrics.contains("kiosk_device_ready{device=\"ups\"} 1"), "{metrics}");
}
