//! How a picture is turned.

/// EXIF's orientation (tag 0x0112) in an APP1 segment, if there is one.
pub(super) fn orientation(segment: &[u8]) -> Option<u16> {
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
