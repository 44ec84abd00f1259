//! JPEG files: their heads are read and their data walked over here; their pixels are decoded by `zune-jpeg`.
//!
//! Only what scanners make is taken: three colours, each of them in one sequential scan. PDF has other kinds as well, but
//! whether these are whole cannot be told as simply.
//!
//! Documents: ITU-T T.81, annex B (markers); JFIF 1.02; Adobe technical note 5116 (APP14); EXIF 2.3, section 4.6 (APP1).

mod entropy;
mod exif;
mod profile;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use self::entropy::{Codes, Component};
use super::{Decoded, PageFault, same_size};

/// How much may come behind the end of the picture, bytes: some scanners pad their files. A second picture is larger.
const PADDING: usize = 4096;

/// One colour, as the frame's head says.
#[derive(Clone, Copy, Default)]
struct Colour {
    id: u8,
    /// Samples of it in each unit.
    across: u8,
    down: u8,
    quantization: u8,
    /// A scan with it was walked over.
    is_there: bool,
}

/// What the markers say.
#[derive(Default)]
struct Head {
    size: Option<[u16; 2]>,
    colours: [Colour; 3],
    jfif: bool,
    /// It has a colour profile that is not sound.
    bad_profile: bool,
    /// The transform of Adobe's marker: 0 none, 1 YCbCr, 2 YCCK.
    adobe: Option<u8>,
    quantizations: [bool; 4],
    /// Codes of the first coefficient, and of the others.
    codes: [[Option<Codes>; 4]; 2],
    interval: u16,
}

fn damaged(what: &str) -> PageFault {
    PageFault::Damaged(what.to_owned())
}

impl Head {
    /// Reads all markers and walks over all scans. The file's size must be the one that the caller says.
    fn read(file: &[u8], size_px: [u32; 2]) -> Result<Self, PageFault> {
        let mut rest = file.strip_prefix(&[0xFF, 0xD8]).ok_or_else(|| damaged("it is no JPEG file"))?;
        let mut head = Self::default();
        loop {
            let marker = next_marker(&mut rest)?;
            match marker {
                0xD9 if !head.colours.iter().all(|colour| colour.is_there) => return Err(PageFault::Cut),
                0xD9 if rest.len() > PADDING => return Err(damaged("there is more behind its end")),
                0xD9 => return Ok(head),
                0x01 | 0xD0..=0xD8 => return Err(damaged("its markers are out of order")),
                _ => {}
            }
            let segment = segment(&mut rest)?;
            match marker {
                0xC0 | 0xC1 if head.size.is_some() => return Err(damaged("it has two pictures")),
                0xC0 | 0xC1 => same_size(size_px, head.frame(segment)?.map(u32::from))?,
                0xC4 => head.huffman(segment)?,
                // JPG is reserved, arithmetic coding is not there without its frame.
                0xC8 | 0xCC => {}
                0xC2..=0xCF => return Err(kind_or_colour(segment)),
                0xDA => rest = head.scan(segment, rest)?,
                0xDB => head.quantization(segment)?,
                0xDD => head.interval = u16::from_be_bytes(segment.try_into().map_err(|_| damaged("its restarts"))?),
                0xE0 if segment.starts_with(b"JFIF\0") => head.jfif = true,
                0xE1 => {
                    if let Some(turn) = exif::orientation(segment).filter(|&turn| turn != 1) {
                        return Err(PageFault::Turned(turn));
                    }
                }
                0xE2 => {
                    let profile = segment.strip_prefix(b"ICC_PROFILE\0");
                    head.bad_profile |= profile.is_some_and(|profile| !profile::is_sound(profile));
                }
                0xEE if segment.starts_with(b"Adobe") => head.adobe = segment.get(11).copied(),
                _ => {}
            }
        }
    }

