//! Starting devices and ending at once: at SIGTERM, SIGINT, or the end of standard input.

use anyhow::Context;
use kiosk_simulators::kiosk::{Kiosk, Options, Plan};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

use crate::command::CommonArgs;

/// Runs until told to end.
pub(crate) async fn run(devices: Vec<Plan>, common: CommonArgs) -> anyhow::Result<()> {
    run_as(devices, common, false, None).await
}

/// The same; devices whose programs this machine does not have are left out if wanted.
pub(crate) async fn run_kiosk(devices: Vec<Plan>, common: CommonArgs, leave_out_missing: bool) -> anyhow::Result<()> {
    run_as(devices, common, leave_out_missing, None).await
}

/// The same; what the device `alone` announces stands in the line itself, beside the control port.
pub(crate) async fn run_alone(devices: Vec<Plan>, common: CommonArgs, alone: &str) -> anyhow::Result<()> {
    run_as(devices, common, false, Some(alone)).await
}

async fn run_as(
    devices: Vec<Plan>,
    common: CommonArgs,
    leave_out_missing: bool,
    alone: Option<&str>,
) -> anyhow::Result<()> {
    // First of all, so that a signal that comes early is not missed.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let CommonArgs { control_port, allow_origin, ready_file, exit_with_stdin, seed: _ } = common;
    let kiosk = Kiosk::start(Options { devices, control_port, allow_origin, leave_out_missing }).await?;
    for why in kiosk.left_out() {
        tell_left_out(why);
    }
    let mut addresses = kiosk.addresses();
    if let Some(Value::Object(fields)) = alone.and_then(|name| addresses.remove(name)) {
        addresses.extend(fields);
    }
    let line = serde_json::to_string(&addresses)?;
    if let Some(path) = &ready_file {
        write_whole(path, &line).with_context(|| format!("cannot write the ready file {}", path.display()))?;
    }
    print(&line);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = stdin_end(), if exit_with_stdin => {}
    }
    kiosk.end().await;
    Ok(())
}

/// The file appears with all of its content, or not at all.
fn write_whole(path: &std::path::Path, line: &str) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, format!("{line}\n"))?;
    std::fs::rename(&partial, path)
}

#[expect(clippy::print_stdout, reason = "the one line that others wait for")]
fn print(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "for the person who starts it; others see that the address is not there")]
fn tell_left_out(why: &str) {
    eprintln!("kiosk-simulate: left out: {why}");
}

async fn stdin_end() {
    let (mut input, mut bytes) = (tokio::io::stdin(), [0; 256]);
    while let Ok(1..) = input.read(&mut bytes).await {}
}
