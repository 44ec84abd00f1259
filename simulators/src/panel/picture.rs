//! What somebody before the panel sees, as a picture: the code, large in the middle. The caption is told as words only.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use qrcode::{Color, QrCode};

use super::Screen;

/// Both sides of the picture, pixels.
const SIDE: u32 = 480;
/// ISO/IEC 18004, 6.3.8: white around a code, modules.
const QUIET: u32 = 4;

/// A PNG file.
pub(super) fn png(screen: &Screen) -> Vec<u8> {
    let mut picture = GrayImage::from_pixel(SIDE, SIDE, Luma([255]));
    // A text that no code holds is not shown, as on the panels.
    if screen.visible
        && let Ok(code) = QrCode::new(&screen.qr)
    {
        let width = u32::try_from(code.width()).unwrap_or(SIDE);
        let scale = (SIDE / (width + 2 * QUIET)).max(1);
        let margin = (SIDE - (width * scale).min(SIDE)) / 2;
        for (module, place) in code.to_colors().into_iter().zip(0..) {
            let (left, top) = (margin + place % width * scale, margin + place / width * scale);
            for (x, y) in (0..scale).flat_map(|y| (0..scale).map(move |x| (left + x, top + y))) {
                if let (Color::Dark, Some(pixel)) = (module, picture.get_pixel_mut_checked(x, y)) {
                    *pixel = Luma([0]);
                }
            }
        }
    }
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Png).expect("a grey picture in memory can be written as PNG");
    file.into_inner()
}
