//! Unpacks the streams that tell where objects are (ISO 32000-1, section 7.4.4).

use std::io::Read;

use super::PdfError;
use super::object::{Dict, Object};
use crate::budget::Budget;

/// Most bytes that one stream is unpacked to.
pub(super) const UNPACKED: usize = 64 << 20;

/// Unpacks what is not packed or packed with `FlateDecode`, to not more than so many bytes. The parameters must be in the
/// dictionary itself. What is unpacked counts, also if something is wrong with it in the end.
pub(super) fn unpack(dict: &Dict, packed: &[u8], most: usize, budget: &Budget) -> Result<Vec<u8>, PdfError> {
    let most = most.min(UNPACKED);
    let one = |name: &str| match dict.get(name) {
        Some(Object::Array(array)) if array.len() == 1 => array.first(),
        Some(Object::Null) => None,
        other => other,
    };
    let bytes = match one("Filter") {
        None => {
            budget.unpack(packed.len())?;
            packed.to_vec()
        }
        Some(filter) if filter.is_name("FlateDecode") => {
            let mut bytes = Vec::new();
            let limit = u64::try_from(most).unwrap_or(u64::MAX);
            let read = flate2::read::ZlibDecoder::new(packed).take(limit.saturating_add(1)).read_to_end(&mut bytes);
            budget.unpack(bytes.len())?;
            read.map_err(|_| PdfError::Missing("the packed bytes of a stream"))?;
            bytes
        }
        Some(_) => return Err(PdfError::Missing("the filter of a stream")),
    };
    if bytes.len() > most {
        return Err(PdfError::TooMuch("packed streams"));
    }
    match one("DecodeParms").and_then(Object::dict) {
        Some(parameters) => predicted(parameters, bytes),
        None => Ok(bytes),
    }
}

/// Takes the prediction of PNG out of bytes.
fn predicted(parameters: &Dict, bytes: Vec<u8>) -> Result<Vec<u8>, PdfError> {
    let number = |name, default| parameters.int(name).unwrap_or(default);
    match number("Predictor", 1) {
        1 => return Ok(bytes),
        10..=15 => {}
        _ => return Err(PdfError::Missing("the predictor of a stream")),
    }
    let columns = usize::try_from(number("Columns", 1)).ok().filter(|columns| (1..=1024).contains(columns));
    let columns = columns.ok_or(PdfError::Missing("the columns of a stream"))?;
    if number("Colors", 1) != 1 || number("BitsPerComponent", 8) != 8 {
        return Err(PdfError::Missing("the predictor of a stream"));
    }
    let mut before = vec![0_u8; columns];
    let mut all = Vec::with_capacity(bytes.len());
    for line in bytes.chunks(columns + 1) {
        let Some((kind, line)) = line.split_first() else { continue };
        let mut now = vec![0_u8; line.len()];
        for place in 0..line.len() {
            let left = if place > 0 { now[place - 1] } else { 0 };
            let corner = if place > 0 { before[place - 1] } else { 0 };
            let up = before[place];
            let expected = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => u8::try_from((u16::from(left) + u16::from(up)) / 2).unwrap_or_default(),
                4 => paeth(left, up, corner),
                _ => return Err(PdfError::Missing("the predictor of a stream")),
            };
            now[place] = line[place].wrapping_add(expected);
        }
        all.extend_from_slice(&now);
        now.resize(columns, 0);
        before = now;
    }
    Ok(all)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let (to_left, to_up, to_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    }
}
