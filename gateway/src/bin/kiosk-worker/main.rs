//! `kiosk-worker`: reads documents in a locked room. A child of the gateway (kind `document_reader`), spoken to on stdin
//! and stdout like a driver; it decodes bytes from outside, so it gives up files, network and new processes before it
//! sees the first of them.
//!
//! For people: `kiosk-worker read FILE` prints the text of an image, `kiosk-worker --sandbox-selftest` proves the lock.
//! The gateway starts it without arguments and needs to set nothing in its environment.

mod document_reader;
mod read;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kiosk_gateway::pipeline::{WORKER_MEMORY_MIB, worker_limits};
use kiosk_sandbox::selftest;

/// Reads the text of scanned pages, locked away from files and network.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    /// Lock in, try everything that is forbidden, and exit 0 only if all of it fails
    #[arg(long, value_name = "LAYERS", num_args = 0..=1, default_missing_value = "all", exclusive = true)]
    sandbox_selftest: Option<kiosk_sandbox::Layers>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Print the text of a JPEG or PNG file
    Read(read::Arguments),
}

fn main() -> ExitCode {
    if std::env::args_os().len() == 1 {
        return kiosk_driver_sdk::serve::<document_reader::DocumentWorker>();
    }
    let arguments = Arguments::parse();
    match (arguments.sandbox_selftest, arguments.command) {
        (Some(layers), _) => selftest::run(layers, worker_limits(WORKER_MEMORY_MIB)),
        (None, Some(Command::Read(read))) => read::run(&read),
        (None, None) => unreachable!("clap asks for an argument"),
    }
}

/// An error with all its causes, as one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
