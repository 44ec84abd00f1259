//! PWG Raster made visible: what a sheet looks like that was printed from it.
//!
//! Document: PWG 5102.4-2012, "PWG Raster Format": section 4.1 (file), 4.2 (compression), 4.3 (page header).

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Rgb, RgbImage};

/// What a file begins with (4.1).
const SYNC: &[u8] = b"RaS2";
/// Length of a page's header (4.3), bytes.
const HEADER: usize = 1796;
/// Where the header has them, each a big-endian word: Width, Height, BitsPerColor, BitsPerPixel, BytesPerLine, ColorSpace.
const FIELDS: [usize; 6] = [372, 376, 384, 388, 392, 400];
/// ColorSpace (table 6).
const SGRAY: usize = 18;
const SRGB: usize = 19;
/// A page's longest side, dots.
const SIDE_MAX: usize = 20_000;
/// All pages together, dots: seven sheets of A4 at 300 dots an inch.
const DOTS_MAX: usize = 64_000_000;
/// Between two sheets.
const GAP: usize = 40;
const DESK: Rgb<u8> = Rgb([0xc0; 3]);

/// One sheet, `width` dots of three colours a line.
struct Sheet {
    width: usize,
    lines: Vec<Vec<u8>>,
}

/// The sheets of a document, one below the other, as a PNG file; of a long one the first. None of what is no such document, or
/// is damaged.
pub(super) fn png(mut document: &[u8]) -> Option<Vec<u8>> {
    document = document.strip_prefix(SYNC)?;
    let (mut sheets, mut dots) = (Vec::new(), 0);
    while !document.is_empty() {
        let sheet = Head::read(document)?;
        dots += sheet.width * sheet.height;
        if dots > DOTS_MAX {
            break;
        }
        document = &document[HEADER..];
        sheets.push(sheet.unpack(&mut document)?);
    }
    let width = sheets.iter().map(|sheet| sheet.width).max()?;
    let lines: usize = sheets.iter().map(|sheet| sheet.lines.len()).sum();
    let height = lines + GAP * (sheets.len() - 1);
    let mut picture = RgbImage::from_pixel(u32::try_from(width).ok()?, u32::try_from(height).ok()?, DESK);
    let mut rows = picture.chunks_exact_mut(3 * width);
    for (number, sheet) in sheets.iter().enumerate() {
        let gap = if number == 0 { 0 } else { GAP };
        for (line, row) in sheet.lines.iter().zip(rows.by_ref().skip(gap)) {
            row[..line.len()].copy_from_slice(line);
        }
    }
    let mut file = Cursor::new(Vec::new());
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Up);
    picture.write_with_encoder(encoder).ok()?;
    Some(file.into_inner())
}

/// What a page's header says.
struct Head {
    width: usize,
    height: usize,
    /// 1 or 3.
    colors: usize,
}

impl Head {
    /// None where it is cut short, makes no sense, or has other dots than eight bits of sGray or sRGB.
    fn read(document: &[u8]) -> Option<Self> {
        let header = document.get(..HEADER)?;
        let word = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?) as usize);
        let [width, height, bits, bits_per_dot, bytes_per_line, space] = FIELDS.map(word);
        let (width, height) = (width?, height?);
        let colors = match space? {
            SGRAY => 1,
            SRGB => 3,
            _ => return None,
        };
        let sides = [width, height].iter().all(|side| (1..=SIDE_MAX).contains(side));
        let fits = bits? == 8 && bits_per_dot? == 8 * colors && bytes_per_line? == width * colors;
        (sides && fits).then_some(Self { width, height, colors })
    }

    /// Unpacks the page's lines (4.2) and leaves what comes behind them.
    fn unpack(&self, document: &mut &[u8]) -> Option<Sheet> {
        let Self { width, height, colors } = *self;
        let mut lines = Vec::with_capacity(height);
        while lines.len() < height {
            let times = usize::from(*document.split_off_first()?) + 1;
            let mut line = Vec::with_capacity(3 * width);
            let mut put = |dot: &[u8]| line.extend((0..3).map(|color| dot[color % colors]));
            let mut left = width;
            while left > 0 {
                let control = usize::from(*document.split_off_first()?);
                let (count, repeated) = match control {
                    0..=127 => (control + 1, true),
                    // Reserved.
                    128 => return None,
                    _ => (257 - control, false),
                };
                let dots = document.split_off(..if repeated { colors } else { count * colors })?;
                left = left.checked_sub(count)?;
                if repeated {
                    (0..count).for_each(|_| put(dots));
                } else {
                    dots.chunks_exact(colors).for_each(&mut put);
                }
            }
            let times = times.min(height - lines.len());
            lines.extend(std::iter::repeat_n(line, times));
        }
        Some(Sheet { width, lines })
    }
}

#[cfg(test)]
mod tests {
    use super::{DESK, GAP, HEADER, SYNC, png};

    fn page(width: u32, height: u32, colors: u32, lines: &[u8]) -> Vec<u8> {
        let mut header = vec![0; HEADER];
        let space = if colors == 1 { 18 } else { 19 };
        for (at, word) in
            [(372, width), (376, height), (384, 8), (388, 8 * colors), (392, width * colors), (400, space)]
        {
            header[at..at + 4].copy_from_slice(&word.to_be_bytes());
        }
        [&header, lines].concat()
    }

    #[test]
    fn sheets_are_seen_one_below_the_other() {
        // Two lines of a grey and two white dots; then one line of a red, a green and a blue dot.
        let grey = page(3, 2, 1, &[1, 0, 0x55, 1, 0xff]);
        let color = page(3, 1, 3, &[0, 254, 255, 0, 0, 0, 255, 0, 0, 0, 255]);
        let file = png(&[SYNC, &grey, &color].concat()).unwrap();
        let picture = image::load_from_memory(&file).unwrap().to_rgb8();
        let gap = u32::try_from(GAP).unwrap();
        assert_eq!(picture.dimensions(), (3, 3 + gap));
        let dots = |y| [0, 1, 2].map(|x| picture.get_pixel(x, y).0);
        assert_eq!([dots(0), dots(1)], [[[0x55; 3], [0xff; 3], [0xff; 3]]; 2]);
        assert_eq!(dots(2), [DESK.0; 3]);
        assert_eq!(dots(2 + gap), [[255, 0, 0], [0, 255, 0], [0, 0, 255]]);
    }

    #[test]
    fn what_is_no_raster_is_not_seen() {
        let good = [SYNC, &page(3, 2, 1, &[1, 0, 0x55, 1, 0xff])].concat();
        assert!(png(&good).is_some());
        for length in [0, 3, 4, 100, good.len() - 1] {
            assert_eq!(png(&good[..length]), None, "{length} bytes");
        }
        for lines in [&[0, 3, 0x55][..], &[0, 128, 1], &[0, 200, 1, 2]] {
            assert_eq!(png(&[SYNC, &page(3, 1, 1, lines)].concat()), None, "{lines:?}");
        }
        for page in [page(0, 1, 1, &[]), page(u32::MAX, u32::MAX, 1, &[]), page(20_000, 20_000, 3, &[])] {
            assert_eq!(png(&[SYNC, &page].concat()), None);
        }
        assert_eq!(png(b"%PDF-1.7"), None);
    }
}
