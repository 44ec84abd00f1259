//! Reads a page: finds its lines, then reads each on one of a few threads.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use kiosk_protocol::ocr::{DocumentText, Language, ReadProgress, ReadStage, TextLine, TextWord};
use kiosk_protocol::personal::PersonalText;

use super::cut::{LineCut, ink_to_read};
use super::detect::{DetectError, Detector};
use super::geometry::TurnedBox;
use super::models::{ModelError, ModelPaths};
use super::order::reading_order;
use super::page::CapturedPage;
use super::tesseract::{Library, LineRecogniser, TesseractError, Word};

/// Threads that read lines: each has its own recogniser, some 20 MiB of memory.
const MAX_THREADS: usize = 4;
/// How often a running read asks whether it was cancelled.
const ASK: Duration = Duration::from_millis(20);

/// Why a page was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The caller wished so.
    #[error("the reading was cancelled")]
    Cancelled,
    /// No lines were found because the network failed.
    #[error("the lines of the page could not be found")]
    Detect(#[source] DetectError),
    /// A line was not read because the recogniser failed.
    #[error("a line of the page could not be read")]
    Recognise(#[source] TesseractError),
}

/// The recognisers of one thread.
struct Station {
    vietnamese: LineRecogniser,
    english: LineRecogniser,
}

/// The loaded models.
pub struct Reader {
    detector: Detector,
    library: Library,
    stations: Vec<Station>,
}

impl Reader {
    /// Loads all models, with a recogniser for each core (at most four). Opens files; reading opens none.
    pub fn load(paths: &ModelPaths) -> Result<Self, ModelError> {
        let detector = Detector::load(paths.read_detector()?)
            .map_err(|source| ModelError::Load { path: paths.detector.clone(), source })?;
        let (vietnamese, english) = (paths.vietnamese()?, paths.english()?);
        let library = Library::load().map_err(ModelError::Tesseract)?;
        let recogniser = |data| LineRecogniser::load(&library, &paths.tessdata, data).map_err(ModelError::Tesseract);
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
        let stations = (0..threads)
            .map(|_| Ok(Station { vietnamese: recogniser(vietnamese)?, english: recogniser(english)? }))
            .collect::<Result<_, _>>()?;
        Ok(Self { detector, library, stations })
    }

    /// The engines with their versions, for the record.
    pub fn engine(&self) -> String {
        format!("PP-OCRv6 small detection, tesseract {} lines", self.library.version())
    }

    /// Reads `page`. `languages` are those to expect: only a page that is English throughout is read otherwise than a
    /// Vietnamese one. `progress` hears each step, and `cancelled` is asked all the time but for the second or so in which
    /// lines are being found.
    pub fn read(
        &mut self,
        page: &CapturedPage,
        languages: &[Language],
        progress: &mut dyn FnMut(ReadProgress),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<DocumentText, ReadError> {
        let say = |stage, done: usize, total: usize| ReadProgress { stage, done: count(done), total: count(total) };
        progress(say(ReadStage::Detecting, 0, 0));
        if cancelled() {
            return Err(ReadError::Cancelled);
        }
        let mut boxes = self.detector.detect(page).map_err(ReadError::Detect)?;
        reading_order(&mut boxes);

        let total = boxes.len();
        let mut lines: Vec<Option<TextLine>> = vec![None; total];
        let work = Work {
            page,
            boxes: &boxes,
            english: languages == [Language::En],
            next: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        };
        let library = &self.library;
        let stations = &mut self.stations;
        let outcome = std::thread::scope(|scope| {
            let (results, inbox) = channel();
            for station in stations {
                let (results, work) = (results.clone(), &work);
                scope.spawn(move || {
                    library.stay_on_this_thread();
                    work.run(station, &results);
                });
            }
            drop(results);
            let mut done = 0;
            progress(say(ReadStage::Recognising, done, total));
            loop {
                if cancelled() {
                    work.stop.store(true, Ordering::Relaxed);
                    return Err(ReadError::Cancelled);
                }
                match inbox.recv_timeout(ASK) {
                    Ok((index, line)) => {
                        lines[index] = line
                            .inspect_err(|_| work.stop.store(true, Ordering::Relaxed))
                            .map_err(ReadError::Recognise)?;
                        done += 1;
                        progress(say(ReadStage::Recognising, done, total));
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return Ok(()),
                }
            }
        });
        outcome?;
        let lines = lines.into_iter().flatten().collect();
        Ok(DocumentText { width_px: count(page.width()), height_px: count(page.height()), lines })
    }
}

/// The lines of one page, handed out one by one.
struct Work<'a> {
    page: &'a CapturedPage,
    boxes: &'a [TurnedBox],
    english: bool,
    next: AtomicUsize,
    stop: AtomicBool,
}

type LineResult = (usize, Result<Option<TextLine>, TesseractError>);

impl Work<'_> {
    fn run(&self, station: &mut Station, results: &Sender<LineResult>) {
        while !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(line) = self.boxes.get(index) else { return };
            let recogniser = if self.english { &mut station.english } else { &mut station.vietnamese };
            if results.send((index, read_line(self.page, line, recogniser))).is_err() {
                return;
            }
        }
    }
}

fn read_line(
    page: &CapturedPage,
    line: &TurnedBox,
    recogniser: &mut LineRecogniser,
) -> Result<Option<TextLine>, TesseractError> {
    let cut = LineCut::new(page, line, ink_to_read(page, line));
    let words = recogniser.recognise(&cut.picture)?;
    if words.is_empty() {
        return Ok(None);
    }
    let text: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let text = PersonalText::new(text.join(" "));
    let confidence = confidence(&words);
    let words = words.into_iter().map(|word| TextWord {
        quad: cut.on_page(word.bounds),
        confidence: word.confidence,
        text: PersonalText::new(word.text),
    });
    Ok(Some(TextLine { text, confidence, quad: line.corners(), words: words.collect() }))
}

/// The mean of the words' confidence, weighted by their letters.
#[expect(clippy::cast_precision_loss, reason = "letters of a line")]
fn confidence(words: &[Word]) -> f32 {
    let letters = |word: &Word| word.text.chars().count() as f32;
    let all: f32 = words.iter().map(letters).sum();
    if all == 0.0 { 0.0 } else { words.iter().map(|word| word.confidence * letters(word)).sum::<f32>() / all }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
