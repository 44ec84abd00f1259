//! The worker as a process: its lock, its command line, and its talk with the gateway. Needs the models (`make setup`).
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../../tests/src/ocr_score.rs"]
#[expect(unreachable_pub, reason = "the tests' own scoring, shared by its file")]
mod ocr_score;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::device::Kind;
use kiosk_protocol::error::ErrorCode;
use kiosk_protocol::ocr::{DocumentText, ReadProgress, ReadStage};
use kiosk_protocol::seam::{
    ATTACHMENTS_MAX, Attachment, CHUNK_MAX, Frame, FromChild, HEADER_BYTES, Header, Outcome, ToChild,
};
use serde_json::{Value, json};

/// A request's time where it is not the subject, milliseconds: on a loaded machine, too, no page takes so long.
const PATIENCE_MS: u64 = 120_000;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn models() -> PathBuf {
    let folder = repository().join("models");
    let file = folder.join(kiosk_gateway::pipeline::models::DETECTOR.name);
    assert!(file.is_file(), "{} is missing: run `make setup`", file.display());
    folder
}

/// The true text of a sample page, and the file of its picture.
fn sample(name: &str) -> (String, PathBuf) {
    let folder = repository().join("simulators/samples");
    let text = folder.join(format!("{name}.txt"));
    let truth = std::fs::read_to_string(&text).unwrap_or_else(|e| panic!("{}: {e}", text.display()));
    (truth, folder.join(format!("{name}.jpg")))
}

#[expect(clippy::disallowed_methods, reason = "this test is the parent")]
fn worker() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk-worker"));
    command.env_remove("KIOSK_MODELS");
    command
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("the worker starts")
}

