//! PNG files.

use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Transformations};

use super::{Decoded, PageFault, same_size};

/// Decodes all of it. The size has been judged.
pub(super) fn decode(file: &[u8], size_px: [u32; 2]) -> Result<Decoded, PageFault> {
    let mut decoder = Decoder::new(Cursor::new(file));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let head = decoder.read_header_info().map_err(fault)?;
    same_size(size_px, head.size().into())?;
    let mut reader = decoder.read_info().map_err(fault)?;
    match reader.output_color_type().0 {
        ColorType::Rgb => {}
        ColorType::Grayscale => return Err(PageFault::Grey),
        ColorType::GrayscaleAlpha | ColorType::Rgba => return Err(PageFault::Transparent),
        ColorType::Indexed => return Err(PageFault::Damaged("its palette was not applied".to_owned())),
    }
    let size = reader.output_buffer_size().ok_or_else(|| PageFault::Damaged("it has no size".to_owned()))?;
    let mut rgb = vec![0; size];
    let frame = reader.next_frame(&mut rgb).map_err(fault)?;
    rgb.truncate(frame.buffer_size());
    reader.finish().map_err(fault)?;
    Ok(Decoded { rgb: Some(rgb), file: None })
}

fn fault(error: DecodingError) -> PageFault {
    match error {
        DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => PageFault::Cut,
        other => PageFault::Damaged(other.to_string()),
    }
}
