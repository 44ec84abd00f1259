//! The paper: rows of dots that come out, cuts, and the receipts that they make.

use std::collections::VecDeque;
use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use serde::Serialize;

/// Receipts kept; the oldest goes first.
const RECEIPTS_KEPT: usize = 64;
/// Rows of one receipt, two metres; then the paper counts as torn off.
const ROWS_MAX: u32 = 16_384;
/// Codes and lines of text noted for one receipt.
const NOTES_MAX: usize = 500;

/// How a receipt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Still in the printer.
    Uncut,
    /// Cut off.
    Cut,
    /// Cut, but for one point that holds it.
    PartialCut,
    /// Two metres without a cut.
    Torn,
}

/// A barcode that was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Barcode {
    /// As ESC/POS calls it.
    pub system: &'static str,
    /// Its data as text.
    pub data: String,
    /// False when this simulator only notes it.
    pub drawn: bool,
}

/// A piece of paper.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Counts from 1 and never restarts; the paper still in the printer has the number it will get.
    pub number: u64,
    /// How it ended.
    pub end: End,
    /// Dots across.
    pub width: u32,
    /// Dot rows.
    pub rows: u32,
    /// Payloads of QR codes, in order.
    pub qr: Vec<String>,
    /// Barcodes, in order.
    pub barcodes: Vec<Barcode>,
    /// Characters printed as characters (not those in pictures), line by line.
    pub text: Vec<String>,
    #[serde(skip)]
    dots: Vec<u8>,
}

impl Receipt {
    fn new(number: u64, width: u32) -> Self {
        Self {
            number,
            end: End::Uncut,
            width,
            rows: 0,
            qr: Vec::new(),
            barcodes: Vec::new(),
            text: Vec::new(),
            dots: Vec::new(),
        }
    }

    /// The picture as a PNG file, one pixel a dot. Paper without rows is one white row.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let bytes = self.width.div_ceil(8) as usize;
        let image = GrayImage::from_fn(self.width, self.rows.max(1), |x, y| {
            let byte = self.dots.get(y as usize * bytes + (x / 8) as usize).copied().unwrap_or(0);
            Luma([if byte & (0x80 >> (x % 8)) == 0 { 255 } else { 0 }])
        });
        let mut file = Cursor::new(Vec::new());
        image.write_to(&mut file, ImageFormat::Png).expect("a grey picture in memory can be written as PNG");
        file.into_inner()
    }

    /// Notes a QR code.
    pub fn note_qr(&mut self, payload: String) {
        note(&mut self.qr, payload);
    }

    /// Notes a barcode.
    pub fn note_barcode(&mut self, barcode: Barcode) {
        note(&mut self.barcodes, barcode);
    }

    /// Notes a line of text.
    pub fn note_text(&mut self, line: String) {
        note(&mut self.text, line);
    }
}

fn note<T>(notes: &mut Vec<T>, new: T) {
    if notes.len() < NOTES_MAX {
        notes.push(new);
    }
}

/// The roll, from the print head on.
#[derive(Debug)]
pub struct Paper {
    width: u32,
    current: Receipt,
    done: VecDeque<Receipt>,
    cuts: u64,
    rows: u64,
}

impl Paper {
    /// A roll so many dots wide.
    #[must_use]
    pub fn new(width: u32) -> Self {
        Self { width, current: Receipt::new(1, width), done: VecDeque::new(), cuts: 0, rows: 0 }
    }

    /// Dots across.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// One row comes out; what is too much is cut off, what is missing is white.
    pub fn row(&mut self, dots: &[u8]) {
        if self.current.rows == ROWS_MAX {
            self.finish(End::Torn);
        }
        let bytes = self.width.div_ceil(8) as usize;
        let there = dots.len().min(bytes);
        self.current.dots.extend_from_slice(&dots[..there]);
        self.current.dots.resize(self.current.dots.len() + bytes - there, 0);
        self.current.rows += 1;
        self.rows += 1;
    }

    /// So many white rows come out.
    pub fn feed(&mut self, rows: u32) {
        let mut left = rows;
        while left > 0 {
            if self.current.rows == ROWS_MAX {
                self.finish(End::Torn);
            }
            let now = left.min(ROWS_MAX - self.current.rows);
            self.current.rows += now;
            self.current.dots.resize(self.current.rows as usize * self.width.div_ceil(8) as usize, 0);
            self.rows += u64::from(now);
            left -= now;
        }
    }

    /// Cuts. Paper without a row is no receipt, but the cut counts.
    pub fn cut(&mut self, full: bool) {
        self.cuts += 1;
        if self.current.rows > 0 {
            self.finish(if full { End::Cut } else { End::PartialCut });
        }
    }

    fn finish(&mut self, end: End) {
        let next = Receipt::new(self.current.number + 1, self.width);
        let mut done = std::mem::replace(&mut self.current, next);
        done.end = end;
        done.dots.shrink_to_fit();
        if self.done.len() == RECEIPTS_KEPT {
            self.done.pop_front();
        }
        self.done.push_back(done);
    }

    /// The paper still in the printer.
    #[must_use]
    pub fn current(&self) -> &Receipt {
        &self.current
    }

    /// The paper still in the printer, to note what is printed on it.
    pub fn current_mut(&mut self) -> &mut Receipt {
        &mut self.current
    }

    /// The receipts that are done, oldest first.
    pub fn receipts(&self) -> impl DoubleEndedIterator<Item = &Receipt> {
        self.done.iter()
    }

    /// What a person sees: the paper that comes out of the printer, or else the last receipt.
    #[must_use]
    pub fn seen(&self) -> &Receipt {
        match self.done.back() {
            Some(last) if self.current.rows == 0 => last,
            _ => &self.current,
        }
    }

    /// Cuts and dot rows since the start.
    #[must_use]
    pub fn counters(&self) -> (u64, u64) {
        (self.cuts, self.rows)
    }
}
