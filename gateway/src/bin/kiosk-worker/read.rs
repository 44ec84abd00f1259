//! `kiosk-worker read FILE`: the text of one image on stdout, read in the same locked room as the gateway's pages.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use kiosk_driver_sdk::protocol::ocr::{DocumentText, Language};
use kiosk_gateway::pipeline::models::{DEBIAN_TESSDATA, MODEL_FOLDER, ModelPaths};
use kiosk_gateway::pipeline::page::{CapturedPage, Limits};
use kiosk_gateway::pipeline::reader::Reader;

use crate::sandbox;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A JPEG or PNG file
    file: PathBuf,
    /// Print lines, words, places and confidence as JSON
    #[arg(long)]
    json: bool,
    /// The page is English throughout
    #[arg(long)]
    english: bool,
    /// The folder of the text detection model
    #[arg(long, env = "KIOSK_MODELS", default_value = MODEL_FOLDER)]
    models: PathBuf,
    /// The folder of tesseract's language data
    #[arg(long, default_value = DEBIAN_TESSDATA)]
    tessdata: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match read(arguments) {
        Ok(text) => {
            print(&text, arguments.json);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("kiosk-worker: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &Arguments) -> Result<DocumentText> {
    let file = &arguments.file;
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut paths = ModelPaths::in_folder(&arguments.models);
    paths.tessdata.clone_from(&arguments.tessdata);
    let mut reader = Reader::load(&paths)?;
    sandbox::lock_in(sandbox::Layers::All, sandbox::MEMORY_MIB)?;
    let page = CapturedPage::decode(&bytes, Limits::default())?;
    let languages: &[Language] = if arguments.english { &[Language::En] } else { &[Language::Vi, Language::En] };
    Ok(reader.read(&page, languages, &mut |_| {}, &|| false)?)
}

#[expect(clippy::print_stdout, reason = "run by hand: a person or a bench reads this")]
fn print(text: &DocumentText, json: bool) {
    if json {
        println!("{}", serde_json::to_string(text).expect("plain data"));
        return;
    }
    for line in &text.lines {
        println!("{}", line.text.expose());
    }
}
