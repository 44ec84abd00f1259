//! `kiosk-worker read FILE`: the text of one image on stdout, read in the same locked room as the gateway's pages.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use kiosk_driver_sdk::protocol::identity::CardAccess;
use kiosk_driver_sdk::protocol::ocr::{DocumentText, Language};
use kiosk_gateway::pipeline::models::{DEBIAN_TESSDATA, MODEL_FOLDER, ModelPaths};
use kiosk_gateway::pipeline::page::{CapturedPage, Limits};
use kiosk_gateway::pipeline::reader::Reader;
use kiosk_gateway::pipeline::{WORKER_MEMORY_MIB, worker_limits};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A JPEG or PNG file
    file: PathBuf,
    /// Print lines, words, places and confidence as JSON
    #[arg(long)]
    json: bool,
    /// Print instead what opens the identity card on it: its QR code or its machine readable zone
    #[arg(long, conflicts_with_all = ["json", "languages"])]
    card: bool,
    /// The languages to expect; both if not given
    #[arg(long, value_delimiter = ',')]
    languages: Vec<LanguageName>,
    /// The folder of the text detection model
    #[arg(long, env = "KIOSK_MODELS", default_value = MODEL_FOLDER)]
    models: PathBuf,
    /// The folder of tesseract's language data
    #[arg(long, default_value = DEBIAN_TESSDATA)]
    tessdata: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LanguageName {
    Vi,
    En,
}

impl LanguageName {
    fn language(self) -> Language {
        match self {
            Self::Vi => Language::Vi,
            Self::En => Language::En,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let outcome = read(arguments).and_then(|read| match print(&read, arguments.json) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("the text cannot be written"),
        _ => Ok(()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kiosk-worker: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was read.
enum Read {
    Page(DocumentText),
    Card(String),
}

fn read(arguments: &Arguments) -> Result<Read> {
    let file = &arguments.file;
    let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut paths = ModelPaths::in_folder(&arguments.models);
    paths.tessdata.clone_from(&arguments.tessdata);
    let mut reader = Reader::load(&paths)?;
    kiosk_sandbox::lock_in(kiosk_sandbox::Layers::All, worker_limits(WORKER_MEMORY_MIB))?;
    let page = CapturedPage::decode(&bytes, Limits::default())?;
    if arguments.card {
        return match reader.card_access(&page, &mut |_| {}, &|| false)? {
            Some(CardAccess::Mrz(text) | CardAccess::Qr(text)) => Ok(Read::Card(text.expose().to_owned())),
            _ => bail!(
                "neither a machine readable zone with right check digits nor an identity card's QR code was found"
            ),
        };
    }
    let languages: Vec<Language> = arguments.languages.iter().map(|name| name.language()).collect();
    Ok(Read::Page(reader.read(&page, &languages, &mut |_| {}, &|| false)?))
}

/// Writes to stdout. A reader that has seen enough (`| head`) is no fault.
fn print(read: &Read, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let text = match read {
        Read::Page(text) => text,
        Read::Card(text) => {
            writeln!(out, "{text}")?;
            return out.flush();
        }
    };
    if json {
        serde_json::to_writer(&mut out, text)?;
        writeln!(out)?;
        return out.flush();
    }
    for line in &text.lines {
        writeln!(out, "{}", line.text.expose())?;
    }
    out.flush()
}
