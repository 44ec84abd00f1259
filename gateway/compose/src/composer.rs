//! Copies that are composed in a process of their own: `kiosk-composer`, one for each copy.
//!
//! What comes from scanners is decoded there, behind limits of its own (`gateway/sandbox`). Here is what who wants a copy
//! needs: the process is started, told, heard, and ended, whatever it does; each way in which there may be no copy has its
//! own error. What is not here: when a copy is wanted, and trying again.

mod child;

use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::compose::ComposedCopy;
use crate::program::{BAD_CONFIG, PROCESSOR_S};
use crate::refusal::Refusal;
use crate::request::{PageImage, Request};
use crate::units::Area;
use crate::wire::{Answer, Intake, NoAnswer, pieces};
use child::{Talk, talk};

/// What composes copies. Cheap to keep and to clone: nothing runs between two copies.
#[derive(Clone, Debug)]
pub struct Composer {
    /// The program `kiosk-composer`.
    pub program: PathBuf,
    /// The folder of the fonts; `None`: those that the system has.
    pub fonts: Option<PathBuf>,
    /// The template's file; `None`: the built-in one.
    pub template: Option<PathBuf>,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum ComposerError {
    /// The request was judged, and no copy can be made of it.
    #[error("the copy cannot be composed")]
    Refused(#[source] Refusal),
    /// The program could not be started.
    #[error("the composer {program} cannot be started; install it, or correct its path")]
    NotThere {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The program cannot work with what it is given: fonts, template, or this machine's kernel.
    #[error("the composer cannot work: {0}")]
    Setup(String),
    /// There was no answer in time; the process was ended.
    #[error("the copy was not composed within {deadline_ms} ms; give it more time, or copy in parts")]
    OutOfTime {
        /// How long it could take, milliseconds.
        deadline_ms: u128,
    },
    /// The process was ended from outside or by its own limits.
    #[error("the composer was ended by signal {signal}: {}", meaning(*signal))]
    Killed {
        /// The signal.
        signal: i32,
    },
    /// The process ended by itself without an answer.
    #[error("the composer fell (exit status {code}); this is a fault of the program: its log has the place, report it")]
    Fell {
        /// Its exit status.
        code: i32,
    },
    /// The process said something else than an answer to this request; it was ended.
    #[error("the composer's answer {0}; install program and gateway of one version, or report it")]
    NoAnswer(&'static str),
    /// The system has no pipe or process for it.
    #[error("cannot {what} the composer; the machine has too many processes or open files: try again")]
    System {
        /// What failed.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
}

impl Composer {
    /// Composes a copy in a process of its own, as [`crate::compose`] does in this one: equal requests give equal bytes. Blocks
    /// the thread until the answer is there or the deadline is over; no process, pipe or thread is left then.
    ///
    /// # Errors
    /// [`ComposerError`]
    pub fn compose(&self, mut request: Request, deadline: Duration) -> Result<ComposedCopy, ComposerError> {
        let until = Instant::now().checked_add(deadline);
        let expected = Expected::of(&request);
        // Only a request that is too long cannot be written.
        let pieces = pieces(&mut request).map_err(|_| ComposerError::Refused(Refusal::too_large()))?;
        drop(request);
        let mut intake = Intake::new();
        let talked = talk(self.command(), &pieces, until, &mut |bytes| intake.take(bytes));
        let (status, log) = self.ended(talked, deadline)?;
        if !status.success() {
            return Err(failure(status, &log));
        }
        tell(&log);
        match intake.finish().map_err(no_answer)? {
            Answer::Copy(copy) if expected.fits(&copy) => Ok(copy),
            Answer::Copy(_) => Err(ComposerError::NoAnswer("does not belong to the request")),
            Answer::Refused(refusal) => Err(ComposerError::Refused(refusal)),
        }
    }

    /// Whether fonts and template are right and the process can lock itself in: for the start of who will want copies.
    ///
    /// # Errors
    /// [`ComposerError`]; what is wrong with a template is told with its line.
    pub fn check(&self, deadline: Duration) -> Result<(), ComposerError> {
        let until = Instant::now().checked_add(deadline);
        let mut command = self.command();
        command.arg("--check");
        let mut said = 0_usize;
        // One line for people.
        let mut listen = |bytes: &[u8]| {
            said = said.saturating_add(bytes.len());
            if said > child::LOG_MAX { Err(NoAnswer::TooLong) } else { Ok(()) }
        };
        let (status, log) = self.ended(talk(command, &[], until, &mut listen), deadline)?;
        if status.success() { Ok(()) } else { Err(failure(status, &log)) }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one child of this crate: a program of its own, which only computes"
    )]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for (option, value) in [("--fonts", &self.fonts), ("--template", &self.template)] {
            if let Some(value) = value {
                command.arg(option).arg(value);
            }
        }
        command
    }

    fn ended(&self, talked: Talk, deadline: Duration) -> Result<(ExitStatus, String), ComposerError> {
        match talked {
            Talk::Ended { status, log } => Ok((status, log)),
            Talk::NotThere(source) => Err(ComposerError::NotThere { program: self.program.clone(), source }),
            Talk::OutOfTime => Err(ComposerError::OutOfTime { deadline_ms: deadline.as_millis() }),
            Talk::NoAnswer(problem) => Err(no_answer(problem)),
            Talk::System { what, source } => Err(ComposerError::System { what, source }),
        }
    }
}

/// What a process that ended without success means.
fn failure(status: ExitStatus, log: &str) -> ComposerError {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) if code == i32::from(BAD_CONFIG) => {
            let said = log.trim_start_matches("kiosk-composer: ");
            ComposerError::Setup(if said.is_empty() { "it does not say why".to_owned() } else { said.to_owned() })
        }
        (Some(code), _) => {
            tell(log);
            ComposerError::Fell { code }
        }
        (None, signal) => {
            tell(log);
            ComposerError::Killed { signal: signal.unwrap_or_default() }
        }
    }
}

/// The child's log goes into ours.
fn tell(log: &str) {
    if !log.is_empty() {
        tracing::warn!(log, "the composer says");
    }
}

/// What usually sends a signal, and the next step.
fn meaning(signal: i32) -> String {
    use rustix::process::Signal;
    let is = |one: Signal| signal == one.as_raw();
    if is(Signal::XCPU) {
        format!("the copy needs more than {PROCESSOR_S} s of the processor; copy in parts")
    } else if is(Signal::ABORT) || is(Signal::KILL) {
        "it needed more memory than its limit, or than the machine has; scan with fewer dots per inch, or copy in parts"
            .to_owned()
    } else if is(Signal::SYS) {
        "it did what its lock forbids; report it".to_owned()
    } else {
        "it fell, or somebody ended it; try again, and report it if it happens twice".to_owned()
    }
}

fn no_answer(problem: NoAnswer) -> ComposerError {
    ComposerError::NoAnswer(match problem {
        NoAnswer::TooLong => "is longer than any",
        NoAnswer::Garbled => "cannot be read",
        NoAnswer::Cut => "ends too early",
    })
}

/// What any answer to a request has, whoever made it: the process that decodes what comes from outside is not believed in
/// what can be known without it.
struct Expected {
    image_sha256: Vec<[u8; 32]>,
}

impl Expected {
    fn of(request: &Request) -> Self {
        let digest = |page: &crate::request::Page| match &page.image {
            PageImage::Jpeg(bytes) | PageImage::Png(bytes) | PageImage::Rgb(bytes) => Sha256::digest(bytes).into(),
        };
        Self { image_sha256: request.pages.iter().map(digest).collect() }
    }

    fn fits(&self, copy: &ComposedCopy) -> bool {
        let ComposedCopy { pdf, pages, signature, seal, attestation, first_page, code, image_sha256 } = copy;
        let scanned = self.image_sha256.len();
        let stands = |area: &Area| {
            let [left, lower, right, upper] = area.rect;
            pages.get(area.page).is_some_and(|&[width, height]| {
                // But for rounding.
                let (least, width, height) = (-0.1, width + 0.1, height + 0.1);
                least <= left && left < right && right <= width && least <= lower && lower < upper && upper <= height
            })
        };
        *image_sha256 == self.image_sha256
            && (scanned..=scanned + 1).contains(&pages.len())
            && [signature, seal, attestation, first_page, code].into_iter().all(stands)
            && pdf.starts_with(b"%PDF-")
    }
}
