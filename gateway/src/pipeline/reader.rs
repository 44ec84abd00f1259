//! Reads a page: finds its lines, then reads each on one of a few threads (`station`). Of a card: the machine readable zone
//! (`zone`).

mod station;
mod zone;

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use kiosk_emrtd::AccessKey;
use kiosk_protocol::identity::CardAccess;
use kiosk_protocol::ocr::{DocumentText, Language, ReadProgress, ReadStage, TextLine};
use kiosk_protocol::personal::PersonalText;

use super::detect::{DetectError, Detector};
use super::geometry::TurnedBox;
use super::models::{DETECTOR, ModelError, ModelPaths, ZONE_READER};
use super::order::reading_order;
use super::page::CapturedPage;
use super::qr;
use super::tesseract::{Library, TesseractError};
use station::{Expected, Station};
use zone::{ZoneError, ZoneReader};

/// The most threads that find and read lines. Each has recognisers of its own, some 20 MiB of memory.
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
    /// A line of a machine readable zone was not read because the network failed.
    #[error("a line of the card could not be read")]
    Zone(#[source] ZoneError),
}

/// The loaded models.
pub struct Reader {
    detector: Detector,
    zones: ZoneReader,
    library: Library,
    stations: Vec<Station>,
}

impl Reader {
    /// Loads all models, with a recogniser for each core (at most four). Opens files; reading opens none.
    pub fn load(paths: &ModelPaths) -> Result<Self, ModelError> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
        let detector = DETECTOR.load(&paths.models, |onnx| Detector::load(onnx, threads))?;
        let zones = ZONE_READER.load(&paths.models, |onnx| ZoneReader::load(onnx, threads))?;
        let library = Library::load().map_err(ModelError::Tesseract)?;
        let stations = (0..threads).map(|_| Station::load(&library, paths)).collect::<Result<_, _>>()?;
        Ok(Self { detector, zones, library, stations })
    }

    /// The engines with their versions, for the record.
    pub fn engine(&self) -> String {
        format!("PP-OCRv6 small detection, tesseract {} lines, PP-OCRv5 mobile zones", self.library.version())
    }

    /// What opens the chip of the card on `picture`: its QR code, or else its machine readable zone, whichever way up it
    /// lies. `None` if it shows neither.
    pub fn card_access(
        &self,
        picture: &CapturedPage,
        progress: &mut dyn FnMut(ReadProgress),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<CardAccess>, ReadError> {
        let mut tell = |stage, done, total| {
            progress(step(stage, done, total));
            if cancelled() { Err(ReadError::Cancelled) } else { Ok(()) }
        };
        let opens = |text: &str| AccessKey::of_vietnamese_code(text).is_ok();
        if let Some(code) = qr::find(picture, opens, || tell(ReadStage::Detecting, 0, 0))? {
            return Ok(Some(CardAccess::Qr(PersonalText::new(code))));
        }
        let mut find = |picture: &CapturedPage| {
            tell(ReadStage::Detecting, 0, 0)?;
            let boxes = self.detector.detect(picture).map_err(ReadError::Detect)?;
            self.zones.find(picture, &boxes, &mut |done, total| tell(ReadStage::Recognising, done, total))
        };
        // The network that finds lines knows few that stand.
        let zone = match find(picture)? {
            None => find(&picture.quarter_turned())?,
            found => found,
        };
        Ok(zone.map(|zone| CardAccess::Mrz(PersonalText::new(zone))))
    }

    /// Reads `page`. `languages` are those to expect (none: both); with both, a line without any Vietnamese letter is read
    /// a second time as English and the surer reading stays. `progress` hears each step, and `cancelled` is asked all the time but for the second or so in which
    /// lines are being found.
    pub fn read(
        &mut self,
        page: &CapturedPage,
        languages: &[Language],
        progress: &mut dyn FnMut(ReadProgress),
        cancelled: &dyn Fn() -> bool,
    ) -> Result<DocumentText, ReadError> {
        progress(step(ReadStage::Detecting, 0, 0));
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
            expected: Expected::of(languages),
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
            progress(step(ReadStage::Recognising, done, total));
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
                        progress(step(ReadStage::Recognising, done, total));
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
    expected: Expected,
    next: AtomicUsize,
    stop: AtomicBool,
}

type LineResult = (usize, Result<Option<TextLine>, TesseractError>);

impl Work<'_> {
    fn run(&self, station: &mut Station, results: &Sender<LineResult>) {
        while !self.stop.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(line) = self.boxes.get(index) else { return };
            if results.send((index, station.read(self.page, line, self.expected))).is_err() {
                return;
            }
        }
    }
}

fn step(stage: ReadStage, done: usize, total: usize) -> ReadProgress {
    ReadProgress { stage, done: count(done), total: count(total) }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