    /// A frame header (T.81, B.2.2).
    fn frame(&mut self, segment: &[u8]) -> Result<[u16; 2], PageFault> {
        let &[bits, h1, h0, w1, w0, count, ref colours @ ..] = segment else { return Err(PageFault::Cut) };
        match (bits, count) {
            (8, 3) => {}
            (8, 1) => return Err(PageFault::Grey),
            (8, 4) => return Err(PageFault::Cmyk),
            (8, _) => return Err(damaged("it has neither one, three nor four colours")),
            _ => return Err(PageFault::Bits(bits)),
        }
        if colours.len() != 9 {
            return Err(damaged("its frame"));
        }
        for (own, said) in self.colours.iter_mut().zip(colours.chunks_exact(3)) {
            *own = Colour {
                id: said[0],
                across: said[1] >> 4,
                down: said[1] & 15,
                quantization: said[2],
                is_there: false,
            };
            if !(1..=4).contains(&own.across) || !(1..=4).contains(&own.down) {
                return Err(damaged("its sampling"));
            }
        }
        let size = [u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0])];
        self.size = Some(size);
        Ok(size)
    }

    /// Tables of Huffman codes (T.81, B.2.4.2).
    fn huffman(&mut self, mut segment: &[u8]) -> Result<(), PageFault> {
        let wrong = || damaged("its codes");
        while let Some((&place, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or_else(wrong)?;
            let tables = self.codes.get_mut(usize::from(place >> 4)).ok_or_else(wrong)?;
            let table = tables.get_mut(usize::from(place & 15)).ok_or_else(wrong)?;
            *table = Some(Codes::new(counts, symbols).ok_or_else(wrong)?);
            segment = rest;
        }
        Ok(())
    }

    /// Quantization tables (T.81, B.2.4.1): only which there are.
    fn quantization(&mut self, mut segment: &[u8]) -> Result<(), PageFault> {
        let wrong = || damaged("its quantization");
        while let Some((&place, rest)) = segment.split_first() {
            let bytes = if place >> 4 == 0 { 64 } else { 128 };
            segment = rest.get(bytes..).ok_or_else(wrong)?;
            *self.quantizations.get_mut(usize::from(place & 15)).ok_or_else(wrong)? = true;
        }
        Ok(())
    }

    /// Whether all readers see the same colours. Without a profile they take them for YCbCr if the file says so: those of PDF follow Adobe's marker and nothing else (ISO 32000-1,
    /// table 13), others follow JFIF or the names of the colours as well.
    fn has_plain_colours(&self) -> bool {
        let ids = self.colours.map(|colour| colour.id);
        let is_ycbcr = self.adobe == Some(1) || (self.adobe.is_none() && (self.jfif || ids == [1, 2, 3]));
        is_ycbcr && !self.bad_profile
    }

    /// Walks over a scan (its head: T.81, B.2.3; its units: A.2); returns what comes behind it.
    fn scan<'a>(&mut self, head: &[u8], data: &'a [u8]) -> Result<&'a [u8], PageFault> {
        let size = self.size.ok_or_else(|| damaged("its markers are out of order"))?;
        let (&count, rest) = head.split_first().ok_or(PageFault::Cut)?;
        let (chosen, spectrum) = rest.split_at_checked(2 * usize::from(count)).ok_or(PageFault::Cut)?;
        // All coefficients at once.
        if spectrum != [0, 63, 0] || !(1..=3).contains(&count) {
            return Err(PageFault::JpegKind);
        }
        let most = self.colours.map(|colour| [colour.across, colour.down]);
        let most = most.into_iter().fold([1, 1], |most, own| [most[0].max(own[0]), most[1].max(own[1])]);
        // A scan of one colour has units of one block, and no more of them than the picture needs.
        let mut units = [0, 1].map(|way| usize::from(size[way]).div_ceil(8 * usize::from(most[way])));
        let mut parts = Vec::new();
        for chosen in chosen.chunks_exact(2) {
            let colour = self.colours.iter_mut().find(|colour| colour.id == chosen[0] && !colour.is_there);
            let colour = colour.ok_or_else(|| damaged("a scan of no colour"))?;
            colour.is_there = true;
            let own = [colour.across, colour.down].map(usize::from);
            if !self.quantizations.get(usize::from(colour.quantization)).is_some_and(|&there| there) {
                return Err(damaged("a quantization table is missing"));
            }
            let find = |class: usize, id: u8| {
                let table = self.codes[class].get(usize::from(id)).and_then(Option::as_ref);
                table.ok_or_else(|| damaged("a table of codes is missing"))
            };
            let blocks = if count == 1 { 1 } else { own[0] * own[1] };
            if count == 1 {
                let samples = |way: usize| (usize::from(size[way]) * own[way]).div_ceil(usize::from(most[way]));
                units = [samples(0).div_ceil(8), samples(1).div_ceil(8)];
            }
            parts.push(Component { blocks, dc: find(0, chosen[1] >> 4)?, ac: find(1, chosen[1] & 15)? });
        }
        entropy::walk(data, units[0] * units[1], usize::from(self.interval), &parts)
    }
}

/// Why a frame of a kind that is not taken is not taken: first what a person can set at the scanner.
fn kind_or_colour(segment: &[u8]) -> PageFault {
    match segment {
        [8, _, _, _, _, 1, ..] => PageFault::Grey,
        [8, _, _, _, _, 4, ..] => PageFault::Cmyk,
        [8, ..] => PageFault::JpegKind,
        [bits, ..] => PageFault::Bits(*bits),
        [] => PageFault::Cut,
    }
}

/// The next marker's code; fill bytes before it are passed over (T.81, B.1.1.2).
fn next_marker(rest: &mut &[u8]) -> Result<u8, PageFault> {
    let fill = rest.iter().take_while(|&&byte| byte == 0xFF).count();
    let code = *rest.get(fill).ok_or(PageFault::Cut)?;
    if fill == 0 || code == 0 {
        return Err(damaged("a marker is missing"));
    }
    *rest = &rest[fill + 1..];
    Ok(code)
}

/// What belongs to a marker, without its length.
fn segment<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], PageFault> {
    let &[high, low, ..] = *rest else { return Err(PageFault::Cut) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length < 2 {
        return Err(damaged("a segment is too short"));
    }
    let (segment, after) = rest.split_at_checked(length).ok_or(PageFault::Cut)?;
    *rest = after;
    Ok(&segment[2..])
}

/// Judges all of it; decodes it if its pixels are needed.
pub(super) fn decode(file: Vec<u8>, size_px: [u32; 2], with_pixels: bool) -> Result<Decoded, PageFault> {
    let is_plain = Head::read(&file, size_px)?.has_plain_colours();
    let rgb = if with_pixels || !is_plain { Some(pixels(&file)?) } else { None };
    Ok(Decoded { rgb, file: is_plain.then_some(file) })
}

fn pixels(file: &[u8]) -> Result<Vec<u8>, PageFault> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode().map_err(|error| match error {
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => PageFault::Cut,
        other => PageFault::Damaged(other.to_string()),
    })
}
