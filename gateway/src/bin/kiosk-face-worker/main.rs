//! `kiosk-face-worker`: compares faces in a locked room. A child of the gateway (kind `face_matcher`), spoken to on stdin and
//! stdout like a driver; it decodes bytes from outside, so it gives up files, network and new processes before it sees the
//! first of them. What it has seen is in its memory only, and gone with it.
//!
//! For people: `kiosk-face-worker match A B` and `quality FILE…` (also as `kiosk-gateway face …`).

mod face_matcher;
mod files;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Compares faces, locked away from files and network.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Is it the same person? Exits with 0 if so, with 1 if not or if an officer should look, with 2 if it cannot be told
    Match(files::MatchArguments),
    /// How good pictures of faces are
    Quality(files::QualityArguments),
}

fn main() -> ExitCode {
    if std::env::args_os().len() == 1 {
        return kiosk_driver_sdk::serve::<face_matcher::FaceWorker>();
    }
    match Arguments::parse().command {
        Command::Match(arguments) => files::compare(&arguments),
        Command::Quality(arguments) => files::quality(&arguments),
    }
}
