//! What tests of several rooms need: authorities, keys and files that are made in code.

mod authority;
mod file;
mod pki;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::{Level, SignatureField, TimeStamper, add_document_timestamp, add_validation_data, sign};

pub use authority::{Authorities, Fault};
pub use file::{Kind, appended, file, object_stream, packed};
pub use pki::{Holder, Pki, pki};

/// The first of June 2026, when everything in tests begins, and so many days later.
pub fn day(days: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_780_272_000 + days * 86_400)
}

/// A file, signed on a day to a level.
pub fn signed(file: &[u8], name: &str, level: Level, on: SystemTime) -> Vec<u8> {
    let pki = pki();
    let authorities = Authorities::at(on);
    let holder = if name == "Seal" { &pki.seal } else { &pki.officer };
    let authority = (level > Level::BB).then_some(&authorities as &dyn TimeStamper);
    let field = SignatureField::invisible(name, on);
    let mut signed = sign(file, &field, &mut pki.signer(holder), authority).unwrap();
    if level >= Level::BLT {
        signed = add_validation_data(&signed, &pki.roots(), on, &authorities).unwrap();
    }
    if level >= Level::BLTA {
        signed = add_document_timestamp(&signed, &authorities).unwrap();
    }
    signed
}

/// A transparent picture, PNG.
pub fn picture() -> Vec<u8> {
    use image::{ExtendedColorType, ImageEncoder};
    let mut png = Vec::new();
    let pixels = [200, 0, 0, 255, 200, 0, 0, 0];
    image::codecs::png::PngEncoder::new(&mut png).write_image(&pixels, 2, 1, ExtendedColorType::Rgba8).unwrap();
    png
}