fn text_of(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_lock_denies_everything_that_is_tried() {
    for layers in ["all", "seccomp"] {
        let output = run(worker().args(["--sandbox-selftest", layers]));
        let (said, complained) = text_of(&output);
        assert!(output.status.success(), "{layers}:\n{said}\n{complained}");
        assert!(said.lines().filter(|line| line.starts_with("denied to ")).count() >= 30, "{said}");
        assert!(!said.contains("ALLOWED"), "{said}");
    }
}

#[test]
fn a_sample_page_is_read_with_few_errors() {
    let mut sum = ocr_score::Score::default();
    for name in ["birth-certificate", "diploma", "marriage-status", "residence-form"] {
        let (truth, picture) = sample(name);
        let output = run(worker().arg("read").arg("--models").arg(models()).arg(&picture));
        let (read, complained) = text_of(&output);
        assert!(output.status.success(), "{name}: {complained}");
        let score = ocr_score::score(&truth, &read);
        assert!(score.cer() < 0.03, "{name}: {:.1} % of characters wrong\n{read}", score.cer() * 100.0);
        sum += score;
    }
    assert!(sum.cer() < 0.02, "{:.2} % of characters wrong", sum.cer() * 100.0);
    assert!(sum.wer() < 0.06, "{:.2} % of words wrong", sum.wer() * 100.0);
}

#[test]
fn lines_and_words_lie_on_the_page_and_join_to_the_text() {
    let (_, picture) = sample("birth-certificate");
    let output = run(worker().args(["read", "--json", "--models"]).arg(models()).arg(&picture));
    let text: DocumentText = serde_json::from_slice(&output.stdout).expect("JSON on stdout");
    assert!(text.lines.len() > 15);
    #[expect(clippy::cast_precision_loss, reason = "sides of a page")]
    let (width, height) = (text.width_px as f32, text.height_px as f32);
    for line in &text.lines {
        let words: Vec<&str> = line.words.iter().map(|word| word.text.expose()).collect();
        assert_eq!(line.text.expose(), words.join(" "));
        assert!((0.0..=1.0).contains(&line.confidence));
        let slack = 20.0;
        for corner in line.words.iter().flat_map(|word| word.quad).chain(line.quad) {
            assert!((-slack..width + slack).contains(&corner.x) && (-slack..height + slack).contains(&corner.y));
        }
        let [a, b, _, d] = line.quad;
        assert!(a.x < b.x && a.y < d.y, "corners go clockwise from the top left");
        for pair in line.words.windows(2) {
            assert!(pair[0].quad[0].x < pair[1].quad[0].x, "words go from left to right");
        }
    }
    let heads: Vec<f32> = text.lines.iter().map(|line| line.quad[0].y).collect();
    assert!(heads.windows(2).all(|pair| pair[1] > pair[0] - 60.0), "rows go from top to bottom: {heads:?}");
}

#[test]
fn a_missing_model_and_a_missing_file_are_told_with_the_next_step() {
    let empty = tempfile::tempdir().unwrap();
    let (_, picture) = sample("birth-certificate");
    let output = run(worker().arg("read").arg("--models").arg(empty.path()).arg(&picture));
    let (_, complained) = text_of(&output);
    assert!(!output.status.success() && complained.contains("make setup"), "{complained}");

    let output = run(worker().arg("read").arg("--models").arg(models()).arg(empty.path().join("no.jpg")));
    let (_, complained) = text_of(&output);
    assert!(!output.status.success() && complained.contains("no.jpg"), "{complained}");
}

/// The worker on its two pipes, as the gateway holds it.
struct Seam {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Seam {
    fn start(config: Value) -> Self {
        let mut child =
            worker().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let (to, from) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let mut seam = Self { child, to, from };
        let hello = seam.next().expect("hello");
        assert!(matches!(hello, FromChild::Hello { kind: Kind::DocumentReader, .. }), "{hello:?}");
        seam.say(ToChild::Start { address: "worker:documents".into(), config }, vec![]);
        seam
    }

    /// Started with the models and past `ready` and its status.
    fn ready() -> Self {
        let mut seam = Self::start(json!({ "models": models() }));
        let ready = seam.next().expect("ready");
        let FromChild::Ready { capabilities, .. } = &ready else { panic!("{ready:?}") };
        assert!(capabilities["engine"].as_str().is_some_and(|engine| engine.contains("tesseract 5.")));
        let status = seam.next().expect("status");
        let FromChild::Event { request: None, payload, .. } = &status else { panic!("{status:?}") };
        let sandbox: Vec<&str> =
            payload["sandbox"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert!(sandbox.contains(&"seccomp") && sandbox.contains(&"no_new_privs"), "{sandbox:?}");
        seam
    }

    fn say(&mut self, message: ToChild, blob: Vec<u8>) {
        let frame = Frame { message, blob };
        self.to.write_all(&frame.head(ATTACHMENTS_MAX).unwrap()).unwrap();
        self.to.write_all(&frame.blob).unwrap();
        self.to.flush().unwrap();
    }

    /// The next message; `None` when the worker has closed its end.
    fn next(&mut self) -> Option<FromChild> {
        let mut header = [0; HEADER_BYTES];
        self.from.read_exact(&mut header).ok()?;
        let header = Header::parse(header, CHUNK_MAX).unwrap();
        let mut json = vec![0; header.json as usize];
        self.from.read_exact(&mut json).unwrap();
        let mut blob = vec![0; header.blob as usize];
        self.from.read_exact(&mut blob).unwrap();
        Some(Frame::from_parts(&json, blob).unwrap().message)
    }

    fn ask(&mut self, id: u64, image: &[u8]) {
        self.ask_with(id, image, json!({ "blob": "page" }), PATIENCE_MS);
    }

    fn ask_with(&mut self, id: u64, image: &[u8], payload: Value, deadline_ms: u64) {
        let bytes = u32::try_from(image.len()).unwrap();
        let attachments = vec![Attachment { blob: BlobId("page".into()), bytes }];
        let request = ToChild::Request { id, name: "ocr.read".into(), deadline_ms, payload, attachments };
        self.say(request, image.to_vec());
    }

    /// The answer to a request, with the progress told before it.
    fn answer(&mut self, wanted: u64) -> (Vec<ReadProgress>, Outcome) {
        let mut progress = Vec::new();
        loop {
            match self.next().expect("an answer") {
                FromChild::Event { request: Some(id), name, payload } => {
                    assert_eq!((id, name.as_str()), (wanted, "ocr.progress"));
                    progress.push(serde_json::from_value(payload).unwrap());
                }
                FromChild::Done { id, outcome } => {
                    assert_eq!(id, wanted);
                    return (progress, outcome);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn refusal(&mut self, id: u64) -> ErrorCode {
        match self.answer(id).1 {
            Outcome::Error(failure) => failure.code,
            Outcome::Ok(_) => panic!("request {id} was answered"),
        }
    }

    /// Closes its stdin; gives its exit status.
    fn stop(self) -> Option<i32> {
        let Self { mut child, to, from } = self;
        drop((to, from));
        child.wait().expect("it ends").code()
    }
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let paper = image::GrayImage::from_pixel(width, height, image::Luma([250]));
    paper.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

#[test]
fn a_page_is_read_over_the_seam_with_progress() {
    let (truth, picture) = sample("birth-certificate");
    let mut seam = Seam::ready();
    seam.ask(1, &std::fs::read(picture).unwrap());
    let (progress, outcome) = seam.answer(1);
    let Outcome::Ok(text) = outcome else { panic!("{outcome:?}") };
    let text: DocumentText = serde_json::from_value(text).unwrap();
    let read: Vec<&str> = text.lines.iter().map(|line| line.text.expose()).collect();
    assert!(ocr_score::score(&truth, &read.join("\n")).cer() < 0.03);

    let stages: Vec<ReadStage> = progress.iter().map(|p| p.stage).collect();
    assert_eq!(stages[..3], [ReadStage::Decoding, ReadStage::Detecting, ReadStage::Recognising]);
    let counted: Vec<u32> = progress.iter().filter(|p| p.stage == ReadStage::Recognising).map(|p| p.done).collect();
    let total = progress.last().unwrap().total;
    assert_eq!(counted, (0..=total).collect::<Vec<_>>(), "every line is told once");
    assert_eq!(seam.stop(), Some(0));
}

#[test]
fn bad_pages_get_typed_errors_and_the_worker_lives_on() {
    let mut seam = Seam::ready();
    let whole = png(400, 300);
    let mut bomb = whole.clone();
    // The width in the IHDR chunk (PNG specification, section 11.2.1); its checksum is wrong then, or else its size.
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    let broken = [ErrorCode::TooLarge, ErrorCode::Unreadable];
    for (id, (image, codes)) in (1..).zip([
        (&b""[..], &broken[1..]),
        (b"%PDF-1.7", &broken[1..]),
        (&whole[..whole.len() / 2], &broken[1..]),
        (&bomb, &broken[..]),
    ]) {
        seam.ask(id, image);
        let code = seam.refusal(id);
        assert!(codes.contains(&code), "request {id}: {code:?}");
    }
    seam.ask_with(9, &whole, json!({ "blob": "page", "languages": [] }), PATIENCE_MS);
    assert_eq!(seam.refusal(9), ErrorCode::InvalidRequest);
    seam.ask_with(10, &whole, json!({ "blob": "another" }), PATIENCE_MS);
    assert_eq!(seam.refusal(10), ErrorCode::NotFound);

    seam.ask(11, &whole);
    let (_, outcome) = seam.answer(11);
    let Outcome::Ok(text) = outcome else { panic!("{outcome:?}") };
    let blank: DocumentText = serde_json::from_value(text).unwrap();
    assert_eq!((blank.width_px, blank.height_px, blank.lines.len()), (400, 300, 0), "a blank page has no lines");
    assert_eq!(seam.stop(), Some(0));
}

#[test]
fn a_cancelled_read_ends_and_the_next_one_is_answered() {
    let (_, picture) = sample("birth-certificate");
    let page = std::fs::read(picture).unwrap();
    let mut seam = Seam::ready();
    seam.ask(1, &page);
    // Its first word, so that it is under way.
    assert!(matches!(seam.next(), Some(FromChild::Event { request: Some(1), .. })));
    seam.say(ToChild::Cancel { id: 1 }, vec![]);
    assert_eq!(seam.refusal(1), ErrorCode::Cancelled);
    seam.ask_with(2, &page, json!({ "blob": "page" }), 1);
    assert_eq!(seam.refusal(2), ErrorCode::Timeout);
    seam.ask(3, &png(200, 200));
    assert!(matches!(seam.answer(3).1, Outcome::Ok(_)));
    assert_eq!(seam.stop(), Some(0));
}

#[test]
fn a_worker_without_models_is_held_with_a_hint() {
    let empty = tempfile::tempdir().unwrap();
    let mut seam = Seam::start(json!({ "models": empty.path() }));
    let failed = seam.next().expect("why");
    let FromChild::Failed { failure } = &failed else { panic!("{failed:?}") };
    assert!(failure.detail.contains("make setup"), "{failure}");
    assert!(seam.next().is_none());
    assert_eq!(seam.stop(), Some(64), "bad configuration: held until somebody changes it");
}
