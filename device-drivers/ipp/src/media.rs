//! Sheets by their names (PWG 5101.1, section 5: `iso_a4_210x297mm`, `na_letter_8.5x11in`).

/// Width and height of a named medium, hundredths of a millimetre; `None` if the name does not say.
pub(crate) fn size(name: &str) -> Option<(u32, u32)> {
    let (_, size) = name.rsplit_once('_')?;
    let (size, unit) = match size.strip_suffix("mm") {
        Some(size) => (size, 100.0),
        None => (size.strip_suffix("in")?, 2540.0),
    };
    let (width, height) = size.split_once('x')?;
    let length = |text: &str| {
        let length = text.parse::<f64>().ok()? * unit;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in this range")]
        (1_000.0..=200_000.0).contains(&length).then(|| length.round() as u32)
    };
    Some((length(width)?, length(height)?))
}

/// Dots of a length.
pub(crate) fn dots(hundredths_mm: u32, dpi: u32) -> u32 {
    let dots = (u64::from(hundredths_mm) * u64::from(dpi) + 1270) / 2540;
    u32::try_from(dots).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{dots, size};

    #[test]
    fn names_say_their_size() {
        assert_eq!(size("iso_a4_210x297mm"), Some((21_000, 29_700)));
        assert_eq!(size("na_letter_8.5x11in"), Some((21_590, 27_940)));
        assert_eq!(size("om_small-photo_100x150mm"), Some((10_000, 15_000)));
        for wrong in ["", "a4", "custom_min_0x0mm", "x_1x1e9mm", "x_nanxnanmm", "x_-210x297mm"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
        assert_eq!((dots(21_000, 300), dots(29_700, 300)), (2480, 3508));
    }
}
