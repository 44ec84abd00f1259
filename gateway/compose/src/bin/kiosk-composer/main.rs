//! `kiosk-composer`: composes one certified copy in a locked room. A child of who wants the copy
//! (`kiosk_compose::Composer`): it loads fonts and template, gives up files, network and new processes, and only then reads
//! its one request from stdin; it writes one answer to stdout and ends. What they look like is in `src/wire.rs`.
//!
//! For people: `kiosk-composer --check` says whether fonts and template are right, `kiosk-composer --sandbox-selftest` proves
//! the lock. stderr is its log: nothing of the paper, and no name, is in it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use kiosk_compose::limits::MAX_TEMPLATE_BYTES;
use kiosk_compose::program::{BAD_CONFIG, MEMORY_MIB, PROCESSOR_S, serve};
use kiosk_compose::{DEFAULT_TEMPLATE, Fonts, Template, TemplateError};
use kiosk_sandbox::{Layers, Limits, lock_in, selftest};

const LIMITS: Limits = Limits { memory_mib: MEMORY_MIB, processor_s: Some(PROCESSOR_S) };

/// Composes a certified copy, locked away from files and network: one request on stdin, one answer on stdout.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder of the fonts; those that the system has if not given
    #[arg(long, value_name = "FOLDER")]
    fonts: Option<PathBuf>,
    /// The template; the built-in one if not given
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Load fonts and template, lock in, and say whether all that is right
    #[arg(long)]
    check: bool,
    /// Lock in, try everything that is forbidden, and exit 0 only if all of it fails
    #[arg(long, value_name = "LAYERS", num_args = 0..=1, default_missing_value = "all", exclusive = true)]
    sandbox_selftest: Option<Layers>,
}

fn main() -> ExitCode {
    // The words of a panic may quote a name.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        eprintln!("kiosk-composer: a fault of the program{place}; report it");
    }));
    let arguments = Arguments::parse();
    if let Some(layers) = arguments.sandbox_selftest {
        return selftest::run(layers, LIMITS);
    }
    let ready = parts(&arguments).and_then(|parts| {
        let holds = lock_in(Layers::All, LIMITS).context("the process cannot be locked in")?;
        Ok((parts, holds))
    });
    let ((template, fonts), holds) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            eprintln!("kiosk-composer: {error:#}");
            return ExitCode::from(BAD_CONFIG);
        }
    };
    if arguments.check {
        say(&format!("fonts and template are right; locked in: {}", holds.join(", ")));
        return ExitCode::SUCCESS;
    }
    match serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock(), &template, &fonts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kiosk-composer: {:#}", anyhow::Error::new(error));
            ExitCode::FAILURE
        }
    }
}

/// Loads what the lock will hide.
fn parts(arguments: &Arguments) -> Result<(Template, Fonts)> {
    let fonts = arguments.fonts.as_deref().map_or_else(Fonts::installed, Fonts::open)?;
    let Some(path) = &arguments.template else {
        return Ok((Template::load(DEFAULT_TEMPLATE, &fonts).context("the built-in template")?, fonts));
    };
    let shown = path.display();
    let template = read(path).with_context(|| format!("the template {shown} cannot be read"))?;
    Ok((Template::load(&template, &fonts).with_context(|| shown.to_string())?, fonts))
}

/// Reads a file, as far as a template may be long and one byte more.
fn read(path: &Path) -> Result<String> {
    let mut template = Vec::new();
    let most = u64::try_from(MAX_TEMPLATE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(most).read_to_end(&mut template)?;
    if template.len() > MAX_TEMPLATE_BYTES {
        return Err(TemplateError::TooLarge(template.len()).into());
    }
    Ok(String::from_utf8(template).map_err(|error| error.utf8_error())?)
}

#[expect(clippy::print_stdout, reason = "run by hand: a person reads this")]
fn say(line: &str) {
    println!("{line}");
}
