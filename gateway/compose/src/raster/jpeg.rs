//! JPEG files: their heads are read here, their pixels by `zune-jpeg`.
//!
//! Documents: ITU-T T.81, annex B (markers); JFIF 1.02; Adobe technical note 5116 (APP14); EXIF 2.3, section 4.6 (APP1).

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{Decoded, PageFault, same_size};

/// How far before the end of the file the picture may end, bytes: some scanners pad their files.
const PADDING: usize = 4096;

/// What the markers before the first scan say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) size: [u32; 2],
    jfif: bool,
    /// The transform of Adobe's marker: 0 none, 1 YCbCr, 2 YCCK.
    adobe: Option<u8>,
    component_ids: [u8; 3],
}

impl Head {
    /// Reads the markers up to the first scan.
    pub(super) fn read(file: &[u8]) -> Result<Self, PageFault> {
        let damaged = |what: &str| PageFault::Damaged(what.to_owned());
        let mut rest = file.strip_prefix(&[0xFF, 0xD8]).ok_or_else(|| damaged("it is no JPEG file"))?;
        let mut head = Self::default();
        let mut sized = false;
        loop {
            let marker = next_marker(&mut rest)?;
            match marker {
                // Start of scan: the end of what is looked at.
                0xDA if sized => return Ok(head),
                0xDA | 0xD8 | 0xD9 => return Err(damaged("its markers are out of order")),
                0x01 | 0xD0..=0xD7 => continue,
                _ => {}
            }
            let segment = segment(&mut rest)?;
            match marker {
                0xC0..=0xC2 if sized => return Err(damaged("it has two pictures")),
                0xC0..=0xC2 => {
                    head.frame(segment)?;
                    sized = true;
                }
                // Tables of Huffman codes; JPG; conditions of arithmetic coding.
                0xC4 | 0xC8 | 0xCC => {}
                0xC3 | 0xC5..=0xCF => return Err(PageFault::JpegKind),
                0xE0 if segment.starts_with(b"JFIF\0") => head.jfif = true,
                0xE1 => {
                    if let Some(orientation) = orientation(segment).filter(|&turn| turn != 1) {
                        return Err(PageFault::Turned(orientation));
                    }
                }
                0xEE if segment.starts_with(b"Adobe") => head.adobe = segment.get(11).copied(),
                _ => {}
            }
        }
    }

    /// A frame header (T.81, B.2.2).
    fn frame(&mut self, segment: &[u8]) -> Result<(), PageFault> {
        let &[bits, h1, h0, w1, w0, components, ref rest @ ..] = segment else { return Err(PageFault::Cut) };
        if bits != 8 {
            return Err(PageFault::Bits(bits));
        }
        self.size = [u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into()];
        match (components, rest) {
            (1, _) => Err(PageFault::Grey),
            (3, &[first, _, _, second, _, _, third, ..]) => {
                self.component_ids = [first, second, third];
                Ok(())
            }
            (4, _) => Err(PageFault::Cmyk),
            _ => Err(PageFault::Damaged("it has neither one, three nor four colours".to_owned())),
        }
    }

    /// Whether all readers take its colours for YCbCr: those of PDF follow Adobe's marker and nothing else (ISO 32000-1,
    /// table 13), others follow JFIF or the names of the components as well.
    fn is_plainly_ycbcr(&self) -> bool {
        self.adobe == Some(1) || (self.adobe.is_none() && (self.jfif || self.component_ids == [1, 2, 3]))
    }
}

/// The next marker's code; fill bytes before it are passed over (T.81, B.1.1.2).
fn next_marker(rest: &mut &[u8]) -> Result<u8, PageFault> {
    let fill = rest.iter().take_while(|&&byte| byte == 0xFF).count();
    let code = *rest.get(fill).ok_or(PageFault::Cut)?;
    if fill == 0 || code == 0 {
        return Err(PageFault::Damaged("a marker is missing".to_owned()));
    }
    *rest = &rest[fill + 1..];
    Ok(code)
}

/// What belongs to a marker, without its length.
fn segment<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], PageFault> {
    let &[high, low, ..] = *rest else { return Err(PageFault::Cut) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length < 2 {
        return Err(PageFault::Damaged("a segment is too short".to_owned()));
    }
    let (segment, after) = rest.split_at_checked(length).ok_or(PageFault::Cut)?;
    *rest = after;
    Ok(&segment[2..])
}

/// EXIF's orientation (tag 0x0112), if there is one.
fn orientation(segment: &[u8]) -> Option<u16> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let big = match tiff.get(..2)? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    let four: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let directory = usize::try_from(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }).ok()?;
    let entries = usize::from(short(directory)?);
    let mut entry = directory.checked_add(2)?;
    for _ in 0..entries {
        // Tag, type 3 (SHORT), count, and the value in the first two bytes of its place.
        if short(entry)? == 0x0112 {
            return short(entry.checked_add(8)?);
        }
        entry = entry.checked_add(12)?;
    }
    None
}

/// Decodes all of it.
pub(super) fn decode(file: Vec<u8>, size_px: [u32; 2]) -> Result<Decoded, PageFault> {
    let head = Head::read(&file)?;
    same_size(size_px, head.size)?;
    // The decoder makes up the last few blocks if only those are missing; the end marker (T.81, table B.1) tells.
    let tail = &file[file.len().saturating_sub(PADDING)..];
    if !tail.windows(2).any(|marker| marker == [0xFF, 0xD9]) {
        return Err(PageFault::Cut);
    }
    // Strict: the lenient mode paints what is missing grey and calls a page that was cut off a success.
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX));
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&file[..]), options);
    let rgb = decoder.decode().map_err(fault)?;
    Ok(Decoded { rgb, file: head.is_plainly_ycbcr().then_some(file) })
}

fn fault(error: DecodeErrors) -> PageFault {
    match error {
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => PageFault::Cut,
        DecodeErrors::FormatStatic(text) if text.starts_with("Premature end") => PageFault::Cut,
        other => PageFault::Damaged(other.to_string()),
    }
}
