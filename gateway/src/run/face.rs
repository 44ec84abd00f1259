//! `kiosk-gateway face`: the worker's own commands, for people who look for them here. Pictures are decoded by the worker
//! program only, which locks itself in before it sees them.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::bail;

use crate::registry::{program_dir, source_tree};

/// `kiosk-gateway face …`
#[derive(clap::Subcommand)]
pub enum Task {
    /// Is it the same person? Exits with 0 if so, with 1 if not or if an officer should look, with 2 if it cannot be told
    Match {
        /// One picture, JPEG or PNG
        a: PathBuf,
        /// The other
        b: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// How good pictures of faces are
    Quality {
        /// Pictures, JPEG or PNG
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Becomes the worker.
///
/// # Errors
/// If it is not there.
#[expect(clippy::disallowed_methods, reason = "no child is started: this process becomes the worker")]
pub fn face(task: &Task) -> anyhow::Result<ExitCode> {
    let worker = program_dir().join("kiosk-face-worker");
    let mut command = Command::new(&worker);
    if let Some(tree) = source_tree().filter(|_| std::env::var_os("KIOSK_MODELS").is_none()) {
        command.env("KIOSK_MODELS", tree.join("models"));
    }
    let json = match task {
        Task::Match { a, b, json } => {
            command.arg("match").args([a, b]);
            *json
        }
        Task::Quality { files, json } => {
            command.arg("quality").args(files);
            *json
        }
    };
    if json {
        command.arg("--json");
    }
    // It comes back only if it could not be done.
    bail!("cannot start {}: {}", worker.display(), command.exec())
}
