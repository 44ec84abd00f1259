//! Papers and people of the tests, all invented.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

/// A page of paper: A4 at 200 dots per inch, with bars in the place of letters.
pub fn page(number: u8) -> Vec<u8> {
    let mut picture = RgbImage::from_pixel(1_654, 2_339, Rgb([252, 252, 250]));
    for line in 0..18_u32 {
        let width = 700 + u32::from(number) * 13 + line * 23 % 500;
        for y in 0..18 {
            for x in 0..width {
                picture.put_pixel(200 + x, 500 + line * 60 + y, Rgb([40, 40, 60]));
            }
        }
    }
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80).encode_image(&picture).expect("a picture can be packed");
    bytes
}

/// What might have been read on it.
pub fn reading(page: &[u8]) -> Value {
    let size = image::load_from_memory(page).expect("the page is a picture");
    let word = |text: &str, left: u32, top: u32, width: u32| {
        let quad = [(left, top), (left + width, top), (left + width, top + 18), (left, top + 18)];
        let quad: Vec<Value> = quad.iter().map(|(x, y)| json!({ "x": x, "y": y })).collect();
        json!({ "text": text, "confidence": 0.97, "quad": quad })
    };
    let words =
        [word("CỘNG", 200, 500, 90), word("HÒA", 300, 500, 70), word("XÃ", 380, 500, 50), word("1990", 440, 500, 60)];
    let quad = json!([{ "x": 200, "y": 500 }, { "x": 500, "y": 500 }, { "x": 500, "y": 518 }, { "x": 200, "y": 518 }]);
    let line = json!({ "text": "CỘNG HÒA XÃ 1990", "confidence": 0.7, "quad": quad, "words": words });
    json!({ "width_px": size.width(), "height_px": size.height(), "lines": [line] })
}

/// A person whose card is genuine.
pub fn evidence() -> Value {
    let proof = json!({ "result": "passed" });
    json!({ "identity": {
        "verdict": "genuine",
        "proofs": { "passive": proof, "active": proof, "chip": proof },
        "opened": "pace",
        "holder": {
            "full_name": "Nguyễn Văn An", "surname": "NGUYEN", "given_names": "VAN AN",
            "date_of_birth": "1990-01-02", "nationality": "VNM", "citizen_number": "099090000123",
        },
        "document": { "number": "090000123", "issuing_state": "VNM", "expired": false },
    } })
}
