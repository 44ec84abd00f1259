use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use kiosk_driver_sdk::protocol::receipt::Cut;

use super::*;
use crate::config::Config;

fn fonts() -> Fonts {
    Config::default().fonts().map_err(|error| error.to_string()).expect("the package fonts-dejavu-core is installed")
}

fn draw_with(elements: &str, blob: &[u8]) -> Result<Raster, LayoutError> {
    let fonts = fonts();
    let paper = Config::default().paper();
    let find = |id: &BlobId| (id.0 == "picture").then_some(blob);
    let elements = serde_json::from_str(elements).expect("the test's template is JSON");
    Studio { paper, fonts: &fonts, blob: &find }.draw(&PrintRequest { elements, cut: Cut::Partial })
}

fn draw(elements: &str) -> Result<Raster, LayoutError> {
    draw_with(elements, &[])
}

/// Left, top, right and bottom of the ink, exclusive.
fn ink(raster: &Raster) -> (usize, usize, usize, usize) {
    let dots = || (0..raster.rows()).flat_map(|y| (0..raster.width()).map(move |x| (x, y)));
    let black: Vec<_> = dots().filter(|(x, y)| raster.is_black(*x, *y)).collect();
    let (xs, ys) = (black.iter().map(|dot| dot.0), black.iter().map(|dot| dot.1));
    (
        xs.clone().min().unwrap_or(0),
        ys.clone().min().unwrap_or(0),
        xs.max().map_or(0, |x| x + 1),
        ys.max().map_or(0, |y| y + 1),
    )
}

fn to_image(raster: &Raster) -> GrayImage {
    let (width, rows) = (u32::try_from(raster.width()).unwrap(), u32::try_from(raster.rows()).unwrap());
    GrayImage::from_fn(width, rows, |x, y| Luma([if raster.is_black(x as usize, y as usize) { 0 } else { 255 }]))
}

fn encoded(picture: DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// From white at the left to black at the right.
fn ramp(width: u32, height: u32) -> DynamicImage {
    let grey = |x| u8::try_from(255 - x * 255 / (width - 1)).unwrap();
    DynamicImage::ImageLuma8(GrayImage::from_fn(width, height, |x, _| Luma([grey(x)])))
}

const SAMPLE: &str = r#"[
    {"type":"text","text":"ỦY BAN NHÂN DÂN\nPHƯỜNG HOÀN KIẾM","align":"center","size":"large","weight":"bold"},
    {"type":"rule","style":"double"},
    {"type":"text","text":"Số thứ tự","align":"center"},
    {"type":"text","text":"A 047","align":"center","size":"huge","weight":"bold"},
    {"type":"rule"},
    {"type":"columns","left":"Công dân","right":"Nguyễn Thị Hoàng Ánh"},
    {"type":"columns","left":"Số định danh","right":"099201001234"},
    {"type":"columns","left":"Lệ phí","right":"8.000 ₫","weight":"bold"},
    {"type":"columns","left":"Bản sao điện tử từ bản chính giấy khai sinh","right":"Đã ký số, đã đóng dấu của cơ quan"},
    {"type":"rule","style":"dashed"},
    {"type":"text","text":"Quét mã để kiểm tra bản sao này có đúng là do cơ quan cấp, chưa bị sửa đổi và còn giá trị hay không."},
    {"type":"qr","data":"https://xac-thuc.example/v/7F3K-92QX-MM41","width_mm":35},
    {"type":"image","blob":"picture","width_mm":60},
    {"type":"image","blob":"picture","width_mm":30,"align":"right","dither":"threshold"},
    {"type":"text","text":"Cảm ơn ông/bà. Ẳ Ẵ Ế Ễ Ổ Ỗ Ử Ữ ặ ậ ợ ự ỵ","size":"small","align":"right"},
    {"type":"space","height_mm":3}
]"#;

