//! `kiosk-face-worker match` and `quality`: pictures in files, looked at in the same locked room as the gateway's.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use kiosk_driver_sdk::protocol::face::{Decision, FaceQuality};
use kiosk_gateway::pipeline::faces::capture::judge;
use kiosk_gateway::pipeline::faces::thresholds::Thresholds;
use kiosk_gateway::pipeline::faces::{Faces, Seen};
use kiosk_gateway::pipeline::models::MODEL_FOLDER;
use kiosk_gateway::pipeline::page::CapturedPage;
use kiosk_gateway::pipeline::{WORKER_MEMORY_MIB, worker_limits};
use serde_json::{Value, json};

use crate::face_matcher::{PICTURE, THREADS};

/// It cannot be told.
const CANNOT_TELL: u8 = 2;

#[derive(clap::Args)]
pub(crate) struct MatchArguments {
    /// One picture, JPEG or PNG
    a: PathBuf,
    /// The other
    b: PathBuf,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Args)]
pub(crate) struct QualityArguments {
    /// Pictures, JPEG or PNG
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Args)]
struct How {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The folder of the models
    #[arg(long, env = "KIOSK_MODELS", default_value = MODEL_FOLDER)]
    models: PathBuf,
}

/// A picture with its largest face, or why there is none.
struct Looked {
    picture: CapturedPage,
    seen: Seen,
    faces: usize,
}

/// `match`
pub(crate) fn compare(arguments: &MatchArguments) -> ExitCode {
    let files = [arguments.a.clone(), arguments.b.clone()];
    let outcome = locked_in(&arguments.how, &files).and_then(|(faces, looked)| {
        let [a, b] = <[Result<Looked>; 2]>::try_from(looked).map_err(|_| anyhow::anyhow!("two pictures are wanted"))?;
        let (a, b) = (a?, b?);
        let score = faces.template(&a.seen)?.nearness(&faces.template(&b.seen)?);
        let (decision, band) = faces.thresholds().judge(score);
        let report = json!({
            "score": score, "decision": decision, "band": band, "thresholds": faces.thresholds().name(),
            "models": Faces::models(), "quality": [a.seen.quality, b.seen.quality],
        });
        let words = match decision {
            Decision::Match => "the same person",
            Decision::Review => "perhaps the same person: somebody should look",
            Decision::NoMatch => "not the same person, as far as this can tell",
        };
        print(
            &arguments.how,
            &report,
            &format!("{words} (score {score:.3}, thresholds {})", faces.thresholds().name()),
        );
        Ok(if decision == Decision::Match { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    });
    outcome.unwrap_or_else(|error| cannot_tell(&arguments.how, &error))
}

/// `quality`
pub(crate) fn quality(arguments: &QualityArguments) -> ExitCode {
    let (faces, looked) = match locked_in(&arguments.how, &arguments.files) {
        Ok(loaded) => loaded,
        Err(error) => return cannot_tell(&arguments.how, &error),
    };
    let (mut reports, mut texts, mut all) = (Vec::new(), Vec::new(), true);
    for (file, looked) in arguments.files.iter().zip(looked) {
        let name = file.display().to_string();
        match looked {
            Ok(looked) => {
                let guidance = json!(judge(&looked.seen, &looked.picture, faces.thresholds()));
                texts.push(format!(
                    "{name}: {}, {}",
                    guidance.as_str().unwrap_or_default(),
                    text(&looked.seen.quality)
                ));
                reports.push(json!({
                    "file": name, "faces": looked.faces, "guidance": guidance, "quality": looked.seen.quality,
                    "pattern": looked.seen.pattern,
                }));
            }
            Err(error) => {
                all = false;
                texts.push(format!("{name}: {error:#}"));
                reports.push(json!({ "file": name, "error": format!("{error:#}") }));
            }
        }
    }
    print(&arguments.how, &json!(reports), &texts.join("\n"));
    if all { ExitCode::SUCCESS } else { ExitCode::from(CANNOT_TELL) }
}

fn text(quality: &FaceQuality) -> String {
    format!(
        "{:.0} pixels from eye to eye, turned {:.0}°, raised {:.0}°, tilted {:.0}°, sharpness {:.2}, brightness {:.2}, \
         contrast {:.2}, visibility {:.2}, eyes open {:.2}",
        quality.inter_eye_px,
        quality.yaw_deg,
        quality.pitch_deg,
        quality.roll_deg,
        quality.sharpness,
        quality.brightness,
        quality.contrast,
        quality.visibility,
        quality.eyes_open.unwrap_or_default()
    )
}

/// Reads the files and loads the models; then locks in and looks.
fn locked_in(how: &How, files: &[PathBuf]) -> Result<(Faces, Vec<Result<Looked>>)> {
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    let bytes: Vec<Result<Vec<u8>>> = files.iter().map(read).collect();
    let faces = Faces::load(&how.models, Thresholds::built_in(), THREADS)?;
    kiosk_sandbox::lock_in(kiosk_sandbox::Layers::All, worker_limits(WORKER_MEMORY_MIB))?;
    let look = |(file, bytes): (&PathBuf, Result<Vec<u8>>)| {
        let picture = CapturedPage::decode(&bytes?, PICTURE).with_context(|| file.display().to_string())?;
        let found = faces.find(&picture)?;
        let face = *found.first().with_context(|| format!("there is no face in {}", file.display()))?;
        let mut seen = faces.see(&picture, face)?;
        faces.see_eyes(&picture, &mut seen)?;
        Ok(Looked { seen, faces: found.len(), picture })
    };
    let looked = files.iter().zip(bytes).map(look).collect();
    Ok((faces, looked))
}

fn cannot_tell(how: &How, error: &anyhow::Error) -> ExitCode {
    if how.json {
        print(how, &json!({ "error": format!("{error:#}") }), "");
    } else {
        eprintln!("kiosk-face-worker: {error:#}");
    }
    ExitCode::from(CANNOT_TELL)
}

/// Writes to stdout; a reader that has seen enough is no fault.
fn print(how: &How, report: &Value, text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = if how.json { writeln!(out, "{report}") } else { writeln!(out, "{text}") };
}
