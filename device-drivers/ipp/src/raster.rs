//! PWG Raster: pages of dots, for printers that take no PDF.
//!
//! Document: PWG 5102.4-2012, "PWG Raster Format": section 4.1 (file), 4.2 (compression), 4.3 (page header, 1796 bytes).

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::page_printer::Sides;
use serde::{Deserialize, Serialize};

/// What a file begins with (4.1).
const SYNC: &[u8; 4] = b"RaS2";
/// Length of a page header.
const HEADER: usize = 1796;

/// How a dot is written (PWG 5102.4, table 10: `black_1`, `sgray_8`, `srgb_8`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Dots {
    Black1,
    Gray8,
    Rgb8,
}

impl Dots {
    /// The best of those that a printer takes.
    pub(crate) fn choose(types: &[String], color: bool) -> Option<Self> {
        let order = match color {
            true => [Self::Rgb8, Self::Gray8, Self::Black1],
            false => [Self::Gray8, Self::Rgb8, Self::Black1],
        };
        order.into_iter().find(|dots| types.iter().any(|word| word == dots.word()))
    }

    fn word(self) -> &'static str {
        match self {
            Self::Black1 => "black_1",
            Self::Gray8 => "sgray_8",
            Self::Rgb8 => "srgb_8",
        }
    }

    /// Bits of a colour, colours, and the number of the colour space (table 6).
    fn numbers(self) -> (u32, u32, u32) {
        match self {
            Self::Black1 => (1, 1, 3),
            Self::Gray8 => (8, 1, 18),
            Self::Rgb8 => (8, 3, 19),
        }
    }
}

/// How the back sides must be turned (`pwg-raster-document-sheet-back`; PWG 5102.4, table 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SheetBack {
    Normal,
    Flipped,
    ManualTumble,
    Rotated,
}

impl SheetBack {
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "flipped" => Self::Flipped,
            "manual-tumble" => Self::ManualTumble,
            "rotated" => Self::Rotated,
            _ => Self::Normal,
        }
    }

    /// `CrossFeedTransform` and `FeedTransform` of a back side: -1 is mirrored.
    fn transform(self, sides: Sides) -> (i32, i32) {
        match (self, sides) {
            (_, Sides::OneSided) | (Self::Normal, _) => (1, 1),
            (Self::Flipped, Sides::TwoSidedLongEdge) => (1, -1),
            (Self::Flipped, Sides::TwoSidedShortEdge) => (-1, 1),
            (Self::ManualTumble, Sides::TwoSidedLongEdge) | (Self::Rotated, Sides::TwoSidedShortEdge) => (1, 1),
            (Self::ManualTumble, Sides::TwoSidedShortEdge) | (Self::Rotated, Sides::TwoSidedLongEdge) => (-1, -1),
        }
    }
}

/// What all pages of a document share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sheet {
    pub(crate) dots: Dots,
    pub(crate) dpi: u32,
    /// Dots.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// The medium's name (PWG 5101.1).
    pub(crate) media: String,
    pub(crate) sides: Sides,
    pub(crate) back: SheetBack,
}

/// A document in the making.
pub(crate) struct Raster {
    sheet: Sheet,
    pages: u32,
    bytes: Vec<u8>,
}

impl Raster {
    pub(crate) fn new(sheet: Sheet) -> Self {
        Self { sheet, pages: 0, bytes: SYNC.to_vec() }
    }

    /// Adds a page: `width` times `height` dots of red, green and blue.
    ///
    /// # Panics
    /// If it is not as large as the sheet.
    pub(crate) fn page(&mut self, rgb: &[u8]) {
        let (width, height) = (self.sheet.width as usize, self.sheet.height as usize);
        assert_eq!(rgb.len(), width * height * 3, "a page is as large as its sheet");
        self.pages += 1;
        let turned = if self.pages.is_multiple_of(2) { self.sheet.back.transform(self.sheet.sides) } else { (1, 1) };
        self.header(turned);
        let lines = lines(self.sheet.dots, width, rgb, turned);
        let bytes_per_dot = if self.sheet.dots == Dots::Rgb8 { 3 } else { 1 };
        compress(&lines, width_bytes(self.sheet.dots, width), bytes_per_dot, &mut self.bytes);
    }

