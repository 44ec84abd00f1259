use image::GenericImageView;
use proptest::prelude::*;

use super::*;
use crate::mode::Mode;
use crate::node::Layout;

fn frame<'a>(code: &[u8; 4], width: u32, height: u32, bytes_per_line: u32, bytes: &'a [u8]) -> Frame<'a> {
    let fourcc = u32::from_le_bytes(*code);
    let pixels = Pixels::of(fourcc).unwrap();
    let mode = Mode { fourcc, pixels, size: Size { width, height }, interval: None };
    let layout = Layout { mode, bytes_per_line, full_range: false };
    Frame { layout, bytes, taken_us: 0, taken_at_start: true, sequence: 0, damaged: false }
}

/// Left half red, right half blue, in television's range of BT.601.
const RED: [u8; 3] = [81, 90, 240];
const BLUE: [u8; 3] = [41, 240, 110];

fn half(x: u32, width: u32) -> [u8; 3] {
    if x < width / 2 { RED } else { BLUE }
}

fn packed_picture(width: u32, height: u32, stride: u32, luma_first: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..height {
        let line = bytes.len();
        for x in (0..width).step_by(2) {
            let [y, cb, cr] = half(x, width);
            bytes.extend_from_slice(&if luma_first { [y, cb, y, cr] } else { [cb, y, cr, y] });
        }
        bytes.resize(line + stride as usize, 0);
    }
    bytes
}

fn nv12_picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..height).flat_map(|_| (0..width).map(|x| half(x, width)[0])).collect();
    for _ in 0..height.div_ceil(2) {
        for x in (0..width.next_multiple_of(2)).step_by(2) {
            bytes.extend_from_slice(&half(x, width)[1..]);
        }
    }
    bytes
}

#[track_caller]
fn is_red_and_blue(jpeg: &[u8], width: u32, height: u32) {
    let image = image::load_from_memory(jpeg).unwrap();
    assert_eq!(image.dimensions(), (width, height));
    let (left, right) = (image.get_pixel(width / 4, height / 2).0, image.get_pixel(width * 3 / 4, height / 2).0);
    assert!(left[0] > 230 && left[1] < 25 && left[2] < 25, "left is {left:?}");
    assert!(right[2] > 230 && right[0] < 25 && right[1] < 25, "right is {right:?}");
}

#[test]
fn raw_pictures_keep_their_colours() {
    let (width, height) = (64, 32);
    let yuyv = packed_picture(width, height, width * 2, true);
    is_red_and_blue(&jpeg(&frame(b"YUYV", width, height, width * 2, &yuyv), 90).unwrap(), width, height);
    let uyvy = packed_picture(width, height, width * 2, false);
    is_red_and_blue(&jpeg(&frame(b"UYVY", width, height, width * 2, &uyvy), 90).unwrap(), width, height);
    let nv12 = nv12_picture(width, height);
    is_red_and_blue(&jpeg(&frame(b"NV12", width, height, width, &nv12), 90).unwrap(), width, height);
}

#[test]
fn padding_behind_each_line_is_left_out() {
    let padded = packed_picture(64, 32, 160, true);
    is_red_and_blue(&jpeg(&frame(b"YUYV", 64, 32, 160, &padded), 90).unwrap(), 64, 32);
    // The padding of the last line need not be there.
    is_red_and_blue(&jpeg(&frame(b"YUYV", 64, 32, 160, &padded[..padded.len() - 32]), 90).unwrap(), 64, 32);
}

#[test]
fn televisions_range_becomes_jpegs() {
    assert_eq!([LIMITED.luma[0], LIMITED.luma[16], LIMITED.luma[235], LIMITED.luma[255]], [0, 0, 255, 255]);
    assert_eq!([LIMITED.chroma[16], LIMITED.chroma[128], LIMITED.chroma[240]], [0, 128, 255]);
    assert!(
        (0..=255u8).all(|value| FULL.luma[usize::from(value)] == value && FULL.chroma[usize::from(value)] == value)
    );
    let grey = vec![235; 64 * 32];
    let jpeg = jpeg(&frame(b"GREY", 64, 32, 64, &grey), 90).unwrap();
    assert_eq!(image::load_from_memory(&jpeg).unwrap().to_luma8().get_pixel(20, 20).0, [255]);
}

#[test]
fn a_cameras_own_jpeg_goes_on_byte_for_byte() {
    let own = jpeg(&frame(b"GREY", 64, 32, 64, &vec![99; 64 * 32]), 90).unwrap().into_owned();
    let seen = frame(b"MJPG", 64, 32, 0, &own);
    assert!(matches!(jpeg(&seen, 10).unwrap(), Cow::Borrowed(bytes) if bytes.as_ptr() == own.as_ptr() && bytes == own));
}

#[test]
fn damaged_pictures_are_told_apart() {
    let own = jpeg(&frame(b"GREY", 64, 32, 64, &vec![99; 64 * 32]), 90).unwrap().into_owned();
    let damage = |frame: Frame<'_>| {
        let error = jpeg(&frame, 90).unwrap_err();
        assert_eq!(check(&frame), Err(error.clone()));
        error
    };
    assert_eq!(damage(Frame { damaged: true, ..frame(b"MJPG", 64, 32, 0, &own) }), Damage::Marked);
    assert_eq!(damage(frame(b"MJPG", 128, 64, 0, &own)), Damage::Size(64, 32));
    assert!(matches!(damage(frame(b"MJPG", 64, 32, 0, &own[..own.len() - 4])), Damage::Jpeg(_)));
    assert!(matches!(damage(frame(b"MJPG", 64, 32, 0, b"")), Damage::Jpeg(_)));
    assert_eq!(damage(frame(b"YUYV", 64, 32, 128, &[0; 100])), Damage::Short { got: 100, expected: 64 * 32 * 2 });
    assert_eq!(damage(frame(b"NV12", 64, 32, 64, &[0; 64 * 32])), Damage::Short { got: 2048, expected: 3072 });
}

proptest! {
    #[test]
    fn any_size_and_length_is_a_picture_or_an_error(
        width in 1u32..70, height in 1u32..40, padding in 0u32..9, less in 0usize..40, code in 0usize..4
    ) {
        let code = [b"YUYV", b"UYVY", b"NV12", b"GREY"][code];
        let whole = (width.next_multiple_of(2) * 2 + padding) * height * 2;
        let bytes = vec![77; (whole as usize).saturating_sub(less * less)];
        let seen = frame(code, width, height, width + padding, &bytes);
        match jpeg(&seen, 50) {
            Ok(jpeg) => prop_assert_eq!(image::load_from_memory(&jpeg).unwrap().dimensions(), (width, height)),
            Err(error) => prop_assert_eq!(check(&seen), Err(error)),
        }
    }
}
