//! The working thread's part of a scan: lines become rows, rows become a JPEG, and its bytes go to the gateway as they
//! are made. A page that does not come whole is never one: its blob is left unfinished, and the gateway throws it away.

use std::time::Duration;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::scanner::{PageStarted, ScanReport, ScannedPage, Scanner, ScannerEvent};
use kiosk_driver_sdk::{BlobWriter, Cx, Guard};
use kiosk_jpeg::turbo::Samples;

use crate::job::Said;
use crate::jpeg::{Compressors, Jpeg, JpegError, Shape, set_height};
use crate::lines::{Format, Lines};
use crate::trouble::Trouble;
use crate::worker::Running;

const JPEG: &str = "image/jpeg";
/// Longest page, bytes of JPEG. A4 in colour at 600 dpi is 10 to 30 MB.
const PAGE_MAX: u64 = 100 << 20;

/// What ended a scan before its time.
pub(crate) enum Stopped {
    Trouble(Trouble),
    /// A fault of ours.
    Jpeg(JpegError),
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<JpegError> for Stopped {
    fn from(error: JpegError) -> Self {
        Self::Jpeg(error)
    }
}

impl Stopped {
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Trouble(trouble) => trouble.failure(),
            Self::Jpeg(error) => Failure::new(ErrorCode::Internal, error.to_string()),
        }
    }
}

/// How pages are made.
pub(crate) struct Making {
    pub(crate) compressors: Compressors,
    pub(crate) quality: u8,
    /// How long the scanner may say nothing.
    pub(crate) silence: Duration,
}

/// Takes all pages of a scan.
///
/// # Errors
/// Why there are not all of them; those that were whole have gone out as events.
pub(crate) fn take(
    running: &Running<'_>,
    making: &Making,
    guard: &Guard,
    cx: &mut Cx<Scanner>,
) -> Result<ScanReport, Stopped> {
    let mut pages = Vec::new();
    loop {
        match running.next(guard, making.silence, "the scanner was to begin")? {
            Said::Page { page, format, dpi } => {
                let mut making_page = Page::new(page, format, dpi, making);
                loop {
                    match running.next(guard, making.silence, "it was scanning")? {
                        Said::Bytes(bytes) => making_page.push(&bytes, cx)?,
                        Said::Whole => break,
                        Said::End(Err(trouble)) => return Err(trouble.into()),
                        // The scanning thread says these between pages only.
                        Said::Page { .. } | Said::End(Ok(_)) => return Err(Trouble::Ended.into()),
                    }
                }
                let scanned = making_page.finish(cx)?;
                cx.emit(ScannerEvent::Page(scanned.clone()));
                pages.push(scanned);
            }
            Said::End(outcome) => return Ok(ScanReport { pages, ended: outcome? }),
            Said::Bytes(_) | Said::Whole => return Err(Trouble::Ended.into()),
        }
    }
}

/// A page in the making.
struct Page<'a> {
    number: u16,
    format: Format,
    dpi: u16,
    lines: Lines,
    jpeg: Jpeg<'a>,
    /// What is ready to go out.
    file: Vec<u8>,
    blob: Option<BlobWriter>,
}

impl<'a> Page<'a> {
    fn new(number: u16, format: Format, dpi: u16, making: &'a Making) -> Self {
        let width = u16::try_from(format.width).expect("wider formats are refused");
        let samples = if format.channels == 1 { Samples::Gray } else { Samples::Rgb };
        let shape = Shape { width, samples, quality: making.quality, dpi };
        let (lines, jpeg) = (Lines::new(format), Jpeg::new(&making.compressors, shape));
        Self { number, format, dpi, lines, jpeg, file: Vec::new(), blob: None }
    }

    /// The height for the head of the file; 0 where it is not known yet.
    fn height(&self) -> u16 {
        self.format.lines.map_or(0, |lines| u16::try_from(lines).expect("higher formats are refused"))
    }

    fn push(&mut self, bytes: &[u8], cx: &mut Cx<Scanner>) -> Result<(), Stopped> {
        self.lines.push(bytes, self.jpeg.rows());
        let height = self.height();
        self.jpeg.advance(height, &mut self.file)?;
        let written = self.blob.as_ref().map_or(0, BlobWriter::written);
        if written + self.file.len() as u64 > PAGE_MAX {
            let (what, limit) = (format!("longer than {} MiB", PAGE_MAX >> 20), format!("{} MiB", PAGE_MAX >> 20));
            return Err(Trouble::TooLarge { page: self.number, what, limit }.into());
        }
        // The head can only go out when it is complete.
        if self.format.lines.is_some() {
            self.flush(cx);
        }
        Ok(())
    }

    fn flush(&mut self, cx: &mut Cx<Scanner>) {
        if self.file.is_empty() {
            return;
        }
        let first = self.blob.is_none();
        let blob = self.blob.get_or_insert_with(|| cx.blob(JPEG));
        blob.write(&self.file);
        let id = blob.id();
        self.file.clear();
        if first {
            let started = PageStarted { page: self.number, blob: id, media_type: JPEG.into() };
            cx.emit(ScannerEvent::PageStarted(started));
        }
    }

    fn finish(mut self, cx: &mut Cx<Scanner>) -> Result<ScannedPage, Stopped> {
        let (height, unknown) = (self.height(), self.format.lines.is_none());
        let rows = self.jpeg.finish(height, &mut self.file)?;
        if !self.lines.is_whole() || self.format.lines.is_some_and(|lines| lines != rows) {
            return Err(Trouble::Parameters(format!("{rows} rows where {height} were told")).into());
        }
        if unknown {
            set_height(&mut self.file, u16::try_from(rows).unwrap_or(u16::MAX));
        }
        self.flush(cx);
        let blob = self.blob.take().expect("a JPEG has bytes");
        let id = blob.id();
        Ok(ScannedPage {
            page: self.number,
            blob: id,
            media_type: JPEG.into(),
            bytes: blob.finish(),
            width_px: self.format.width,
            height_px: rows,
            resolution_dpi: self.dpi,
        })
    }
}