    /// What was added since this was last taken; the file begins with the first.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// The page header (4.3); what is not set is zero.
    fn header(&mut self, (cross_feed, feed): (i32, i32)) {
        let Sheet { dots, dpi, width, height, ref media, sides, .. } = self.sheet;
        let (bits, colors, space) = dots.numbers();
        let mut header = vec![0; HEADER];
        let text = |header: &mut Vec<u8>, at: usize, text: &str| {
            let bytes = &text.as_bytes()[..text.len().min(63)];
            header[at..at + bytes.len()].copy_from_slice(bytes);
        };
        text(&mut header, 0, "PwgRaster");
        text(&mut header, 1732, media);
        let points = |dots: u32| dots * 72 / dpi;
        let bytes = u32::try_from(width_bytes(dots, width as usize)).unwrap_or(u32::MAX);
        for (at, value) in [
            (272, u32::from(sides != Sides::OneSided)), // Duplex
            (276, dpi),                                 // HWResolution
            (280, dpi),
            (352, points(width)), // PageSize
            (356, points(height)),
            (368, u32::from(sides == Sides::TwoSidedShortEdge)), // Tumble
            (372, width),                                        // Width
            (376, height),                                       // Height
            (384, bits),                                         // BitsPerColor
            (388, bits * colors),                                // BitsPerPixel
            (392, bytes),                                        // BytesPerLine
            (400, space),                                        // ColorSpace
            (420, colors),                                       // NumColors
            (456, cross_feed.cast_unsigned()),                   // CrossFeedTransform
            (460, feed.cast_unsigned()),                         // FeedTransform
            (472, width),                                        // ImageBoxRight
            (476, height),                                       // ImageBoxBottom
            (480, 0x00FF_FFFF),                                  // AlternatePrimary
        ] {
            header[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
        self.bytes.extend_from_slice(&header);
    }
}

fn width_bytes(dots: Dots, width: usize) -> usize {
    match dots {
        Dots::Black1 => width.div_ceil(8),
        Dots::Gray8 => width,
        Dots::Rgb8 => width * 3,
    }
}

/// The page as its lines are sent, mirrored as the back side wants it.
fn lines(dots: Dots, width: usize, rgb: &[u8], (cross_feed, feed): (i32, i32)) -> Vec<u8> {
    let mut rows: Vec<&[u8]> = rgb.chunks_exact(width * 3).collect();
    if feed < 0 {
        rows.reverse();
    }
    let mut out = Vec::with_capacity(rows.len() * width_bytes(dots, width));
    // What the dots before have left over (Floyd and Steinberg), for black and white.
    let mut carried = vec![0_i32; width + 2];
    for row in rows {
        let mirrored: Vec<u8>;
        let row = if cross_feed < 0 {
            mirrored = row.chunks_exact(3).rev().flatten().copied().collect();
            &mirrored
        } else {
            row
        };
        match dots {
            Dots::Rgb8 => out.extend_from_slice(row),
            Dots::Gray8 => out.extend(row.chunks_exact(3).map(luma)),
            Dots::Black1 => black(row, &mut carried, &mut out),
        }
    }
    out
}

/// The brightness of a dot (ITU-R BT.601).
fn luma(dot: &[u8]) -> u8 {
    let sum = 299 * u32::from(dot[0]) + 587 * u32::from(dot[1]) + 114 * u32::from(dot[2]) + 500;
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}

/// One row as bits, 1 is black; what each dot is too light or too dark goes to those right of and below it.
fn black(row: &[u8], carried: &mut [i32], out: &mut Vec<u8>) {
    let mut below = vec![0; carried.len()];
    let (mut byte, mut right) = (0_u8, 0);
    let count = row.len() / 3;
    for (at, dot) in row.chunks_exact(3).enumerate() {
        let wanted = i32::from(luma(dot)) + right + carried[at + 1];
        let is_black = wanted < 128;
        let error = wanted - if is_black { 0 } else { 255 };
        right = error * 7 / 16;
        below[at] += error * 3 / 16;
        below[at + 1] += error * 5 / 16;
        below[at + 2] += error / 16;
        byte = byte << 1 | u8::from(is_black);
        if at % 8 == 7 {
            out.push(byte);
            byte = 0;
        }
    }
    if !count.is_multiple_of(8) {
        out.push(byte << (8 - count % 8));
    }
    carried.copy_from_slice(&below);
}

/// Compresses lines (4.2): equal lines are sent once with their number, and in a line equal dots likewise.
fn compress(lines: &[u8], line_bytes: usize, unit: usize, out: &mut Vec<u8>) {
    let mut rest = lines.chunks_exact(line_bytes).peekable();
    while let Some(line) = rest.next() {
        let mut more = 0_u8;
        while more < 255 && rest.next_if(|next| *next == line).is_some() {
            more += 1;
        }
        out.push(more);
        compress_line(line, unit, out);
    }
}

fn compress_line(line: &[u8], unit: usize, out: &mut Vec<u8>) {
    let dots: Vec<&[u8]> = line.chunks_exact(unit).collect();
    let mut at = 0;
    while at < dots.len() {
        let same = dots[at..].iter().take(128).take_while(|dot| **dot == dots[at]).count();
        let rest = &dots[at..dots.len().min(at + 128)];
        // Up to where two equal ones follow each other.
        let different = rest.windows(2).position(|pair| pair[0] == pair[1]).unwrap_or(rest.len());
        if same > 1 || different < 2 {
            // n equal dots: n - 1, then the dot.
            out.push(u8::try_from(same - 1).unwrap_or(127));
            out.extend_from_slice(dots[at]);
            at += same;
        } else {
            // n different dots: 257 - n, then the dots.
            out.push(u8::try_from(257 - different).unwrap_or(129));
            dots[at..at + different].iter().for_each(|dot| out.extend_from_slice(dot));
            at += different;
        }
    }
}