/// The frozen picture was looked at by a person. `UPDATE=1 cargo test` draws it anew: look at it again then.
#[test]
fn the_sample_receipt_looks_as_it_did() {
    let raster = draw_with(SAMPLE, &encoded(ramp(200, 40), ImageFormat::Png)).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/layout/tests/receipt.png");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        to_image(&raster).save(&path).unwrap();
    }
    let golden = image::open(&path).unwrap().into_luma8();
    let now = to_image(&raster);
    assert_eq!(now.dimensions(), golden.dimensions());
    let different = now.pixels().zip(golden.pixels()).filter(|(a, b)| a != b).count();
    assert_eq!(different, 0, "dots differ");
}

#[test]
fn text_stands_where_it_is_told() {
    let left = ink(&draw(r#"[{"type":"text","text":"Hà Nội"}]"#).unwrap());
    let center = ink(&draw(r#"[{"type":"text","text":"Hà Nội","align":"center"}]"#).unwrap());
    let right = ink(&draw(r#"[{"type":"text","text":"Hà Nội","align":"right"}]"#).unwrap());
    assert!(left.0 < 5 && right.2 > 571, "{left:?} {right:?}");
    assert!(center.0.abs_diff(576 - center.2) < 6, "{center:?}");
    let huge = ink(&draw(r#"[{"type":"text","text":"Hà Nội","size":"huge"}]"#).unwrap());
    assert!((huge.2 - huge.0).abs_diff(2 * (left.2 - left.0)) < 6, "{huge:?} {left:?}");
}

#[test]
fn letters_may_come_in_pieces_and_look_the_same() {
    let composed = draw(r#"[{"type":"text","text":"Nguyễn Thị Ánh"}]"#).unwrap();
    let pieces = draw("[{\"type\":\"text\",\"text\":\"Nguye\u{302}\u{303}n Thi\u{323} A\u{301}nh\"}]").unwrap();
    assert_eq!(composed, pieces);
}

#[test]
fn no_accent_is_cut_off_at_the_top() {
    let raster = draw(r#"[{"type":"text","text":"ẤẾỐỖẪ","size":"huge","weight":"bold"}]"#).unwrap();
    assert!(ink(&raster).1 > 0);
}

#[test]
fn a_letter_that_the_font_lacks_is_a_box() {
    let missing = draw("[{\"type\":\"text\",\"text\":\"\u{4E2D}\"}]").unwrap();
    let other = draw("[{\"type\":\"text\",\"text\":\"\u{6587}\"}]").unwrap();
    assert_ne!(ink(&missing), (0, 0, 0, 0));
    assert_eq!(missing, other);
}

#[test]
fn long_lines_wrap_at_words_and_long_words_anywhere() {
    let fonts = fonts();
    let face = fonts.face(TextSize::Normal, Weight::Normal, 203);
    let text = "Quét mã để kiểm tra bản sao này có đúng là do cơ quan cấp hay không";
    let lines = face.wrap(text, 300);
    assert!(lines.len() > 1 && lines.iter().all(|line| face.width(line) <= 300), "{lines:?}");
    assert_eq!(lines.join(" "), text);
    let word = "x".repeat(200);
    let lines = face.wrap(&word, 300);
    assert!(lines.len() > 1 && lines.iter().all(|line| face.width(line) <= 300), "{lines:?}");
    assert_eq!(lines.concat(), word);
    assert_eq!(face.wrap("a\n\nb", 300), ["a", "", "b"]);
    assert_eq!(face.wrap("", 300), [""]);
    // Not even one letter fits: each gets its line, and the end is reached.
    assert_eq!(face.wrap("abc", 1), ["a", "b", "c"]);
}

#[test]
fn columns_wrap_within_their_halves() {
    let short = draw(r#"[{"type":"columns","left":"Lệ phí","right":"8.000"}]"#).unwrap();
    let long = draw(r#"[{"type":"columns","left":"mmmmmmmmmmmmmmmmmmmmmmmmmmmm","right":"1"}]"#).unwrap();
    assert!(long.rows() >= 2 * short.rows(), "{} {}", long.rows(), short.rows());
    // Below the first row there is only the left column.
    for y in short.rows()..long.rows() {
        assert!((288..576).all(|x| !long.is_black(x, y)));
    }
}

#[test]
fn a_qr_code_is_read_by_its_modules_and_has_its_quiet_zone() {
    let raster = draw(r#"[{"type":"qr","data":"HELLO","width_mm":30,"align":"left"}]"#).unwrap();
    let (left, top, right, bottom) = ink(&raster);
    // Version 1 has 21 modules; 30 mm are 239 dots: 11 dots a module.
    assert_eq!((right - left, bottom - top), (21 * 11, 21 * 11));
    assert_eq!((left, top, raster.rows() - bottom), (44, 44, 44));
    for module in 0..7 {
        assert!(raster.is_black(left + module * 11 + 5, top + 5), "the finder's upper edge");
    }
    assert!(!raster.is_black(left + 7 * 11 + 5, top + 5), "the finder's white frame");
}

#[test]
fn a_qr_code_that_would_be_too_fine_is_refused_with_the_width_it_needs() {
    let data = "a".repeat(1_000);
    let error = draw(&format!(r#"[{{"type":"qr","data":"{data}","width_mm":15}}]"#)).unwrap_err();
    let LayoutError::QrTooSmall { field, needs_mm } = error else { panic!("{error:?}") };
    assert_eq!(field, "elements[0].width_mm");
    draw(&format!(r#"[{{"type":"qr","data":"{data}","width_mm":{needs_mm}}}]"#)).unwrap();
}

#[test]
fn greys_become_as_many_dots_as_they_are_dark() {
    let picture = |grey: u8| encoded(GrayImage::from_pixel(80, 80, Luma([grey])).into(), ImageFormat::Png);
    let count = |raster: &Raster| raster.row_bytes().flatten().map(|byte| byte.count_ones() as usize).sum::<usize>();
    let element = r#"[{"type":"image","blob":"picture"}]"#;
    for grey in [0_u8, 64, 128, 192, 255] {
        let dots = count(&draw_with(element, &picture(grey)).unwrap());
        let expected = usize::from(255 - grey) * 6_400 / 255;
        assert!(dots.abs_diff(expected) < 200, "grey {grey}: {dots} dots, expected {expected}");
    }
    let threshold = r#"[{"type":"image","blob":"picture","dither":"threshold"}]"#;
    assert_eq!(count(&draw_with(threshold, &picture(127)).unwrap()), 6_400);
    assert_eq!(count(&draw_with(threshold, &picture(128)).unwrap()), 0);
}

#[test]
fn pictures_are_scaled_and_transparency_is_white() {
    let transparent = RgbaImage::from_fn(100, 50, |x, _| Rgba([0, 0, 0, if x < 50 { 255 } else { 0 }]));
    let bytes = encoded(transparent.into(), ImageFormat::Png);
    let own = draw_with(r#"[{"type":"image","blob":"picture","align":"left"}]"#, &bytes).unwrap();
    assert_eq!((ink(&own), own.rows()), ((0, 0, 50, 50), 50));
    let scaled = r#"[{"type":"image","blob":"picture","align":"left","width_mm":50,"dither":"threshold"}]"#;
    let scaled = draw_with(scaled, &bytes).unwrap();
    assert_eq!((ink(&scaled), scaled.rows()), ((0, 0, 200, 200), 200));
    // Wider than the paper: scaled to its width.
    let wide =
        draw_with(r#"[{"type":"image","blob":"picture"}]"#, &encoded(ramp(1_152, 20), ImageFormat::Jpeg)).unwrap();
    assert_eq!(wide.rows(), 10);
}

#[test]
fn the_pictures_of_a_receipt_have_a_limit_together() {
    let ten_megapixels = encoded(GrayImage::new(4_000, 2_500).into(), ImageFormat::Png);
    let of = |count: usize| format!("[{}]", vec![r#"{"type":"image","blob":"picture","width_mm":5}"#; count].join(","));
    assert!(draw_with(&of(4), &ten_megapixels).is_ok());
    assert!(matches!(draw_with(&of(5), &ten_megapixels), Err(LayoutError::PictureTooLarge { .. })));
}

#[test]
fn a_picture_that_is_none_or_too_large_has_its_own_error() {
    let element = r#"[{"type":"image","blob":"picture"}]"#;
    let unreadable = |bytes: &[u8]| matches!(draw_with(element, bytes), Err(LayoutError::PictureUnreadable { field, .. }) if field == "elements[0].blob");
    let png = encoded(ramp(100, 20), ImageFormat::Png);
    let jpeg = encoded(ramp(100, 20), ImageFormat::Jpeg);
    assert!(unreadable(b""));
    assert!(unreadable(b"GIF89a no picture for us"));
    assert!(unreadable(&png[..png.len() / 2]));
    assert!(unreadable(&jpeg[..20]));
    // A head that claims 30,000 × 30,000 pixels, with a CRC that fits.
    let mut bomb = png.clone();
    bomb[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    let error = draw_with(element, &bomb).unwrap_err();
    assert!(matches!(&error, LayoutError::PictureTooLarge { field, .. } if field == "elements[0].blob"), "{error:?}");
    let missing = draw(r#"[{"type":"image","blob":"other"}]"#);
    assert_eq!(missing, Err(LayoutError::BlobMissing { field: "elements[0].blob".into() }));
}

/// PNG (RFC 2083), section 15.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

#[test]
fn limits_are_refused_by_field() {
    let rule = r#"{"type":"rule"}"#;
    let error = |elements: &str| draw(elements).unwrap_err();
    assert_eq!(error("[]"), LayoutError::Elements { count: 0, max: 200 });
    assert_eq!(error(&format!("[{}]", [rule; 201].join(","))), LayoutError::Elements { count: 201, max: 200 });
    assert_eq!(
        error(&format!(r#"[{rule},{rule},{rule},{{"type":"text","text":"a\u0007b"}}]"#)),
        LayoutError::Control { field: "elements[3].text".into(), code: 7 }
    );
    assert_eq!(
        error(r#"[{"type":"columns","left":"a","right":"\u001bm"}]"#),
        LayoutError::Control { field: "elements[0].right".into(), code: 0x1B }
    );
    assert_eq!(
        error(&format!(r#"[{{"type":"text","text":"{}"}}]"#, "ế".repeat(4_001))),
        LayoutError::TextTooLong { field: "elements[0].text".into(), count: 4_001, max: 4_000 }
    );
    let qr = |bytes: usize| format!(r#"[{{"type":"qr","data":"{}","width_mm":70}}]"#, "x".repeat(bytes));
    assert!(matches!(error(&qr(1_001)), LayoutError::QrData { bytes: 1_001, .. }));
    assert!(matches!(error(&qr(0)), LayoutError::QrData { bytes: 0, .. }));
    assert!(matches!(error(r#"[{"type":"qr","data":"x","width_mm":14}]"#), LayoutError::OutOfRange { min: 15, .. }));
    assert!(matches!(error(r#"[{"type":"space","height_mm":51}]"#), LayoutError::OutOfRange { max: 50, .. }));
    let wide = draw_with(r#"[{"type":"image","blob":"picture","width_mm":90}]"#, &[]).unwrap_err();
    assert_eq!(wide, LayoutError::TooWide { field: "elements[0].width_mm".into(), asked_mm: 90, paper_mm: 72 });
}

#[test]
fn a_receipt_of_more_than_a_metre_and_a_half_is_refused() {
    let space = r#"{"type":"space","height_mm":50}"#;
    assert!(draw(&format!("[{}]", [space; 30].join(","))).is_ok());
    let error = draw(&format!("[{}]", [space; 31].join(","))).unwrap_err();
    assert_eq!(error, LayoutError::TooMuchPaper { field: "elements[30]".into() });
    let tall = encoded(ramp(2, 3_000), ImageFormat::Png);
    let error = draw_with(r#"[{"type":"image","blob":"picture","width_mm":70}]"#, &tall).unwrap_err();
    assert_eq!(error, LayoutError::TooMuchPaper { field: "elements[0]".into() });
}
